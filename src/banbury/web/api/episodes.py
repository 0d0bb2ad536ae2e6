"""Episodes by the API: lists, one episode, its steps, a search in it."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery

from banbury.web.context import Asking, Mine, TheLab
from banbury.web.guard import may
from banbury.web.views import episode as one
from banbury.web.views import episodes as many
from banbury.web.views.difference import Difference
from banbury.web.views.difference import difference as compare
from banbury.web.views.leaving import read_by
from banbury.web.views.steps import StepView

_SEE = may("see", "episodes")
_LAB = "/api/labs/{lab_name:str}/episodes"
_ONE = _LAB + "/{episode:str}"
_ASKED = {"asked": Provide(many.asked, sync_to_thread=False)}


class Steps(msgspec.Struct, frozen=True):
    """A stretch of an episode's steps, and how many there are in all."""

    steps: tuple[StepView, ...]
    total: int


@get(_LAB, opt=_SEE, dependencies=_ASKED, sync_to_thread=True)
def listed(
    lab: TheLab, asked: NamedDependency[many.Asked], caller: Asking, mine: Mine
) -> many.EpisodeList:
    """List episodes, the newest first, a page at a time; `after` goes on."""
    return many.listing(lab, asked, caller, mine)


@get(_ONE, opt=_SEE, sync_to_thread=True)
def read(lab: TheLab, episode: FromPath[str], caller: Asking, mine: Mine) -> one.EpisodeView:
    """Return an episode without its steps: who, what, judgements, reviews, parents, children."""
    found = one.episode(lab, episode, caller, mine)
    read_by(caller, lab, [episode])
    return found


@get(_ONE + "/steps", opt=_SEE, sync_to_thread=True)
def steps(
    lab: TheLab,
    episode: FromPath[str],
    caller: Asking,
    mine: Mine,
    first: FromQuery[int] = 0,
    count: FromQuery[int] = one.SIZE,
) -> Steps:
    """Return the steps from `first` on, at most 500, with long texts cut."""
    found = one.may_see(lab, episode, caller, mine)
    read_by(caller, lab, [found.id])
    return Steps(one.stretch(lab, found, first, max(count, 0)), one.outline(lab, found).total)


@get(_ONE + "/steps/{seq:str}", opt=_SEE, sync_to_thread=True)
def step(
    lab: TheLab, episode: FromPath[str], seq: FromPath[str], caller: Asking, mine: Mine
) -> StepView:
    """Return one step, whole."""
    held = one.may_see(lab, episode, caller, mine)
    read_by(caller, lab, [held.id])
    return one.one(lab, held, one.number(seq))


@get(_ONE + "/steps/{seq:str}/raw", opt=_SEE, sync_to_thread=True)
def raw(
    lab: TheLab, episode: FromPath[str], seq: FromPath[str], caller: Asking, mine: Mine
) -> Response[bytes]:
    """Return one step's payload as it is stored."""
    held = one.may_see(lab, episode, caller, mine)
    read_by(caller, lab, [held.id])
    found = one.raw(lab, held, one.number(seq))
    return Response(found.payload, media_type="text/plain; charset=utf-8")


@get(_ONE + "/find", opt=_SEE, sync_to_thread=True)
def find(
    lab: TheLab, episode: FromPath[str], caller: Asking, mine: Mine, q: FromQuery[str] = ""
) -> one.Found:
    """Return the steps of an episode that hold some words."""
    held = one.may_see(lab, episode, caller, mine)
    read_by(caller, lab, [held.id])
    return one.find(lab, held, q)


@get(_ONE + "/difference/{other:str}", opt=_SEE, sync_to_thread=True)
def difference(
    lab: TheLab,
    episode: FromPath[str],
    other: FromPath[str],
    caller: Asking,
    mine: Mine,
    start: FromQuery[int] = 0,
) -> Difference:
    """Return how two episodes differ, step by step and word by word, from a row on."""
    found = compare(lab, episode, other, caller, mine, start)
    read_by(caller, lab, [episode, other])
    return found


routes: tuple[Any, ...] = (listed, read, steps, step, raw, find, difference)
