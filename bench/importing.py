"""What it takes to bring a million short tasks into a campaign, and out again.

The import runs in a process of its own, is killed with -9 about a third of the way, and started
again; the figures are of both starts together. CPU time is that of the importing process and of the
database, read from /proc; on a busy machine (`load`) it says more than the wall. The peak
memory is compared with that of a tenth of the rows.

Run: make bench NAME=importing        (about 6 minutes on two idle cores; 4 GB of disk)
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from banbury import store
from banbury.errors import UnknownName
from figures import Row, row, tell

MANY = int(os.environ.get("ROWS", "1000000"))
SEED = 0
KILLED_AT = 0.35
TICK = os.sysconf("SC_CLK_TCK")
WORDS = (
    "the",
    "parcel",
    "came",
    "late",
    "again",
    "but",
    "lamp",
    "is",
    "fine",
    "so",
    "thank",
    "you",
)


def write(path: Path, count: int) -> None:
    draw = random.Random(SEED)
    with path.open("w", encoding="utf-8") as file:
        for n in range(count):
            said = {"id": n, "text": " ".join(draw.choices(WORDS, k=20)), "mood": draw.choice("ab")}
            file.write(json.dumps(said) + "\n")


def command(home: str, lab: str, *words: str) -> list[str]:
    return [sys.executable, "-m", "banbury", "tasks", *words, "--store", home, "--lab", lab]


def imported(home: str, lab: str, path: Path) -> list[str]:
    controls = ("--controls", "choice mood: a, b", "--gold", "mood=mood")
    return command(home, lab, "import", str(path), *controls, "--campaign", "c", "--json")


def run(words: list[str]) -> tuple[dict[str, Any], float, float, float]:
    """Return (what it printed, wall seconds, CPU seconds, peak MB) of a process of its own."""
    begun = time.monotonic()
    with tempfile.TemporaryFile("w+") as out:
        child = subprocess.Popen(words, stdout=out)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = status
        if status:
            raise SystemExit(f"{' '.join(words)} ended with {status}")
        out.seek(0)
        said = json.load(out)
    wall = time.monotonic() - begun
    return said, wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def killed(words: list[str], lab: store.Lab, at: int) -> tuple[float, float, float]:
    """Start a process, kill it once the lab holds so many tasks; return (wall, CPU, peak MB)."""
    begun = time.monotonic()
    child = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    while held(lab) < at and child.poll() is None:
        time.sleep(0.5)
    os.kill(child.pid, signal.SIGKILL)
    _, _, used = os.wait4(child.pid, 0)
    child.returncode = -signal.SIGKILL
    return time.monotonic() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def held(lab: store.Lab) -> int:
    try:
        return lab.queue.campaign("c").tasks
    except UnknownName:
        return 0


def server_seconds(home: Path) -> float:
    """CPU seconds that the database's processes have used, those that ended included."""
    files = list(home.rglob("postmaster.pid"))
    postmaster = int(files[0].read_text().split()[0])
    ticks = 0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(folder.name) == postmaster:
            ticks += sum(int(f) for f in fields[11:15])
        elif int(fields[1]) == postmaster:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / TICK


def figures(folder: Path) -> list[Row]:
    home = str(folder / "home")
    few, many = folder / "few.jsonl", folder / "many.jsonl"
    write(few, MANY // 10)
    write(many, MANY)
    with store.open(home) as house:
        small = run(imported(home, "few", few))
        out = folder / "out.jsonl"
        small_out = run(command(home, "few", "export", str(out), "--campaign", "c", "--json"))
        lab = house.lab("many")
        before = server_seconds(Path(home))
        first = killed(imported(home, "many", many), lab, int(MANY * KILLED_AT))
        there = held(lab)
        said, wall, cpu, peak = run(imported(home, "many", many))
        middle = server_seconds(Path(home))
        behind = middle - before
        if (said["rows"], lab.queue.campaign("c").tasks) != (MANY, MANY):
            raise SystemExit(f"tasks are missing or there twice: {said}")
        exported, out_wall, out_cpu, out_peak = run(
            command(home, "many", "export", str(out), "--campaign", "c", "--json")
        )
        out_cpu += server_seconds(Path(home)) - middle
        with out.open("rb") as file:
            lines = sum(1 for _ in file)
        if (exported["tasks"], lines) != (MANY, MANY):
            raise SystemExit(f"tasks are missing in the export: {exported}, {lines} lines")
    load = os.getloadavg()[0]
    most = max(peak, first[2])
    note: dict[str, Any] = {"seed": SEED, "load": round(load, 1), "cores": os.cpu_count()}
    return [
        row(f"import of {MANY:,} tasks, killed once", first[0] + wall, "s", "<= 300", **note),
        row("import, CPU of the process", first[1] + cpu, "s", **note),
        row("import, CPU of the database", behind, "s", **note),
        row("import, CPU of both together", first[1] + cpu + behind, "s", "<= 300", **note),
        row("rows read again after the kill", there - said["carried_on"], "rows", **note),
        row("import, peak memory", most, "MB", **note),
        row("import, peak memory to that of a tenth", most / small[3], "", "<= 1.25", **note),
        row(f"export of {MANY:,} tasks", out_wall, "s", "<= 120", **note),
        row("export, CPU of both together", out_cpu, "s", "<= 120", **note),
        row("export, peak memory", out_peak, "MB", **note),
        row(
            "export, peak memory to that of a tenth", out_peak / small_out[3], "", "<= 1.25", **note
        ),
    ]


def main() -> int:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        rows = figures(Path(folder))
    return tell("importing", rows, kept=MANY == 1_000_000)


if __name__ == "__main__":
    sys.exit(main())
