"""What the server says, as structs; fields that a newer server adds are passed over."""

from __future__ import annotations

from typing import Any

import msgspec

from banbury.store.queue import Campaign, Progress


class Sight(msgspec.Struct, frozen=True):
    """A campaign, how far it is, and where its tasks are."""

    campaign: Campaign
    progress: Progress
    bands: dict[str, int]


class Work(msgspec.Struct, frozen=True):
    """A task that one holds.

    Attributes:
        id: of the lease.
        attempt: number of the answer that comes next.
        task: the public half: id, gym, skill, instruction, inputs; None where it is large, see
            `LabClient.work`.
        live: it is acted on step by step.
        observations: what one sees first.
        answer: the answer that was given before, if there was one.
        reasons: why it came back.
        seconds: until the lease runs out.
        trouble: why it cannot be shown.
    """

    id: str
    attempt: int = 0
    task: dict[str, Any] | None = None
    live: bool = False
    observations: tuple[dict[str, Any], ...] = ()
    answer: Any = None
    reasons: tuple[str, ...] = ()
    seconds: int = 0
    trouble: str = ""


class Taken(msgspec.Struct, frozen=True):
    """What one holds of a campaign, and why there is no more."""

    work: tuple[Work, ...] = ()
    why: str = ""
    hours: float | None = None


class Kept(msgspec.Struct, frozen=True):
    """What became of an answer or a review: `new`, `again`, `late` or `failed`."""

    how: str
    counts: bool
    episode: str
    why: str = ""


class Look(msgspec.Struct, frozen=True):
    """An answer, or several that differ, to decide about; see the API's schema for the rest.

    Attributes:
        id: of the lease.
        kind: `review` or `third`.
        task: the public half.
        answers: each with `episode` and `action`.
        reasons: what was said about them before.
    """

    id: str
    kind: str
    task: dict[str, Any]
    answers: list[dict[str, Any]]
    reasons: list[str] = []


class Brings(msgspec.Struct, frozen=True):
    """What an upload would bring to a campaign; see the API's schema for the rest.

    Attributes:
        upload: SHA-256 of what was sent, for `LabClient.fill`.
        file: its name.
        format: in which it is read.
        columns: of a table.
        labelled: the columns that would be shown to be labelled.
        known: the columns that hold known results, which nobody is shown.
        rows: the first ones, a shortened text a column.
        broken: why the first broken one of them cannot be taken, "" if all can.
    """

    upload: str
    file: str
    format: str
    columns: tuple[str, ...] = ()
    labelled: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    broken: str = ""
