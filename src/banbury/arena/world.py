"""The world at a step of a stored episode: its actions are made again, up to there."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import msgspec

from banbury import clock
from banbury.arena.ask import told
from banbury.arena.replay import repeatable
from banbury.episode import GYM, Record, Step
from banbury.errors import BanburyError, DeadlineError, GymError, InputError
from banbury.gyms import registry
from banbury.gyms.contract import Environment, Gym
from banbury.store import Lab

SECONDS = 20.0
"""Wall time for making the actions again."""


class World(msgspec.Struct, frozen=True):
    """The state of a world.

    Attributes:
        step: after which step.
        state: JSON of what the gym shows of it, "" where it shows nothing.
    """

    step: int
    state: str


def world(
    lab: Lab, id: str, step: int, *, gym: Gym | None = None, seconds: float = SECONDS
) -> World:
    """Return the state of an episode's world after a step.

    The gym is started as it was for the episode, and the recorded actions up to the step are made
    again; what a model was asked is told from the record. Nothing is stored.

    Args:
        lab: where the episode is.
        id: of the episode.
        step: seq of the last step that counts.
        gym: the gym; the registered one of its name if not given.
        seconds: wall time at most, looked at between two actions.

    Raises:
        UnknownName: the lab has no such episode or task, or the gym is not installed.
        InputError: there is no such step, or the episode cannot be made again; see `replay`.
        GymError: the gym raised.
        DeadlineError: it took too long.
    """
    record = lab.read(id)
    gym = gym or registry.gym(record.episode.gym)
    repeatable(record.episode, gym)
    if not 0 <= step < max(len(record.steps), 1):
        raise InputError(f"there is no step {step}", where=f"episode {id}")
    problem = lab.problem(record.episode.key.task)
    last = clock.mono_ns() + int(seconds * 1e9)
    try:
        environment = gym.start(problem, seed=record.episode.key.sample, ask=_told(record))
        try:
            environment.opening()
            for done in record.actions():
                if done.seq > step:
                    break
                _make(environment, gym, done)
                if clock.mono_ns() > last:
                    raise DeadlineError(
                        f"making the actions again took longer than {seconds:.0f} s",
                        where=f"episode {id}, step {done.seq}",
                    )
            return World(step, environment.evidence())
        finally:
            environment.close()
    except BanburyError:
        raise
    except Exception as error:
        raise GymError(f"it raised {error!r}", where=f"gym {gym.name!r}") from error


def _make(environment: Environment, gym: Gym, done: Step) -> None:
    if done.actor != GYM:
        environment.step(done.seat, msgspec.json.decode(done.payload, type=gym.actions))


def _told(record: Record) -> Callable[[str, str], str]:
    past = deque(told(record.steps))

    def ask(model: str, prompt: str) -> str:
        if not past or (past[0].model, past[0].prompt) != (model, prompt):
            raise GymError(f"the gym asks the model {model!r} what it did not ask")
        return past.popleft().answer

    return ask
