"""Footage under a person's key is read without a copy, as the same footage without one is."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from banbury.errors import InputError
from banbury.gyms.capture.media import open_take, probe, proxy, telemetry
from banbury.store.keyring import work_key

FOOTAGE = Path(__file__).parents[3] / "footage"


def sealed(lab, path):
    with path.open("rb") as file:
        blob = lab.blobs.put(file, "video/mp4", work_key(lab.name, "ann"))
    return lab.blobs.source(blob.sha256)


def test_a_sealed_file_tells_the_same(lab, tmp_path):
    path = FOOTAGE / "karma.mp4"
    source = sealed(lab, path)
    plain, under = probe(path), probe(source, name=path.name)
    assert msgspec.structs.replace(under, path=path) == plain
    one, other = open_take([path]), open_take([source], names=[path.name])
    for a, b in zip(one.sound(), other.sound(), strict=True):
        np.testing.assert_array_equal(a, b)
    frames = [list(take.frames(every_s=6.0, width=32)) for take in (one, other)]
    for a, b in zip(*frames, strict=True):
        np.testing.assert_array_equal(a.image, b.image)
    assert telemetry(one).streams.keys() == telemetry(other).streams.keys()
    proxy(other, tmp_path / "copy.mp4")
    assert probe(tmp_path / "copy.mp4").duration_s == pytest.approx(plain.duration_s, abs=0.1)
    left = [f.name for f in (lab.blobs.root / "aside").iterdir()]
    assert left == []


def test_the_same_file_twice_is_told_though_it_is_sealed(lab):
    path = FOOTAGE / "hands.mp4"
    source = sealed(lab, path)
    for pair in ([source, source], [path, source]):
        with pytest.raises(InputError, match="are the same file"):
            open_take(pair, names=["a.mp4", "b.mp4"])


def test_what_is_no_footage_is_refused_though_it_is_sealed(lab, tmp_path):
    (tmp_path / "text").write_bytes(b"just words " * 100)
    with pytest.raises(InputError, match="text file"):
        probe(sealed(lab, tmp_path / "text"))
