"""Tasks of anybody's gym, drawn so that what its code raises is one clear error."""

from __future__ import annotations

import traceback
from collections.abc import Iterator

from banbury.episode import Problem
from banbury.errors import BanburyError, GymError
from banbury.gyms.contract import Gym, Phrasing


def drawn(
    gym: Gym,
    skill: str,
    *,
    seed: int,
    difficulty: str | None = None,
    phrasing: Phrasing = "seen",
) -> Iterator[Problem]:
    """Yield what `gym.tasks` yields.

    Raises:
        GymError: the gym raised something that is no error of Banbury's; the line is named.
        UnknownName: the gym has no such skill or difficulty.
    """
    try:
        yield from gym.tasks(skill, seed=seed, difficulty=difficulty, phrasing=phrasing)
    except BanburyError:
        raise
    except Exception as error:
        raise GymError(
            f"gym {gym.name!r} raised {error!r} while it made tasks of {skill}",
            where=place(error),
            do=f"mend it; `banbury gym check {gym.name}` tries all of its parts",
        ) from error


def place(error: BaseException) -> str:
    """Return file and line at which an error was raised, "" if it was not raised by code."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}, line {frames[-1].lineno}" if frames else ""
