"""A take: one or more files of one camera, in order, on one clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from banbury.episode import Source
from banbury.errors import InputError
from banbury.gyms.capture.media import picture, sound
from banbury.gyms.capture.media.join import joined
from banbury.gyms.capture.media.media import Hole, Media, Part
from banbury.gyms.capture.media.picture import Frame, Wish
from banbury.gyms.capture.media.probe import probe
from banbury.gyms.capture.media.reading import within


class Take:
    """One camera's footage from start to end; chapters stand one after another.

    The clock's zero is the first picture or sound of the first file.

    Attributes:
        parts: the files in order, each with its place on the clock.
        faults: what is wrong with the files and with how they follow each other.
    """

    def __init__(self, parts: Sequence[Part], faults: Sequence[str] = ()) -> None:
        self.parts = tuple(parts)
        self._own = tuple(faults)

    @property
    def files(self) -> tuple[Source, ...]:
        """The files, in order."""
        return tuple(p.media.path for p in self.parts)

    @property
    def media(self) -> tuple[Media, ...]:
        """What each file says of itself."""
        return tuple(p.media for p in self.parts)

    @property
    def duration_s(self) -> float:
        """From zero to the end of the last file."""
        return self.parts[-1].end_s

    @property
    def has_sound(self) -> bool:
        """Whether any file has a track of sound."""
        return any(m.of("sound") for m in self.media)

    @property
    def has_picture(self) -> bool:
        """Whether any file has a track of pictures."""
        return any(m.of("video") for m in self.media)

    @property
    def holes(self) -> tuple[Hole, ...]:
        """What is missing by time stamps, on the take's clock, in order."""
        holes = []
        end = 0.0
        for part in self.parts:
            if part.start_s > end:
                holes += [Hole(end, part.start_s, "sound"), Hole(end, part.start_s, "picture")]
            for hole in part.media.holes:
                start, stop = hole.start_s + part.start_s, hole.end_s + part.start_s
                if start < part.end_s:
                    holes.append(Hole(start, min(stop, part.end_s), hole.kind))
            if self.has_sound and not part.media.of("sound"):
                holes.append(Hole(part.start_s, part.end_s, "sound"))
            if self.has_picture and not part.media.of("video"):
                holes.append(Hole(part.start_s, part.end_s, "picture"))
            end = part.end_s
        return tuple(sorted(holes, key=lambda h: (h.start_s, h.kind)))

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong, in words; a file's own faults begin with its name."""
        many = len(self.parts) > 1
        own = [f"{m.path.name}: {f}" if many else f for m in self.media for f in m.faults]
        return (*self._own, *own)

    def sound(
        self,
        rate: int = 16_000,
        *,
        start_s: float = 0.0,
        end_s: float | None = None,
        track: int = 0,
    ) -> Iterator[NDArray[np.float32]]:
        """Yield the sound as mono float32 blocks of 10 s, the last one shorter.

        Sample k of all that is yielded lies at `start_s + k / rate` on the take's clock; where
        the stamps leave a hole there is silence, and `holes` lists it.

        Raises:
            InputError: the take has no such track of sound, or a file cannot be read on.
        """
        if not any(len(m.of("sound")) > track for m in self.media):
            raise InputError(f"there is no sound track {track}", where=str(self.files[0]))
        start, end = self._span(start_s, end_s)
        return sound.sound(self.parts, rate, start, end, track)

    def frames(
        self,
        *,
        every_s: float = 1.0,
        width: int = 320,
        start_s: float = 0.0,
        end_s: float | None = None,
        color: bool = False,
        track: int = 0,
        quick: bool = False,
    ) -> Iterator[Frame]:
        """Yield the first frame at or after each multiple of `every_s`; all of them for 0.

        Raises:
            InputError: the take has no such track of pictures, or a file cannot be read on.
        """
        return self._pictures(every_s, width, start_s, end_s, color, track, quick, keys=False)

    def glances(
        self,
        every_s: float = 1.0,
        width: int = 320,
        *,
        start_s: float = 0.0,
        end_s: float | None = None,
        color: bool = False,
        track: int = 0,
        quick: bool = False,
    ) -> Iterator[Frame]:
        """Yield the first key frame at or after each multiple of `every_s`, which is cheap.

        Raises:
            InputError: the take has no such track of pictures, or a file cannot be read on.
        """
        return self._pictures(every_s, width, start_s, end_s, color, track, quick, keys=True)

    def times(self, track: int = 0) -> NDArray[np.float64]:
        """Return when each frame is presented, (n,) float64 s on the take's clock, ascending."""
        return np.concatenate([picture.stamps_of(p, track).times_s for p in self.parts])

    def _pictures(
        self,
        every_s: float,
        width: int,
        start_s: float,
        end_s: float | None,
        color: bool,
        track: int,
        quick: bool,
        *,
        keys: bool,
    ) -> Iterator[Frame]:
        if not any(len(m.of("video")) > track for m in self.media):
            raise InputError(f"there is no picture track {track}", where=str(self.files[0]))
        start, end = self._span(start_s, end_s)
        wish = Wish(every_s, width, start, end, color, keys, track, quick)
        return picture.frames(self.parts, wish)

    def _span(self, start_s: float, end_s: float | None) -> tuple[float, float]:
        end = self.duration_s if end_s is None else min(end_s, self.duration_s)
        return max(0.0, start_s), end


def open_take(paths: Sequence[Source | str], *, names: Sequence[str] | None = None) -> Take:
    """Return the take that these files are, chapters in order.

    Args:
        paths: files of one camera and one recording.
        names: what the camera called them, where they lie under other names.

    Raises:
        InputError: a file is no footage, the same file is given twice, or the files are of
            different recordings.
    """
    held = [Path(p) if isinstance(p, str) else p for p in paths]
    if not held:
        raise InputError("a take needs at least one file")
    called = [p.name for p in held] if names is None else list(names)
    if len(called) != len(held):
        raise InputError(f"{len(held)} files and {len(called)} names do not belong together")
    media = [probe(p, name=n) for p, n in zip(held, called, strict=True)]
    parts, faults = joined(media)
    within(parts[-1].end_s, "this recording", held[0])
    return Take(parts, faults)
