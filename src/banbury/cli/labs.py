"""`banbury labs list|create|migrate`."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from banbury import store
from banbury.cli.terminal import Json, counted, notes, out, print_json, print_table
from banbury.store import LabState, Migrated

app = App(
    name="labs", help="List labs, make one, bring all to this version.", help_format="plaintext"
)

Store = Annotated[str | None, Parameter(name="--store")]


@app.command(name="list")
def list_(*, at: Store = None, json: Json = False) -> None:
    """List the labs of the store; none is migrated by that.

    Args:
        at: folder or postgresql:// address; as BANBURY_URL or BANBURY_HOME say if not given.
        json: print JSON instead.
    """
    with store.open(at) as house:
        found = house.states()
    if json:
        print_json(found)
        return
    print_table(
        counted(len(found), "lab"),
        ("lab", "size", "tables", "episodes"),
        [(s.name, _size(s.bytes), _tables(s), f"{s.episodes:,}") for s in found],
        right=("size", "episodes"),
    )
    if any(not s.current for s in found):
        out.print("\nbanbury labs migrate brings the old ones to this version.")


@app.command
def create(name: str, /, *, at: Store = None, json: Json = False) -> None:
    """Make a lab: a database and a role of its own. One that is there already stays.

    Args:
        name: letters, digits, dots, dashes and underscores.
        at: folder or postgresql:// address; as BANBURY_URL or BANBURY_HOME say if not given.
        json: print JSON instead.
    """
    with store.open(at) as house:
        new = name not in house.labs()
        house.lab(name)
        (state,) = [s for s in house.states() if s.name == name]
    if json:
        print_json({"new": new, "lab": state})
        return
    said = "made" if new else "was there already"
    out.print(f"lab {name} {said}, {_size(state.bytes)}", highlight=False)


@app.command
def migrate(*, at: Store = None, workers: int = 2, json: Json = False) -> None:
    """Bring all labs to this version, each in a transaction of its own.

    Ctrl-C leaves each lab migrated or untouched; the same command then does the rest.

    Args:
        at: folder or postgresql:// address; as BANBURY_URL or BANBURY_HOME say if not given.
        workers: processes that do it.
        json: print JSON instead.
    """
    done: list[Migrated] = []
    columns = (
        TextColumn("migrating"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=notes, transient=True, disable=json) as progress:
        line = progress.add_task("", total=None)

        def show(lab: Migrated, total: int) -> None:
            done.append(lab)
            progress.update(line, total=total, completed=len(done), description=lab.name)

        try:
            store.migrate_labs(at, workers=workers, progress=show)
        finally:
            found = sorted(done, key=lambda lab: lab.name)
            if json:
                print_json({"labs": found, **_counts(found)})
    failed = [lab for lab in found if lab.error]
    if not json:
        _summary(found)
    if failed:
        raise SystemExit(1)


def _summary(found: list[Migrated]) -> None:
    counts = _counts(found)
    seconds = sum(lab.seconds for lab in found)
    out.print(
        f"{counted(len(found), 'lab')}: {counts['migrated']} migrated, "
        f"{counts['current']} were current, {counts['failed']} failed; {seconds:.1f} s of work",
        highlight=False,
    )
    if failed := [lab for lab in found if lab.error]:
        rows = [(lab.name, lab.before, lab.error) for lab in failed]
        print_table("Failed, and left as they were", ("lab", "tables", "why"), rows)


def _counts(found: list[Migrated]) -> dict[str, int]:
    failed = sum(bool(lab.error) for lab in found)
    moved = sum(lab.after != lab.before for lab in found)
    return {"migrated": moved, "current": len(found) - moved - failed, "failed": failed}


def _tables(state: LabState) -> str:
    return state.revision if state.current else f"{state.revision} (old)"


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count < 1e9 else f"{count / 1e9:.2f} GB"
