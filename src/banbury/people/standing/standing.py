"""The states of a person's standing in a skill, and the acts that change them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from banbury.errors import InputError
from banbury.people.standing.finding import Finding

State = Literal["working", "paused", "appealed", "upheld"]
Kind = Literal["pause", "appeal", "lift", "uphold", "try", "requalify", "expire"]

ANSWER_NS = 7 * 86_400 * 10**9
"""Time that there is to decide an appeal; after that the pause ends by itself."""

_LEADS: dict[tuple[State, Kind], State] = {
    ("working", "pause"): "paused",
    ("paused", "appeal"): "appealed",
    ("paused", "lift"): "working",
    ("paused", "try"): "paused",
    ("paused", "requalify"): "working",
    ("appealed", "lift"): "working",
    ("appealed", "uphold"): "upheld",
    ("appealed", "expire"): "working",
    ("upheld", "lift"): "working",
    ("upheld", "try"): "upheld",
    ("upheld", "requalify"): "working",
}
_BY_A_PERSON = frozenset({"appeal", "lift", "uphold"})
OTHER = "somebody else"
"""In place of an account, where it is nobody's business."""


class Act(msgspec.Struct, frozen=True):
    """One thing that happened to a standing.

    Attributes:
        kind: `pause`, by the test, or by a person who decided a case, with reasons; `appeal`, by
            the person; `lift` or `uphold`, by somebody else, with reasons; `try`, when the person
            sets out to requalify; `requalify`, by fresh gold tasks; `expire`, when an appeal was
            not decided in time.
        when_ns: wall time.
        by: account of who did it; "" for the house itself.
        reason: in words; a person's act needs one.
        finding: of a pause.
        gone: how many results there were when it was done; after a return, only later ones count.
    """

    kind: Kind
    when_ns: int
    by: str = ""
    reason: str = ""
    finding: Finding | None = None
    gone: int = 0


class Standing(msgspec.Struct, frozen=True):
    """How a person stands in a skill.

    Attributes:
        person: account.
        skill: where.
        state: `working`; `paused`; `appealed`, and somebody is to decide; `upheld`, and the way
            back is to requalify.
        acts: all that led here, oldest first.
    """

    person: str
    skill: str
    state: State = "working"
    acts: tuple[Act, ...] = ()

    @property
    def fresh(self) -> int:
        """Return how many of the results lie before the last return and count no more."""
        returns = [a.gone for a in self.acts if a.kind in ("lift", "requalify", "expire")]
        return returns[-1] if returns else 0

    @property
    def pause(self) -> Act | None:
        """Return the act that paused the work, None where it is not paused."""
        if self.state == "working":
            return None
        return next(a for a in reversed(self.acts) if a.kind == "pause")

    @property
    def by_case(self) -> bool:
        """Say whether work is paused since a person decided so in a case; it is appealed there."""
        return self.pause is not None and bool(self.pause.by)

    @property
    def trying(self) -> bool:
        """Say whether work is paused and the person set out to requalify."""
        since = [a.kind for a in self.acts]
        last = len(since) - since[::-1].index("pause") if "pause" in since else 0
        return self.state in ("paused", "upheld") and "try" in since[last:]

    @property
    def can(self) -> tuple[Kind, ...]:
        """Return the acts that are possible now."""
        acts = tuple(kind for state, kind in _LEADS if state == self.state)
        return tuple(a for a in acts if a != "appeal") if self.by_case else acts


def unsigned(standing: Standing) -> Standing:
    """Return a standing as its person sees it: who decided is `somebody else`, not an account."""
    acts = tuple(
        msgspec.structs.replace(a, by=OTHER) if a.by not in ("", standing.person) else a
        for a in standing.acts
    )
    return msgspec.structs.replace(standing, acts=acts)


def after(standing: Standing, act: Act) -> Standing:
    """Return the standing after an act.

    Raises:
        InputError: the act is not possible in this state, lacks its reason or its finding, comes
            before the last one, or somebody decides on their own appeal; or a case decided the
            pause, and it is appealed there.
    """
    if act.kind == "appeal" and standing.state == "paused" and standing.by_case:
        raise InputError(
            "'appeal' is not possible here: the pause was decided in a case, and is appealed there",
            where=f"{standing.person}, {standing.skill}",
            do="appeal in the case, under About your record",
        )
    return _led(standing, act)


def _led(standing: Standing, act: Act) -> Standing:
    where = f"{standing.person}, {standing.skill}"
    state = _LEADS.get((standing.state, act.kind))
    if state is None:
        raise InputError(
            f"{act.kind!r} is not possible where work is {standing.state}",
            where=where,
            do=f"possible: {', '.join(standing.can)}",
        )
    if act.kind == "pause":
        _check_pause(standing, act, where)
    if act.kind in _BY_A_PERSON and not (act.by and act.reason.strip()):
        raise InputError(f"{act.kind!r} needs who and why", where=where, do="give a reason")
    if act.kind == "try" and act.by != standing.person:
        raise InputError("only the person sets out to requalify", where=where)
    if (act.kind == "appeal") != (act.by == standing.person) and act.kind in _BY_A_PERSON:
        raise InputError(
            "the person appeals, and somebody else decides", where=where, do="ask a colleague"
        )
    last = standing.acts[-1].when_ns if standing.acts else 0
    if act.when_ns < last:
        raise InputError("an act lies before the one it follows", where=where)
    if act.kind == "expire" and act.when_ns < last + ANSWER_NS:
        raise InputError("an appeal has seven days to be decided", where=where)
    return msgspec.structs.replace(standing, state=state, acts=(*standing.acts, act))


def _check_pause(standing: Standing, act: Act, where: str) -> None:
    if act.by and (act.by == standing.person or not act.reason.strip()):
        raise InputError("a person pauses another's work, with a reason", where=where)
    if not act.by and not (act.finding and act.finding.fallen):
        raise InputError("a pause needs a finding that quality fell", where=where)


def replayed(person: str, skill: str, acts: Sequence[Act]) -> Standing:
    """Return the standing that acts lead to. Raises InputError where they cannot follow."""
    standing = Standing(person, skill)
    for act in acts:
        standing = _led(standing, act)
    return standing
