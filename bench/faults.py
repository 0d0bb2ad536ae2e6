"""What survives kill -9: fifty kills of the commands and of the database, at random moments.

See tests/faults/kills.py for what is done at each kill.

Run: make bench NAME=faults        (ten minutes or so on two cores)
"""

import contextlib
import io
import json
import random
import runpy
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.faults.kills import Found, Killer, cases, moments  # noqa: E402

RESULTS = ROOT / "bench" / "results" / "faults.json"
SEED = 11
Row = dict[str, Any]


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


def row(name: str, value: float, unit: str, must: int | None = None) -> Row:
    return {
        "name": name,
        "value": round(value, 1),
        "unit": unit,
        "must": None if must is None else f"== {must}",
        "holds": None if must is None else value == must,
        "seed": SEED,
    }


def figures(found: list[Found]) -> Iterator[Row]:
    """The table: kills by command and victim, and what was lost, doubled or different."""
    yield row("kills", len(found), "kills", 50)
    for (case, victim), count in Counter((f.case, f.victim) for f in found).items():
        again = sum(f.restarts for f in found if (f.case, f.victim) == (case, victim))
        who = "itself killed" if victim == "command" else f"the database's {victim} killed"
        yield row(f"{case}: {who}", count, "kills")
        yield row(f"{case}: {who}, the command started again", again, "starts")
    yield row("committed or acknowledged, and lost", sum(f.lost for f in found), "items", 0)
    yield row("there twice", sum(f.doubled for f in found), "items", 0)
    differ = sum(bool(f.differs) for f in found)
    yield row("labs that differ from an undisturbed run's", differ, "labs", 0)
    yield row("tracebacks where an error belongs", sum(f.traceback for f in found), "runs", 0)
    orphans = sum(f.orphans for f in found)
    yield row("processes that outlived the killed one by 30 s", orphans, "processes", 0)
    yield row("most starts again after one kill", max(f.restarts for f in found), "starts")
    yield row("longest from a kill to the end of the run", max(f.seconds for f in found), "s")


def main() -> int:
    # Removing fifty labs takes a while: it comes last.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        return report(list(figures(list(kills(Path(folder), Console(stderr=True))))))


def report(rows: list[Row]) -> int:
    told = {"name": "faults", "command": "make bench NAME=faults", "rows": rows}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(told, indent=1) + "\n")
    table = Table("what", "value", "unit", "must", "holds", title="faults")
    for r in rows:
        holds = {True: "yes", False: "NO", None: ""}[r["holds"]]
        table.add_row(r["name"], f"{r['value']:g}", r["unit"], r["must"] or "", holds)
    Console(width=120).print(table)
    return 0 if all(r["holds"] is not False for r in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
