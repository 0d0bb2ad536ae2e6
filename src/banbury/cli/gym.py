"""`banbury gym list|new|check|audit`."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter

from banbury.arena import Tally
from banbury.cli.judge import Judge
from banbury.cli.terminal import Json, Place, bar, counted, out, print_json, print_table
from banbury.errors import UnknownName
from banbury.gyms import check as checks
from banbury.gyms import registry
from banbury.gyms.audit import Audit
from banbury.gyms.audit import audit as audited
from banbury.gyms.audit.report import TITLES, between, shown_rates, worst, write_report
from banbury.gyms.contract import Gym
from banbury.gyms.new.folder import new_gym

app = App(
    name="gym",
    help="List the kinds of work, write new ones, prove and audit their judges.",
    help_format="plaintext",
)


app.command("banbury.cli.grade:grade", name="grade", help="Grade the episodes of a run yourself.")


@app.command(name="list")
def list_(name: str | None = None, /, *, json: Json = False) -> None:
    """List the gyms, or the skills of one.

    Args:
        name: a gym.
        json: print JSON instead.
    """
    if name is not None:
        _list_skills(registry.gym(name), json)
        return
    faults = registry.faults()
    gyms = [registry.gym(n) for n in registry.names() if n not in faults]
    # A gym without skills, such as that of reviews, makes no tasks by itself.
    rows = [
        {"gym": g.name, "version": g.version, "skills": len(g.skills())} for g in gyms if g.skills()
    ]
    wrong = [{"gym": n, "left_out": str(error)} for n, error in faults.items()]
    if json:
        print_json([*rows, *wrong])
        return
    table = [(str(r["gym"]), str(r["version"]), str(r["skills"])) for r in rows]
    print_table("Gyms", ("gym", "version", "skills"), table, right=("skills",))
    for one in wrong:
        out.print(f"left out: {one['left_out']}", markup=False, highlight=False, soft_wrap=True)
    out.print("\nbanbury gym list NAME shows the skills of one.")


def _list_skills(gym: Gym, json: bool) -> None:
    skills = gym.skills()
    if json:
        print_json({"skills": skills, "missing": dict(gym.missing())})
        return
    print_table(
        f"Skills of {gym.name}",
        ("skill", "what", "difficulties", "source"),
        [(s.name, s.title, ", ".join(s.difficulties), s.source) for s in skills],
    )
    for skill, reason in gym.missing().items():
        out.print(f"left out: {skill}: {reason}", markup=False, highlight=False)


@app.command
def new(
    name: str, folder: Path | None = None, /, *, table: bool = False, json: Json = False
) -> None:
    """Write the folder of a new gym: small, whole, and meant to be edited.

    Args:
        name: of the gym, such as parcels.
        folder: where; a folder of that name here if not given. Nothing is overwritten.
        table: a table of tasks and a gym.toml, without Python.
        json: print JSON instead.
    """
    files = new_gym(name, folder, table=table)
    at = files[0].parent
    if json:
        print_json({"gym": name, "folder": str(at), "files": [str(f) for f in files]})
        return
    quoted = shlex.quote(str(at))
    use = f"export BANBURY_GYMS={quoted}" if table else f"pip install -e {quoted}"
    edit = "tasks.csv and gym.toml" if table else f"{name}/gym.py"
    for line in (
        f"Use it:    {use}",
        f"Prove it:  banbury gym check {name} && banbury gym audit {name}",
        f"Edit it:   {edit} in {at}",
    ):
        out.print(line, markup=False, highlight=False, soft_wrap=True)


@app.command
def check(
    name: str | None = None,
    /,
    *,
    seed: int = 0,
    judge: Judge = Judge(),
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Prove a gym: its reference scores full, doing nothing and its own cheats score zero.

    Args:
        name: a gym; all of them if not given.
        seed: of the tasks tried.
        judge: which model grades, where the gym asks one.
        place: where a checkpoint that grades is kept.
        json: print JSON instead.
    """
    faults = registry.faults()
    chosen = [name] if name else [n for n in registry.names() if n not in faults]
    gyms = [registry.gym(n) for n in chosen]
    with judge.aloud(gyms, place) as ask:
        findings = [f for gym in gyms for f in checks.check(gym, seed=seed, ask=ask)]
    bad = [f for f in findings if not f.ok]
    if json:
        print_json({"checks": len(findings), "failed": bad})
    else:
        if bad:
            print_table(
                "Failed",
                ("skill", "check", "likely cause"),
                [(f.skill, f.check, f.message) for f in bad],
            )
        out.print(f"{counted(len(findings), 'check')}, {len(bad)} failed: {', '.join(chosen)}")
    if bad:
        raise SystemExit(1)


@app.command
def audit(
    name: str,
    /,
    *,
    skills: Annotated[Sequence[str], Parameter(consume_multiple=True)] = (),
    tasks: int = 20,
    seed: int = 0,
    report: Annotated[Path | None, Parameter(name="--out")] = None,
    judge: Judge = Judge(),
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Try a gym's judge: changed references and tricks it must refuse, rewritings it must take.

    Ends with status 1 if the judge passed something wrong or refused something right.

    Args:
        name: a gym.
        skills: names or wildcards of its skills, all if not given.
        tasks: tasks of each skill, spread over its difficulties.
        seed: of the tasks.
        report: a .md or .html file for the whole report.
        judge: which model grades, where the gym asks one.
        place: where a checkpoint that grades is kept.
        json: print JSON instead.
    """
    gym = registry.gym(name)
    chosen = _of_gym(gym, skills) if skills else None
    with judge.aloud([gym], place) as ask, bar("audit", quiet=json) as show:
        found = audited(
            gym,
            skills=chosen,
            tasks=tasks,
            seed=seed,
            ask=ask,
            progress=lambda done, total: show(Tally(total=total, done=done)),
        )
    if gym.needs.model:
        found = msgspec.structs.replace(found, asked=judge.judge)
    if report is not None:
        write_report(found, report)
    if json:
        print_json(found)
    else:
        _show_audit(found)
    if found.faulty:
        raise SystemExit(1)


def _of_gym(gym: Gym, patterns: Sequence[str]) -> list[str]:
    known = [skill.name for skill in gym.skills()]
    found: list[str] = []
    for pattern in patterns:
        hits = [s for s in known if s == pattern or fnmatchcase(s, pattern)]
        if not hits:
            raise UnknownName("skill", pattern, known, where=f"gym {gym.name}")
        found += [s for s in hits if s not in found]
    return found


def _show_audit(found: Audit) -> None:
    print_table(
        f"Audit of {found.gym} {found.version}: {counted(found.trials, 'trial')} on "
        f"{counted(found.tasks, 'task')}",
        ("skill", "kind", "the judge", "tasks", "wrong", "95 % interval"),
        [
            (r.skill or "all", r.kind or "all", TITLES[r.verdict], str(r.tasks), str(r.wrong),
             between(r))
            for r in shown_rates(found)
        ],
        right=("tasks", "wrong"),
    )  # fmt: skip
    for case in worst(found, 5):
        out.print(f"\n{case.skill}: {case.kind} ({TITLES[case.verdict]})", style="bold")
        for title, text in (
            ("asked", case.instruction), ("right", case.reference), ("tried", case.tried),
            ("judge", f"score {case.score:g} {case.evidence}"),
        ):  # fmt: skip
            shown = text if len(text) <= 240 else f"... {text[-240:]}"
            out.print(f"  {title}: {shown}", markup=False, highlight=False)
    for error in found.errors[:5]:
        out.print(f"the gym raised: {error}", markup=False, highlight=False)
