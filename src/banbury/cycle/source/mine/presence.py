"""Presence: a process's name, held by a lock on a file, so that others know when it is dead."""

from __future__ import annotations

import fcntl
import os
import secrets
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from banbury.store.mining import Mining


class Presence:
    """Tells other processes of this machine that this one lives; frees what dead ones held.

    Leases tell the same to other machines, later.

    Args:
        folder: where the files lie.
        mining: where what the dead held is freed.
    """

    def __init__(self, folder: Path, mining: Mining) -> None:
        self._folder, self._mining = folder, mining
        self.name = secrets.token_hex(8)

    def __enter__(self) -> str:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._bury()
        self._held = os.open(self._folder / self.name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._held, fcntl.LOCK_EX)
        return self.name

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._mining.leave(self.name)
        (self._folder / self.name).unlink(missing_ok=True)
        os.close(self._held)

    def _bury(self) -> None:
        """Free what processes hold of which nobody has the lock any more."""
        for place in self._folder.iterdir():
            with suppress(OSError):
                file = os.open(place, os.O_RDWR | os.O_CLOEXEC)
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self._mining.leave(place.name)
                    place.unlink(missing_ok=True)
                finally:
                    os.close(file)
