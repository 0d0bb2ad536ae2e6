"""What a box costs over bare bubblewrap, and what snapshots, forks and clean-up cost.

Bare bubblewrap and a box run the same command in turn, in the same namespaces and with the same
file systems in sight, so that other work on the machine slows both. What is judged is the median
of the differences of such pairs.

Run: make bench NAME=sandbox        (half a minute; where other work runs: chrt -r 5 make ...)
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from banbury.sandbox import Box, Limits, service
from figures import Row, row, tell

PAIRS = 200
BOXES = 200
MIB = 1 << 20
BARE = [
    "bwrap", "--unshare-user", "--uid", "1000", "--gid", "1000", "--unshare-pid", "--unshare-net",
    "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--die-with-parent", "--new-session",
    "--cap-drop", "ALL", "--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink",
    "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--ro-bind", sys.base_prefix,
    sys.base_prefix, "--tmpfs", "/tmp", "--tmpfs", "/work", "--dev", "/dev", "--proc", "/proc",
    "--clearenv", "--", "/usr/bin/true",
]  # fmt: skip


def ms(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3


def bare() -> None:
    subprocess.run(BARE, check=True, stdin=subprocess.DEVNULL, capture_output=True)


def start_up() -> Iterator[Row]:
    """Run the same command bare and in a box, in turn."""
    with Box() as box:
        pairs = []
        for n in range(PAIRS + 10):
            works = [bare, lambda: box.run(["/usr/bin/true"])]
            found = [ms(w) for w in (works if n % 2 else reversed(works))]
            pairs.append(found if n % 2 else found[::-1])
    pairs = pairs[10:]
    over = [boxed - plain for plain, boxed in pairs]
    yield row("bare bubblewrap, a command", statistics.median(p for p, _ in pairs), "ms")
    yield row("a command in a box", statistics.median(b for _, b in pairs), "ms")
    yield row("start-up over bare bubblewrap", statistics.median(over), "ms", "<= 3")
    best = statistics.quantiles(over, n=10)
    yield row("the same, 9 of 10 below", best[-1], "ms")
    yield from processor()


def processor() -> Iterator[Row]:
    """Compare CPU time, which other work on the machine hardly changes, by a control group."""
    group = Path("/sys/fs/cgroup/cpuacct")
    if not os.access(group, os.W_OK):
        return
    own = group / f"bench-{os.getpid()}"
    own.mkdir()
    try:
        (own / "cgroup.procs").write_text("0")
        usage = own / "cpuacct.usage"
        plain = used(lambda: int(usage.read_text()) / 1e6, bare)
        with Box() as box:
            kernel, times = [], time.process_time
            work = lambda: kernel.append(box.run(["/usr/bin/true"]).cpu_s * 1e3)  # noqa: E731
            boxed = used(lambda: times() * 1e3, work)
            boxed += sum(kernel) / len(kernel)
    finally:
        (group / "cgroup.procs").write_text(str(os.getpid()))
        own.rmdir()
    yield row("CPU of bare bubblewrap, both sides", plain, "ms")
    yield row("CPU over bare bubblewrap", boxed - plain, "ms", "<= 3")


def used(clock: Callable[[], float], work: Callable[[], object]) -> float:
    """Return what a clock advances for each run of some work."""
    work()
    start = clock()
    for _ in range(PAIRS):
        work()
    return (clock() - start) / PAIRS


def boxes() -> Iterator[Row]:
    """Make and close many boxes, and count what is left."""
    with Box() as box:
        box.run(["true"])
    before = left()
    times = [ms(one_box) for _ in range(BOXES)]
    yield row("a box made, one command, closed", statistics.median(times), "ms")
    yield row(f"left after {BOXES} boxes", len(left() - before), "things", "== 0")


def one_box() -> None:
    with Box() as box:
        box.run(["sh", "-c", "echo x > x; sleep 60 & :"])


def left() -> set[str]:
    """Return what boxes of this process may leave: mounts, control groups, folders, processes."""
    launcher = service.state["process"].pid
    found = set(Path("/proc/self/mounts").read_text().splitlines())
    found |= {str(p) for p in Path("/sys/fs/cgroup").rglob(f"boxes-banbury-{launcher}-*/*/")}
    found |= {str(p) for p in Path(tempfile.gettempdir()).glob("s[0-9]*")}
    children = Path(f"/proc/{launcher}/task/{launcher}/children").read_text().split()
    return found | set(children)


def states() -> Iterator[Row]:
    """Snapshot, restore and fork a tree of 100 MB, half of it a layer, half written in the box."""
    with tempfile.TemporaryDirectory() as name:
        fill(Path(name))
        with Box([Path(name)], limits=Limits(disk=1 << 30)) as box:
            box.run(["sh", "-c", "mkdir own && cp -r d* own/"])
            snapshots, restores, forks = [], [], []
            for n in range(20):
                box.write(f"note{n}", b"x")
                kept: list = []
                snapshots.append(ms(lambda kept=kept: kept.append(box.snapshot())))
                box.run(["sh", "-c", "rm -rf d0 own/d1; cp -r d2 own/more"])
                restores.append(ms(lambda kept=kept: box.restore(kept[0])))
                forked: list = []
                forks.append(ms(lambda forked=forked: forked.extend(box.fork(4))) / 4)
                for other in forked:
                    other.close()
            size = sum(e.size for e in box.files() if e.kind == "file")
    both = [a + b for a, b in zip(snapshots, restores, strict=True)]
    yield row("tree", size / MIB, "MiB")
    yield row("snapshot", statistics.median(snapshots), "ms")
    yield row("restore", statistics.median(restores), "ms")
    yield row("snapshot and restore", statistics.median(both), "ms", "<= 50")
    yield row("a fork", statistics.median(forks), "ms")


def fill(folder: Path) -> None:
    """Write 50 MB in 1,000 files."""
    for n in range(10):
        (folder / f"d{n}").mkdir()
        for k in range(100):
            (folder / f"d{n}" / f"f{k}").write_bytes(os.urandom(52_429))


def others() -> Iterator[Row]:
    """Output without end, and a quick read and write."""
    with Box() as box:
        took = ms(lambda: box.run(["head", "-c", "1000000000", "/dev/zero"]))
        yield row("output thrown away", 1000 / took, "GB / s")
        box.write("x", b"x" * 10_000)
        yield row("a file of 10 kB written", statistics.median(
            ms(lambda: box.write("x", b"x" * 10_000)) for _ in range(50)), "ms")  # fmt: skip
        yield row("a file of 10 kB read", statistics.median(
            ms(lambda: box.read("x")) for _ in range(50)), "ms")  # fmt: skip


def main() -> int:
    return tell("sandbox", [*start_up(), *boxes(), *states(), *others()])


if __name__ == "__main__":
    sys.exit(main())
