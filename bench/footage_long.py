"""Five hours of a 1080p pair through `banbury capture check`: time, memory, and what it says.

Two cameras hear one scene for five hours (or as many as `--hours` says), b's clock with an offset
and a drift; their pictures are 1080p at 25 Mbit/s, H.264, a key frame each second. The sound is
joined from blocks (bench/sync.py), the pictures are named again and again by the index
(bench/repeating.py), so the reading of 56 GB a camera from a disk is not in the figures; the
decoding is. Nothing is wrong with the pair: whatever is lost of it is lost by mistake. `load` is
the machine's before it began: what others compute makes the wall time longer.

Run: make bench NAME=footage_long        (about twenty minutes on two cores that do nothing else)
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import repeating
from banbury.gyms.capture.brief import Rest
from cameras import sounds
from figures import RESULTS, Row, row, tell
from footage_quality import full_hd
from sync import Long, five_hours

ROOT = Path(__file__).parents[1]
NAME = "footage_long"


def pair(folder: Path, codec: str, hours: float) -> tuple[Long, list[Path]]:
    """Make the pair, or find it where it was made before."""
    made, sides = folder / "long.json", [folder / "A.MP4", folder / "B.MP4"]
    if made.exists():
        told = Long(*json.loads(made.read_text()))
        return told._replace(a=Path(told.a), b=Path(told.b)), sides
    long = five_hours(
        sounds([ROOT / "tests" / "footage"]), folder, seed=0, jobs=2, slots=round(6 * hours)
    )
    short = full_hd(folder / "short.mp4", codec)
    for sound, target in zip((long.a, long.b), sides, strict=True):
        repeating.film(short, sound, target)
    made.write_text(json.dumps([str(long.a), str(long.b), *long[2:]]))
    return long, sides


def watched(command: list[str]) -> tuple[str, float, float, float]:
    """Run a command; return what it prints, wall and CPU seconds, and its peak memory in MB.

    Memory is that of all its processes together, looked at twice a second; what they share counts
    once for each.
    """
    start, before = time.perf_counter(), os.times()
    with tempfile.TemporaryFile("w+") as out:
        running = subprocess.Popen(command, stdout=out)
        peak = 0.0
        while running.poll() is None:
            peak = max(peak, _memory(running.pid))
            time.sleep(0.5)
        wall, after = time.perf_counter() - start, os.times()
        out.seek(0)
        said = out.read()
    if running.returncode:
        raise SystemExit(f"{command} failed: {said[-500:]}")
    cpu = sum(after[2:4]) - sum(before[2:4])
    return said, wall, cpu, peak


def _memory(pid: int) -> float:
    """Resident memory of a process and those it started, in MB; 0 of what just ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0.0
    own = next((int(line.split()[1]) for line in status.splitlines() if "VmRSS" in line), 0)
    return own * 1024 / 1e6 + sum(_memory(int(child)) for child in children)


def rows(whole: str, long: Long, found: dict[str, Any]) -> list[Row]:
    """What was found, against what is true."""
    (group,) = found["groups"]
    (one,) = group["pairs"]
    times = np.linspace(30, long.seconds - 30, 500)
    errors = [
        abs(p["offset_s"] - long.offset_s + (p["drift_ppm"] - long.ppm) * 1e-6 * t)
        for t in times
        for p in one["found"]["pieces"]
        if p["start_s"] <= t <= p["end_s"]
    ]
    # All of b lies within a; of footage without a break no more than this may count.
    may_s = min(long.seconds, Rest().stretch_s)
    lost = 1 - found["good_s"] / may_s
    return [
        row(f"{whole}: synchronized", float(one["found"]["verdict"] == "synchronized"), "", "== 1"),
        row(
            f"{whole}: worst error over the take",
            1e3 * max(errors, default=np.nan),
            "ms",
            "<= 0.25",
        ),
        row(f"{whole}: time that may count lost by mistake", lost, "share", "<= 0.02"),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folder", type=Path, help="keep the films there, and use them again")
    parser.add_argument("--codec", default="libx264", choices=["libx264", "libx265"])
    parser.add_argument("--hours", type=float, default=5.0, help="in steps of ten minutes")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = given.folder or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        long, sides = pair(folder, given.codec, given.hours)
        command = [str(Path(sys.executable).parent / "banbury"), "capture", "check"]
        load = round(os.getloadavg()[0], 1)
        said, wall, cpu, peak = watched([*command, *map(str, sides), "--json"])
        bits = sum(p.stat().st_size for p in sides)
    whole = f"{round(long.seconds / 60)} min of a 1080p pair"
    found = [
        row(f"{whole}: synchronization and quality, wall time", wall / 60, "min",
            "<= 60" if given.hours >= 5 else None, cores=os.cpu_count(), load=load),
        row(f"{whole}: CPU time", cpu / 60, "min"),
        row(f"{whole}: filmed time of both over wall time", 2 * long.seconds / wall, "x"),
        row(f"{whole}: CPU time of five hours at that rate, shared by two cores",
            cpu / 60 / 2 * 18_000 / long.seconds, "min", "<= 60"),
        row(f"{whole}: peak memory of all processes", peak, "MB"),
        row(f"{whole}: room on the disk", bits / 1e6, "MB"),
        *rows(whole, long, json.loads(said)),
    ]  # fmt: skip
    if given.codec != "libx264":
        return tell(NAME, found, kept=False)
    return tell(NAME, [*_before(found), *found])


def _before(found: list[Row]) -> list[Row]:
    """The rows of other lengths that were measured earlier."""
    path = RESULTS / f"{NAME}.json"
    names = {r["name"] for r in found}
    rows = json.loads(path.read_text())["rows"] if path.exists() else []
    return [r for r in rows if r["name"] not in names]


if __name__ == "__main__":
    sys.exit(main())
