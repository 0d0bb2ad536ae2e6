"""Each fault is found where it was made, on real footage, and nowhere else."""

from pathlib import Path

import pytest
from tests.gyms.capture.quality import altering as alter

from banbury.gyms.capture.media import open_take
from banbury.gyms.capture.quality import look

FOOTAGE = Path(__file__).parents[3] / "footage"
KARMA = FOOTAGE / "karma.mp4"
LOSING = {"blur", "dark", "bright", "shake", "frozen", "covered"}


def test_each_fault_is_found_where_it_is_and_nowhere_else(tmp_path):
    made = {
        "blur": alter.blurred(3.0),
        "dark": alter.lit(0.15),
        "bright": alter.lit(2.6),
        "shake": alter.shaken(0.02),
        "frozen": alter.frozen(),
        "covered": alter.covered(),
    }
    at = {kind: 3.0 + 8 * n for n, kind in enumerate(made)}

    def altered(image, t):
        for kind, start in at.items():
            if start <= t < start + 5:
                return made[kind](image, t)
        return image

    path = alter.film(tmp_path / "a.mp4", KARMA, 50.0, altered, size=(480, 270), limit=90)
    faults = [f for f in look(open_take([path])).faults if f.kind in LOSING]
    assert [f.kind for f in faults] == list(made)
    for fault in faults:
        slack = 2.1 if fault.kind == "shake" else 1.1
        assert fault.start_s == pytest.approx(at[fault.kind], abs=slack)
        assert fault.end_s == pytest.approx(at[fault.kind] + 5, abs=slack)
        assert fault.loses and fault.severity >= 1


def test_real_footage_has_no_fault_that_loses():
    for name in ("karma.mp4", "fire2.mp4"):
        quality = look(open_take([FOOTAGE / name]))
        assert [f for f in quality.faults if f.loses] == [], name
        assert quality.segments[0].measures["edge"] < 3.5
