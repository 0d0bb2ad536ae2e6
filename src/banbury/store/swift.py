"""Swift: a journal's usual calls on an event loop, each one round trip that commits."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from banbury import clock
from banbury.episode import Episode, Judgement, Step
from banbury.store import boxes, orders, rows, wire
from banbury.store.database import Database
from banbury.store.journal import Ending, Journal, boxed
from banbury.store.line import Line, lent


class Swift:
    """What `Lab.journal` and `Journal` do, quickly or not at all.

    Each call says whether it is done. Where it is not, for want of an idle connection, after a
    lost one, or because the store holds what was not expected there, the same call of the journal
    must be made; it does the work or tells what is wrong, whether or not this one had its effect.

    Got from `Lab.swift`, for one open episode; one call at a time, all on one event loop.
    """

    def __init__(self, database: Database, lab: str) -> None:
        self._database = database
        self._lab = lab
        self._held: Line | None = None

    async def open(self, episode: Episode) -> Journal | None:
        """Open a new episode; None where that was not done."""
        line = self._line()
        if line is None or episode.status != "open" or episode.segments or episode.lab != self._lab:
            return None
        episode = boxes.owned(episode, self._database.keyring)
        if await line.run(orders.opening(rows.row_of(episode))) != 1:
            return None
        return Journal(self._database, self._lab, episode, ())

    async def extend(self, journal: Journal, steps: Sequence[Step]) -> bool:
        """Keep the next steps of a journal, durably; return whether that was done.

        Raises:
            InputError: a step is not the next one, or cannot be kept.
        """
        fresh = journal.fresh(steps)
        line = self._line()
        if not fresh or line is None:
            return not fresh
        id = wire.id_bytes(journal.episode.id, "episode")
        keys, episode = self._database.keyring, journal.episode
        encoded = [(step.seq, wire.encode_step(step, episode, keys)) for step in fresh]
        if await line.run(orders.extension(id, encoded)) != len(fresh):
            return False
        journal.took(fresh)
        return True

    async def close(
        self,
        journal: Journal,
        steps: Sequence[Step],
        ending: Ending,
        judgements: Sequence[Judgement],
    ) -> bool:
        """Keep the last steps of a journal and seal it; return whether that was done.

        Raises:
            InputError: a step is not the next one, or cannot be kept.
        """
        fresh = journal.fresh(steps)
        kept = len(journal.steps)
        line, then = self._line(), journal.episode
        whole = 0 < kept + len(fresh) <= wire.SEGMENT_STEPS and not then.segments
        if line is None or not whole or len(judgements) > 1:
            return False
        keys = self._database.keyring
        [body] = wire.sealed((*journal.steps, *fresh), then.body_key, keys)
        closed = msgspec.structs.replace(ending.of(then), segments=(body[0],))
        both = orders.closing(
            closed,
            wire.encode_header(then)[1],
            kept,
            body,
            (boxed(closed), clock.wall_ns()),
            next((wire.judgement_row(j, then.body_key, keys) for j in judgements), None),
        )
        if await line.run(*both) != 1:
            return False
        journal.took(fresh)
        journal.episode = closed
        return True

    def release(self) -> None:
        """Give back the connection."""
        if self._held is not None:
            self._held.close()
            self._held = None

    def _line(self) -> Line | None:
        if self._held is not None and self._held.lost:
            self.release()
        if self._held is None:
            self._held = lent(self._database)
        return self._held
