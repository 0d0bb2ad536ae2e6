"""Actor and Seat: who acts, and where they sit."""

from __future__ import annotations

import functools
from typing import Literal

import msgspec

from banbury.episode.ids import digest

ActorKind = Literal["model", "person", "script"]


class Actor(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who acts.

    Attributes:
        kind: a model checkpoint, a person, or a script (reference solution, replay, fixed policy).
        name: stable name within the lab; for a person the lab's pseudonym, never the name.
        revision: what exactly acted: a checkpoint's hash, a script's version.
        settings: canonical JSON of what else changes the behaviour (sampling, few-shot examples).
    """

    kind: ActorKind
    name: str
    revision: str = ""
    settings: str = ""

    @property
    def key(self) -> str:
        """Return name and a short hash of everything else: who acted, for an idempotency key."""
        return f"{self.name}@{_mark(self.revision, self.settings)}"


@functools.lru_cache(maxsize=1024)
def _mark(revision: str, settings: str) -> str:
    return digest(revision.encode(), settings.encode())[:12]


class Seat(msgspec.Struct, frozen=True, omit_defaults=True):
    """A place at a gym and the indices into `Episode.actors` of those who sat there, in order.

    More than one sat there when an episode was taken over.
    """

    name: str
    actors: tuple[int, ...]
