"""A person's own record as pages show it: what they say, what is believed and why."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from banbury import clock
from banbury.accounts import Caller
from banbury.charts import belief as charts
from banbury.errors import UnknownName
from banbury.gyms.interview.bank import banks
from banbury.people.ability.belief import Weight
from banbury.people.ability.parts import wholes, within
from banbury.people.evidence import Entry, Ledger, Objection, Objections
from banbury.people.evidence.entry import counting
from banbury.people.evidence.history import History, Moved, history
from banbury.people.evidence.words import CALLED, MEANS, told
from banbury.people.offers import Openings, Profile, Profiles, Standings, Stated
from banbury.people.offers.languages import named
from banbury.people.resumes import Resumes
from banbury.store import House
from banbury.store.grants import DAY_NS, HOUR_NS


class Source(msgspec.Struct, frozen=True):
    """What one source gives to a belief, in words.

    Attributes:
        source: its name.
        called: as people read it.
        means: what it is.
        entries: how many pieces.
        share: of all that is known, in [0, 1].
        fresh: how much is left of them on average, in (0, 1].
        without: the chance that would be believed without it.
        own: some of it is of this very skill, so that one can object to it here.
        objection: the newest objection to it, None where there is none.
    """

    source: str
    called: str
    means: str
    entries: int
    share: float
    fresh: float
    without: float
    own: bool
    objection: Objection | None


class Step(msgspec.Struct, frozen=True):
    """What moved a belief on one day, in words, and the chances before and after."""

    at_ns: int
    source: str
    words: str
    before: float
    after: float


class Believed(msgspec.Struct, frozen=True):
    """What is believed of one skill.

    Attributes:
        skill: which.
        chance: that average work of it is done well, in (0, 1).
        low: lower end of the 95 % interval.
        high: its upper end.
        results: pieces of evidence that count.
        stated: the person says that they have it.
        given: nothing was measured; it was set, or is what is believed of anybody.
        state: how the person stands in it.
        sources: the weightiest first.
        steps: what moved it, newest first.
        chart: picture of it over time.
        shape: picture of it now.
        parts: skills that it is made of, beside itself.
        title: as people read it, "" where nobody gave it one.
    """

    skill: str
    chance: float
    low: float
    high: float
    results: int
    stated: bool
    given: bool
    state: str
    sources: list[Source] = []
    steps: list[Step] = []
    chart: str = ""
    shape: str = ""
    parts: list[str] = []
    title: str = ""


class Worked(msgspec.Struct, frozen=True):
    """Role and pseudonym in one lab, hours and answers all in all."""

    lab: str
    role: str
    pseudonym: str
    hours: float
    answers: int


class Mine(msgspec.Struct, frozen=True):
    """All that a person's own page shows.

    Attributes:
        said: what they say of themselves.
        languages: the names of their languages.
        stated: skills that they say they have.
        resume: characters of their résumé, 0 where there is none.
        known: skills to choose from: of interviews, and of labs in which they are or are asked.
        beliefs: what is believed, what is measured best first.
        objections: newest first.
    """

    said: Profile
    languages: list[str]
    stated: list[Stated]
    resume: int
    known: dict[str, str]
    beliefs: list[Believed]
    objections: list[Objection]


def mine(house: House, account: str) -> Mine:
    """Return all that a person's own page shows."""
    profiles = Profiles(house)
    said = profiles.get(account) or Profile(looking=False)
    return Mine(
        said, [named(c) for c in said.languages], profiles.stated(account),
        len(Resumes(house).get(account)), known(house, account), beliefs(house, account),
        Objections(house).of(account),
    )  # fmt: skip


def known(house: House, account: str) -> dict[str, str]:
    """Return skills to choose from, with a title: of the interviews, and of labs near a person."""
    return {**dict.fromkeys(Openings(house).skills_near(account), ""), **titles()}


def titles() -> dict[str, str]:
    """Return the titles of the skills that interviews measure."""
    return {skill: bank.title for skill, bank in banks().items()}


def beliefs(house: House, account: str) -> list[Believed]:
    """Return what is believed of a person, what rests on most first."""
    profiles, entries = Profiles(house), Ledger(house).of(account)
    names = {*profiles.beliefs(account), *(e.skill for e in entries)}
    for skill in {w for e in entries for w in wholes(e.skill)}:
        parts = {e.skill for e in entries if within(e.skill, skill)}
        if len(parts) > 1:
            names.add(skill)
        elif skill not in parts:
            names.discard(skill)
    found = [believed(house, account, name, entries) for name in sorted(names)]
    return sorted(found, key=lambda b: (-b.results, b.skill))


def one(house: House, account: str, skill: str) -> Believed:
    """Return what is believed of one skill.

    Raises:
        UnknownName: nothing is.
    """
    entries = Ledger(house).of(account)
    names = {*Profiles(house).beliefs(account), *(w for e in entries for w in wholes(e.skill))}
    if skill not in names:
        raise UnknownName("skill", skill, sorted(names))
    return believed(house, account, skill, entries)


def believed(house: House, account: str, skill: str, entries: Sequence[Entry]) -> Believed:
    """Return what is believed of one skill, of which these are all entries of the person."""
    held = [e for e in entries if within(e.skill, skill)]
    now = max([clock.wall_ns(), *(e.at_ns for e in held)])
    past = history(held, now)
    stated = skill in {s.skill for s in Profiles(house).stated(account)}
    state = Standings(house).get(account, skill).state
    own = {e.source for e in held if e.skill == skill}
    weights = Ledger(house).belief(account, skill, now).sources if held else ()
    objections = [o for o in Objections(house).of(account) if o.skill == skill]
    parts = sorted({e.skill for e in held} - {skill})
    return Believed(
        skill, past.now.mean, past.now.low, past.now.high, len(counting(held)), stated,
        not held, state, [_source(held, w, w.source in own, objections, now) for w in weights],
        [Step(_at(m), m.source, told(m), m.before, m.after) for m in past.moved],
        _chart(skill, past), _shape(skill, past), parts, titles().get(skill, ""),
    )  # fmt: skip


def _source(
    held: Sequence[Entry], weight: Weight, own: bool, objections: Sequence[Objection], now: int
) -> Source:
    rest = history([e for e in held if e.source != weight.source], now)
    about = next((o for o in objections if o.source == weight.source), None)
    count = sum(e.source == weight.source and not e.left_out for e in held)
    return Source(
        weight.source, CALLED[weight.source], MEANS[weight.source], count, weight.share,
        weight.fresh, rest.now.mean, own, about,
    )  # fmt: skip


def _at(moved: Moved) -> int:
    """Return when; of test tasks the day alone, since the moment would tell which task it was."""
    return moved.at_ns - moved.at_ns % DAY_NS if moved.source == "gold" else moved.at_ns


def _chart(skill: str, past: History) -> str:
    points = [charts.Point(m.at_ns / DAY_NS, m.mean, m.low, m.high) for m in past.moments]
    marks = [(m.at_ns / DAY_NS, m.source) for m in past.moved]
    return charts.belief(points, past.now.at_ns / DAY_NS, marks, _label(skill, past))


def _shape(skill: str, past: History) -> str:
    return charts.density(past.density, f"How likely each share of good work in {skill} is now")


def _label(skill: str, past: History) -> str:
    now, first = past.now, past.moments[0]
    return (
        f"{skill}: from {100 * first.mean:.0f} % before any evidence to {100 * now.mean:.0f} % "
        f"now, between {100 * now.low:.0f} % and {100 * now.high:.0f} %; without new evidence it "
        f"fades to {100 * past.moments[-1].mean:.0f} % in half a year"
    )


def worked(house: House, caller: Caller) -> list[Worked]:
    """Return the caller's labs, and what they worked in each, all in all."""
    rows = house.grants.hours(caller.account)
    made = []
    for lab, role in sorted(caller.roles.items()):
        mine = [r for r in rows if r.lab == lab]
        spent, answers = sum(r.work_ns for r in mine) / HOUR_NS, sum(r.answers for r in mine)
        made.append(Worked(lab, role, caller.pseudonyms[lab], spent, answers))
    return made
