"""What was made of a recording is kept as soon as it is known: it may take an hour."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from banbury.cycle.source.footage.measuring import Found, measured
from banbury.cycle.source.footage.recordings import Recording
from banbury.episode import NO_KEY, Blob, digest
from banbury.errors import UnknownName
from banbury.gyms.capture import media, quality
from banbury.store import Artifact, Lab

KIND = "recording"
"""Kind of the artifacts that hold what was measured on a recording, and its playing copy."""


class Copies(msgspec.Struct, frozen=True):
    """A recording's small playing copy and the peaks of its sound; None where there are none."""

    video: Blob | None
    peaks: Blob | None


class Kept:
    """What a lab knows of recordings, by the hashes of their files."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def qualities(
        self, recordings: Sequence[Recording], report: Callable[[float], object]
    ) -> list[Found]:
        """Return what is measured on recordings, or why one cannot be read; it is done once."""
        names = [f"quality {_key(one, _measured_with())}" for one in recordings]
        found: dict[int, Found] = {}
        for number, name in enumerate(names):
            known = self._known(name)
            if known is not None:
                data = self._lab.blobs.read(known.blobs["quality.json"].sha256)
                found[number] = msgspec.json.decode(data, type=quality.Quality)
        left = [n for n in range(len(recordings)) if n not in found]

        def keep(place: int, seen: quality.Quality) -> None:
            number = left[place]
            data, key = msgspec.json.encode(seen), self.key(recordings[number])
            blob = self._lab.blobs.put(data, "application/json", key)
            said = _said(recordings[number])
            self._lab.put_artifact(KIND, names[number], said, {"quality.json": blob})

        made = measured([recordings[n] for n in left], report, keep)
        found |= dict(zip(left, made, strict=True))
        return [found[n] for n in range(len(recordings))]

    def copies(self, one: Recording, report: Callable[[float], None] | None = None) -> Copies:
        """Return a recording's playing copy and peaks, which are made once."""
        name = f"copy {_key(one, '1')}"
        known = self._known(name)
        if known is None:
            known = self._lab.put_artifact(KIND, name, _said(one), self._made(one, report))
        return Copies(known.blobs.get("copy.mp4"), known.blobs.get("peaks"))

    def key(self, one: Recording) -> str:
        """Return the key under which what is made of a recording is kept: that of its files."""
        found = [self._lab.blobs.find(file.sha256) for file in one.files if file.sha256]
        return next((blob.key for blob in found if blob is not None), NO_KEY)

    def _made(self, one: Recording, report: Callable[[float], None] | None) -> dict[str, Blob]:
        blobs, key = {}, self.key(one)
        with tempfile.TemporaryDirectory(prefix="banbury-copy-") as folder:
            copy, peaks = Path(folder) / "copy.mp4", Path(folder) / "peaks"
            media.proxy(one.take, copy, report)
            with copy.open("rb") as file:
                blobs["copy.mp4"] = self._lab.blobs.put(file, "video/mp4", key)
            if one.take.has_sound:
                media.peaks(one.take, peaks)
                with peaks.open("rb") as file:
                    blobs["peaks"] = self._lab.blobs.put(file, "application/octet-stream", key)
        return blobs

    def _known(self, name: str) -> Artifact | None:
        try:
            return self._lab.artifact(KIND, name)
        except UnknownName:
            return None


def _said(one: Recording) -> dict[str, object]:
    return {"files": len(one.files), "duration_s": one.take.duration_s}


def _key(one: Recording, how: str) -> str:
    return digest(how.encode(), *(bytes.fromhex(file.sha256) for file in one.files))[:32]


@functools.cache
def _measured_with() -> str:
    """Return the hash of what measures: other code measures again."""
    rooms = [Path(room.__file__).parent for room in (media, quality) if room.__file__]
    files = [file for room in rooms for file in sorted(room.rglob("*.py"))]
    return digest(*(file.read_bytes() for file in files))
