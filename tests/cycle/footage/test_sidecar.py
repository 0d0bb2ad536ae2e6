"""The sidecar's schema of a version never changes; what is written can be read again."""

from pathlib import Path

import msgspec
import pytest

from banbury.cycle.source.footage import sidecar
from banbury.cycle.source.footage.checking import check
from banbury.cycle.source.footage.views import views_of
from banbury.errors import InputError
from banbury.gyms.capture.brief import Brief

FROZEN = Path(__file__).parent / "sidecar-1.json"


def plain(value):
    """Return a schema without its words, which may be mended."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if k not in ("description", "title")}
    return [plain(v) for v in value] if isinstance(value, list | tuple) else value


def test_the_schema_of_version_1_holds_what_was_published():
    """Fields may come; none goes, changes, or is asked for that was not."""
    assert sidecar.VERSION == 1
    now = plain(sidecar.schema())["$defs"]
    for name, then in plain(msgspec.json.decode(FROZEN.read_bytes()))["$defs"].items():
        assert now[name].get("required") == then.get("required"), name
        for field, what in then.get("properties", {}).items():
            assert now[name]["properties"][field] == what, (name, field)


def test_a_sidecar_is_read_as_it_was_written():
    made = sidecar.Sidecar("banbury.footage", 1, views=(sidecar.View("ada", "", 3, 4.5),))
    assert sidecar.read(sidecar.body(made)) == made


@pytest.mark.parametrize("plain", [{}, {"format": "banbury.footage", "version": 2}, 3])
def test_what_is_of_another_version_is_refused(plain):
    with pytest.raises(InputError, match="no sidecar of version 1"):
        sidecar.read(plain)


def test_one_file_given_twice_never_counts(clips, tmp_path):
    again = tmp_path / "again.MP4"
    again.write_bytes(clips["a"].read_bytes())
    found = check(views_of([clips["a"], again]), Brief("", "")).sidecar
    assert found.good_s == 0.0 and found.groups[0].verdict != "synchronized"


def test_a_file_that_cannot_be_read_to_its_end_is_a_reason_and_no_crash(clips):
    def fails(read, report):
        return [InputError("the picture cannot be read on after 12 s", do="copy it again")] * 2

    found = check(views_of([clips["a"], clips["b"]]), Brief("", ""), looks=fails).sidecar
    assert [(t.view, t.file) for t in found.troubles] == [
        (0, "a.MP4"), (0, ""), (1, "b.MP4"), (1, ""),
    ]  # fmt: skip
    assert (found.groups, found.good_s) == ((), 0.0)
