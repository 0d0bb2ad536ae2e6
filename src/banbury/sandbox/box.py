"""A box: a place where a stranger's program runs and can do no harm."""

from __future__ import annotations

import contextlib
import json
import os
import posixpath
import secrets
import socket
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self

import msgspec

from banbury.errors import InputError, SandboxError
from banbury.sandbox import machine, service, system
from banbury.sandbox.launcher import wire
from banbury.sandbox.output import Drain
from banbury.sandbox.shapes import Entry, Layer, Limits, Mount, Ran

DEFAULT = Limits()


class Snapshot(msgspec.Struct, frozen=True):
    """The file system of a box as it was; names the layers that are kept for it."""

    stack: tuple[str, ...]


class Box:
    """A private machine without network, over layers merged at /work.

    What it writes to /work and /tmp is its own and gone with it. One thread at a time uses a
    box; others wait. Close it, or use it as a context manager.

    Args:
        layers: folders merged at /work, the lowest first; none of them is changed.
        mounts: what it sees read-only besides the system.
        limits: what each run may use, and the size of its disk.
        env: variables for every run; nothing of this process's environment goes in.
        cwd: where commands start.

    Raises:
        SandboxError: boxes cannot be made here; `available()` says why.
        InputError: a layer or mount does not exist or has a place where none may be.
    """

    def __init__(
        self,
        layers: Sequence[Path | Layer] = (),
        *,
        mounts: Sequence[Mount] = (),
        limits: Limits = DEFAULT,
        env: Mapping[str, str] | None = None,
        cwd: str = "/work",
    ) -> None:
        self.limits, self.cwd = limits, cwd
        self.env = system.environment(mounts) | dict(env or {})
        message = {
            "layers": [system.folder(x) for x in layers],
            "mounts": system.mounts(mounts),
            "hidden": system.hidden(),
            "disk": limits.disk,
        }
        self.open(message)

    def open(self, message: dict[str, Any]) -> None:
        """Have the box made."""
        self.message = message
        self.lock = threading.RLock()
        self.link: socket.socket | None = service.ask(message)
        try:
            answer = wire.receive(self.link)
        except BaseException:
            self.close()
            raise
        if answer is None or "error" in answer[0]:
            self.close()
            told = answer[0]["error"] if answer else "its process ended"
            raise SandboxError(f"a box could not be made: {told}", do=machine.advice())
        self.pid: int = answer[0]["pid"]
        self.grouped: bool = answer[0]["group"]

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        limits: Limits | None = None,
    ) -> Ran:
        """Run a command to its end; every process that it started is gone then.

        Args:
            argv: the program, found on the box's PATH, and its arguments.
            cwd: where it starts, if not where the box's commands do.
            env: variables for this run, added to the box's.
            stdin: what it reads.
            limits: of this run, if not the box's; `disk` stays the box's.

        Raises:
            SandboxError: the sandbox itself failed.
            InputError: the command is empty, or holds a NUL.
        """
        words = [os.fsdecode(word) for word in argv]
        values = self.env | dict(env or {})
        if not words or any("\0" in w for w in [*words, *values, *values.values()]):
            raise InputError("a command needs a program, and no NUL in its words")
        bounds = limits or self.limits
        message = {"do": "run", "argv": words, "cwd": cwd or self.cwd, "env": values,
                   "limits": msgspec.to_builtins(bounds)}  # fmt: skip
        with self.lock:
            answer, drain = self.exchange(message, stdin, bounds.output)
        out, err = drain.kept()
        code = answer["code"]
        if not answer["exited"] and answer["end"] == "exit":
            code = never_ran(drain.said())
        return Ran(code=code, out=out, err=err, cut=drain.cut, cpu_s=answer["cpu_s"],
                   wall_s=answer["wall_s"], peak=answer["peak"], end=answer["end"])  # fmt: skip

    def exchange(
        self, message: dict[str, Any], stdin: bytes, most: int
    ) -> tuple[dict[str, Any], Drain]:
        """Ask for a run, and read its output until the answer comes."""
        link = self.linked()
        drain = Drain(most)
        source = wire.memory_file(stdin) if stdin else os.open(os.devnull, os.O_RDONLY)
        try:
            try:
                wire.send(link, message, [source, *drain.writers])
            finally:
                os.close(source)
                drain.give()
            drain.read(link)
            return self.answer(link)[0], drain
        except (OSError, SandboxError) as error:
            self.close()
            raise SandboxError(f"the box ended: {error}") from None
        except BaseException:
            self.close()
            raise
        finally:
            drain.close()

    def ask(self, message: dict[str, Any], files: Sequence[int] = ()) -> list[int]:
        """Ask the box's process for something else than a run; return the files it sends."""
        with self.lock:
            link = self.linked()
            try:
                wire.send(link, message, files)
                answer, sent = self.answer(link)
            except OSError as error:
                self.close()
                raise SandboxError(f"the box ended: {error}") from None
            except BaseException:
                self.close()
                raise
        if "error" in answer:
            where = message.get("path", "")
            raise InputError(f"the box cannot {message['do']} that: {answer['error']}", where=where)
        self.said = answer
        return sent

    def answer(self, link: socket.socket) -> tuple[dict[str, Any], list[int]]:
        """Wait for an answer."""
        answer = wire.receive(link)
        if answer is None:
            raise SandboxError("its process was killed")
        return answer

    def linked(self) -> socket.socket:
        """Return the socket to the box's process."""
        if self.link is None:
            raise SandboxError("the box is closed")
        return self.link

    def write(self, path: str, data: bytes, mode: int = 0o644) -> None:
        """Write a file below /work (where a path that is not absolute begins) or /tmp.

        Raises:
            InputError: the path leaves them or passes a link, or the disk is full.
        """
        file = wire.memory_file(data)
        try:
            self.ask({"do": "write", "path": inside(path), "mode": mode}, [file])
        finally:
            os.close(file)

    def read(self, path: str, most: int = 64 << 20) -> bytes:
        """Return a regular file's bytes.

        Raises:
            InputError: there is no such file, a link stands in its path, it is no regular
                file, or it has more than `most` bytes.
        """
        files = self.ask({"do": "read", "path": inside(path), "most": most})
        data = content(files[0])
        if len(data) > most:
            raise InputError(f"the file has more than {most} bytes", where=path)
        return data

    def files(self, path: str = "/work") -> list[Entry]:
        """Return everything below a folder; links are named, not followed."""
        files = self.ask({"do": "files", "path": inside(path)})
        return [Entry(*found) for found in json.loads(content(files[0]))]

    def changes(self, most: int = 64 << 20) -> dict[str, bytes | None]:
        """Return what differs from the layers: path below /work -> bytes, None where it is gone.

        Only regular files are compared; a link or device that took a file's place is no file.

        Raises:
            InputError: the changed files have more than `most` bytes together.
        """
        files = self.ask({"do": "changes", "most": most})
        # Not msgspec: a name in a box may hold bytes that are no text.
        found = json.loads(content(files[0]))
        data, place = content(files[1]), 0
        out: dict[str, bytes | None] = {}
        for path, size in found:
            out[path] = None if size < 0 else data[place : place + size]
            place += max(size, 0)
        return out

    def snapshot(self) -> Snapshot:
        """Keep the file system as it is now; costs the same whatever it holds."""
        with self.lock:
            self.ask({"do": "snapshot"})
            return Snapshot(tuple(self.said["stack"]))

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot of this box or of one that it was forked from."""
        self.ask({"do": "restore", "stack": snapshot.stack})

    def fork(self, count: int) -> list[Box]:
        """Return boxes that begin with this one's file system, each with a disk of its own."""
        out: list[Box] = []
        with self.lock:
            stack = self.snapshot().stack
            try:
                for _ in range(count):
                    out.append(self.forked(stack))  # noqa: PERF401
            except BaseException:
                for box in out:
                    box.close()
                raise
        return out

    def forked(self, stack: tuple[str, ...]) -> Box:
        """Return one fork."""
        box = object.__new__(Box)
        box.limits, box.cwd, box.env = self.limits, self.cwd, dict(self.env)
        box.open(self.message | {"of": self.pid, "stack": stack})
        return box

    def freeze(self, target: Path) -> Layer:
        """Copy the merged tree at /work into a folder that other boxes stand on.

        Devices, sockets and pipes are left out, and so are setuid bits. The folder appears when
        it is complete.

        Raises:
            InputError: the folder is there already.
        """
        if target.exists():
            raise InputError("there is something already", where=str(target))
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        part.mkdir()
        try:
            system.give(part)
            file = os.open(part, os.O_RDONLY | os.O_DIRECTORY)
            try:
                for sent in self.ask({"do": "freeze"}, [file]):
                    os.close(sent)
            finally:
                os.close(file)
            part.rename(target)
        except BaseException:
            # Not shutil, which fails on folders deeper than Python's stack.
            subprocess.run(["rm", "-rf", "--", str(part)], check=False)
            raise
        return Layer(target)

    def close(self) -> None:
        """End the box; returns when its processes, mounts and control groups are gone."""
        link, self.link = self.link, None
        if link is not None:
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_WR)
                while link.recv(1 << 16):
                    pass
            link.close()

    def __enter__(self) -> Self:
        """Return the box."""
        return self

    def __exit__(self, *exc: object) -> Literal[False]:
        """End the box."""
        self.close()
        return False


def inside(path: str) -> str:
    """Return a path below /work or /tmp in the form that the box's process takes."""
    full = posixpath.normpath(posixpath.join("/work", path))
    if full.split("/")[1] not in ("work", "tmp") or "\0" in full:
        raise InputError("only /work and /tmp of a box can be reached", where=path)
    return full


def content(file: int) -> bytes:
    """Return what is in a file, and close it."""
    with os.fdopen(file, "rb") as stream:
        return stream.read()


def never_ran(text: str) -> int:
    """Return the code of a command that could not be started.

    Raises:
        SandboxError: it was bubblewrap that failed.
    """
    if text.startswith("bwrap: execvp"):
        return 126 if "Permission denied" in text else 127
    if text.startswith("bwrap: Can't chdir"):
        raise InputError("the box has no such folder to start in", where=text.split()[-1])
    raise SandboxError(f"bubblewrap failed: {text.strip() or 'without a word'}")
