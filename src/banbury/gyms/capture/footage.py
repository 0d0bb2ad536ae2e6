"""A file that was handed in: where it lies, and what a quick look finds."""

from __future__ import annotations

import base64
import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from banbury.episode import Problem, Source
from banbury.errors import CorruptBlob, Erased, Forbidden, InputError, SetupError
from banbury.gyms.capture.brief import Brief


class Looked(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a quick look at a file found, without decoding it.

    Attributes:
        seconds: its length, 0 where it cannot be read.
        size: bytes, 0 where it is not there.
        picture: it has a picture.
        sound: it has sound.
        fault: why it cannot be used, "" if it can.
        foreign: it is a file that whoever films may not use, such as another person's.
    """

    seconds: float = 0.0
    size: int = 0
    picture: bool = False
    sound: bool = False
    fault: str = ""
    foreign: bool = False


def look(problem: Problem, brief: Brief, sha256: str) -> Looked:
    """Return what a quick look at a file finds."""
    try:
        with _lying(problem, brief, sha256) as path:
            if path is None:
                return Looked(fault="it is not in the lab: it was not uploaded to the end")
            return msgspec.structs.replace(_probed(path), size=path.stat().st_size)
    except Forbidden as error:
        return Looked(fault=error.what, foreign=True)
    except (CorruptBlob, Erased) as error:
        return Looked(fault=error.what)


def practice_clip(brief: Brief) -> bytes:
    """Return the clip of an exercise, b"" where there is none."""
    if not brief.practice:
        return b""
    try:
        return base64.b64decode(brief.practice.partition(",")[2], validate=True)
    except ValueError:
        return b""


def sha256_of(data: bytes) -> str:
    """Return the SHA-256 of bytes, as 64 hex digits."""
    return hashlib.sha256(data).hexdigest()


@contextmanager
def _lying(problem: Problem, brief: Brief, sha256: str) -> Iterator[Source | None]:
    clip = practice_clip(brief)
    if clip and sha256_of(clip) == sha256:
        with tempfile.TemporaryDirectory(prefix="banbury-clip-") as folder:
            path = Path(folder) / "clip.mp4"
            path.write_bytes(clip)
            yield path
    else:
        yield problem.place(sha256) if problem.place is not None else None


def _probed(path: Source) -> Looked:
    """Return what `media.probe` says; loaded late, since it needs the extra `capture`.

    Raises:
        SetupError: PyAV is not installed.
    """
    try:
        media: Any = import_module("banbury.gyms.capture.media")
    except ImportError as error:
        raise SetupError(
            f"files of footage cannot be read: {error}", do="pip install 'banbury[capture]'"
        ) from error
    try:
        found = media.probe(path)
    except InputError as error:
        return Looked(fault=error.what)
    kinds = {track.kind for track in found.tracks}
    picture, sound = "video" in kinds, "sound" in kinds
    fault = "" if picture else "it has no picture"
    seconds = round(float(found.duration_s), 3)
    return Looked(seconds, picture=picture, sound=sound, fault=fault)
