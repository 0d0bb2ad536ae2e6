"""`banbury gym list|new|check`."""

from __future__ import annotations

from pathlib import Path

from cyclopts import App

from banbury.cli.terminal import Json, out, print_json, print_table
from banbury.gyms import check as checks
from banbury.gyms import registry
from banbury.gyms.contract import Gym
from banbury.gyms.new.folder import new_gym

app = App(
    name="gym", help="List the kinds of work, and prove their judges.", help_format="plaintext"
)


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
    rows = [{"gym": g.name, "version": g.version, "skills": len(g.skills())} for g in gyms]
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
    use = f"export BANBURY_GYMS={at}" if table else f"pip install -e {at}"
    edit = "tasks.csv and gym.toml" if table else f"{name}/gym.py"
    for line in (
        f"Use it:    {use}",
        f"Prove it:  banbury gym check {name} && banbury gym audit {name}",
        f"Edit it:   {edit} in {at}",
    ):
        out.print(line, markup=False, highlight=False, soft_wrap=True)


@app.command
def check(name: str | None = None, /, *, seed: int = 0, json: Json = False) -> None:
    """Prove a gym: its reference scores full, doing nothing and its own cheats score zero.

    Args:
        name: a gym; all of them if not given.
        seed: of the tasks tried.
        json: print JSON instead.
    """
    faults = registry.faults()
    chosen = [name] if name else [n for n in registry.names() if n not in faults]
    findings = [f for n in chosen for f in checks.check(registry.gym(n), seed=seed)]
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
        out.print(f"{len(findings)} checks, {len(bad)} failed: {', '.join(chosen)}")
    if bad:
        raise SystemExit(1)
