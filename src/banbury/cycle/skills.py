"""Skills as a lab names them: what gyms declare, and above it what people named and changed.

Each act is written down with who did it and why. Episodes keep the skill they ran under; a name
that went out of use leads to what took its place, so old episodes are found under new names and
new ones under old.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from banbury.arena.parts import made
from banbury.episode import new_id
from banbury.episode.definition import Condition, Nearest, Part, Rule, Terms, narrowed, union
from banbury.errors import InputError, UnknownName
from banbury.gyms import registry
from banbury.gyms.contract import Gym, Skill
from banbury.store import Lab, Named, Taxonomy

_NAME = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")


def known(taxonomy: Taxonomy) -> list[str]:
    """Return the names in use: the gyms' own, then the lab's."""
    retired = taxonomy.retired()
    names = dict.fromkeys([*registry.skills(), *taxonomy.names()])
    return [n for n in names if n not in retired]


def described(lab: Lab, name: str) -> tuple[Gym, Skill]:
    """Return the gym and the skill behind a name, whoever gave it.

    Of a name that covers several gyms' skills it is the first one's gym; their tasks name their
    own. A name that went out of use stands for what took its place.

    Raises:
        UnknownName: neither a gym nor the lab knows it.
    """
    taxonomy = lab.taxonomy
    check(taxonomy, name)
    row = taxonomy.named(name)
    parts = taxonomy.parts(name)
    found = [registry.skill(p.skill) for p in parts]
    gym, first = found[0]
    if row is None and taxonomy.current(name) == (name,):
        return gym, first
    skills = [skill for _, skill in found]
    offered = [p.difficulties(s.difficulties) for p, s in zip(parts, skills, strict=True)]
    return gym, Skill(
        name=name,
        title=row.title if row else registry.skill(name)[1].title,
        difficulties=tuple(d for d in first.difficulties if all(d in o for o in offered)),
        source=", ".join(dict.fromkeys(s.source for s in skills)),
        told=all(s.told for s in skills),
        chance=max(s.chance for s in skills),
    )


def check(taxonomy: Taxonomy, name: str) -> None:
    """Do nothing for a name that is or was in use.

    Raises:
        UnknownName: neither a gym nor the lab knows it.
    """
    if name not in registry.skills() and taxonomy.named(name) is None:
        raise UnknownName("skill", name, known(taxonomy))


def rename(lab: Lab, old: str, new: str, *, title: str = "", who: str, why: str = "") -> Taxonomy:
    """Give a skill another name; it stays the same skill.

    Raises:
        UnknownName: there is no skill `old`.
        InputError: `old` is out of use, or `new` was given before or is no dotted path.
    """
    taxonomy = lab.taxonomy
    check(taxonomy, old)
    row = Named(
        name=_fresh(new),
        title=title or _title(taxonomy, old),
        act="rename",
        parts=taxonomy.own(old),
        skill=taxonomy.skill(old),
        replaces=(old,),
        who=who,
        why=why,
    )
    return lab.put_names([row])


def merge(
    lab: Lab, olds: Sequence[str], new: str, *, title: str = "", who: str, why: str = ""
) -> Taxonomy:
    """Make one skill of several; its tasks are drawn from each in equal parts.

    Raises:
        UnknownName: one of them does not exist.
        InputError: fewer than two, one is out of use, or `new` cannot be given.
    """
    taxonomy = lab.taxonomy
    if len(set(olds)) < 2 or len(set(olds)) != len(olds):
        raise InputError("a merge needs at least two different skills", where=", ".join(olds))
    for old in olds:
        check(taxonomy, old)
    row = Named(
        name=_fresh(new),
        title=title or " or ".join(_title(taxonomy, old) for old in olds),
        act="merge",
        parts=union(p for old in olds for p in taxonomy.own(old)),
        skill=new_id(),
        replaces=tuple(olds),
        who=who,
        why=why,
    )
    return lab.put_names([row])


def split_by_rule(
    lab: Lab, old: str, into: Sequence[str], rule: Rule, *, who: str, why: str = ""
) -> Taxonomy:
    """Split a skill in two: where the rule holds, and the rest.

    Raises:
        UnknownName: there is no skill `old`.
        InputError: not two names, they cannot be given, or all tasks of the skill that the lab
            holds lie on one side.
    """
    if len(into) != 2:
        raise InputError(
            f"a rule splits a skill in two, not in {len(into)}", do="give --into two names"
        )
    rest = msgspec.structs.replace(rule, negated=not rule.negated)
    return _split(lab, old, into, [(rule,), (rest,)], "", who, why)


def split_by_terms(
    lab: Lab,
    old: str,
    into: Sequence[str],
    found: Sequence[Terms],
    *,
    proposal: str = "",
    who: str,
    why: str = "",
) -> Taxonomy:
    """Split a skill by what accepted proposals look like.

    With one name more than proposals, the last name takes what none of them accepts; what several
    accept goes to the first. With as many names, each task goes to the nearest.

    Raises:
        UnknownName: there is no skill `old`.
        InputError: another number of names, they cannot be given, or one side would be empty.
    """
    ways: Sequence[tuple[Condition, ...]]
    if len(into) == len(found) > 1:
        ways = [(Nearest(tuple(found), i),) for i in range(len(found))]
    elif len(into) == len(found) + 1:
        without = [msgspec.structs.replace(t, negated=True) for t in found]
        ways = [(t, *without[:i]) for i, t in enumerate(found)] + [tuple(without)]
    else:
        raise InputError(
            f"{len(found)} proposals do not split a skill in {len(into)}",
            do="give a name for each of several proposals, or one more for the rest",
        )
    return _split(lab, old, into, ways, proposal, who, why)


def _split(
    lab: Lab,
    old: str,
    into: Sequence[str],
    ways: Sequence[tuple[Condition, ...]],
    proposal: str,
    who: str,
    why: str,
) -> Taxonomy:
    taxonomy = lab.taxonomy
    check(taxonomy, old)
    own, title = taxonomy.own(old), _title(taxonomy, old)
    rows = [
        Named(
            name=_fresh(name),
            title=f"{title}: {name.rsplit('.', 1)[-1].replace('_', ' ')}",
            act="split",
            parts=narrowed(own, *way),
            skill=new_id(),
            replaces=(old,),
            proposal=proposal,
            who=who,
            why=why,
        )
        for name, way in zip(into, ways, strict=True)
    ]
    _both_sides(lab, old, rows)
    return lab.put_names(rows)


def _both_sides(lab: Lab, old: str, rows: Sequence[Named]) -> None:
    """Refuse a split of which one side holds nothing: neither seen here nor made by the gyms."""
    tasks = list(lab.tasks(skill=old))
    for row in rows:
        seen = any(p.covers(t) for t in tasks for p in row.parts)
        if not seen and next(made(row.parts), None) is None:
            raise InputError(
                f"no task of {old} would be {row.name}",
                do="see a task with `banbury episodes show`, and choose another rule",
            )


def accept(
    lab: Lab,
    name: str,
    skills: Sequence[str],
    terms: Terms,
    *,
    title: str = "",
    proposal: str,
    who: str,
    why: str = "",
) -> Taxonomy:
    """Give a name to what a proposal found; the skills that it was found in stay as they are.

    Raises:
        InputError: the name cannot be given.
    """
    row = Named(
        name=_fresh(name),
        title=title or name.rsplit(".", 1)[-1].replace("_", " "),
        act="name",
        parts=tuple(Part(s, (terms,)) for s in skills),
        skill=new_id(),
        proposal=proposal,
        who=who,
        why=why,
    )
    return lab.put_names([row])


def _fresh(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{name!r} is no name of a skill",
            do="write a dotted path of small letters, such as office.email.refunds",
        )
    if name in registry.skills():
        raise InputError(f"the name {name!r} is a gym's own", do="choose another")
    return name


def _title(taxonomy: Taxonomy, name: str) -> str:
    row = taxonomy.named(name)
    return row.title if row else registry.skill(name)[1].title
