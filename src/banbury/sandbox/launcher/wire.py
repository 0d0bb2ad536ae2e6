"""Messages over a Unix stream socket: JSON with its length before it, and open files."""

from __future__ import annotations

import array
import fcntl
import json
import os
import socket
import struct
from collections.abc import Sequence
from typing import Any

FILES = 8
HEAD = struct.Struct("<I")


def send(to: socket.socket, message: dict[str, Any], files: Sequence[int] = ()) -> None:
    """Send one message, with at most eight open files."""
    body = json.dumps(message).encode()
    data = HEAD.pack(len(body)) + body
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", files))] if files else []
    sent = to.sendmsg([data], rights)
    to.sendall(data[sent:])


def receive(of: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """Return the next message and its files (closed on exec); None at the end."""
    files = array.array("i")
    space = socket.CMSG_SPACE(FILES * files.itemsize)
    head, rights, _, _ = of.recvmsg(HEAD.size, space, socket.MSG_CMSG_CLOEXEC)
    for level, kind, data in rights:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            files.frombytes(data[: len(data) - len(data) % files.itemsize])
    try:
        head += exactly(of, HEAD.size - len(head)) if head else b""
        if not head:
            return None
        return json.loads(exactly(of, HEAD.unpack(head)[0])), files.tolist()
    except EOFError:
        for file in files:
            os.close(file)
        return None


def exactly(of: socket.socket, size: int) -> bytes:
    """Read so many bytes.

    Raises:
        EOFError: the other side is gone.
    """
    parts = []
    while size:
        part = of.recv(min(size, 1 << 16))
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def memory_file(data: bytes) -> int:
    """Return a file in memory that holds these bytes, read from its start and never changed."""
    file = os.memfd_create("banbury", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]
    os.lseek(file, 0, os.SEEK_SET)
    seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
    fcntl.fcntl(file, fcntl.F_ADD_SEALS, seals)
    return file
