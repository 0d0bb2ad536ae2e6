"""Uploads: a file that came through the browser, kept as a blob, opened as what it was."""

from __future__ import annotations

import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from banbury.errors import InputError, StoreFull
from banbury.store import Lab

MOST_FILES = 200_000
MOST_BYTES = 200 << 30
RATIO = 200
"""An archive that grows more than this is no folder of files."""
_BLOCK = 1 << 20


@contextmanager
def opened(lab: Lab, sha256: str, name: str) -> Iterator[Path]:
    """Yield a path at which an upload lies under its own name, or unpacked where it is a zip.

    Args:
        lab: that holds the blob.
        sha256: of the blob.
        name: of the file as the browser named it; only its last part counts.

    Raises:
        InputError: the archive cannot be read, or holds what no folder of files would.
        StoreFull: the archive is larger than the room of the lab, or of this machine.
        CorruptBlob: the blob is gone.
    """
    temporary = tempfile.TemporaryDirectory(prefix="banbury-upload-")
    with lab.blobs.lying(sha256) as blob, temporary as folder:
        held = Path(folder) / (Path(name.replace("\\", "/")).name[:200] or "upload")
        try:
            if held.suffix.lower() == ".zip":
                yield _unpacked(lab, blob, Path(folder) / "files", name)
            else:
                held.symlink_to(blob)
                yield held
        except InputError as error:
            _as_sent(error, folder)
            raise


def _as_sent(error: InputError, folder: str) -> None:
    """Name files as they were sent: where this machine held them is nobody's business."""
    for place in (f"{folder}/files/", f"{folder}/"):
        error.what = error.what.replace(place, "")
        error.where = error.where.replace(place, "")


def _unpacked(lab: Lab, blob: Path, to: Path, name: str) -> Path:
    try:
        with zipfile.ZipFile(blob) as archive:
            entries = [e for e in archive.infolist() if not e.is_dir() and _wanted(e)]
            _sound(entries, blob.stat().st_size, name)
            _roomy(lab, sum(e.file_size for e in entries), to.parent)
            to.mkdir()
            for entry in entries:
                _extract(archive, entry, to, name)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise InputError(f"the archive cannot be unpacked: {error}", where=name) from error
    inside = list(to.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else to


def _wanted(entry: zipfile.ZipInfo) -> bool:
    """Return whether an entry is a file that somebody put there, and no system's leftover."""
    parts = entry.filename.split("/")
    link = stat.S_ISLNK(entry.external_attr >> 16)
    return not link and "__MACOSX" not in parts and not parts[-1].startswith(".")


def _sound(entries: list[zipfile.ZipInfo], packed: int, name: str) -> None:
    size = sum(e.file_size for e in entries)
    if len(entries) > MOST_FILES or size > MOST_BYTES or size > RATIO * packed + (1 << 20):
        raise InputError(
            f"{len(entries):,} files of {size:,} bytes are more than is unpacked here",
            where=name,
            do="give a folder to `banbury tasks import` on this machine instead",
        )


def _roomy(lab: Lab, size: int, folder: Path) -> None:
    """Refuse what would fill this machine's disk, or more than the lab could keep of it.

    Raises:
        StoreFull: it does not fit.
    """
    lab.blobs.room.fits(size)
    if size > shutil.disk_usage(folder).free // 2:
        raise StoreFull(
            f"{size:,} bytes are more than this machine can unpack now",
            do="free some space, or send it in parts",
        )


def _extract(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, to: Path, name: str) -> None:
    target = (to / entry.filename.replace("\\", "/")).resolve()
    if not target.is_relative_to(to.resolve()):
        raise InputError("the archive names a file outside itself", where=f"{name}: {entry!r:.200}")
    target.parent.mkdir(parents=True, exist_ok=True)
    left = entry.file_size
    with archive.open(entry) as source, target.open("wb") as out:
        while block := source.read(_BLOCK):
            left -= len(block)
            if left < 0:
                raise InputError("the archive lies about the size of a file", where=name)
            out.write(block)


def packed(out: Path) -> Path:
    """Return a file that holds an export: the file itself, or a zip of it and what lies beside it.

    Args:
        out: the export's file; `NAME-media` and `NAME.xml` beside it belong to it.
    """
    beside = sorted(p for p in out.parent.iterdir() if p != out)
    if not beside:
        return out
    folder = Path(tempfile.mkdtemp(prefix="pack-", dir=out.parent.parent))
    made = shutil.make_archive(str(folder / out.stem), "zip", out.parent)
    return Path(made)
