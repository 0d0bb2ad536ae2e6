"""The model that grades open answers in the workbench: BANBURY_JUDGE, as for every verb."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

from banbury.arena import judges
from banbury.arena.ask import Answers, Models, Said
from banbury.episode import Task
from banbury.errors import BanburyError
from banbury.gyms.interview.environment import RESUME

JUDGE = "BANBURY_JUDGE"
PATIENCE_S = 20.0
"""How long a person waits for a model before people grade instead."""
_log = logging.getLogger("banbury.web")


class _Open:
    """The models of one event loop, while somebody asks them."""

    def __init__(self, words: dict[str, str]) -> None:
        self.stack = ExitStack()
        self.models = judges.opened(words, None, self.stack)
        self.busy = 0


class Judges:
    """The models of one process.

    Each event loop has its own, since their connections do; they are let go when nobody asks.
    """

    def __init__(self) -> None:
        self._words = judges.named(os.environ.get(JUDGE, "").split(), JUDGE)
        self._open: dict[asyncio.AbstractEventLoop, _Open] = {}

    def __bool__(self) -> bool:
        """Return whether a model is named."""
        return bool(self._words)

    @asynccontextmanager
    async def here(self) -> AsyncIterator[Models]:
        """Hand out the models of the running event loop."""
        loop = asyncio.get_running_loop()
        held = self._open.get(loop) or self._open.setdefault(loop, _Open(self._words))
        held.busy += 1
        try:
            yield held.models
        finally:
            held.busy -= 1
            if not held.busy:
                del self._open[loop]
                await held.models.close()
                held.stack.close()

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
                async with self._judges.here() as models:
                    return await models.answer(model, shown, task, sample)
        except (BanburyError, TimeoutError) as error:
            self._failed = True
            _log.warning("the model that grades interviews did not answer: %s", error)
            return Said("")
