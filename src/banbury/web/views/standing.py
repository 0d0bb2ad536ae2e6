"""How people stand: to themselves, with every number, and to whoever decides on an appeal."""

from __future__ import annotations

import msgspec

from banbury import clock
from banbury.accounts import Caller
from banbury.people.cases import Cases, Filed
from banbury.people.evidence import Objection, Objections
from banbury.people.evidence.words import CALLED
from banbury.people.offers import Standings
from banbury.people.signals.case import APPEAL_NS
from banbury.people.standing import Finding, Result, Standing, explained
from banbury.people.standing.requalifying import Requalifying
from banbury.store import House, Lab
from banbury.web.views import profile

SHOWN = 60
"""Newest results that a page shows."""


class Act(msgspec.Struct, frozen=True):
    """One thing that happened, in words.

    Attributes:
        words: what.
        reason: why, in somebody's own words.
        when_ns: when.
    """

    words: str
    reason: str
    when_ns: int


class Room(msgspec.Struct, frozen=True):
    """A campaign in which somebody can do test tasks of a skill.

    Attributes:
        lab: whose.
        campaign: its name.
        title: as people see it.
        left: how many there are for them.
    """

    lab: str
    campaign: str
    title: str
    left: int


class Checked(msgspec.Struct, frozen=True):
    """A result that was looked at.

    Attributes:
        what: a test task or a review, in words.
        lab: where.
        score: in [0, 1].
        line: what is asked for.
    """

    what: str
    lab: str
    score: float
    line: float


class Ground(msgspec.Struct, frozen=True):
    """The case that a pause rests on, and in which it is appealed.

    Attributes:
        id: of the case.
        appeal_ns: until when it can be appealed, 0 if it cannot.
        appealed: it was, and another person is to decide.
    """

    id: str
    appeal_ns: int
    appealed: bool


class Stand(msgspec.Struct, frozen=True):
    """How somebody stands in a skill in which work was ever paused.

    Attributes:
        skill: which.
        state: `working`, `paused`, `appealed` or `upheld`.
        words: what that means, why, and what can be done.
        finding: of the pause, None where work goes on.
        acts: all that happened, oldest first.
        results: that were looked at, newest first.
        way: how far they are on the way back, None where work goes on.
        trying: they set out to come back.
        appeal: they can appeal now.
        requalify: they can set out to come back now.
        rooms: where there are test tasks for them.
        ground: the case that the pause rests on, None where it rests on none.
    """

    skill: str
    state: str
    words: list[str]
    finding: Finding | None
    acts: list[Act]
    results: list[Checked]
    way: Requalifying | None
    trying: bool
    appeal: bool
    requalify: bool
    rooms: list[Room] = []
    ground: Ground | None = None


class Case(msgspec.Struct, frozen=True):
    """A pause as whoever decides sees it: without a name.

    Attributes:
        account: whose; to hand back with the decision.
        mine: it is one's own, and somebody else's to decide.
        stand: all that is known.
        appeal: what the person says, "" where they did not appeal.
    """

    account: str
    mine: bool
    stand: Stand
    appeal: str


class Waiting(msgspec.Struct, frozen=True):
    """An objection as whoever decides sees it.

    Attributes:
        id: of the objection.
        mine: it is one's own.
        skill: about which skill.
        called: which source of what is believed.
        entries: how many pieces of it there are.
        share: of all that is known, in [0, 1].
        chance: what is believed with them.
        without: what would be believed without them.
        reason: what the person says.
        made_ns: when.
    """

    id: str
    mine: bool
    skill: str
    called: str
    entries: int
    share: float
    chance: float
    without: float
    reason: str
    made_ns: int


class Desk(msgspec.Struct, frozen=True):
    """What waits for a decision.

    Attributes:
        cases: pauses, those with an appeal first.
        objections: oldest first.
    """

    cases: list[Case]
    objections: list[Waiting]


_WORDS = {
    "pause": "Paused by the test",
    "appeal": "Appealed",
    "lift": "Pause ended by a person",
    "uphold": "Pause upheld by a person",
    "try": "Set out to come back by test tasks",
    "requalify": "Pause ended by test tasks",
    "expire": "Pause ended, since nobody decided in time",
}


def stands(house: House, account: str) -> list[Stand]:
    """Return how a person stands wherever work was ever paused, what is paused first."""
    standings = Standings(house)
    held = [standings.get(account, skill) for skill in standings.skills(account)]
    filed = Cases(house).about(account) if any(s.by_case for s in held) else []
    return [
        msgspec.structs.replace(_stand(standings, s), ground=_ground(filed, s))
        for s in sorted(held, key=lambda s: s.state == "working")
    ]


def with_rooms(house: House, caller: Caller, stands: list[Stand]) -> list[Stand]:
    """Return standings with the campaigns in which there are test tasks for the caller."""
    return [
        msgspec.structs.replace(s, rooms=_rooms(house, caller, s.skill)) if s.way else s
        for s in stands
    ]


def desk(house: House, by: str) -> Desk:
    """Return what waits for a decision, as the account `by` sees it."""
    standings = Standings(house)
    cases = [
        Case(s.person, s.person == by, _stand(standings, s), _appeal(s))
        for s in standings.paused_now()
    ]
    waiting = [_waiting(house, o, by) for o in Objections(house).open()]
    return Desk(cases, waiting)


def _waiting(house: House, about: Objection, by: str) -> Waiting:
    held = profile.one(house, about.account, about.skill)
    source = next((s for s in held.sources if s.source == about.source), None)
    return Waiting(
        about.id, about.account == by, about.skill, CALLED[about.source],
        source.entries if source else 0, source.share if source else 0.0, held.chance,
        source.without if source else held.chance, about.reason, about.made_ns,
    )  # fmt: skip


def _stand(standings: Standings, held: Standing) -> Stand:
    pause = held.pause
    results = standings.results(held.person, held.skill)
    way = standings.way_back(held.person, held.skill)
    return Stand(
        held.skill, held.state, explained(held), pause.finding if pause else None,
        [Act(_WORDS[a.kind], a.reason, a.when_ns) for a in held.acts],
        [_checked(r) for r in results[::-1][:SHOWN]], way, held.trying, "appeal" in held.can,
        way is not None and "try" in held.can and not held.trying,
    )  # fmt: skip


def _ground(filed: list[Filed], held: Standing) -> Ground | None:
    """Return the case whose decision, the last one before the pause, paused the work."""
    pause = held.pause
    if pause is None or not held.by_case:
        return None
    found = [
        (move.when_ns, one)
        for one in filed
        for move in one.case.moves
        if move.kind == "stand" and held.skill in move.pause and move.when_ns <= pause.when_ns
    ]
    if not found:
        return None
    when_ns, one = max(found, key=lambda f: f[0])
    can = one.case.appealable(clock.wall_ns())
    return Ground(one.id, when_ns + APPEAL_NS if can else 0, one.state == "appealed")


def _checked(result: Result) -> Checked:
    lab, _, by = result.by.partition("/")
    if result.kind == "gold":
        return Checked("test task", result.id.partition("/")[0], result.score, result.line)
    return Checked(f"review by {by}", lab, result.score, result.line)


def _appeal(held: Standing) -> str:
    last = held.acts[-1]
    return last.reason if last.kind == "appeal" else ""


def _rooms(house: House, caller: Caller, skill: str) -> list[Room]:
    found = []
    for name in caller.roles:
        lab = house.lab(name, create=False)
        found += _rooms_of(lab, caller.pseudonyms[name], skill)
    return found


def _rooms_of(lab: Lab, person: str, skill: str) -> list[Room]:
    open_ = [c for c in lab.queue.campaigns(limit=200) if c.state == "open"]
    counted = [(c, lab.queue.gold.left(c.name, person, [skill])) for c in open_]
    return [Room(lab.name, c.name, c.title or c.name, left) for c, left in counted if left]
