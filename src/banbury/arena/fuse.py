"""The fuse of a run: what fails over and over is not asked any more, and the rest goes on."""

from __future__ import annotations

from collections.abc import Iterable

from banbury.episode import Failure
from banbury.errors import ActorError, BanburyError, DeadlineError, GymError, Interrupted

FUSE = 64
"""So many failures in a row, with no judgement between them, and its other episodes are left."""

_BOUNDARIES: dict[str, type[BanburyError]] = {
    error.__name__: error for error in (ActorError, GymError, DeadlineError, Interrupted)
}


def error_of(boundary: str, what: str, *, where: str, do: str) -> BanburyError:
    """Return the error that a failure's boundary names."""
    return _BOUNDARIES.get(boundary, ActorError)(what, where=where, do=do)


class Fuse:
    """Counts failures in a row by who is to blame: an actor, or a gym."""

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}

    def blown(self, gym: str, actor: str) -> bool:
        """Return whether one of the two has failed too often in a row."""
        return bool(self._rows) and any(
            self._rows.get(name, 0) >= FUSE for name in (f"gym {gym}", f"actor {actor}")
        )

    def count(self, gym: str, actor: str, failure: Failure | None) -> None:
        """Count an episode. A deadline may be anybody's, so it counts against the gym alone."""
        if failure is None:
            if self._rows:
                self._forgive((f"gym {gym}", f"actor {actor}"))
            return
        name = f"actor {actor}" if failure.boundary == ActorError.__name__ else f"gym {gym}"
        self._rows[name] = self._rows.get(name, 0) + 1

    def _forgive(self, names: Iterable[str]) -> None:
        for name in names:
            self._rows.pop(name, None)
