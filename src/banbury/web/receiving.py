"""Receiving: the bodies of uploads, block by block to the disk, however slowly they come.

A body that waits for its sender costs a coroutine and at most a block of memory, never a thread:
blocks are written, and brought to the disk, by a few threads that do nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TypeVar

from litestar.exceptions import InternalServerException

from banbury.errors import BanburyError, Occupied, TooOften
from banbury.store import Lab
from banbury.store.appending import Append, Checksum
from banbury.store.upload import Upload

T = TypeVar("T")
_log = logging.getLogger("banbury.web")

THREADS = 4
BLOCK = 1 << 20
"""Bytes that are held before they are written."""
COMMIT = 64 << 20
"""Bytes after which what came is brought to the disk and acknowledged, while more comes."""
COMMIT_S = 10.0
"""Seconds after which it is, however little came."""
FLUSH_S = 2.0
SILENT_S = 30.0
"""A body of which nothing comes for so long is ended; what came of it stays."""
STALLED_S = 5.0
"""Whoever comes back to an upload need not wait for a body of which nothing came for so long."""
AT_ONCE = 8
"""Bodies that one person may send at a time."""
FINISH_S = 2.0
"""How long the last piece's answer waits for the file to become a blob."""


class Body:
    """One body that is being received.

    Attributes:
        person: who sends it.
        last: when bytes came last, in seconds of the loop's clock.
    """

    def __init__(self, person: str) -> None:
        self.person = person
        self.last = time.monotonic()
        self.gone = asyncio.Event()
        self._limit: asyncio.Timeout | None = None

    async def blocks(self, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Yield what comes in blocks; it ends early where the sender goes or falls silent."""
        held: list[bytes] = []
        size, flushed = 0, self.last
        with suppress(InternalServerException, TimeoutError):
            while part := await self._next(parts):
                held.append(part)
                size += len(part)
                self.last = time.monotonic()
                if size >= BLOCK or self.last - flushed > FLUSH_S:
                    yield b"".join(held)
                    held, size, flushed = [], 0, self.last
        if held:
            yield b"".join(held)

    def end(self) -> None:
        """Wait for no more of this body."""
        if self._limit is not None:
            self._limit.reschedule(0.0)

    async def _next(self, parts: AsyncIterator[bytes]) -> bytes:
        async with asyncio.timeout(SILENT_S) as self._limit:
            try:
                return await anext(parts, b"")
            finally:
                self._limit = None


class Receiver:
    """All bodies of uploads that this process receives.

    Attributes:
        bodies: those that are coming at this moment, by id of the upload.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="banbury-upload")
        self._last = ThreadPoolExecutor(2, thread_name_prefix="banbury-adopt")
        self.bodies: dict[str, Body] = {}
        self._finishing: dict[str, asyncio.Future[Upload]] = {}

    def close(self) -> None:
        """Wait for what is being written."""
        self._pool.shutdown()
        self._last.shutdown(cancel_futures=True)

    async def receive(
        self,
        lab: Lab,
        upload: Upload,
        offset: int,
        checksum: Checksum | None,
        parts: AsyncIterator[bytes],
    ) -> Upload:
        """Append a body to an upload and return how it stands then.

        A body that ends early, or falls silent, leaves what came of it; with a checksum, nothing.

        Raises:
            BanburyError: what `Uploads.begin` and `Append` raise.
            TooOften: this person sends too many at once.
        """
        await self.free(upload.id)
        if upload.id in self.bodies:
            raise Occupied(
                "this upload is being written at this moment",
                do="wait until the other one has ended, then ask where to go on",
            )
        if sum(b.person == upload.person for b in self.bodies.values()) >= AT_ONCE:
            raise TooOften("you send too many files at once", seconds=5)
        body = self.bodies[upload.id] = Body(upload.person)
        try:
            append = await self._begun(lab, upload.id, offset, checksum)
            try:
                await self._taken(append, body, parts, checksum is not None)
            finally:
                after = await self._do(lab.uploads.end, upload.id, append)
        finally:
            del self.bodies[upload.id]
            body.gone.set()
        return await self.finished(lab, after) if after.state == "whole" else after

    async def free(self, id: str) -> None:
        """End a body of this upload of which nothing has come for a while."""
        body = self.bodies.get(id)
        if body is not None and time.monotonic() - body.last > STALLED_S:
            body.end()
            with suppress(TimeoutError):
                await asyncio.wait_for(body.gone.wait(), STALLED_S)

    async def finished(self, lab: Lab, upload: Upload) -> Upload:
        """Make a blob of an upload that is whole; return how it stands after a short while."""
        begun = self._finishing.get(upload.id)
        if begun is None:
            loop = asyncio.get_running_loop()
            begun = loop.run_in_executor(self._last, lab.uploads.finish, upload.id)
            self._finishing[upload.id] = begun
            begun.add_done_callback(partial(self._over, upload.id))
        try:
            return await asyncio.wait_for(asyncio.shield(begun), FINISH_S)
        except (TimeoutError, Occupied):
            return upload

    def _over(self, id: str, done: asyncio.Future[Upload]) -> None:
        self._finishing.pop(id, None)
        if not done.cancelled() and (error := done.exception()) is not None:
            _log.warning("the upload %s did not become a file of its lab: %s", id, error)

    async def _begun(self, lab: Lab, id: str, offset: int, checksum: Checksum | None) -> Append:
        loop = asyncio.get_running_loop()
        begun = loop.run_in_executor(self._pool, lab.uploads.begin, id, offset, checksum)
        try:
            return await asyncio.shield(begun)
        except asyncio.CancelledError:
            # Nobody would let it go any more.
            await asyncio.wait([begun])
            if begun.exception() is None:
                begun.result().close()
            raise

    async def _taken(
        self, append: Append, body: Body, parts: AsyncIterator[bytes], checked: bool
    ) -> None:
        """Write a body; acknowledge from time to time where no checksum is to come."""
        committed = body.last
        try:
            async for block in body.blocks(parts):
                await self._do(append.write, block)
                much = append.at - append.kept >= COMMIT
                if not checked and (much or body.last - committed > COMMIT_S):
                    await self._do(append.commit)
                    committed = body.last
        except BanburyError:
            raise
        except BaseException:
            if not checked:
                await self._do(append.commit)
            raise
        await self._do(append.commit)

    async def _do(self, work: Callable[..., T], *words: object) -> T:
        """Do something in a thread; who gives up waiting still waits until it has ended."""
        done = asyncio.get_running_loop().run_in_executor(self._pool, work, *words)
        try:
            return await asyncio.shield(done)
        except asyncio.CancelledError:
            await asyncio.wait([done])
            raise
