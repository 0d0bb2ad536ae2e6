"""A suspicion from the look to a person's decision."""

from __future__ import annotations

from typing import Literal

import msgspec

from banbury.errors import InputError
from banbury.people.signals.look import Suspicion

HEARING_NS = 7 * 86_400 * 10**9
"""Time in which the accused can answer before anybody may decide against them."""


class Move(msgspec.Struct, frozen=True):
    """One thing that happened to a case.

    Attributes:
        kind: `told`, the accused was shown all signals; `answer`, by the accused; `clear` or
            `stand`, by a person who decides.
        when_ns: wall time.
        by: account of whoever did it.
        words: the answer, or the reasons.
    """

    kind: Literal["told", "answer", "clear", "stand"]
    when_ns: int
    by: str
    words: str = ""


class Case(msgspec.Struct, frozen=True):
    """A suspicion and what was done about it. Nothing follows from it but what a person decides.

    Attributes:
        suspicion: what was found.
        moves: oldest first.
    """

    suspicion: Suspicion
    moves: tuple[Move, ...] = ()

    @property
    def decided(self) -> Move | None:
        """Return the decision, None while there is none."""
        return next((m for m in self.moves if m.kind in ("clear", "stand")), None)


def moved(case: Case, move: Move) -> Case:
    """Return the case after a move.

    Raises:
        InputError: it is decided already; the accused was not told; somebody else answers, or
            the accused decides; a word is missing; or it is decided against somebody who has not
            answered and still may.
    """
    where = f"case of {case.suspicion.person}"
    accused = move.by == case.suspicion.person
    told = [m.when_ns for m in case.moves if m.kind == "told"]
    if case.decided:
        raise InputError("the case is decided", where=where)
    if move.kind == "answer" and not (accused and told):
        raise InputError("the accused answers, once they were told", where=where)
    if move.kind != "answer" and accused:
        raise InputError("nobody decides their own case", where=where)
    if move.kind != "told" and not (move.by and move.words.strip()):
        raise InputError("an answer and a decision need words", where=where, do="say why")
    heard = any(m.kind == "answer" for m in case.moves)
    if move.kind == "stand" and not (heard or (told and move.when_ns >= told[0] + HEARING_NS)):
        raise InputError(
            "the accused has not been heard",
            where=where,
            do="show them the signals, and wait for an answer or seven days",
        )
    return msgspec.structs.replace(case, moves=(*case.moves, move))
