"""The writer of a run: gathers finished episodes into batches for the store."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial

from banbury.arena.driver import to_its_end
from banbury.episode import Judgement, Record
from banbury.store import Lab

BATCH = 1_000
BATCH_BYTES = 64 << 20
FLUSH_S = 2.0
"""A batch is written when it is full, this heavy or this old: no more is played again."""


class Writer:
    """Gathers sealed episodes into batches; a slow store holds the players back.

    Args:
        lab: where to write.
    """

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._records: list[Record] = []
        self._verdicts: list[Judgement] = []
        self._bytes = 0
        self._lock = asyncio.Lock()
        self._broken = False

    async def put(self, record: Record, verdict: Judgement | None) -> None:
        """Take an episode.

        Raises:
            StoreError: the store cannot take a batch; those written before are kept.
        """
        self._records.append(record)
        if verdict is not None:
            self._verdicts.append(verdict)
        self._bytes += sum(len(step.payload) for step in record.steps)
        if len(self._records) >= BATCH or self._bytes >= BATCH_BYTES:
            await self.flush()

    async def keep(self, over: asyncio.Event) -> None:
        """Write what there is every `FLUSH_S` seconds and once it is over; raises as `put` does."""
        while not over.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(FLUSH_S):
                    await over.wait()
            await self.flush()

    async def flush(self) -> None:
        """Write what there is, unless the store has failed before; raises as `put` does."""
        async with self._lock:
            records, self._records = self._records, []
            verdicts, self._verdicts = self._verdicts, []
            self._bytes = 0
            if not records or self._broken:
                return
            try:
                await to_its_end(partial(self._lab.write, records, verdicts))
            except Exception:
                self._broken = True
                raise
