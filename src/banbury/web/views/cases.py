"""What is shown of a case: to those who decide, to the accused, to the lab."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from banbury import clock
from banbury.charts.scatter import scatter
from banbury.charts.strip import Mark, strip
from banbury.people.cases import Cases, Filed, Looked
from banbury.people.cases.evidence import Seen
from banbury.people.signals.case import APPEAL_NS, HEARING_NS, State
from banbury.people.signals.look import Signal
from banbury.store import House

NAMES = {
    "typing": "Text that came without keys",
    "haste": "Shorter times than usual",
    "flat times": "Times that follow nothing",
    "alike": "Answers like somebody else's",
    "device": "A shared device",
    "gold": "Gold tasks that have gone round",
    "model": "A model's wording",
}
STATES: dict[State, str] = {
    "new": "nobody has looked yet",
    "told": "waits for the answer",
    "heard": "answered, waits for a decision",
    "appealed": "appealed, waits for another person",
    "cleared": "cleared",
    "stands": "stands",
}
MOVES = {
    "told": "The evidence was shown to the person whose record it is.",
    "answer": "They answered:",
    "clear": "A person decided that there is nothing against them:",
    "stand": "A person decided that the case stands:",
    "appeal": "They appealed:",
}
MINE = {
    **MOVES,
    "told": "You were shown the evidence.",
    "answer": "You answered:",
    "clear": "A person decided that there is nothing against you:",
    "appeal": "You appealed:",
}


class Sign(msgspec.Struct, frozen=True):
    """One kind of evidence.

    Attributes:
        name: what it is called.
        words: the evidence.
        rare: how rare it is, in words.
        chart: the person beside those they are compared with, as SVG.
    """

    name: str
    words: str
    rare: str
    chart: str


class Step(msgspec.Struct, frozen=True):
    """One thing that happened: what, when, in whose words; and what pauses by it."""

    said: str
    when_ns: int
    words: str
    pause: tuple[str, ...]


class Sight(msgspec.Struct, frozen=True):
    """A case with all of its evidence.

    Attributes:
        id: of the case.
        lab: where the work was done.
        campaign: likewise.
        who: the pseudonym.
        state: see `State`.
        standing: the same in words.
        made_ns: when it was opened.
        compared: people with whom they are compared.
        rate: share of honest people who are brought to a person at most.
        signs: rarest first.
        times: all answers' times beside others', as SVG.
        answers: those that say most.
        count: of all answers.
        steps: oldest first.
        skills: in which a decision can pause work.
        heard_ns: when it may be decided against them without an answer, 0 if they were not told.
        against: whether that may be done now.
        appeal_ns: until when they can appeal, 0 if they cannot.
        own: whether whoever looks is the accused, and so decides nothing.
        again: whether they decided before, and so decide nothing on the appeal.
    """

    id: str
    lab: str
    campaign: str
    who: str
    state: State
    standing: str
    made_ns: int
    compared: int
    rate: float
    signs: list[Sign]
    times: str
    answers: tuple[Seen, ...]
    count: int
    steps: list[Step]
    skills: tuple[str, ...]
    heard_ns: int
    against: bool
    appeal_ns: int
    own: bool
    again: bool


class Board(msgspec.Struct, frozen=True):
    """What those who decide see first: what waits, what was decided, the last looks."""

    waiting: list[Sight]
    decided: list[Sight]
    looks: list[Looked]


class Noted(msgspec.Struct, frozen=True):
    """What a lab sees of a case that stands.

    Attributes:
        campaign: whose answers it is about.
        who: the pseudonym.
        decided_ns: when.
        words: what the evidence says.
        reasons: of the decision.
    """

    campaign: str
    who: str
    decided_ns: int
    words: list[str]
    reasons: str


class OfLab(msgspec.Struct, frozen=True):
    """What a lab sees.

    Attributes:
        stands: cases that stand.
        open: how many records are being looked at.
        cleared: how many were cleared.
        looks: the last looks.
    """

    stands: list[Noted]
    open: int
    cleared: int
    looks: list[Looked]


def board(house: House, account: str) -> Board:
    """Return what those who decide see first."""
    cases = Cases(house)
    known = [one for one in cases.listed() if one.account != account or one.case.told_ns]
    waiting = [sight(one, account, full=False) for one in known]
    decided = [sight(one, account, full=False) for one in cases.listed(decided=True)]
    return Board(waiting, decided, cases.looks())


def about(house: House, account: str) -> list[Sight]:
    """Return the cases about somebody that they may know of."""
    return [sight(one, account, full=False) for one in Cases(house).about(account)]


def of_lab(house: House, lab: str) -> OfLab:
    """Return what a lab sees of the cases in its campaigns."""
    cases = Cases(house)
    held = cases.of_lab(lab)
    stands = [noted(one) for one in held if one.state == "stands"]
    open_ = sum(one.case.decided is None for one in held)
    cleared = sum(one.state == "cleared" for one in held)
    return OfLab(stands, open_, cleared, cases.looks(lab))


def sight(one: Filed, account: str, full: bool = True) -> Sight:
    """Return a case as it is shown to an account; without charts and answers where not `full`.

    Whoever it is about sees nobody's pseudonym, on whatever page.
    """
    own = one.account == account
    one = one.heard() if own else one
    case, kept, now = one.case, one.evidence, clock.wall_ns()
    decided = case.decided
    appeal = decided.when_ns + APPEAL_NS if decided and case.appealable(now) else 0
    rows = kept.answers
    return Sight(
        one.id, one.lab, one.campaign, one.who, case.state, STATES[case.state], one.made_ns,
        case.suspicion.compared, kept.rate,
        [_sign(s, case.suspicion.compared, full) for s in case.suspicion.signals],
        _times(rows, own) if full else "", rows if full else (), kept.count,
        [Step((MINE if own else MOVES)[m.kind], m.when_ns, m.words, m.pause) for m in case.moves],
        kept.skills, case.told_ns + HEARING_NS if case.told_ns else 0, case.against(now), appeal,
        own, case.again(account),
    )  # fmt: skip


def noted(one: Filed) -> Noted:
    """Return what a lab sees of a case that stands."""
    decided = one.case.decided
    assert decided is not None
    signals = one.case.suspicion.signals
    others = {o for s in signals for o in s.others}
    words = [_unnamed(s.words, others) for s in signals]
    reasons = _unnamed(decided.words, others)
    return Noted(one.campaign, one.who, decided.when_ns, words, reasons)


def _unnamed(words: str, others: Collection[str]) -> str:
    """Return words that name nobody else of the evidence, about whom nothing was decided."""
    for other in sorted(others, key=len, reverse=True):
        words = words.replace(other, "somebody else")
    return words


def _sign(signal: Signal, compared: int, full: bool) -> Sign:
    share = max(1, round(100 * signal.p))
    rare = f"About {share} of 100 of the {compared:,} people compared show at least as much."
    return Sign(NAMES[signal.kind], signal.words, rare, _chart(signal) if full else "")


def _chart(signal: Signal) -> str:
    """The person's measure in red, over what is usual: from 5 to 95 of 100, the median a dot."""
    if not signal.usual:
        return ""
    low, high = min(signal.usual[0], signal.value), max(signal.usual[-1], signal.value)
    room = (high - low) * 0.05 or 1.0
    usual = Mark(signal.usual[3], signal.usual[1], signal.usual[5], "before")
    mine = Mark(signal.value, signal.value, signal.value, "harm")
    label = f"{NAMES[signal.kind]}: this record lies at {signal.value:.2g}; the middle of the "
    label += f"others at {signal.usual[3]:.2g}, 90 of 100 of them between {signal.usual[1]:.2g} "
    label += f"and {signal.usual[5]:.2g}"
    return strip([usual, mine], label, low=low - room, high=high + room, guides=False)


def _times(rows: Sequence[Seen], own: bool) -> str:
    if not rows:
        return ""
    label = "The time of each answer"
    return scatter(
        [r.usual for r in rows], [r.seconds for r in rows], label, x="what others take",
        y="what you took" if own else "what this person took", unit="s",
    )  # fmt: skip
