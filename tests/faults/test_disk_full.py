"""A disk that is full: one clear error, nothing half-written, and the same call carries on."""

import contextlib
import runpy
from pathlib import Path

import pytest
from tests.cycle.review.episodes import QUEUE, play, tasks
from tests.faults import state
from tests.store.test_faults import small_disk, stopped

from banbury import store
from banbury.cli import app
from banbury.cli.report import write
from banbury.cycle.release import export, release, verify
from banbury.cycle.review import review
from banbury.errors import StoreFull
from banbury.store import Blobs


def fill(disk):
    """Leave no byte free; return the file that holds them."""
    filler = disk / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as out:
        while True:
            out.write(b"\0" * 4096)
    return filler


def files(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_an_export(lab, tmp_path):
    play(lab, tasks(lab, QUEUE, 30, "train"), "made")
    review(lab, run="made")
    made = release(lab, "r", run="made")
    with small_disk(tmp_path / "disk", 1) as disk:
        filler = fill(disk)
        with pytest.raises(StoreFull, match=r"No space left.*out\). Free some space") as said:
            export(lab, made, disk / "out")
        assert said.value.where == str(disk / "out")
        assert [p.name for p in disk.iterdir()] == ["filler"]
        filler.unlink()
        verify(export(lab, made, disk / "out"), made.body["sha256"])


def test_blobs(lab, tmp_path):
    with small_disk(tmp_path / "disk", 1) as disk:
        blobs = Blobs(disk / "blobs", lab._database)
        first = blobs.put(b"first")
        filler = fill(disk)
        with pytest.raises(StoreFull, match="no space is left"):
            blobs.put(b"second" * 1000)
        assert len(files(disk / "blobs")) == 1
        assert blobs.read(first.sha256) == b"first"
        filler.unlink()
        assert blobs.read(blobs.put(b"second" * 1000).sha256) == b"second" * 1000


def test_a_report(tmp_path):
    sample = Path(__file__).parents[1] / "cycle" / "compare" / "report_sample.py"
    data = runpy.run_path(str(sample))["sample"]()
    with small_disk(tmp_path / "disk", 1) as disk:
        write(data, disk / "out")
        before = {p.name: p.read_bytes() for p in (disk / "out").iterdir()}
        filler = fill(disk)
        with pytest.raises(StoreFull, match=r"the report cannot be written: No space left"):
            write(data, disk / "out")
        assert {p.name: p.read_bytes() for p in (disk / "out").iterdir()} == before
        filler.unlink()
        write(data, disk / "out")
        assert {p.name: p.read_bytes() for p in (disk / "out").iterdir()} == before


@pytest.mark.slow
def test_the_store_below_a_command(house, tmp_path):
    words = ["probe", "script:7", "reasoning", "--name", "p", "--batch", "20", "--json"]

    def probe(address):
        place = ("--store", address, "--lab", "full")
        app([*words, *place], exit_on_error=False, result_action="return_value")

    with small_disk(tmp_path / "disk", 150) as disk:
        address = f"banbury://{disk}/home?durable=no"
        with store.open(address) as held:
            lab = held.lab("full")
            filler = fill(disk)
            with pytest.raises(StoreFull, match="no space is left for the store"):
                probe(address)
            filler.unlink()
            assert lab.artifacts("probe") == []
            probe(address)
            there = state.fingerprint(lab)
            assert state.doubles(lab) == 0
        stopped(disk / "home")
    probe(f"banbury://{house.where}?durable=no")
    assert there == state.fingerprint(house.lab("full"))
