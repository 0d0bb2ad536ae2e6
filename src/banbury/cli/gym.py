"""`banbury gym list|check`."""

from __future__ import annotations

from cyclopts import App

from banbury.cli.terminal import Json, out, print_json, print_table
from banbury.gyms import check as checks
from banbury.gyms import registry

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
    if name is None:
        rows = [
            {"gym": n, "version": registry.gym(n).version, "skills": len(registry.gym(n).skills())}
            for n in registry.names()
        ]
        if json:
            print_json(rows)
            return
        table = [(str(r["gym"]), str(r["version"]), str(r["skills"])) for r in rows]
        print_table("Gyms", ("gym", "version", "skills"), table, right=("skills",))
        out.print("\nbanbury gym list NAME shows the skills of one.")
        return
    gym = registry.gym(name)
    skills = gym.skills()
    if json:
        print_json({"skills": skills, "missing": dict(gym.missing())})
        return
    print_table(
        f"Skills of {name}",
        ("skill", "what", "difficulties", "source"),
        [(s.name, s.title, ", ".join(s.difficulties), s.source) for s in skills],
    )
    for skill, reason in gym.missing().items():
        out.print(f"left out: {skill}: {reason}", markup=False, highlight=False)


@app.command
def check(name: str | None = None, /, *, seed: int = 0, json: Json = False) -> None:
    """Prove a gym: its reference scores full, doing nothing and its own cheats score zero.

    Args:
        name: a gym; all of them if not given.
        seed: of the tasks tried.
        json: print JSON instead.
    """
    chosen = [name] if name else registry.names()
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
