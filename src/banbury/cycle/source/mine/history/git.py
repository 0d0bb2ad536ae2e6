"""Git, run so that nothing a repository says is obeyed.

A foreign repository is never git's own folder: git gets a folder that we made (no hooks, no
attributes, no replaced or grafted commits, our configuration) and only the foreign objects beside
it. So nothing in the repository's configuration can name a program to run, and no command here
checks anything out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import IO

from banbury.errors import InputError, SetupError

SETTINGS = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.pager": "cat",
    "core.attributesFile": os.devnull,
    "core.commitGraph": "false",
    "core.multiPackIndex": "false",
    "core.bigFileThreshold": "8m",
    "core.quotePath": "true",
    "credential.helper": "",
    "fetch.recurseSubmodules": "false",
    "gc.auto": "0",
    "http.followRedirects": "initial",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "60",
    "i18n.logOutputEncoding": "UTF-8",
    "maintenance.auto": "false",
    "protocol.allow": "never",
    "submodule.recurse": "false",
}
"""What git is told, whatever the repository's own configuration says."""


def program() -> str:
    """Return where git is.

    Raises:
        SetupError: it is not installed.
    """
    found = shutil.which("git")
    if found is None:
        raise SetupError("git is missing", do="install git 2.31 or newer")
    return found


def surroundings(folder: Path, objects: Path | None, protocols: Sequence[str]) -> dict[str, str]:
    """Return git's environment: our folder, the foreign objects, nothing of the user's."""
    told = {
        "GIT_ALLOW_PROTOCOL": ":".join(protocols) or "none",
        "GIT_ASKPASS": "/bin/false",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_DIR": str(folder),
        "GIT_GRAFT_FILE": os.devnull,
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "PATH": os.environ.get("PATH", os.defpath),
    }
    if objects is not None:
        told["GIT_OBJECT_DIRECTORY"] = str(objects)
    if protocols:
        kept = ("https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY", "SSL_CERT_FILE")
        told |= {name: os.environ[name] for name in kept if name in os.environ}
    return told


class Git:
    """One hardened folder, and the objects that are read through it.

    Args:
        folder: git's folder, made by us.
        objects: the folder with the foreign objects; None where they are the folder's own.
        protocols: what a fetch may speak; none for reading.
        settings: more of git's settings than `SETTINGS`.
    """

    def __init__(
        self,
        folder: Path,
        objects: Path | None = None,
        protocols: Sequence[str] = (),
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._settings = {**SETTINGS, **(settings or {})}
        self.folder = folder
        self._program = program()
        self._told = surroundings(folder, objects, protocols)

    def start(
        self,
        *arguments: str,
        stdin: int | IO[bytes] = subprocess.DEVNULL,
        stderr: int = subprocess.DEVNULL,
    ) -> subprocess.Popen[bytes]:
        """Return a running git whose output is a pipe."""
        settings = [
            part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")
        ]
        flags = ["--no-pager", "--no-replace-objects", "--no-optional-locks", "--literal-pathspecs"]
        return subprocess.Popen(
            [self._program, *flags, *settings, *arguments],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=self._told,
            cwd=self.folder if self.folder.is_dir() else None,
        )

    def out(self, *arguments: str, timeout: float = 600) -> bytes:
        """Return what git says.

        Raises:
            InputError: git failed, or took longer than `timeout` seconds; with its last line.
        """
        with self.start(*arguments, stderr=subprocess.PIPE) as process:
            try:
                out, err = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired as late:
                process.kill()
                raise InputError(f"git {arguments[0]} took over {timeout:.0f} s") from late
        if process.returncode:
            said = err.decode(errors="replace").strip().splitlines() or ["no reason given"]
            raise InputError(f"git {arguments[0]} failed: {said[-1]}")
        return out

    def lines(self, *arguments: str, stdin: IO[bytes] | None = None) -> Iterator[bytes]:
        """Yield the NUL-separated parts of what git says, as they come."""
        with self.start(*arguments, stdin=stdin or subprocess.DEVNULL) as process:
            assert process.stdout is not None
            try:
                yield from _parts(process.stdout)
            finally:
                process.kill()


def _parts(stream: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while chunk := stream.read(1 << 16):
        parts = (rest + chunk).split(b"\0")
        rest = parts.pop()
        yield from parts
    if rest:
        yield rest


class Objects:
    """The objects of a repository by id, read through one long-lived process; thread-safe."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._lock = Lock()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def size(self, name: str) -> tuple[str, int]:
        """Return an object's type and size in bytes.

        Raises:
            InputError: the repository lacks it.
        """
        with self._lock:
            kind, size, _ = self._header("--batch-check", name)
        return kind, size

    def read(self, name: str, most: int = 64 << 20) -> bytes:
        """Return an object's content.

        Raises:
            InputError: the repository lacks it, or it has more than `most` bytes.
        """
        kind, size = self.size(name)
        if size > most:
            raise InputError(f"a {kind} of {size:,} bytes is too large to read", where=name)
        with self._lock:
            _, size, process = self._header("--batch", name)
            assert process.stdout is not None
            content = process.stdout.read(size + 1)
        if len(content) != size + 1:
            raise InputError("git broke off in the middle of an object", where=name)
        return content[:-1]

    def _header(self, mode: str, name: str) -> tuple[str, int, subprocess.Popen[bytes]]:
        process = self._processes.get(mode)
        if process is None or process.poll() is not None:
            process = self._git.start("cat-file", mode, stdin=subprocess.PIPE)
            self._processes[mode] = process
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(name.encode() + b"\n")
            process.stdin.flush()
        except BrokenPipeError:
            self._processes.pop(mode)
        words = process.stdout.readline().split()
        if len(words) != 3:
            raise InputError("the repository lacks an object, or it is damaged", where=name)
        return words[1].decode(), int(words[2]), process

    def close(self) -> None:
        """End the processes."""
        with self._lock:
            for process in self._processes.values():
                for pipe in (process.stdin, process.stdout):
                    if pipe is not None:
                        pipe.close()
                process.terminate()
                process.wait()
            self._processes.clear()
