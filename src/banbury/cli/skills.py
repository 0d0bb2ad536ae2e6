"""`banbury skills propose|list|name|rename|merge|split|history`: the lab's names of skills."""

from __future__ import annotations

import getpass
import importlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from cyclopts import App, Parameter

from banbury.cli.terminal import Json, Place, counted, out, print_json, print_table
from banbury.cycle import skills as acts
from banbury.episode.definition import Listed, Nearest, Part, Rule, Terms, rule
from banbury.errors import InputError
from banbury.gyms import registry
from banbury.store import Lab, Named, Taxonomy

app = App(
    name="skills", help="Propose, name, rename, merge and split skills.", help_format="plaintext"
)

app.command("banbury.cli.propose:propose", name="propose")

Who = Annotated[str, Parameter(name="--who", help="Who does it; this account if not given.")]
Why = Annotated[str, Parameter(name="--why", help="The reason, kept for good.")]


@app.command(name="list")
def list_(*, every: bool = False, place: Place = Place(), json: Json = False) -> None:
    """List the names that this lab gave, and what they cover.

    Args:
        every: names that are out of use too.
        place: where the work is kept.
        json: print JSON instead.
    """
    with place.open(create=False) as lab:
        taxonomy = lab.taxonomy
        retired = taxonomy.retired()
        rows = [r for r in taxonomy.rows if every or r.name not in retired]
        counts = {r.name: _rates(lab, r.name) for r in rows}
    if json:
        print_json(
            {
                "version": taxonomy.version,
                "skills": [
                    {**_plain(r), "episodes": counts[r.name][1], "passes": counts[r.name][0]}
                    for r in rows
                ],
                "out_of_use": {n: taxonomy.current(n) for n in sorted(retired)},
            }
        )
        return
    if not rows:
        out.print(
            f"This lab has named nothing yet; the gyms declare {len(registry.skills())} skills "
            "(`banbury gym list`)."
        )
        return
    print_table(
        f"Version {taxonomy.version} of this lab's taxonomy",
        ("skill", "what", "by", "covers", "passed", "of"),
        [
            (
                r.name,
                r.title,
                f"{r.act}, {r.who}",
                _words(r.parts),
                str(counts[r.name][0]),
                str(counts[r.name][1]),
            )
            for r in rows
        ],
        right=("passed", "of"),
    )


@app.command
def name(
    proposal: str,
    new: str,
    *,
    title: str = "",
    who: Who = "",
    why: Why = "",
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Accept a proposal as a skill of its own.

    Args:
        proposal: such as `probe/P1`: the proposals' name and the proposal's.
        new: a dotted path, such as `office.email.refunds`.
        title: a few words for people.
        who: who does it.
        why: the reason.
        place: where the work is kept.
        json: print JSON instead.
    """
    found = importlib.import_module("banbury.cycle.diagnose.propose")  # it loads scikit-learn
    with place.open(create=False) as lab:
        _done(found.accept(lab, proposal, new, title=title, who=_who(who), why=why), lab, json)


@app.command
def rename(
    old: str,
    new: str,
    *,
    title: str = "",
    who: Who = "",
    why: Why = "",
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Give a skill another name; the old one leads to it for ever.

    Args:
        old: its name now.
        new: its new name.
        title: a few words for people; as before if not given.
        who: who does it.
        why: the reason.
        place: where the work is kept.
        json: print JSON instead.
    """
    with place.open(create=False) as lab:
        _done(acts.rename(lab, old, new, title=title, who=_who(who), why=why), lab, json)


@app.command
def merge(
    *skills: str,
    into: str,
    title: str = "",
    who: Who = "",
    why: Why = "",
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Make one skill of several; its tasks come from each in equal parts.

    Args:
        skills: the skills to merge.
        into: name of the new one.
        title: a few words for people.
        who: who does it.
        why: the reason.
        place: where the work is kept.
        json: print JSON instead.
    """
    with place.open(create=False) as lab:
        _done(acts.merge(lab, skills, into, title=title, who=_who(who), why=why), lab, json)


@app.command
def split(
    old: str,
    *,
    into: Annotated[Sequence[str], Parameter(consume_multiple=True)],
    by: str = "",
    proposals: Annotated[Sequence[str], Parameter(consume_multiple=True)] = (),
    who: Who = "",
    why: Why = "",
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Split a skill by a rule, or by what proposals look like.

    A rule makes two: the tasks of which it holds, and the rest. Proposals make one each, and one
    more for the rest if one more name is given; without it, each task goes to the nearest.

    Args:
        old: the skill.
        into: names of the new ones.
        by: such as `difficulty=hard`, `text~refund`, `params.content.n>99 and family=x`.
        proposals: such as `probe/P1 probe/P2`.
        who: who does it.
        why: the reason.
        place: where the work is kept.
        json: print JSON instead.
    """
    if bool(by) == bool(proposals):
        raise InputError("a split needs a rule or proposals", do="give --by or --proposals")
    with place.open(create=False) as lab:
        if by:
            made = acts.split_by_rule(lab, old, into, rule(by), who=_who(who), why=why)
        else:
            found = importlib.import_module("banbury.cycle.diagnose.propose")
            held = found.accepted(lab, proposals)
            made = acts.split_by_terms(
                lab,
                old,
                into,
                [p.terms for _, p in held],
                proposal=held[0][0],
                who=_who(who),
                why=why,
            )
        _done(made, lab, json)


@app.command
def history(name: str, *, place: Place = Place(), json: Json = False) -> None:
    """Show all that led to a name, and what became of it.

    Args:
        name: any name that was ever given, or a gym's own.
        place: where the work is kept.
        json: print JSON instead.
    """
    with place.open(create=False) as lab:
        taxonomy = lab.taxonomy
        acts.check(taxonomy, name)
        rows = taxonomy.history(name)
        passed, n = _rates(lab, name)
    current = taxonomy.current(name)
    if json:
        print_json(
            {
                "name": name,
                "current": current,
                "episodes": n,
                "passes": passed,
                "history": [_plain(r) for r in rows],
            }
        )
        return
    if not rows:
        out.print(f"{name} is as its gym declares it; {counted(n, 'episode')}, {passed} passed.")
        return
    print_table(
        f"What became of {name}",
        ("version", "when", "who", "act", "before", "after", "why"),
        [
            (
                str(r.version),
                f"{datetime.fromtimestamp(r.created_ns / 1e9, UTC):%Y-%m-%d %H:%M}",
                r.who,
                r.act,
                ", ".join(r.replaces) or "-",
                r.name,
                r.why,
            )
            for r in rows
        ],
        right=("version",),
    )
    there = f"{counted(n, 'episode')}, {passed} passed"
    out.print(f"\nNow: {', '.join(current)}. Found under {name}: {there}.")


def _done(taxonomy: Taxonomy, lab: Lab, json: bool) -> None:
    """Say what the newest act made."""
    rows = [r for r in taxonomy.rows if r.version == taxonomy.version]
    counts = {r.name: _rates(lab, r.name) for r in rows}
    if json:
        print_json(
            {
                "version": taxonomy.version,
                "skills": [
                    {**_plain(r), "episodes": counts[r.name][1], "passes": counts[r.name][0]}
                    for r in rows
                ],
            }
        )
        return
    for row in rows:
        passed, n = counts[row.name]
        before = f" (was {', '.join(row.replaces)})" if row.replaces else ""
        there = counted(n, "episode of it is", "episodes of it are")
        out.print(
            f"{row.name}{before}: {there} here, {passed} passed",
            highlight=False,
            markup=False,
        )
    out.print(f"version {taxonomy.version} of this lab's taxonomy", highlight=False)


def _rates(lab: Lab, name: str) -> tuple[int, int]:
    """Return (passed, judged) of all that is stored under a name."""
    judged = [o for o in lab.outcomes(skill=name) if o.passed is not None]
    return sum(bool(o.passed) for o in judged), len(judged)


def _who(given: str) -> str:
    if given:
        return given
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise InputError("nobody knows who you are", do="say it with --who NAME") from error


def _plain(row: Named) -> dict[str, Any]:
    return {**msgspec.to_builtins(row), "covers": _words(row.parts)}


def _words(parts: Sequence[Part]) -> str:
    """Return what parts cover in a few words."""
    return "; ".join(" and ".join([p.skill, *map(_condition, p.where)]) for p in parts)


def _condition(condition: Rule | Terms | Nearest | Listed) -> str:
    if isinstance(condition, Nearest):
        return f"nearest to {_condition(condition.of[condition.which])}"
    no = "not " if condition.negated else ""
    if isinstance(condition, Rule):
        tests = " and ".join(f"{t.field}{t.op}{t.value}" for t in condition.tests)
        return f"{no}({tests})" if no else tests
    if isinstance(condition, Listed):
        return f"{no}one of {counted(len(condition.ids), 'task')}"
    top = sorted(condition.weights.items(), key=lambda w: (-w[1], w[0]))[:3]
    return f"{no}like {', '.join(repr(t) for t, w in top if w > 0)}"
