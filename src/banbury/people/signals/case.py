"""A suspicion from the look to a person's decision, and once to another person's."""

from __future__ import annotations

from typing import Literal

import msgspec

from banbury.errors import InputError
from banbury.people.signals.look import Suspicion

HEARING_NS = 7 * 86_400 * 10**9
"""Time in which the accused can answer before anybody may decide against them."""
APPEAL_NS = 30 * 86_400 * 10**9
"""Time in which they can appeal against a decision."""

Kind = Literal["told", "answer", "clear", "stand", "appeal"]
State = Literal["new", "heard", "told", "appealed", "cleared", "stands"]


class Move(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that happened to a case.

    Attributes:
        kind: `told`, the accused was shown all signals; `answer`, by the accused; `clear` or
            `stand`, by a person who decides; `appeal`, by the accused, once.
        when_ns: wall time.
        by: account of whoever did it.
        words: the answer, or the reasons.
        pause: of a decision that it stands, the skills in which work pauses; none follows by
            itself.
    """

    kind: Kind
    when_ns: int
    by: str
    words: str = ""
    pause: tuple[str, ...] = ()


class Case(msgspec.Struct, frozen=True):
    """A suspicion and what was done about it. Nothing follows from it but what a person decides.

    Attributes:
        suspicion: what was found.
        moves: oldest first.
        person: account of the accused; the suspicion's own name of them if "".
    """

    suspicion: Suspicion
    moves: tuple[Move, ...] = ()
    person: str = ""

    @property
    def accused(self) -> str:
        """Return the account of whom it is about."""
        return self.person or self.suspicion.person

    @property
    def told_ns(self) -> int:
        """Return when the accused was told, 0 if they were not."""
        return next((m.when_ns for m in self.moves if m.kind == "told"), 0)

    @property
    def decided(self) -> Move | None:
        """Return the decision that holds, None while there is none."""
        if self.appealed and self.moves[-1].kind not in ("clear", "stand"):
            return None
        return next((m for m in reversed(self.moves) if m.kind in ("clear", "stand")), None)

    @property
    def appealed(self) -> bool:
        """Say whether the accused has appealed."""
        return any(m.kind == "appeal" for m in self.moves)

    @property
    def state(self) -> State:
        """Return how it stands."""
        if (found := self.decided) is not None:
            return "cleared" if found.kind == "clear" else "stands"
        if self.appealed:
            return "appealed"
        if any(m.kind == "answer" for m in self.moves):
            return "heard"
        return "told" if self.told_ns else "new"

    def against(self, now_ns: int) -> bool:
        """Say whether it may be decided against the accused: they answered, or had the time."""
        heard = any(m.kind in ("answer", "appeal") for m in self.moves)
        return heard or (bool(self.told_ns) and now_ns >= self.told_ns + HEARING_NS)

    def again(self, account: str) -> bool:
        """Say whether somebody decided before the appeal, and so decides nothing on it."""
        return self.appealed and account in {
            m.by for m in self.moves if m.kind in ("clear", "stand")
        }

    def appealable(self, now_ns: int) -> bool:
        """Say whether the accused can appeal now."""
        found = self.decided
        return (
            found is not None
            and found.kind == "stand"
            and not self.appealed
            and now_ns < found.when_ns + APPEAL_NS
        )


def moved(case: Case, move: Move) -> Case:
    """Return the case after a move.

    Raises:
        InputError: it is decided already; the accused was not told; somebody else answers, or
            the accused decides; whoever decided before decides on the appeal; a word is missing;
            or it is decided against somebody who has not answered and still may.
    """
    where = f"case of {case.suspicion.person}"
    accused = move.by == case.accused
    if move.kind == "appeal":
        _check_appeal(case, move, where)
    elif case.decided:
        raise InputError("the case is decided", where=where)
    if move.kind == "told" and case.told_ns:
        raise InputError("the accused was told already", where=where)
    if move.kind == "answer" and not (accused and case.told_ns):
        raise InputError("the accused answers, once they were told", where=where)
    if move.kind not in ("answer", "appeal") and accused:
        raise InputError("nobody decides their own case", where=where, do="ask somebody else")
    if move.kind != "told" and not (move.by and move.words.strip()):
        raise InputError("an answer and a decision need words", where=where, do="say why")
    if move.pause and move.kind != "stand":
        raise InputError("work pauses only where a case stands", where=where)
    if move.kind in ("clear", "stand") and case.again(move.by):
        raise InputError(
            "whoever decided does not decide on the appeal", where=where, do="ask somebody else"
        )
    if move.kind == "stand" and not case.against(move.when_ns):
        raise InputError(
            "the accused has not been heard",
            where=where,
            do="show them the signals, and wait for an answer or seven days",
        )
    return msgspec.structs.replace(case, moves=(*case.moves, move))


def _check_appeal(case: Case, move: Move, where: str) -> None:
    if move.by != case.accused:
        raise InputError("only the accused appeals", where=where)
    if case.appealed:
        raise InputError("a case is appealed once", where=where)
    if not case.appealable(move.when_ns):
        raise InputError(
            "there is no decision to appeal against, or its 30 days are over", where=where
        )
