"""What survives kill -9: fifty kills of the commands and of the database, at random moments.

See tests/faults/kills.py for what is done at each kill.

Run: make bench NAME=faults        (ten minutes or so on two cores)
"""

import contextlib
import io
import random
import runpy
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from figures import Row, row, tell

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.faults.kills import Found, Killer, cases, moments  # noqa: E402

SEED = 11


def kills(folder: Path, say: Console) -> Iterator[Found]:
    """Kill as planned, one after the other."""
    with contextlib.redirect_stderr(io.StringIO()):
        tiny = runpy.run_path(str(ROOT / "tests" / "tiny_model.py"))["make"](folder / "tiny")
    todo = moments(cases(tiny), random.Random(SEED))
    with Killer(folder) as killer:
        for number, (case, victim, share) in enumerate(todo, 1):
            found = killer.kill(case, victim, share)
            say.print(f"{number} of {len(todo)}: {found}", highlight=False, soft_wrap=True)
            yield found


def figure(name: str, value: float, unit: str, must: int | None = None) -> Row:
    return row(name, value, unit, None if must is None else f"== {must}", seed=SEED)


def figures(found: list[Found]) -> Iterator[Row]:
    """The table: kills by command and victim, and what was lost, doubled or different."""
    yield figure("kills", len(found), "kills", 50)
    for (case, victim), count in Counter((f.case, f.victim) for f in found).items():
        again = sum(f.restarts for f in found if (f.case, f.victim) == (case, victim))
        who = "itself killed" if victim == "command" else f"the database's {victim} killed"
        yield figure(f"{case}: {who}", count, "kills")
        yield figure(f"{case}: {who}, the command started again", again, "starts")
    yield figure("committed or acknowledged, and lost", sum(f.lost for f in found), "items", 0)
    yield figure("there twice", sum(f.doubled for f in found), "items", 0)
    differ = sum(bool(f.differs) for f in found)
    yield figure("labs that differ from an undisturbed run's", differ, "labs", 0)
    yield figure("tracebacks where an error belongs", sum(f.traceback for f in found), "runs", 0)
    orphans = sum(f.orphans for f in found)
    yield figure("processes that outlived the killed one by 30 s", orphans, "processes", 0)
    yield figure("most starts again after one kill", max(f.restarts for f in found), "starts")
    yield figure("longest from a kill to the end of the run", max(f.seconds for f in found), "s")


def main() -> int:
    # Removing fifty labs takes a while: it comes last.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        return report(list(figures(list(kills(Path(folder), Console(stderr=True))))))


def report(rows: list[Row]) -> int:
    return tell("faults", rows)


if __name__ == "__main__":
    sys.exit(main())
