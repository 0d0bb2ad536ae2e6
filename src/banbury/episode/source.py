"""Source: a file whose bytes can be read from any one on, wherever it lies, sealed or not."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import BinaryIO


@dataclass(frozen=True)
class SealedFile:
    """A file under a person's key, with as much of a path's ways as reading needs.

    It is no path, and becomes none: whoever wants one would get bytes that nobody can read.

    Attributes:
        place: where its sealed bytes lie, for messages.
        size: bytes of what it holds.
        opener: returns what it holds, at its start, to be read and sought.
    """

    place: PurePath
    size: int
    opener: Callable[[], BinaryIO] = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        """Return the last part of where it lies."""
        return self.place.name

    @property
    def suffix(self) -> str:
        """Return nothing: it is named by a hash."""
        return ""

    def __str__(self) -> str:
        return str(self.place)

    def is_file(self) -> bool:
        """Return that it is one."""
        return True

    def stat(self) -> os.stat_result:
        """Return its size, and that it is a file; all else is 0."""
        return os.stat_result((stat.S_IFREG | 0o400, 0, 0, 0, 0, 0, self.size, 0, 0, 0))

    def open(self, mode: str = "rb") -> BinaryIO:
        """Return what it holds, at its start.

        Raises:
            ValueError: any mode but `rb`.
        """
        if mode != "rb":
            raise ValueError(f"a sealed file is read as bytes, not {mode!r}")
        return self.opener()


Source = Path | SealedFile
