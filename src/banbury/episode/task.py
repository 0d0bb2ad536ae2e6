"""Task and Secret: what an actor may see of a piece of work, and what only its judge may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from banbury.episode.ids import canonical, digest
from banbury.episode.lineage import Origin
from banbury.episode.source import Source
from banbury.episode.span import NO_KEY, Span

UNSTATED = "LicenseRef-unstated"
"""Licence of content of which nobody has said under which it may be used."""
Split = Literal["open", "probe", "train", "reserved"]
"""`probe`: diagnosis only. `train`: may be handed out. `reserved`: re-probe only, enforced by the
store. `open`: not assigned yet."""


class SkillWeight(msgspec.Struct, frozen=True, array_like=True):
    """A skill (dotted path) and how much of the task it is, in (0, 1]."""

    skill: str
    weight: float = 1.0


class Public(msgspec.Struct, frozen=True, omit_defaults=True):
    """The half of a task that actors and pages may see.

    Attributes:
        instruction: what to do, in words.
        inputs: raw JSON of whatever else the gym shows.
        media: blobs to look at or listen to.
        phrasing: id of the wording, so that unseen wordings can be held back.
    """

    instruction: str
    inputs: str = "{}"
    media: tuple[Span, ...] = ()
    phrasing: str = ""

    @property
    def text_hash(self) -> bytes:
        """Return a hash of the instruction but for case and white space, and of the inputs."""
        said = " ".join(self.instruction.lower().split()).encode()
        shown = [] if self.inputs == "{}" else [self.inputs.encode()]
        return bytes.fromhex(digest(said, *shown))


class Task(msgspec.Struct, frozen=True, omit_defaults=True):
    """One piece of work in a gym, without its answer.

    Attributes:
        id: hash of gym, family version and parameters (`identity`).
        gym: name of the gym.
        family: name of the family within the gym.
        version: version of the family; part of the identity.
        params: canonical JSON of the parameters that make the task again.
        public: what actors may see.
        skills: skills with weights, the heaviest first.
        taxonomy: version of the taxonomy in which the skills are named; gyms name them in 0.
        split: see `Split`.
        licence: SPDX id of the content's licence.
        consent: id of the consent under which it may be used, "" if no person is concerned.
        origin: where it came from.
        key: id of the encryption key of its content.
    """

    id: str
    gym: str
    family: str
    version: str
    params: str
    public: Public
    skills: tuple[SkillWeight, ...]
    taxonomy: str = "0"
    split: Split = "open"
    licence: str = "Apache-2.0"
    consent: str = ""
    origin: Origin = Origin("generated")
    key: str = NO_KEY

    @property
    def skill(self) -> str:
        """Return the heaviest skill."""
        return self.skills[0].skill


class Secret(msgspec.Struct, frozen=True, omit_defaults=True):
    """The half of a task that only the judge and the reference solution may see.

    Attributes:
        task: id of the task.
        answer: raw JSON of the gold answer or whatever the judge needs.
        solution: raw JSON of the reference solution, "" if the gym computes it.
        key: id of the encryption key.
    """

    task: str
    answer: str
    solution: str = ""
    key: str = NO_KEY


class Problem(msgspec.Struct, frozen=True, eq=False):
    """A task with its secret: only between store, gym and judge; nothing serialises it.

    Attributes:
        task: the public half.
        secret: the judge's half.
        read: returns the bytes of a blob that the task names, by hash; None where nobody can.
        place: returns a blob of the lab, by hash, to be opened and sought in: for files too large
            to be read into memory; nobody may change it. It raises `Forbidden` for a file that
            whoever acts may not use. None where nobody can.
    """

    task: Task
    secret: Secret
    read: Callable[[str], bytes] | None = None
    place: Callable[[str], Source] | None = None

    def __eq__(self, other: object) -> bool:
        """Return whether task and secret are the same, whoever reads their blobs."""
        if not isinstance(other, Problem):
            return NotImplemented
        return (self.task, self.secret) == (other.task, other.secret)

    def __hash__(self) -> int:
        """Return a hash of the task and its secret."""
        return hash((self.task, self.secret))


def identity(gym: str, family: str, version: str, params: object) -> str:
    """Return the id of a task: the hash of gym, family, family version and parameters."""
    return digest(gym.encode(), family.encode(), version.encode(), canonical(params))
