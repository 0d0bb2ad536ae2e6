"""What is known of a repository and of a candidate: the rows, as they are read."""

from __future__ import annotations

from typing import Literal

import msgspec

Sort = Literal["fix", "planted"]
State = Literal["dropped", "waiting", "running", "task", "rejected", "failed"]
"""`dropped`: told apart by its history alone. `rejected`: its runs spoke against it. `failed`: this
machine failed it; it may be tried again."""
LEASE_S = 60.0
"""How long a worker may be silent before another one takes what it holds."""
TRIES = 5
"""How often a candidate is begun again whose worker died."""


class Repository(msgspec.Struct, frozen=True):
    """A repository that is mined.

    Attributes:
        id: number in this lab.
        url: path or address.
        name: a short name for people.
        state: `waiting`, `walking`, `walked`, or `failed` where it could not be read.
        kind: of the failure.
        reason: what is wrong with it, one sentence.
        remedy: what to do about it.
        asked: what the last walk was asked for.
        head: commit that it ended at.
        licence: SPDX id of the licence at `head`.
        units: changes that it went through.
        cpu_s: CPU seconds of the walk.
    """

    id: int
    url: str
    name: str
    state: Literal["waiting", "walking", "walked", "failed"]
    kind: str
    reason: str
    remedy: str
    asked: str
    head: str
    licence: str
    units: int
    cpu_s: float


class Found(msgspec.Struct, frozen=True):
    """A change as a walk found it; with a `kind` it is dropped, for this `reason`."""

    revision: str
    base: str
    committed: int
    subject: str
    kind: str = ""
    reason: str = ""
    remedy: str = ""
    sort: Sort = "fix"


class Candidate(msgspec.Struct, frozen=True):
    """A change of a repository that may become tasks.

    Attributes:
        id: number in this lab.
        repository: number of its repository.
        url: of the repository.
        name: of the repository.
        sort: `fix`, a bug that somebody fixed; `planted`, bugs planted at this revision.
        revision: the commit.
        base: the commit before it.
        committed: when, seconds since 1970.
        subject: first line of its message.
        state: see `State`.
        kind: in one or two words why it was dropped, rejected or failed.
        reason: the same as one sentence.
        remedy: what a user can do about it.
        tasks: ids of the tasks that it became.
        cpu_s: CPU seconds of the work behind its verdict, less what neighbours had done.
        wall_s: seconds that the last attempt took.
        body: JSON of the whole account.
        attempt: how often it was begun.
    """

    id: int
    repository: int
    url: str
    name: str
    sort: Sort
    revision: str
    base: str
    committed: int
    subject: str
    state: State
    kind: str
    reason: str
    remedy: str
    tasks: list[str]
    cpu_s: float
    wall_s: float
    body: bytes
    attempt: int

    @property
    def label(self) -> str:
        """Return a short name for people, such as `click@1a2b3c4d5e`."""
        return f"{self.name}@{self.revision[:10]}"


class Count(msgspec.Struct, frozen=True):
    """How many candidates of a sort stand so, for the same kind of reason."""

    sort: Sort
    state: State
    kind: str
    candidates: int
    tasks: int
    cpu_s: float


FOREVER = (-(1 << 62), (1 << 62))
"""A range of times that leaves nothing out."""
