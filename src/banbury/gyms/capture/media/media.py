"""What a file of footage holds, as it says itself; nothing here is decoded."""

from __future__ import annotations

from typing import Literal

import msgspec

from banbury.episode import Source

Kind = Literal["video", "sound", "data"]


class Track(msgspec.Struct, frozen=True, omit_defaults=True):
    """One track of a file.

    Attributes:
        kind: `video`, `sound`, or `data` (timecode, telemetry, subtitles).
        index: the track's place in the file.
        codec: its short name, such as `h264`, `aac`, `gpmd`, "" where it has none.
        start_s: when it begins, on the file's clock (0 is the first picture or sound).
        duration_s: from there to its end.
        rate: frames (the mean) or samples a second, 0 for data.
        size: width and height as coded, before `rotation`, (0, 0) for others.
        rotation: degrees counter-clockwise that set the picture upright: 0, 90, 180, 270.
        channels: of sound.
        variable: the picture's frames do not follow at one interval.
        handler: what the camera calls the track.
        count: packets, 0 where the container does not count them.
    """

    kind: Kind
    index: int
    codec: str
    start_s: float
    duration_s: float
    rate: float = 0.0
    size: tuple[int, int] = (0, 0)
    rotation: int = 0
    channels: int = 0
    variable: bool = False
    handler: str = ""
    count: int = 0

    @property
    def end_s(self) -> float:
        """When the track ends, on the file's clock."""
        return self.start_s + self.duration_s


class Hole(msgspec.Struct, frozen=True):
    """A time without sound or without pictures, by the file's own time stamps."""

    start_s: float
    end_s: float
    kind: Literal["sound", "picture"]


class Media(msgspec.Struct, frozen=True, omit_defaults=True):
    """One file of footage.

    Attributes:
        path: where it lies.
        container: the format's short name, such as `mp4`, `matroska`, `mp3`.
        duration_s: from its first picture or sound to its last.
        tracks: in the file's order.
        timecode: of the first frame, such as `19:26:48:04` (`;` before the frames: drop-frame).
        timecode_rate: frames that the timecode counts, a second.
        claimed_ns: the date in the container. Such dates lie, by a minute in samples of GoPro's
            own: it is shown, and synchronizes nothing.
        chapter: the recording's name and the number of this file in it, where the camera splits.
        telemetry: it carries a GPMF track.
        holes: on the file's clock.
        faults: what is wrong with it, in words.
        bytes: the file's size.
        camera: firmware or make and model, as the file names it.
    """

    path: Source
    container: str
    duration_s: float
    tracks: tuple[Track, ...]
    timecode: str = ""
    timecode_rate: float = 0.0
    claimed_ns: int | None = None
    chapter: tuple[str, int] | None = None
    telemetry: bool = False
    holes: tuple[Hole, ...] = ()
    faults: tuple[str, ...] = ()
    bytes: int = 0
    camera: str = ""

    def of(self, kind: Kind) -> tuple[Track, ...]:
        """Return the tracks of a kind, in the file's order."""
        return tuple(t for t in self.tracks if t.kind == kind)


class Part(msgspec.Struct, frozen=True):
    """A file's place in its take: `start_s` and `end_s` are on the take's clock."""

    media: Media
    start_s: float
    end_s: float
