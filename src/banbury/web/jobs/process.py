"""Process: one job while it runs: a command line of this installation, and what it says."""

from __future__ import annotations

import codecs
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from banbury import clock
from banbury.actors.reach import REACH
from banbury.web.keeper import module

RUNNER = "banbury.cli.up_job"
GRACE_S = 10.0
"""How long a stage may take to stop before it is killed."""
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_PRINTED_MOST = 4 << 20


class Progress(msgspec.Struct, frozen=True):
    """How far a job is: units done, of how many, of what."""

    done: int = 0
    total: int = 0
    note: str = ""


class Process:
    """A running stage.

    Args:
        verb: of the stage.
        arguments: by the verb's names; the process checks them against the verb's form.
        words: what its command line says besides: where the store is.
        life: a pipe that ends with this process; the stage stops with it, even after `kill -9`.
        free: it may ask models at any address; else at public and listed ones, see `reach`.
    """

    def __init__(
        self,
        verb: str,
        arguments: Mapping[str, Any],
        words: Sequence[str],
        life: int,
        *,
        free: bool = False,
    ) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="banbury-job-"))
        self.written = self._home / "written"
        self.written.mkdir()
        said = msgspec.json.encode(dict(arguments)).decode()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._read = 0
        self._asked = 0.0
        with self._file("out").open("wb") as out, self._file("log").open("wb") as log:
            self._process = subprocess.Popen(
                module(RUNNER, str(life), str(self._home), verb, said, *words),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
                pass_fds=(life,),
                start_new_session=True,
                env=_surroundings(free),
            )

    def _file(self, name: str) -> Path:
        return self._home / name

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self._process.pid

    def status(self) -> int | None:
        """Return how it ended, as a shell says it (128 + signal); None while it runs."""
        status = self._process.poll()
        return status if status is None or status >= 0 else 128 - status

    def more(self) -> str:
        """Return what the log has more since it was asked last."""
        with self._file("log").open("rb") as log:
            log.seek(self._read)
            data = log.read(1 << 20)
        self._read += len(data)
        return _ANSI.sub("", self._decoder.decode(data)).replace("\r\n", "\n").replace("\r", "\n")

    def progress(self) -> Progress:
        """Return how far it is."""
        try:
            return msgspec.json.decode(self._file("progress").read_bytes(), type=Progress)
        except (OSError, msgspec.MsgspecError):
            return Progress()

    def printed(self) -> str:
        """Return what it printed."""
        with self._file("out").open("rb") as out:
            return out.read(_PRINTED_MOST).decode("utf-8", "replace")

    def stop(self) -> None:
        """Ask it to stop where it can be carried on; kill it when that takes too long."""
        now = clock.mono_ns() / 1e9
        if not self._asked:
            self._asked = now
            self._signal(signal.SIGINT)
        elif now - self._asked > GRACE_S:
            self.kill()

    def kill(self) -> None:
        """End it and all that it started."""
        self._signal(signal.SIGKILL)

    def _signal(self, sign: int) -> None:
        # Until it was waited for, the number belongs to it; its session has the same one.
        if self._process.poll() is None:
            (os.killpg if sign == signal.SIGKILL else os.kill)(self._process.pid, sign)

    def close(self) -> None:
        """Remove what it left; it has ended."""
        self._process.wait()
        shutil.rmtree(self._home, ignore_errors=True)


def _surroundings(free: bool) -> dict[str, str]:
    """Return a stage's environment: the machine's key goes only where its operator says.

    Whoever starts a stage names the model's address, and need not be the one who pays for the key,
    nor the one who may ask what else listens in this machine's network.
    """
    usual = os.environ.get("OPENAI_BASE_URL", "https://api.openai.com")
    said = os.environ.get("BANBURY_KEY_FOR", usual)
    reach = {REACH: "" if free else "public"}
    return {**os.environ, "NO_COLOR": "1", "COLUMNS": "100", "BANBURY_KEY_FOR": said, **reach}


def plain(printed: str) -> dict[str, Any]:
    """Return the plain values of the JSON object that a stage printed, {} if it printed none."""
    try:
        said = msgspec.json.decode(printed, type=dict[str, Any])
    except msgspec.MsgspecError:
        return {}
    return {k: v for k, v in said.items() if isinstance(v, int | float | str) and len(f"{v}") < 200}
