"""The model that grades open answers in the workbench: BANBURY_JUDGE, as for every verb."""

from __future__ import annotations

import asyncio
import logging
import os
import weakref
from contextlib import ExitStack

from banbury.arena import judges
from banbury.arena.ask import Answers, Models, Said
from banbury.episode import Task
from banbury.errors import BanburyError
from banbury.gyms.interview.environment import RESUME

JUDGE = "BANBURY_JUDGE"
PATIENCE_S = 20.0
"""How long a person waits for a model before people grade instead."""
_log = logging.getLogger("banbury.web")


class Judges:
    """The models of one process; each event loop has its own, since their connections do."""

    def __init__(self) -> None:
        self._words = judges.named(os.environ.get(JUDGE, "").split(), JUDGE)
        self._models: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Models] = (
            weakref.WeakKeyDictionary()
        )
        self._stack = ExitStack()

    def __bool__(self) -> bool:
        """Return whether a model is named."""
        return bool(self._words)

    def here(self) -> Models:
        """Return the models of the running event loop."""
        loop = asyncio.get_running_loop()
        if loop not in self._models:
            self._models[loop] = judges.opened(self._words, None, self._stack)
        return self._models[loop]

    def interviewer(self, resume: str) -> Answers | None:
        """Return who asks and grades in one interview; None where no model is named."""
        return Interviewer(self, resume) if self else None


class Interviewer:
    """A model that an interview can do without: where it fails, it says nothing, and people grade.

    Args:
        judges: the models.
        resume: what the person wrote about themselves; it stands in no record.
    """

    def __init__(self, judges: Judges, resume: str) -> None:
        self._judges = judges
        self._resume = resume
        self._failed = False

    def in_line(self, model: str) -> bool:
        """Return False: a question that waits is given up before long."""
        return False

    async def answer(self, model: str, prompt: str, task: Task, sample: int) -> Said:
        """Return what the model answers, nothing where it does not in time."""
        if self._failed:
            return Said("")
        try:
            async with asyncio.timeout(PATIENCE_S):
                shown = prompt.replace(RESUME, self._resume)
                return await self._judges.here().answer(model, shown, task, sample)
        except (BanburyError, TimeoutError) as error:
            self._failed = True
            _log.warning("the model that grades interviews did not answer: %s", error)
            return Said("")
