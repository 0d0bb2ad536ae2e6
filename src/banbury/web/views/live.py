"""A live seat: a task that a person does step by step, each step stored before it is acted on."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from banbury.accounts.caller import Caller
from banbury.arena.answering import agreement_of
from banbury.arena.live import How, Place, View
from banbury.episode import GYM, Actor, RunKey
from banbury.errors import InputError
from banbury.gyms import registry
from banbury.gyms.contract import Action
from banbury.store import Lab
from banbury.web.views import filmed, held, uploads
from banbury.web.views import seat as view


class Exchanged(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the person was shown, and what they did then; no action while they think."""

    observations: tuple[held.Seen, ...]
    action: Any = None


class Done(msgspec.Struct, frozen=True):
    """An action.

    Attributes:
        number: of the action that the page expects to do, from 0.
        action: one of the gym's actions.
        evidence: how it was worked at, since the action before.
    """

    number: int
    action: dict[str, Any]
    evidence: held.Counted = held.Counted()


class Scene(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a live seat stands.

    Attributes:
        number: of the action that is expected next.
        since: number of the first exchange here.
        exchanges: what was shown and done.
        how: `new`, `again` or `stale`, of an action; "" where none was made.
        over: "" while it goes on, else `done` or `failed`: the gym's doing, the task went back.
        why: why it failed.
    """

    number: int
    since: int
    exchanges: tuple[Exchanged, ...]
    how: How | Literal[""] = ""
    over: str = ""
    why: str = ""


def place(lab: Lab, caller: Caller, id: str) -> Place:
    """Return what is needed to open a live seat.

    What is done after the lease has expired is kept, and its end counts as late.

    Raises:
        UnknownName: the lease is not the caller's.
        InputError: it is not held any more.
    """
    lease = view.own(lab, caller, id)
    if lease.state not in ("active", "expired"):
        raise InputError(f"this task is {lease.state}", where=f"lease {id}", do="take another one")
    problem = uploads.own_files(lab, lease.person, lab.problem(lease.task))
    filmed.checked(lab, lease, problem)
    gym = registry.gym(problem.task.gym)
    run = f"campaign:{lease.campaign}"
    return Place(id, lab, gym, problem, run, lease.person, lease.attempt, lease.taken_ns)


def finished(lab: Lab, caller: Caller, id: str, done: Done) -> Scene | None:
    """Return the end of a task for whoever sends its last action again; None for anything else.

    The acknowledgement of an action that ends a task may be lost with the server; what was done is
    kept by then.

    Raises:
        UnknownName: the lease is not the caller's.
        InputError: this is none of the gym's actions.
    """
    lease = view.own(lab, caller, id)
    if lease.state != "done" or not lease.episode:
        return None
    record = lab.read(lease.episode)
    made = [s.payload for s in record.actions() if s.actor != GYM]
    gym = registry.gym(record.episode.gym)
    move = view.fitting(gym, done.action)
    if done.number != len(made) - 1 or msgspec.json.decode(made[-1], type=gym.actions) != move:
        return None
    return Scene(len(made), len(made), (), "again", "done")


def settled(there: Place, shown: View, since: int, how: How | Literal[""]) -> Scene:
    """Return a view as the page gets it; an episode that is over ends its lease.

    Raises:
        UnknownName: the lab or the lease is gone.
    """
    over, why = shown.over, shown.why
    if over:
        key = RunKey(there.run, there.problem.task.id, _actors(there), there.attempt)
        episode = shown.episode or there.lab.at(key) or ""
        if episode:
            there.lab.queue.close_live(there.id, episode, agree=agreement_of(there.gym))
        over = "failed" if shown.over == "failed" else "done"
    seen = tuple(
        Exchanged(
            tuple(view.seen(there.lab, there.id, o) for o in one.observations), plain(one.action)
        )
        for one in shown.exchanges
    )
    return Scene(shown.number, max(since, 0), seen, how, over, why)


def _actors(there: Place) -> str:
    return "+".join([Actor("person", there.person).key] * len(there.gym.seats))


def plain(action: Action | None) -> Any:
    """Return an action as JSON has it."""
    return None if action is None else msgspec.to_builtins(action)
