"""What a seat shows and takes: tasks that a person holds, answers, and what became of them."""

from __future__ import annotations

from typing import Any

import msgspec


class Counted(msgspec.Struct, frozen=True, omit_defaults=True):
    """How somebody worked, as their page counted it.

    Attributes:
        active_ms: milliseconds at work: within a minute of the last input, the page in view.
        wall_ms: milliseconds since the task was first shown, pauses included.
        keys: keys that were pressed, not which.
        pastes: characters of each paste.
        blurs: how often the page was left.
    """

    active_ms: int = 0
    wall_ms: int = 0
    keys: int = 0
    pastes: tuple[int, ...] = ()
    blurs: int = 0


class Media(msgspec.Struct, frozen=True):
    """A file to look at or listen to, and where the page finds it."""

    blob: dict[str, Any]
    track: str
    start: int
    end: int
    base_num: int
    base_den: int
    url: str


class Seen(msgspec.Struct, frozen=True, omit_defaults=True):
    """An observation as the page shows it."""

    text: str
    role: str = "user"
    data: str = ""
    media: tuple[Media, ...] = ()


class TaskShown(msgspec.Struct, frozen=True):
    """The public half of a task."""

    id: str
    gym: str
    skill: str
    instruction: str
    inputs: Any


class Proposed(msgspec.Struct, frozen=True):
    """What a model proposes: an action, to be checked."""

    model: str
    action: Any


class Work(msgspec.Struct, frozen=True, omit_defaults=True):
    """One task that a person holds.

    Attributes:
        id: of the lease.
        attempt: number of the answer that comes next.
        task: its public half; None where the page has it, or where it is too large to be sent
            before its turn.
        live: it is acted on step by step; else it is answered once.
        observations: what one sees first, where it is answered once.
        answer: the action that was given before, where it was taken back or returned.
        proposal: what a model says of it, where it is answered once.
        reasons: why a reviewer returned it.
        seconds: until the lease runs out.
        trouble: why it cannot be shown.
        before: what was done before, step by step, where the seat is to do it again.
    """

    id: str
    attempt: int
    task: TaskShown | None = None
    live: bool = False
    observations: tuple[Seen, ...] = ()
    answer: Any = None
    proposal: Proposed | None = None
    reasons: tuple[str, ...] = ()
    seconds: int = 0
    trouble: str = ""
    before: tuple[Any, ...] = ()


class Taken(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a person holds of a campaign, the one to do first.

    Attributes:
        work: as many as were asked for, if there are.
        why: why there is nothing more, "" where there may be.
        hours: hours of work that are left today, over all labs.
        at_work: the other lab in which they are at work, where that is why.
        paused: the skill in which their work is paused, where that is why.
    """

    work: tuple[Work, ...]
    why: str = ""
    hours: float | None = None
    at_work: str = ""
    paused: str = ""


class Said(msgspec.Struct, frozen=True):
    """An answer.

    Attributes:
        submission: made by the client; the same again changes nothing.
        action: one of the gym's actions.
        evidence: how it was worked at.
        proposed: a model's proposal was shown.
    """

    submission: str
    action: dict[str, Any]
    evidence: Counted = Counted()
    proposed: bool = False


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of an answer.

    Attributes:
        how: `new`; `again` where it had arrived before; `late`; `failed` where the gym could not
            take it, which is no fault of the person's: the task went back.
        counts: it has a place among the answers to the task.
        episode: which holds it.
        why: what the gym said, where it failed.
    """

    how: str
    counts: bool
    episode: str
    why: str = ""


class Done(msgspec.Struct, frozen=True):
    """A task that a person answered lately, and whether they may take it back."""

    lease: str
    task: str
    ended_ns: int
    undoable: bool


class Room(msgspec.Struct, frozen=True):
    """A campaign as its seat shows it."""

    name: str
    title: str
    instructions: str
    gym: str
    state: str
    settings: dict[str, Any]
    schema: dict[str, Any]
