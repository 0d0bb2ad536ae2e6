"""Up to three tries at an interview, none with an item that the person has seen."""

from __future__ import annotations

from collections.abc import Sequence

from banbury.errors import InputError
from banbury.people.ability.belief import Measured, unshrunk
from banbury.statistics.response.ability import Estimate

MOST = 3


def next_try(done: int) -> int:
    """Return the number of the next try, from 1, after so many that began.

    A try counts from its first item on, since that is when items have been seen.

    Raises:
        InputError: all three are used, or the number cannot be.
    """
    if done < 0:
        raise InputError(f"{done} tries", where="next_try")
    if done >= MOST:
        raise InputError(
            f"all {MOST} tries at this interview are used",
            do="appeal to a person, who may grade the answers again",
        )
    return done + 1


def evidence(tries: Sequence[tuple[Estimate, int, str]]) -> list[Measured]:
    """Return what finished tries say about the skill: all of them count, none is picked.

    To count only the best would pay for luck; so another try adds to what is known, and whoever
    learnt in between is believed as the older ones fade.

    Args:
        tries: (estimate, wall clock in ns, episode's id) of each.

    Raises:
        InputError: there are more than three, or one measured nothing.
    """
    if len(tries) > MOST:
        raise InputError(f"{len(tries)} tries", where="evidence", do=f"give at most {MOST}")
    return [
        Measured("interview", *unshrunk(held.mean, held.error), at, episode)
        for held, at, episode in tries
    ]
