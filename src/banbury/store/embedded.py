"""The embedded server: a PostgreSQL of one's own in a folder, shared by processes."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from banbury.errors import SetupError, StoreFull, StoreUnavailable, StoreVersion
from banbury.store.binaries import SETTINGS, THROWN_AWAY, Binaries, find
from banbury.store.faults import lost, translated
from banbury.store.server import Connection

ADMIN = "banbury"
HOUSE = "banbury_house"
_SUPERVISOR = Path(__file__).with_name("supervisor.py")
_POLL_S = 0.02
_STARTS = 2
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)
_LEAST_FREE = 4 << 20


class Embedded:
    """A user's hold on the server of one home folder; started when it is not running.

    The folder holds `postgres/` (data), `blobs/`, `keys/`, `secret` (the administrator's, 0600),
    locks and the server's log. No folder above it is touched.

    Args:
        home: the folder; made if it is not there.
        durable: False for a store that is thrown away soon: it outlives every killed process, but
            not a power cut. Counts when this call starts the server.

    Raises:
        StoreFull: the folder cannot be written, or no space is left.
        StoreVersion: the data were made by another major version of PostgreSQL.
        StoreUnavailable: the server did not start.
        SetupError: this machine lacks what it needs.
    """

    def __init__(self, home: Path, durable: bool = True) -> None:
        self.home = home.expanduser().absolute()
        self.blobs = self.home / "blobs"
        self.keys = self.home / "keys"
        self.house = HOUSE
        # Copying files is quicker by far, but waits for the disk once per file.
        self.copying = "" if durable else "STRATEGY FILE_COPY"
        self.where = str(self.home)
        self._sockets = ""
        self._settings = SETTINGS if durable else SETTINGS | THROWN_AWAY
        with writing(self.home):
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._hold = os.open(self.home / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            # Waits while a supervisor that saw no user is still stopping its server.
            fcntl.flock(self._hold, fcntl.LOCK_SH)
            with setup(self.home):
                binaries = self._binaries = self._found()
                if not (self.home / "postgres" / "PG_VERSION").exists():
                    with writing(self.home):
                        make(self.home, binaries)
            self._secret = (self.home / "secret").read_text()
            self._ensure()
            with setup(self.home):
                self._hold_house()
        except BaseException:
            self.close()
            raise

    def connect(self, database: str, user: str = "", secret: str = "") -> Connection:
        """Return a new connection; without a user, as the administrator.

        Raises:
            StoreUnavailable: the server does not answer, or refuses.
        """
        try:
            return psycopg.connect(
                host=self._sockets,
                dbname=database,
                user=user or ADMIN,
                password=secret if user else self._secret,
                connect_timeout=30,
            )
        except psycopg.OperationalError as error:
            raise StoreUnavailable(
                f"the embedded database does not answer: {' '.join(str(error).split())}",
                where=self.where,
                do=f"read {self.home / 'server.log'}",
            ) from error

    def environment(self, database: str) -> dict[str, str]:
        """Return libpq's environment for a program that works on a database."""
        own = {"PGHOST": self._sockets, "PGUSER": ADMIN, "PGPASSWORD": self._secret}
        return {**own, "PGDATABASE": database}

    def revive(self) -> bool:
        """Start the server again, or wait for it, after it was lost.

        Raises:
            StoreFull: it cannot start for want of space.
        """
        with suppress(StoreUnavailable):
            self._ensure()
            return True
        return False

    def close(self) -> None:
        """Let go of the server; when the last user has, it stops."""
        if self._hold >= 0:
            os.close(self._hold)
            self._hold = -1

    def _found(self) -> Binaries:
        """Return the programs that fit the data folder, if there is one."""
        made = self.home / "postgres" / "PG_VERSION"
        try:
            version = int(made.read_text())
        except FileNotFoundError:
            return find()
        except OSError as error:
            raise StoreUnavailable(
                f"the data folder cannot be read: {error.strerror}",
                where=str(made.parent),
                do="open it as the user who made it, or choose another folder with BANBURY_HOME",
            ) from error
        binaries = find(owner=made.stat().st_uid)
        if version != binaries.major:
            raise StoreVersion(
                f"the data were made by PostgreSQL {version}, this install has {binaries.major}",
                where=str(made.parent),
                do=f"install the version of Banbury that made them, dump with pg_dump {version}, "
                "and load the dump here",
            )
        return binaries

    def _ensure(self) -> None:
        """Return when the server answers, starting its supervisor if there is none."""
        starts = 0
        while not self._answers():
            if not supervised(self.home):
                if starts == _STARTS or (starts and full(self.home)):
                    raise self._not_started()
                self._supervise()
                starts += 1
            time.sleep(_POLL_S)

    def _answers(self) -> bool:
        try:
            told = json.loads((self.home / "server.json").read_bytes())
            self._sockets = told["sockets"]
            psycopg.connect(
                host=self._sockets, dbname="postgres", user=ADMIN, password=self._secret
            ).close()
        except (OSError, ValueError, KeyError, psycopg.OperationalError):
            return False
        return True

    def _supervise(self) -> None:
        """Start a supervisor; it holds its lock when this returns."""
        b = self._binaries
        ids = ["-" if b.uid is None else str(b.uid), "-" if b.gid is None else str(b.gid)]
        settings = [part for k, v in self._settings.items() for part in ("-c", f"{k}={v}")]
        with writing(self.home):
            log = (self.home / "server.log").open("ab")
        command = [sys.executable, "-I", "-S", str(_SUPERVISOR), str(self.home), b.postgres, *ids]
        try:
            subprocess.run(
                [*command, *settings],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                check=False,
            )
        except OSError as error:
            raise SetupError(
                f"the database's supervisor cannot be started: {error.strerror}",
                where=sys.executable,
                do="run Banbury with a Python that this user may start",
            ) from error
        finally:
            log.close()

    def _not_started(self) -> StoreFull | StoreUnavailable:
        log = self.home / "server.log"
        last = [t for t in log.read_text(errors="replace").splitlines()[-20:] if t.strip()]
        if full(self.home) or any("No space left" in line for line in last[-8:]):
            return no_space(self.home)
        said = next((t for t in reversed(last) if "FATAL" in t or "PANIC" in t), "")
        said = said or (last[-1] if last else "nothing")
        return StoreUnavailable(
            f"the embedded database did not start; it says: {said}",
            where=self.where,
            do=f"read {log}",
        )

    def _hold_house(self) -> None:
        """Make the house's database if there is none; again if the server was lost meanwhile.

        Raises:
            StoreUnavailable: the server keeps being lost.
            StoreFull: no space is left.
        """
        for left in reversed(range(_STARTS)):
            try:
                self._make_house()
            except psycopg.Error as error:
                if not left or not lost(error):
                    raise translated(error, self.where) from error
                self._ensure()
            else:
                return

    def _make_house(self) -> None:
        with self.connect("postgres") as connection:
            connection.autocommit = True
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            if connection.execute(query, [HOUSE]).fetchone() is None:
                connection.execute("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC")
                connection.execute("REVOKE CONNECT ON DATABASE template1 FROM PUBLIC")
                connection.execute(f"CREATE DATABASE {HOUSE}")


def make(home: Path, binaries: Binaries) -> None:
    """Make the data folder, whole or not at all.

    Raises:
        StoreUnavailable: initdb failed.
        StoreFull: for want of space.
    """
    secret = home / "secret"
    if not secret.exists():
        aside = home / "secret.new"
        aside.unlink(missing_ok=True)
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
        aside.replace(secret)
    new = home / "postgres.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    told = home / "postgres.new" / ".secret"
    data = new / "data"
    data.mkdir(mode=0o700)
    told.write_text(secret.read_text())
    told.chmod(0o600)
    if binaries.uid is not None and binaries.gid is not None:
        for path in (new, data, told):
            os.chown(path, binaries.uid, binaries.gid)
    # As another user, initdb cannot pass the folders above: see the supervisor.
    where = str(data) if binaries.uid is None else "/proc/self/cwd"
    secret_file = str(told) if binaries.uid is None else "/proc/self/cwd/../.secret"
    done = subprocess.run(
        [
            *(binaries.folder / "initdb", "-D", where, "-U", ADMIN, f"--pwfile={secret_file}"),
            *("-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-instructions"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *("--set", "scram_iterations=64"),
        ],
        cwd=data,
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        user=binaries.uid,
        group=binaries.gid,
        extra_groups=None if binaries.uid is None else [],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        shutil.rmtree(new, ignore_errors=True)
        if "No space left" in done.stderr or full(home):
            raise no_space(home)
        raise StoreUnavailable(
            f"the database could not be made; initdb says: {' '.join(done.stderr.split())[-400:]}",
            where=str(home),
        )
    (data / "pg_hba.conf").write_text("local all all scram-sha-256\n")
    data.rename(home / "postgres")
    shutil.rmtree(new)


@contextmanager
def setup(home: Path) -> Iterator[None]:
    """Hold the lock under which one process at a time prepares the folder."""
    with writing(home):
        lock = os.open(home / "setup.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def supervised(home: Path) -> bool:
    """Say whether a supervisor lives."""
    with writing(home):
        lock = os.open(home / "server.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        # Shared: two users who look at once must not take each other for a supervisor.
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def full(home: Path) -> bool:
    """Say whether less is free than a server needs to start."""
    free = os.statvfs(home)
    return free.f_bavail * free.f_frsize < _LEAST_FREE


def no_space(home: Path) -> StoreFull:
    """Return the error that says so."""
    return StoreFull(
        "no space is left for the store",
        where=str(home),
        do="free some space, or choose another folder with BANBURY_HOME; nothing is lost",
    )


@contextmanager
def writing(home: Path) -> Iterator[None]:
    """Turn what the system says about a folder that cannot be written into one clear error.

    Raises:
        StoreFull: it is full, read-only, or not ours.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise no_space(home) from error
        unmade = isinstance(error, FileNotFoundError) and not home.exists()
        in_the_way = isinstance(error, NotADirectoryError | FileExistsError)
        if error.errno in _FULL or unmade or in_the_way:
            raise StoreFull(
                f"the store's folder cannot be written: {error.strerror}",
                where=str(error.filename or home),
                do="choose another folder with BANBURY_HOME",
            ) from error
        raise
