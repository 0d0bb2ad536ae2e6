"""What a command prints: drained as it comes, kept up to a limit, never held up."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import socket

SIZE = 1 << 20
LEAST = 4096


class Drain:
    """Two pipes, for standard output and standard error.

    Args:
        most: bytes kept of each.
    """

    def __init__(self, most: int) -> None:
        self.most, self.cut = most, 0
        # Enough to see what bubblewrap itself says, however little is to be kept.
        self.room = max(most, LEAST)
        pairs = [os.pipe(), os.pipe()]
        self.readers = [r for r, _ in pairs]
        self.writers = [w for _, w in pairs]
        self.parts: dict[int, list[bytes]] = {r: [] for r in self.readers}
        self.sizes = dict.fromkeys(self.readers, 0)

    def give(self) -> None:
        """Let go of the ends that are written to."""
        while self.writers:
            os.close(self.writers.pop())

    def read(self, link: socket.socket) -> None:
        """Read until everybody has closed the pipes, or the box is gone."""
        poll = select.poll()
        for file in self.readers:
            poll.register(file, select.POLLIN)
        poll.register(link, select.POLLHUP)
        open = set(self.readers)
        while open:
            for file, _ in poll.poll():
                if file == link.fileno():
                    return
                if not self.take(file):
                    poll.unregister(file)
                    open.discard(file)

    def take(self, file: int) -> bool:
        """Read what is there; False at the end."""
        data = os.read(file, SIZE)
        room = self.room - self.sizes[file]
        if len(data) == 1 << 16:
            with contextlib.suppress(OSError):
                fcntl.fcntl(file, fcntl.F_SETPIPE_SZ, SIZE)
        if room > 0 and data:
            self.parts[file].append(data[:room])
            self.sizes[file] += min(room, len(data))
        self.cut += max(len(data) - max(room, 0), 0)
        return bool(data)

    def kept(self) -> tuple[bytes, bytes]:
        """Return what was kept of standard output and of standard error."""
        out, err = (b"".join(part)[: self.most] for part in self.parts.values())
        self.cut += sum(self.sizes.values()) - len(out) - len(err)
        return out, err

    def said(self) -> str:
        """Return the beginning of standard error, for what bubblewrap says."""
        return b"".join([*self.parts.values()][1])[:LEAST].decode(errors="replace")

    def close(self) -> None:
        """Let go of everything."""
        self.give()
        while self.readers:
            os.close(self.readers.pop())
