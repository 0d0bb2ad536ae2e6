"""Put a release into a folder, whole or not at all, and prove that a folder is whole."""

from __future__ import annotations

import fcntl
import glob
import hashlib
import io
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

import msgspec
import pyarrow.parquet as pq

from banbury.cycle.release import manifest as m
from banbury.errors import InputError, ReleaseError, StoreFull
from banbury.formats import atif
from banbury.store import Artifact, Lab
from banbury.store.deliveries import MACHINE, Kind

Format = Literal["parquet", "trl", "atif"]
FORMATS: tuple[Format, ...] = ("parquet", "trl", "atif")


class Export(msgspec.Struct, frozen=True):
    """The manifest of a release in another format: its own files, and the release it is of."""

    format: str
    name: str
    release: str
    files: tuple[m.File, ...]


def export(
    lab: Lab,
    release: Artifact,
    folder: Path | str,
    format: Format = "parquet",
    who: str = MACHINE,
) -> Path:
    """Write a release into a new folder and return the folder.

    `parquet` gives the release's own files, which `datasets.load_dataset(folder)` reads; `trl`
    gives `train.jsonl` and `validation.jsonl` with prompt and completion; `atif` gives one
    trajectory an episode. Files are written aside and the folder is renamed, so that it is there
    whole or not at all.

    Where the folder holds just this export, whole, nothing is done: so the same call carries on
    after it was killed. What killed ones left aside is removed. That it leaves is written down
    (`Lab.deliveries`) before anything is written, with `who` took it.

    Raises:
        InputError: an unknown format, or something else is at `folder` already.
        CorruptBlob: a file of the release is not what it was.
        StoreFull: no space, or the place cannot be written; nothing is left behind.
    """
    place = Path(folder)
    if format not in FORMATS:
        raise InputError(f"there is no format {format!r}", do=f"choose one of {', '.join(FORMATS)}")
    if _exported(place, release, format):
        return place
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise InputError("there is something already", where=str(place), do="name a new folder")
    files = _own(lab, release)
    if format != "parquet":
        made = _trl(lab, release) if format == "trl" else _trajectories(lab, release)
        files = _with_manifest(made, release, format)
    try:
        with _aside(place) as aside:
            leaves(lab, release, "exported", format, who)
            for path, data in files:
                _write(aside / path, data)
            if place.exists():
                place.rmdir()
            aside.rename(place)
    except OSError as error:
        raise StoreFull(
            f"the release cannot be written: {error.strerror or error}",
            where=str(place),
            do="free some space or choose another folder; nothing was left behind",
        ) from error
    return place


def leaves(lab: Lab, release: Artifact, kind: Kind, format: str, who: str) -> None:
    """Write down that a release is about to leave the lab."""
    ids = (row.episode for row in lab.release_rows(release.id))
    what, whole = f"release {release.name}", str(release.body["sha256"])
    lab.deliveries.note(
        kind, what, ids, version=release.version, format=format, who=who, sha256=whole
    )


def _exported(place: Path, release: Artifact, format: Format) -> bool:
    """Say whether a folder holds this release in this format, whole."""
    if not (place / m.NAME).is_file():
        return False
    whole = release.body["sha256"]
    with suppress(ReleaseError):
        if format == "parquet":
            return isinstance(verify(place, whole), m.Manifest)
        found = verify(place)
        own = (f"banbury-export/{format}/1", release.name, whole)
        return isinstance(found, Export) and (found.format, found.name, found.release) == own
    return False


@contextmanager
def _aside(place: Path) -> Iterator[Path]:
    """Make a folder beside `place`, locked while it is in use; remove those that nobody uses."""
    place.parent.mkdir(parents=True, exist_ok=True)
    for left in place.parent.glob(f".{glob.escape(place.name)}.{'[0-9a-f]' * 12}"):
        with suppress(OSError), _locked(left):
            shutil.rmtree(left, ignore_errors=True)
    aside = place.parent / f".{place.name}.{secrets.token_hex(6)}"
    aside.mkdir()
    try:
        with _locked(aside):
            yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a folder's lock, which vanishes with its process.

    Raises:
        OSError: another process holds it, or the folder is gone.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def verify(folder: Path | str, sha256: str = "") -> m.Manifest | Export:
    """Hash every file of a folder again and return its manifest.

    Args:
        folder: what `export` wrote.
        sha256: the manifest's own hash, as the release's artifact has it, so that a folder in
            which both a file and the manifest were changed is found too.

    Raises:
        ReleaseError: a file is missing, changed or too many; it is named.
    """
    place = Path(folder)
    try:
        data = (place / m.NAME).read_bytes()
    except OSError as error:
        raise _broken(place / m.NAME, "the manifest cannot be read") from error
    if sha256 and hashlib.sha256(data).hexdigest() != sha256:
        raise _broken(place / m.NAME, "the manifest is not the one of this release")
    try:
        found: m.Manifest | Export = _manifest(data)
    except msgspec.MsgspecError as error:
        raise _broken(place / m.NAME, f"the manifest cannot be read: {error}") from error
    for file in found.files:
        _same(place / file.path, file)
    known = {m.NAME, *(f.path for f in found.files)}
    for there in sorted(p for p in place.rglob("*") if not p.is_dir()):
        if there.relative_to(place).as_posix() not in known:
            raise _broken(there, "a file is there that the manifest does not name")
    return found


def _manifest(data: bytes) -> m.Manifest | Export:
    if msgspec.json.decode(data, type=_Format).format == m.FORMAT:
        return msgspec.json.decode(data, type=m.Manifest)
    return msgspec.json.decode(data, type=Export)


class _Format(msgspec.Struct):
    format: str


def _same(path: Path, file: m.File) -> None:
    hasher = hashlib.sha256()
    try:
        with path.open("rb") as source:
            while chunk := source.read(1 << 20):
                hasher.update(chunk)
    except OSError as error:
        raise _broken(path, "a file is missing or cannot be read") from error
    if hasher.hexdigest() != file.sha256:
        raise _broken(path, "a file does not have the hash that the manifest gives")


def _broken(path: Path, what: str) -> ReleaseError:
    return ReleaseError(what, where=str(path), do="export the release again")


def _own(lab: Lab, release: Artifact) -> Iterator[tuple[str, bytes]]:
    for path in sorted(release.blobs):
        yield path, lab.blobs.read(release.blobs[path].sha256)


def _shards(lab: Lab, release: Artifact) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield (part, rows) of every Parquet file."""
    for path, data in _own(lab, release):
        if path.endswith(".parquet"):
            part = path.removeprefix("data/").split("-", 1)[0]
            yield (
                part,
                pq.read_table(io.BytesIO(data), columns=["prompt", "completion"]).to_pylist(),
            )


def _trl(lab: Lab, release: Artifact) -> Iterator[tuple[str, bytes]]:
    parts: dict[str, list[bytes]] = {}
    for part, found in _shards(lab, release):
        lines = parts.setdefault(part, [])
        for row in found:
            plain = {key: [_without_none(one) for one in row[key]] for key in row}
            lines.append(msgspec.json.encode(plain) + b"\n")
    for part in sorted(parts):
        yield f"{part}.jsonl", b"".join(parts[part])


def _without_none(message: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in message.items() if value is not None}


def _trajectories(lab: Lab, release: Artifact) -> Iterator[tuple[str, bytes]]:
    held = lab.release_rows(release.id)
    judgements = lab.judgements([row.episode for row in held])
    rows = {row.episode: row for row in held}
    for record in lab.readable(rows):
        row = rows[record.episode.id]
        seats = [s.name for s in record.episode.seats]
        trajectory = atif.write(
            record,
            seat=seats[0] if seats else None,
            task=lab.task(row.task),
            judgements=judgements.get(row.episode, ()),
        )
        yield f"{row.split}/{row.episode}.trajectory.json", atif.dump(trajectory)


def _with_manifest(
    files: Iterable[tuple[str, bytes]], release: Artifact, format: Format
) -> Iterator[tuple[str, bytes]]:
    entries = []
    for path, data in files:
        rows = data.count(b"\n") if path.endswith(".jsonl") else 0
        entries.append(m.file(path, data, rows))
        yield path, data
    whole = Export(
        f"banbury-export/{format}/1", release.name, release.body["sha256"], tuple(entries)
    )
    yield m.NAME, msgspec.json.format(msgspec.json.encode(whole, order="sorted"), indent=2) + b"\n"


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as sink:
        sink.write(data)
        sink.flush()
        os.fsync(sink.fileno())
