"""The process that keeps one embedded PostgreSQL: starts it, restarts it, stops it.

It runs as a script of its own (`python -I -S supervisor.py ...`) on the standard library alone,
so that it costs 10 MB and starts in 30 ms. Its whole protocol is three files in the home folder:

- `users.lock`: every user of the server holds a shared lock. Locks vanish with their process,
  however it ends, so when an exclusive lock can be had, the last user is gone.
- `server.lock`: the supervisor holds it exclusively for as long as it lives.
- `server.json`: where the socket is, written when the server answers.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

POLL_S = 0.1
LOG_LIMIT = 8 << 20
QUICK_DEATHS = 5
QUICK_S = 10.0
STOP_S = 120.0
LEFT_S = 30.0
PR_SET_PDEATHSIG = 1
PREFIX = "banbury-"


class Supervisor:
    """One server in one home folder.

    Args:
        home: the store's folder.
        binary: the `postgres` program.
        uid: user to run it as, None for this one.
        gid: its group.
        settings: arguments for `postgres`.
    """

    def __init__(
        self, home: Path, binary: str, uid: int | None, gid: int | None, settings: list[str]
    ) -> None:
        self.home = home
        self.data = home / "postgres"
        self.binary = binary
        self.uid = uid
        self.gid = gid
        self.settings = settings
        self.asked_to_end = False
        self.server: subprocess.Popen[bytes] | None = None
        self.sockets = ""

    def run(self) -> int:
        """Serve until the last user is gone; return the exit status.

        The caller's child ends as soon as its own child holds the lock, which a fork inherits: the
        supervisor belongs to nobody and leaves no zombie behind.
        """
        own = os.open(self.home / "server.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(own, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0
        if os.fork():
            os._exit(0)
        users = os.open(self.home / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, self._end)
        stop_left_over(self.data)
        self._remove_left_over()
        self._forget()
        self.sockets = self._make_sockets()
        try:
            return self._serve(users)
        finally:
            # The users' lock is kept until here, so that a new user waits for the old server's end.
            self._stop()
            self._forget()
            shutil.rmtree(self.sockets, ignore_errors=True)

    def _end(self, *_: object) -> None:
        self.asked_to_end = True

    def _forget(self) -> None:
        (self.home / "server.json").unlink(missing_ok=True)

    def _remove_left_over(self) -> None:
        """Remove the socket's folder of a supervisor that was killed."""
        with contextlib.suppress(OSError, ValueError, KeyError):
            folder = Path(json.loads((self.home / "server.json").read_bytes())["sockets"])
            if folder.name.startswith(PREFIX) and folder.is_dir():
                shutil.rmtree(folder)

    def _make_sockets(self) -> str:
        """Return a new private folder whose socket path stays below the kernel's 107 bytes."""
        base = tempfile.gettempdir()
        folder = tempfile.mkdtemp(prefix=PREFIX, dir=base if len(base) < 60 else "/tmp")
        if self.uid is not None and self.gid is not None:
            os.chown(folder, self.uid, self.gid)
        return folder

    def _serve(self, users: int) -> int:
        deaths = 0
        while not self.asked_to_end:
            born = time.monotonic()
            self._start()
            if self._watch(users):
                return 0
            self._forget()
            deaths = deaths + 1 if time.monotonic() - born < QUICK_S else 1
            if deaths >= QUICK_DEATHS:
                return 1
            time.sleep(0.2 * deaths)
        return 0

    def _start(self) -> None:
        log = self.home / "server.log"
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.replace(self.home / "server.log.1")
        # As another user, PostgreSQL may not pass the folders above its own: it is put into its
        # data folder before it drops its rights, and knows it only as its working directory.
        where = str(self.data) if self.uid is None else "/proc/self/cwd"
        with log.open("ab") as out:
            self.server = subprocess.Popen(
                [self.binary, "-D", where, "-k", self.sockets, *self.settings],
                cwd=self.data,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                user=self.uid,
                group=self.gid,
                extra_groups=None if self.uid is None else [],
                preexec_fn=die_with_parent,
                start_new_session=True,
            )

    def _watch(self, users: int) -> bool:
        """Return True when the server shall end, False when it ended by itself."""
        told = False
        while self.server is not None and self.server.poll() is None:
            if not told and self._ready():
                self._tell()
                told = True
            if self.asked_to_end or nobody_holds(users):
                return True
            time.sleep(POLL_S if told else POLL_S / 5)
        return False

    def _ready(self) -> bool:
        """Say whether the server writes that it takes connections (the eighth line)."""
        try:
            lines = (self.data / "postmaster.pid").read_text().split("\n")
        except OSError:
            return False
        mine = self.server is not None and lines[0].strip() == str(self.server.pid)
        return mine and len(lines) > 7 and lines[7].strip() == "ready"

    def _tell(self) -> None:
        server = self.server.pid if self.server else 0
        told = {"supervisor": os.getpid(), "postmaster": server, "sockets": self.sockets}
        aside = self.home / f"server.json.{os.getpid()}"
        aside.write_text(json.dumps(told))
        aside.replace(self.home / "server.json")

    def _stop(self) -> None:
        """End the server: with a checkpoint, or without one if that takes too long.

        PostgreSQL 18 can lose the request for good when it comes while the server recovers from a
        killed backend, so that is waited for first.
        """
        if self.server is None:
            return
        begun = time.monotonic()
        asked = False
        while self.server.poll() is None:
            if time.monotonic() - begun > STOP_S:
                self.server.send_signal(signal.SIGQUIT)
            elif not asked and greets(f"{self.sockets}/.s.PGSQL.5432"):
                self.server.send_signal(signal.SIGINT)
                asked = True
            time.sleep(POLL_S / 5)


def die_with_parent() -> None:
    """Ask the kernel to end the server when its supervisor is killed (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def nobody_holds(users: int) -> bool:
    """Say whether no user is left; the lock is then kept."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def stop_left_over(data: Path) -> None:
    """End a server whose supervisor was killed, and wait until it is gone."""
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n")[0])
    except (OSError, ValueError):
        return
    asked = time.monotonic()
    sign = signal.SIGINT
    while runs_in(pid, data):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sign)
        time.sleep(POLL_S)
        if time.monotonic() - asked > LEFT_S:
            sign = signal.SIGQUIT


def greets(path: str) -> bool:
    """Say whether a server asks who is there: while it starts or recovers, it refuses instead.

    The message is the protocol's start-up packet, its version 3.0; the answer begins with R
    (authentication) or E (error).
    """
    words = b"user\0banbury\0database\0postgres\0\0"
    packet = struct.pack("!II", len(words) + 8, 3 << 16) + words
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(STOP_S / 10)
        try:
            link.connect(path)
            link.sendall(packet)
            return link.recv(1) == b"R"
        except OSError:
            return False


def runs_in(pid: int, data: Path) -> bool:
    """Say whether `pid` is a PostgreSQL server of this data folder, and not a later namesake."""
    if Path("/proc/self/cwd").exists():
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == data
        except OSError:
            return False
    asked = subprocess.run(
        ["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False
    )
    return str(data) in asked.stdout


def main(arguments: list[str]) -> int:
    """Run with arguments: home, binary, uid, gid ("-" for none), settings."""
    home, binary, uid, gid = arguments[:4]
    try:
        return Supervisor(
            Path(home),
            binary,
            None if uid == "-" else int(uid),
            None if gid == "-" else int(gid),
            arguments[4:],
        ).run()
    except OSError as error:
        sys.stderr.write(f"banbury supervisor: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
