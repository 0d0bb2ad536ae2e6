"""A person as an actor: asked through a form, in a thread, so that the event loop goes on.

The form puts what the seat sees before the person and takes only what is an action: a slip of
the fingers is told at once and is no fault in the record.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from typing import Any, Protocol

from banbury.actors.aside import aside
from banbury.actors.policy import Left, Move
from banbury.episode import Actor, Task
from banbury.errors import GymError
from banbury.gyms.contract import Action, Observation

PERSON = "person"
"""The tag of an episode that a person did."""


class Broken(Exception):
    """Raised by a form whose person says that the task is broken; the text is the reason."""


class Form(Protocol):
    """How a person is asked."""

    def ask(self, task: Task, actions: Any, seen: Sequence[Observation]) -> Action:
        """Show what was seen and return what the person does; it may wait as long as it likes.

        Raises:
            Left: the person got up; `EOFError` counts as the same.
            Broken: the person says that the task is broken.
        """

    def remind(self, task: Task, actions: Any, seen: Sequence[Observation], did: Action) -> None:
        """Show what was seen and done before the episode was interrupted."""


class PersonPolicy:
    """A person at a form, one question at a time.

    Attributes:
        left: whether the person got up.
        reported: why tasks are broken, by their id, as the person says.
    """

    def __init__(self, pseudonym: str, form: Form) -> None:
        """Make the policy.

        Args:
            pseudonym: the lab's name for the person, never the real one.
            form: how the person is asked.
        """
        self.left = False
        self.reported: dict[str, str] = {}
        self._actor = Actor("person", pseudonym)
        self._form = form
        self._one = threading.Lock()

    @property
    def actor(self) -> Actor:
        """Return who this is."""
        return self._actor

    def sit(self, task: Task, seat: str, actions: Any, sample: int) -> _Seated:
        """Sit down at a task."""
        return _Seated(self, task, actions)

    async def close(self) -> None:
        """Hold nothing, release nothing."""

    def remind(self, task: Task, actions: Any, seen: Sequence[Observation], did: Action) -> None:
        """Let the form show what the person saw and did before."""
        self._form.remind(task, actions, seen, did)

    def ask(self, task: Task, actions: Any, seen: Sequence[Observation]) -> Action:
        """Ask the form; what the person says of task and seat is kept.

        Raises:
            Left: the person got up, now or before.
            GymError: the person says that the task is broken.
        """
        with self._one:
            if self.left:
                raise Left("the person got up")
            try:
                if task.id not in self.reported:
                    return self._form.ask(task, actions, seen)
            except (Left, EOFError):
                self.left = True
                raise Left("the person got up") from None
            except Broken as reason:
                self.reported[task.id] = str(reason)
            raise GymError(
                f"the person says that the task is broken: {self.reported[task.id]}",
                where=f"task {task.id}",
                do="look at the task",
            )


class _Seated:
    def __init__(self, policy: PersonPolicy, task: Task, actions: Any) -> None:
        self._policy = policy
        self._task = task
        self._actions = actions

    async def act(self, observations: Sequence[Observation]) -> Move:
        """Return what the person does.

        Raises:
            Left: the person got up.
            GymError: the person says that the task is broken.
        """
        asked = partial(self._policy.ask, self._task, self._actions, observations)
        return Move(await aside(asked, "banbury-person"))

    def recall(self, observations: Sequence[Observation], move: Move) -> None:
        """Remind the person of a move made before the episode was interrupted."""
        if move.action is not None:
            self._policy.remind(self._task, self._actions, observations, move.action)
