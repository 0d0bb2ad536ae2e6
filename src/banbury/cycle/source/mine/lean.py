"""What is left out of a tree so that a task stays small: large pictures, films and the like.

It is left out before anything is run, so that all that is proven of a task holds without it.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from banbury.cycle.source.mine.history.kinds import kind

VERSION = "1"
MOST = 4 << 20
"""Bytes of such files that a tree may have; in a larger one, those over `EACH` are left out."""
EACH = 64 << 10
_SUFFIXES = frozenset({
    ".ai", ".avi", ".bmp", ".eps", ".flac", ".gif", ".ico", ".jpeg", ".jpg", ".mkv", ".mov", ".mp3",
    ".mp4", ".ogg", ".otf", ".pdf", ".png", ".psd", ".svg", ".tif", ".tiff", ".ttf", ".wav",
    ".webm", ".webp", ".woff", ".woff2",
})  # fmt: skip


def thinned(folder: Path) -> list[str]:
    """Remove large files from a tree that neither its packages nor its tests hold.

    Returns:
        their paths, sorted; none where all of them together are small.
    """
    found = {
        path.relative_to(folder).as_posix(): path.stat().st_size
        for path in folder.rglob("*")
        if path.suffix.lower() in _SUFFIXES and path.is_file() and not path.is_symlink()
    }
    beside = {path: size for path, size in found.items() if _beside(folder, path)}
    if sum(beside.values()) <= MOST:
        return []
    gone = sorted(path for path, size in beside.items() if size > EACH)
    for path in gone:
        (folder / path).unlink()
    return gone


def _beside(folder: Path, path: str) -> bool:
    parents = PurePosixPath(path).parents
    return kind(path) != "test" and not any((folder / p / "__init__.py").exists() for p in parents)
