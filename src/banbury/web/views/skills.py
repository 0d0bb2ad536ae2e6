"""The map of skills: what every model was shown to do, where the gaps are, one skill in full.

Every rate and interval is what a probe or a comparison left, or counted by the store; artifacts
never change, so what was read of them is kept.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence

import msgspec

from banbury.cycle.compare.compare import SkillChange
from banbury.cycle.diagnose import Gap, SkillMap
from banbury.cycle.diagnose.propose import Proposals
from banbury.cycle.probe import Probe
from banbury.cycle.skills import described
from banbury.episode import Actor
from banbury.statistics.intervals import wilson
from banbury.store import Lab
from banbury.store.artifacts import Header
from banbury.store.rates import Rate
from banbury.web.views.stages import Domain
from banbury.web.views.stages import skills as named

READ = 40
"""Probes and comparisons that the map is made of: the newest ones."""
LANES = 3
"""Models shown in one row of the map: the newest ones."""


class Measured(msgspec.Struct, frozen=True):
    """One measured pass rate of one model on one skill.

    Attributes:
        model: the actor's name.
        n: rollouts judged.
        passes: of these, those that passed.
        low: lower end of the interval that the stage gives.
        high: upper end.
        of: what measured it.
        stage: slug of the stage that did.
        reserved: measured on items that were reserved before training.
        closed: for a comparison, whether the gap closed.
        difficulty: of the tasks, "" where there are several.
    """

    model: str
    n: int
    passes: int
    low: float
    high: float
    of: Header
    stage: str
    reserved: bool = False
    closed: bool = False
    difficulty: str = ""

    @property
    def rate(self) -> float:
        """Return the share that passed."""
        return self.passes / self.n if self.n else 0.0


class SkillRow(msgspec.Struct, frozen=True):
    """A skill on the map.

    Attributes:
        skill: dotted path.
        title: a few words.
        rates: the newest of each model, the oldest model first, at most `LANES`.
        kind: form, skill or knowledge where the newest diagnosis found a gap, else "".
        closed: a comparison shows that the gap closed.
    """

    skill: str
    title: str
    rates: list[Measured]
    kind: str = ""
    closed: bool = False


class DomainRows(msgspec.Struct, frozen=True):
    """The skills of one domain: those that were measured, the lowest first, and the others."""

    name: str
    rows: list[SkillRow]
    others: list[tuple[str, str]]
    source: str = ""


class Picture(msgspec.Struct, frozen=True):
    """The map.

    Attributes:
        domains: by name; those with measured skills first.
        models: names of the models in it, the oldest first.
        threshold: pass rate below which a skill is a gap, None before the first probe.
        gaps: how many skills are gaps.
        measured: how many skills were measured.
        proposals: what the newest look for unnamed skills found, as (name, words), at most ten.
        proposed: that artifact.
    """

    domains: list[DomainRows]
    models: list[str]
    threshold: float | None
    gaps: int
    measured: int
    proposals: list[tuple[str, str, tuple[str, ...]]] = []
    proposed: Header | None = None


class Named(msgspec.Struct, frozen=True):
    """One act that gave a name: which, when, by whom, why, instead of what."""

    act: str
    name: str
    who: str
    why: str
    replaces: tuple[str, ...]
    created_ns: int


class TaskLine(msgspec.Struct, frozen=True):
    """An example of a skill's tasks."""

    id: str
    gym: str
    instruction: str


class SkillSight(msgspec.Struct, frozen=True):
    """One skill in full.

    Attributes:
        skill: dotted path.
        title: a few words.
        gym: name of its gym.
        source: `ours`, or where its tasks come from.
        gap: what the newest diagnosis says, None where it found none.
        gap_of: the map that says so.
        rates: every measured rate, the newest first.
        counted: all episodes by run and actor, as the store counts them.
        tasks: a few examples.
        history: acts that named it, the oldest first.
        current: what its name means today, where it went out of use.
        threshold: as on the map.
    """

    skill: str
    title: str
    gym: str
    source: str
    gap: Gap | None
    gap_of: Header | None
    rates: list[Measured]
    counted: list[Rate]
    tasks: list[TaskLine]
    history: list[Named]
    current: tuple[str, ...]
    threshold: float | None


def picture(lab: Lab) -> Picture:
    """Return the map of skills as it stands."""
    rates, threshold = _rates(lab), _threshold(lab)
    gaps = _gaps(lab)[0]
    models = _models(r for found in rates.values() for r in found)
    domains = [_domain(d, rates, gaps) for d in named(lab)]
    newest = _head(lab, "proposals")
    body = lab.artifact("proposals", newest.id).body if newest else None
    proposals = msgspec.convert(body, Proposals).proposals if body else ()
    return Picture(
        sorted(domains, key=lambda d: (not d.rows, d.name)),
        models,
        threshold,
        sum(bool(row.kind) and not row.closed for d in domains for row in d.rows),
        sum(len(d.rows) for d in domains),
        [(f"{newest.name}/{p.name}", ", ".join(p.words[:4]), p.skills) for p in proposals[:10]]
        if newest
        else [],
        newest,
    )


def sight(lab: Lab, skill: str) -> SkillSight:
    """Return one skill in full.

    Raises:
        UnknownName: there is no such skill.
    """
    gym, about = described(lab, skill)
    taxonomy = lab.taxonomy
    gaps, gap_of = _gaps(lab)
    tasks = [
        TaskLine(t.id, t.gym, t.public.instruction)
        for t in lab.tasks(skill=skill, limit=40)
        if t.split != "reserved"
    ]
    acts = [
        Named(r.act, r.name, r.who, r.why, r.replaces, r.created_ns)
        for r in taxonomy.rows
        if skill == r.name or skill in r.replaces
    ]
    return SkillSight(
        skill,
        about.title,
        gym.name,
        about.source,
        gaps.get(skill),
        gap_of,
        list(reversed(_rates(lab).get(skill, []))),
        lab.rates(("run", "actor"), skill=skill),
        tasks[:5],
        acts,
        taxonomy.current(skill) if taxonomy.current(skill) != (skill,) else (),
        _threshold(lab),
    )


def _domain(domain: Domain, rates: dict[str, list[Measured]], gaps: dict[str, Gap]) -> DomainRows:
    rows = [_row(s, t, rates[s], gaps.get(s)) for s, t in domain.skills if s in rates]
    rows.sort(key=lambda r: (r.rates[0].rate, r.skill))
    others = [(s, t) for s, t in domain.skills if s not in rates]
    return DomainRows(domain.name, rows, others, domain.source)


def _row(skill: str, title: str, found: Sequence[Measured], gap: Gap | None) -> SkillRow:
    last = {r.model: r for r in found}
    kept = list(last.values())[-LANES:]
    return SkillRow(skill, title, kept, gap.kind if gap else "", any(r.closed for r in kept))


def _models(rates: Iterable[Measured]) -> list[str]:
    ordered = sorted(rates, key=lambda r: r.of.id)
    return list(dict.fromkeys(r.model for r in ordered))


def _rates(lab: Lab) -> dict[str, list[Measured]]:
    """Return measured rates by skill, the oldest first."""
    out: dict[str, list[Measured]] = {}
    heads = [
        *lab.artifact_headers("probe", limit=READ),
        *lab.artifact_headers("comparison", limit=READ),
    ]
    for head in sorted(heads, key=lambda h: h.id):
        for skill, measured in _measured(lab, head):
            out.setdefault(skill, []).append(measured)
    return out


def _measured(lab: Lab, head: Header) -> tuple[tuple[str, Measured], ...]:
    return _read(_Key(lab), head)


class _Key:
    """A lab as a key: two objects of the same lab are the same."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and repr(other.lab) == repr(self.lab)

    def __hash__(self) -> int:
        return hash(repr(self.lab))


@functools.lru_cache(maxsize=512)
def _read(key: _Key, head: Header) -> tuple[tuple[str, Measured], ...]:
    body = key.lab.artifact(head.kind, head.id).body
    if head.kind == "probe":
        found = msgspec.convert(body, Probe)
        return tuple(
            (
                s.skill,
                Measured(
                    *(found.actor.name, s.n, s.passes, s.low, s.high, head, "probe"),
                    difficulty=s.difficulty,
                ),
            )
            for s in found.skills
        )
    changes = msgspec.convert(body["skills"], list[SkillChange])
    model = msgspec.convert(body["after"], Actor).name
    return tuple((c.skill, _after(c, model, head)) for c in changes)


def _after(changed: SkillChange, model: str, head: Header) -> Measured:
    n = changed.change.n
    passes = round(changed.change.after * n)
    bounds = wilson(passes, n)
    return Measured(
        *(model, n, passes, bounds.low, bounds.high, head, "compare"),
        reserved=True,
        closed=changed.closed,
    )


def _gaps(lab: Lab) -> tuple[dict[str, Gap], Header | None]:
    """Return the gaps of the newest diagnosis by skill, and that artifact."""
    head = _head(lab, "map")
    if head is None:
        return {}, None
    found = msgspec.convert(lab.artifact("map", head.id).body, SkillMap)
    return {g.skill: g for g in found.gaps}, head


def _threshold(lab: Lab) -> float | None:
    head = _head(lab, "probe")
    if head is None:
        return None
    return float(lab.artifact("probe", head.id).body["threshold"])


def _head(lab: Lab, kind: str) -> Header | None:
    return next(iter(lab.artifact_headers(kind, limit=1)), None)


def next_to(lab: Lab, skill: str) -> tuple[str, str]:
    """Return the skills before and after one on the map, "" at an end."""
    order = [row.skill for d in picture(lab).domains for row in d.rows]
    if skill not in order:
        return "", ""
    at = order.index(skill)
    return order[at - 1] if at else "", order[at + 1] if at + 1 < len(order) else ""
