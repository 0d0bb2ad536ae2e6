"""Tasks as a person sees them: the public half, what came of it, where it comes from."""

from __future__ import annotations

from typing import get_args
from urllib.parse import urlencode

import msgspec
from litestar.params import FromQuery

from banbury.episode import Split, Task
from banbury.errors import InputError
from banbury.store import Lab
from banbury.web.views.briefs import briefs
from banbury.web.views.episodes import EpisodeLine, by_form, line
from banbury.web.views.steps import CUT, Media, Part, cut, decoded, fields, media_of

PAGE = 50


class AskedTasks(msgspec.Struct, frozen=True):
    """Which tasks a list shows; what is empty does not matter.

    Attributes:
        gym: name of the gym.
        skill: a name, or `office.*` for all below.
        split: open, probe, train or reserved.
        origin: kind of the origin, or a part of its source.
        after: `next` of the page before.
    """

    gym: str = ""
    skill: str = ""
    split: str = ""
    origin: str = ""
    after: str = ""

    def query(self, **changed: str) -> str:
        """Return it as the query of an address, with some of it changed."""
        said = {**msgspec.structs.asdict(self), "after": "", **changed}
        return urlencode({key: value for key, value in said.items() if value})


def asked_tasks(
    gym: FromQuery[str] = "",
    skill: FromQuery[str] = "",
    split: FromQuery[str] = "",
    origin: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> AskedTasks:
    """Return what a request's query asks for."""
    return AskedTasks(gym.strip(), skill.strip(), split, origin.strip(), after)


class TaskLine(msgspec.Struct, frozen=True):
    """One task of a list; `brief` is the beginning of its item, or of what it says."""

    id: str
    gym: str
    skill: str
    split: str
    origin: str
    brief: str


class TaskList(msgspec.Struct, frozen=True):
    """A page of a list of tasks; see `EpisodeList` for `next` and `looked`."""

    rows: tuple[TaskLine, ...]
    next: str | None
    looked: bool


class ActorRate(msgspec.Struct, frozen=True):
    """How often one actor passed a task."""

    actor: str
    episodes: int
    judged: int
    passed: int


class TaskView(msgspec.Struct, frozen=True):
    """A task: what those who do it see, and what came of it; never what only its judge may see.

    Attributes:
        id: hash of gym, family, version and parameters.
        gym: name of the gym.
        family: within the gym.
        version: of the family.
        split: open, probe, train or reserved.
        skills: names with weights, the heaviest first.
        instruction: what to do.
        inputs: whatever else the gym shows.
        media: files to look at or listen to.
        licence: SPDX id.
        consent: id of the consent, "" if no person is concerned.
        origin: kind, source and revision.
        parents: ids of the tasks or episodes that it was made from.
        rates: by actor.
        episodes: the newest ones.
        more: whether there are others.
    """

    id: str
    gym: str
    family: str
    version: str
    split: str
    skills: tuple[tuple[str, float], ...]
    instruction: Part
    inputs: tuple[Part, ...]
    media: tuple[Media, ...]
    licence: str
    consent: str
    origin: tuple[str, str, str]
    parents: tuple[str, ...]
    rates: tuple[ActorRate, ...]
    episodes: tuple[EpisodeLine, ...]
    more: bool


def listing(lab: Lab, what: AskedTasks, limit: int = PAGE) -> TaskList:
    """Return a page of a list.

    Raises:
        InputError: what is asked cannot be.
    """
    if what.split and what.split not in get_args(Split):
        raise InputError(f"there is no split {what.split[:40]!r}", do="use open, probe or train")
    if what.after and not (what.after.isascii() and what.after.isdigit() and len(what.after) < 19):
        raise InputError(f"{what.after[:40]!r} is no place in the list", do="leave `after` out")
    skill = what.skill
    if skill.endswith("*"):
        skill = skill.rstrip("*").rstrip(".") + ".*" if skill.strip("*.") else ""
    found = lab.pages.tasks(
        limit=limit,
        after=int(what.after) if what.after else None,
        gym=what.gym or None,
        skill=skill or None,
        split=what.split or None,  # type: ignore[arg-type]
        origin=what.origin or None,
    )
    next = None if found.next is None else str(found.next)
    words = briefs(lab, found.tasks)
    return TaskList(tuple(_line(t, words[t.id]) for t in found.tasks), next, found.looked)


def task(lab: Lab, id: str) -> TaskView:
    """Return one task.

    Raises:
        UnknownName: the lab has none of this id.
    """
    found = lab.task(id)
    public = found.public
    value, readable = decoded(public.inputs.encode("utf-8", "replace"))
    inputs = fields(value) if readable and isinstance(value, dict) else [Part(public.inputs)]
    page = lab.pages.episodes(task=id, limit=20)
    form = by_form(lab, page.rows)
    rates = tuple(
        ActorRate(r.of[0], r.episodes, r.judged, r.passed)
        for r in lab.rates(by=("actor",), task=id)
    )
    origin = found.origin
    return TaskView(
        found.id,
        found.gym,
        found.family,
        found.version,
        found.split,
        tuple((s.skill, s.weight) for s in found.skills),
        cut(Part(public.instruction), 50_000),
        tuple(cut(part, CUT) for part in inputs),
        media_of(public.media),
        found.licence,
        found.consent,
        (origin.kind, origin.source, origin.revision),
        origin.parents,
        rates,
        tuple(line(r, form=r.episode.id in form) for r in page.rows),
        page.next is not None,
    )


def _line(found: Task, brief: str) -> TaskLine:
    origin = " ".join(p for p in (found.origin.kind, found.origin.source) if p)
    return TaskLine(found.id, found.gym, found.skill, found.split, origin, brief)
