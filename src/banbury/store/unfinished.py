"""Unfinished: the files of uploads that are no blobs yet, in a folder beside the blobs."""

from __future__ import annotations

import os
import shutil
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from banbury.episode import NO_KEY
from banbury.errors import InputError, StoreFull, UnknownName
from banbury.store import streams
from banbury.store.blobs import synced
from banbury.store.embedded import writing
from banbury.store.keyring import Keyring, Stream
from banbury.store.upload import HOUR_NS, Upload, key_of

SPARE = 2 * 10**9
"""Bytes of the disk that uploads leave free: without space the database stops for all labs."""
_RUNNING = 256


class Unfinished:
    """The files of one lab's uploads, with the hashes so far of those that this process wrote.

    Args:
        blobs: folder of the lab's blobs.
        keyring: with the keys under which files are sealed.

    Attributes:
        folder: where they lie.
    """

    def __init__(self, blobs: Path, keyring: Keyring) -> None:
        self.folder = blobs / "uploads"
        self._blobs = blobs
        self._keyring = keyring
        self._running: OrderedDict[str, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def place(self, id: str) -> Path:
        """Return where an upload's file lies.

        Raises:
            InputError: the id is no UUID.
        """
        return self.folder / key_of(id)

    def make(self, id: str, key: str) -> None:
        """Make an upload's file, with nothing in it but what a sealed one begins with."""
        with writing(self._blobs):
            place = self.place(id)
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                if key != NO_KEY:
                    os.write(file, streams.new_head())
                    os.fsync(file)
            finally:
                os.close(file)
            synced(place.parent)

    def unlink(self, id: str) -> None:
        """Remove an upload's file, if it is there."""
        with suppress(FileNotFoundError):
            self.place(id).unlink()

    def seal(self, upload: Upload) -> Callable[[bytes], Stream] | None:
        """Return what makes the key stream of an upload's file, None where it is not sealed."""
        if upload.key == NO_KEY:
            return None
        place = self.place(upload.id)
        return lambda head: streams.stream_of(head, upload.key, self._keyring, place)

    def spare(self, size: int) -> None:
        """Let bytes pass that leave something of the disk free.

        Raises:
            StoreFull: they do not.
        """
        root = self._blobs
        free = shutil.disk_usage(root if root.exists() else root.parent.parent).free
        if free - size < SPARE:
            raise StoreFull(
                f"the disk has {max(free, 0) / 1e9:.1f} GB left for all, of which "
                f"{SPARE / 1e9:g} stay free: there is no room for this upload",
                do="tell the operator of this machine; what has come is kept for days",
            )

    def sweep(self, now: int, known: Callable[[str], bool]) -> None:
        """Remove files of which no row knows, of a process that was killed as it made one.

        Args:
            now: UTC nanoseconds; only what nobody wrote to for an hour goes.
            known: says of an id whether there is a row.
        """
        if not self.folder.is_dir():
            return
        for file in self.folder.iterdir():
            with suppress(FileNotFoundError, UnknownName, InputError):
                if now - file.stat().st_mtime_ns > HOUR_NS and not known(file.name):
                    file.unlink()

    def note(self, id: str, whole: Any, at: int) -> None:
        """Keep the running hash of a file's first `at` bytes; the oldest are forgotten."""
        with self._lock:
            self._running[id] = (whole, at)
            while len(self._running) > _RUNNING:
                self._running.popitem(last=False)

    def whole(self, id: str, at: int) -> Any:
        """Return the running hash of the first `at` bytes, None where this process has none."""
        with self._lock:
            found, covered = self._running.get(id, (None, -1))
        return found.copy() if found is not None and covered == at else None

    def forget(self, id: str) -> None:
        """Keep no hash of a file any more."""
        with self._lock:
            self._running.pop(id, None)
