import hashlib
import io
import os
import resource
import stat
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banbury.errors import CorruptBlob, InputError

FILLER = """
import resource, sys
from banbury import store
from banbury.errors import StoreFull
house = store.open(sys.argv[1])
lab = house.lab("limit")
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    lab.blobs.put(b"x" * (2 << 20))
except StoreFull as error:
    print(error)
left = [p for p in lab.blobs.root.rglob("*") if p.is_file()]
print(len(left))
house.close()
"""


@settings(max_examples=20, deadline=None)
@given(st.binary(max_size=4096))
def test_bytes_come_back(house, data):
    blobs = house.lab("blobs").blobs
    blob = blobs.put(data, "text/plain")
    assert blob.sha256 == hashlib.sha256(data).hexdigest()
    assert blob.size == len(data)
    assert blobs.read(blob.sha256) == data
    with blobs.open(blob.sha256) as file:
        assert file.read() == data
    assert blobs.path(blob.sha256).read_bytes() == data
    assert blobs.find(blob.sha256).size == len(data)


def test_a_file_is_kept_by_its_hash(lab):
    data = os.urandom(3 << 20)
    blob = lab.blobs.put(io.BytesIO(data), "video/mp4")
    path = lab.blobs.path(blob.sha256)
    assert path.relative_to(lab.blobs.root).parts == ("sha256", blob.sha256[:2], blob.sha256)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert lab.blobs.read(blob.sha256) == data
    assert list((lab.blobs.root / "aside").iterdir()) == []


def test_what_a_killed_process_left_aside_is_removed_after_a_day(lab):
    aside = lab.blobs.root / "aside"
    aside.mkdir(parents=True)
    for name in ("abandoned", "being-written"):
        (aside / name).write_bytes(b"part")
    day_ago = (aside / "abandoned").stat().st_mtime - 25 * 3600
    os.utime(aside / "abandoned", (day_ago, day_ago))
    lab.blobs.put(b"whole")
    assert [p.name for p in aside.iterdir()] == ["being-written"]


def test_the_same_bytes_are_one_file(lab):
    assert lab.blobs.put(b"same") == lab.blobs.put(b"same")
    assert sum(p.is_file() for p in lab.blobs.root.rglob("*")) == 1


@pytest.mark.parametrize("spoil", [lambda d: d[:-1], lambda d: d + b"x", lambda d: b"X" + d[1:]])
def test_a_corrupt_blob_is_one_clear_error(lab, spoil):
    blob = lab.blobs.put(b"whole")
    lab.blobs.path(blob.sha256).write_bytes(spoil(b"whole"))
    for call in (lab.blobs.read, lab.blobs.open):
        with pytest.raises(CorruptBlob, match=r"does not have the hash.*back-up"):
            call(blob.sha256)
    assert lab.blobs.put(b"whole") == blob
    assert lab.blobs.read(blob.sha256) == b"whole"


def test_a_blob_that_is_gone_is_one_clear_error(lab):
    for call in (lab.blobs.read, lab.blobs.open, lab.blobs.path):
        with pytest.raises(CorruptBlob, match="not in the store"):
            call("0" * 64)


@pytest.mark.parametrize("bad", ["", "abc", "../../../etc/passwd", "A" * 64, "0" * 65])
def test_what_is_no_hash_is_refused(lab, bad):
    for call in (lab.blobs.read, lab.blobs.open, lab.blobs.path):
        with pytest.raises(InputError, match="no SHA-256"):
            call(bad)


def test_a_reader_that_breaks_leaves_nothing(lab):
    class Broken(io.RawIOBase):
        def __init__(self):
            self.left = 3

        def read(self, size=-1):
            self.left -= 1
            if self.left < 0:
                raise ValueError("the upload broke off")
            return b"part"

    with pytest.raises(ValueError, match="broke off"):
        lab.blobs.put(Broken())
    assert not any(p.is_file() for p in lab.blobs.root.rglob("*"))


def test_a_file_too_large_is_one_clear_error_and_leaves_nothing(house):
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    done = subprocess.run(
        [sys.executable, "-c", FILLER, house.where], capture_output=True, text=True, check=False
    )
    said, left = done.stdout.splitlines()
    assert said.startswith("no space is left for the store"), done.stderr
    assert left == "0"
