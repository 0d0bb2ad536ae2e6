"""What the judges get wrong: the audit over every gym of ours, with exact 95 % intervals.

Each figure is the share of tasks on which at least one trial went wrong: mutants of the reference
and tricks that passed, harmless rewritings that did not.

Run: make bench NAME=audit        (about two minutes on one core)
"""

import sys

from rich.console import Console
from rich.table import Table

from banbury.gyms import registry
from banbury.gyms.audit import Audit, audit
from figures import Row, keep

SEED = 20
PARTS = {
    "office": ("office", "office.", 40),
    "reasoning, our own": ("reasoning", "reasoning.", 20),
    "reasoning-gym's": ("reasoning", "rg.", 3),
    "desk": ("desk", "desk.", 12),
}
"""Name of a part: (gym, first letters of its skills, tasks of each skill)."""
SAYS = {
    "false accept": "wrong, passed",
    "false reject": "right, refused",
    "value seen": "wrong, read as right",
    "value missed": "right, not read",
    "look": "passed, for a person to look at",
}


def rows(part: str, found: Audit) -> list[Row]:
    made = []
    for verdict, says in SAYS.items():
        rate = found.total(verdict)  # type: ignore[arg-type]
        if rate is None:
            continue
        value = rate.wrong / rate.tasks
        must = None if verdict == "look" else "<= 0"
        made.append(
            {
                "name": f"{part}: {says}",
                "value": round(value, 4),
                "unit": "share of tasks",
                "must": must,
                "holds": None if must is None else value <= 0,
                "interval": f"{rate.low:.4f} to {rate.high:.4f}",
                "tasks": f"{rate.wrong} of {rate.tasks}",
                "seed": SEED,
            }
        )
    return made


def main() -> None:
    table = Table("figure", "tasks", "interval", box=None)
    made: list[Row] = []
    for part, (name, start, tasks) in PARTS.items():
        gym = registry.gym(name)
        skills = [s.name for s in gym.skills() if s.name.startswith(start)]
        found = audit(gym, skills=skills, tasks=tasks, seed=SEED)
        for row in rows(part, found):
            made.append({**row, "trials": str(found.trials)})
            table.add_row(row["name"], row["tasks"], row["interval"])
        for case in found.cases:
            if case.verdict != "look":
                print(case.verdict, case.skill, case.kind, repr(case.tried), file=sys.stderr)
        for error in found.errors:
            print("raised:", error, file=sys.stderr)
    keep("audit", made)
    Console().print(table)


if __name__ == "__main__":
    main()
