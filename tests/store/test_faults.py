"""A full disk, a read-only folder: one clear error, and nothing lost."""

import contextlib
import os
import subprocess
import time

import pytest

from banbury import store
from banbury.episode import Record
from banbury.errors import StoreFull
from banbury.store.embedded import supervised


@contextlib.contextmanager
def small_disk(folder, megabytes, options=""):
    """Mount a file system of a few megabytes; needs root."""
    folder.mkdir()
    size = f"size={megabytes}m{options}"
    mount = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small file system can only be mounted as root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def stopped(home):
    last = time.monotonic() + 60
    while supervised(home):
        assert time.monotonic() < last, "the server did not stop"
        time.sleep(0.05)


def noise(make, lab, count, start):
    """Records whose bodies do not compress: 20 kB each."""
    return [
        Record(
            make.episode(lab, sample=start + n),
            tuple(
                type(s)(s.seq, s.kind, s.actor, s.seat, s.track, 0, 0, os.urandom(10_000))
                for s in make.steps(2)
            ),
        )
        for n in range(count)
    ]


@pytest.mark.slow
def test_a_disk_that_fills_up_loses_nothing(tmp_path, make):
    with small_disk(tmp_path / "disk", 170) as disk:
        filler = disk / "filler"
        filler.write_bytes(b"\0" * (40 << 20))
        home = disk / "home"
        with store.open(str(home)) as house:
            lab = house.lab("full")
            blob = lab.blobs.put(os.urandom(1 << 20))
            kept = 0
            with pytest.raises(StoreFull, match="no space is left for the store"):
                while True:
                    lab.write(noise(make, lab, 50, kept))
                    kept += 50
            with pytest.raises(StoreFull, match="no space is left"):
                lab.blobs.put(os.urandom(64 << 20))
            assert list((lab.blobs.root / "aside").iterdir()) == []
            # A server that died of it needs room for a piece of its log to recover.
            filler.unlink()
            found = [record for record, _ in lab.records()]
            assert len(found) == kept
            assert kept > 0
            assert lab.blobs.read(blob.sha256)
            assert lab.write(noise(make, lab, 1, kept))[0].new
        stopped(home)
        with store.open(str(home)) as house:
            assert len(list(house.lab("full").records())) == kept + 1
        stopped(home)


def test_a_disk_too_small_for_a_database(tmp_path):
    with small_disk(tmp_path / "disk", 8) as disk:
        with pytest.raises(StoreFull, match="no space is left"):
            store.open(str(disk / "home"))
        assert not (disk / "home" / "postgres").exists()
        assert not (disk / "home" / "postgres.new").exists()


def test_a_disk_too_small_to_begin_with_can_be_made_larger(tmp_path):
    with small_disk(tmp_path / "disk", 30) as disk:
        with pytest.raises(StoreFull):
            store.open(str(disk / "home"))
        grow = ["mount", "-o", "remount,size=200m", str(disk)]
        subprocess.run(grow, check=True)
        with store.open(str(disk / "home")) as house:
            assert house.labs() == []
        stopped(disk / "home")


def test_a_read_only_folder(tmp_path):
    with small_disk(tmp_path / "disk", 8, ",ro") as disk:
        with pytest.raises(StoreFull, match="cannot be written: Read-only file system"):
            store.open(str(disk / "home"))


def test_a_folder_of_somebody_else(tmp_path):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(StoreFull, match="cannot be written: Permission denied"):
        store.open(str(tmp_path / "closed" / "home"))
