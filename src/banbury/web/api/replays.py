"""Replays by the API: make an episode's actions again, and prove that all comes out the same."""

from __future__ import annotations

import msgspec
from litestar import post
from litestar.params import FromPath, FromQuery

from banbury import arena
from banbury.arena.replay import Difference
from banbury.charts.svg import shown
from banbury.web.context import TheLab
from banbury.web.guard import may
from banbury.web.views.steps import decoded, lines

_START = may("start", "jobs")
_ONE = "/api/labs/{lab_name:str}/episodes/{episode:str}"
_LIMITS = arena.Limits(seconds=120)


class Replayed(msgspec.Struct, frozen=True):
    """What a replay showed.

    Attributes:
        same: whether every step and the judgement came out the same, byte for byte.
        said: the same in words.
        episode: id of the replay, which is kept.
        steps: steps compared.
        difference: the first, None if there is none.
        judge_changed: the judge's code is another than when the episode was judged.
    """

    same: bool
    said: str
    episode: str
    steps: int
    difference: Difference | None
    judge_changed: bool


class WorldShown(msgspec.Struct, frozen=True):
    """The state of the world after a step: as the gym's JSON, and readable."""

    step: int
    state: str
    text: str


@post(_ONE + "/replay", opt=_START, status_code=200, sync_to_thread=True)
def replay(lab: TheLab, episode: FromPath[str]) -> Replayed:
    """Make the actions of an episode again and say whether all came out the same."""
    found = arena.replay(lab, episode, limits=_LIMITS)
    return Replayed(
        found.same, _said(found), found.episode, found.steps, found.difference, found.judge_changed
    )


@post(_ONE + "/world", opt=_START, status_code=200, sync_to_thread=True)
def world(lab: TheLab, episode: FromPath[str], step: FromQuery[int] = 0) -> WorldShown:
    """Return the state of an episode's world after a step, by making its actions again."""
    found = arena.world(lab, episode, step)
    value, readable = decoded(found.state.encode())
    text = "\n".join(lines(value)) if found.state and readable else found.state
    return WorldShown(
        found.step, found.state, shown(text, 100_000) or "This gym shows no state of its world."
    )


def _said(found: arena.Replay) -> str:
    if (difference := found.difference) is None:
        judged = "" if found.score is None else f", and the judge said {found.score:.2f} again"
        said = f"Reproduced: {found.steps} steps came out the same, byte for byte{judged}."
    else:
        at = "" if difference.seq is None else f" at step {difference.seq}"
        said = (
            f"Not reproduced: the {difference.what} differs{at}. Before: "
            f"{shown(difference.before, 300)} Now: {shown(difference.now, 300)}"
        )
    changed = " The judge's code has changed since." if found.judge_changed else ""
    return said + changed


routes = (replay, world)
