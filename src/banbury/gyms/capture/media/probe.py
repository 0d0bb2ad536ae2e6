"""Reading what a file of footage says of itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import av
from msgspec.structs import replace

from banbury.episode import Source
from banbury.errors import InputError
from banbury.gyms.capture.media.boxes import Boxes, boxes
from banbury.gyms.capture.media.chapters import chapter_of
from banbury.gyms.capture.media.media import Hole, Kind, Media, Track
from banbury.gyms.capture.media.packets import stamps
from banbury.gyms.capture.media.reading import PIXELS, opened, origin_of, seconds, within
from banbury.gyms.capture.media.stamps import (
    SLACK_S,
    Stamps,
    picture_holes,
    sound_holes,
    varies,
)
from banbury.gyms.capture.media.tables import missing
from banbury.gyms.capture.media.timecode import Timecode, parse_timecode, read_timecode

_KINDS: dict[str, Kind] = {"video": "video", "audio": "sound"}
TELEMETRY = "gpmd"
"""The sample entry of GoPro's track of telemetry."""
VORBIS_SLACK_S = 0.03
UNEVEN_S = 0.1
"""Sound and picture that end this far apart are worth a word."""


def probe(path: Source | str, *, name: str | None = None) -> Media:
    """Return what a file of footage holds; its stamps are read, and one picture is decoded.

    Args:
        path: the file.
        name: what the camera called it, where it lies under another name.

    Raises:
        InputError: the file is not there, or is no footage.
    """
    path = Path(path) if isinstance(path, str) else path
    found = stamps(path)
    tables = boxes(path)
    with opened(path) as container:
        origin = origin_of(container)
        tracks = [_track(s, found.get(s.index), origin) for s in container.streams]
        if not found:
            raise InputError(
                "the file holds no picture and no sound",
                where=str(path),
                do="copy it again from the camera",
            )
        within(max(s.end_s for s in found.values()), "it", path)
        _refuse_vast(tracks, path)
        rotation = _rotation(container)
        meta = {k.lower(): v for k, v in container.metadata.items()}
        timecode = _timecode(path, container, tables)
        kind = _short(container.format.name, path)
    if tables is not None:
        tracks = [_named(t, tables) for t in tracks]
    tracks = [replace(t, rotation=rotation) if t.kind == "video" else t for t in tracks]
    duration = max(s.end_s for s in found.values())
    return Media(
        path=path,
        container=kind,
        duration_s=duration,
        tracks=tuple(tracks),
        timecode=str(timecode) if timecode else "",
        timecode_rate=timecode.rate if timecode else 0.0,
        claimed_ns=_claimed(meta.get("creation_time", "")),
        chapter=chapter_of(name or path.name),
        telemetry=any(t.codec == TELEMETRY for t in tracks),
        holes=tuple(_holes(tracks, found, duration)),
        faults=tuple(_faults(tracks, found, tables, path)),
        bytes=path.stat().st_size,
        camera=meta.get("firmware") or meta.get("com.apple.quicktime.model") or "",
    )


def _refuse_vast(tracks: Sequence[Track], path: Source) -> None:
    """Raise where a picture has more pixels than are decoded; its size reads as none then.

    Raises:
        InputError: one has.
    """
    for track in tracks:
        wide, high = track.size
        if track.kind == "video" and track.codec and not 0 < wide * high <= PIXELS:
            raise InputError(
                f"its pictures tell no size, or one above {PIXELS:,} pixels",
                where=str(path),
                do="film in 8K at most; where the camera did, copy the file from it again",
            )


def _named(track: Track, tables: Boxes) -> Track:
    """Give a data track the name that its samples have in an MP4."""
    if track.kind != "data" or track.codec or track.index >= len(tables.tables):
        return track
    return replace(track, codec=tables.tables[track.index].format.strip("\0 "))


def _track(stream: Any, found: Stamps | None, origin: float) -> Track:
    """Return what one stream of PyAV is."""
    context = stream.codec_context
    kind: Kind = _KINDS.get(stream.type, "data") if context is not None else "data"
    start = (seconds(stream.start_time, stream.time_base) or 0.0) - origin
    length = seconds(stream.duration, stream.time_base) or 0.0
    if found is not None and len(found.times_s):
        start = max(0.0, float(found.times_s[0]))  # what a codec puts before is not presented
        length = found.end_s - start
    rate = 0.0
    if kind == "video":
        rate = _frame_rate(found) or float(stream.average_rate or 0)
    elif kind == "sound":
        rate = float(context.sample_rate or 0)
    return Track(
        kind=kind,
        index=stream.index,
        codec=_codec(stream),
        start_s=start,
        duration_s=length,
        rate=rate,
        size=(context.width, context.height) if kind == "video" else (0, 0),
        channels=context.channels if kind == "sound" else 0,
        variable=kind == "video" and found is not None and varies(found),
        handler=_handler(stream.metadata),
        count=len(found.times_s) if found is not None else int(stream.frames or 0),
    )


def _frame_rate(found: Stamps | None) -> float:
    """Return the mean by the frames' times; how long the last one lasts is often made up."""
    if found is None or len(found.times_s) < 2:
        return 0.0
    span = float(found.times_s[-1] - found.times_s[0])
    return (len(found.times_s) - 1) / span if span > 0 else 0.0


def _codec(stream: Any) -> str:
    context = stream.codec_context
    if context is None:
        return ""
    name = str(getattr(context, "name", "") or "")
    return {"mp3float": "mp3", "aac_latm": "aac", "opus": "opus"}.get(name, name)


def _handler(metadata: dict[str, str]) -> str:
    # Old writers put the length of the name before it.
    return "".join(c for c in metadata.get("handler_name", "") if c.isprintable()).strip()


def _rotation(container: Any) -> int:
    """Return how the first picture stands, in degrees counter-clockwise to set it upright."""
    for stream in container.streams.video:
        if stream.codec_context is None:
            continue
        try:
            frame = next(container.decode(stream), None)
        except av.FFmpegError:
            return 0
        return int(getattr(frame, "rotation", 0) or 0) % 360 if frame is not None else 0
    return 0


def _timecode(path: Source, container: Any, tables: Boxes | None) -> Timecode | None:
    """Return the timecode of the first frame: the track's own, else what the header says."""
    for table in tables.tables if tables is not None else ():
        if (found := read_timecode(path, table)) is not None:
            return found
    rate = next((float(s.average_rate) for s in container.streams.video if s.average_rate), 0.0)
    for source in (*(s.metadata for s in container.streams), container.metadata):
        for key, value in source.items():
            if key.lower() == "timecode" and (found := parse_timecode(value, rate)) is not None:
                return found
    return None


def _claimed(text: str) -> int | None:
    try:
        when = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=dt.UTC)
    return int(when.timestamp() * 1e9) if when.year > 1971 else None


def _short(formats: str, path: Source) -> str:
    if formats.startswith("mov,"):
        return "mov" if path.suffix.lower() in (".mov", ".qt") else "mp4"
    if formats.startswith("matroska"):
        return "webm" if path.suffix.lower() == ".webm" else "matroska"
    return formats.split(",")[0]


def _holes(tracks: Sequence[Track], found: dict[int, Stamps], end_s: float) -> list[Hole]:
    """Return what is missing of the first track of each kind."""
    holes: list[Hole] = []
    sounds = [t for t in tracks if t.kind == "sound" and t.index in found]
    pictures = [t for t in tracks if t.kind == "video" and t.index in found]
    for track in sounds[:1]:
        # Vorbis's packets tell the length of the one before.
        slack = VORBIS_SLACK_S if track.codec == "vorbis" else SLACK_S
        holes += sound_holes(found[track.index], end_s, slack)
    for track in pictures[:1]:
        holes += picture_holes(found[track.index], end_s)
    return sorted(holes, key=lambda h: (h.start_s, h.kind))


def _faults(
    tracks: Sequence[Track], found: dict[int, Stamps], tables: Boxes | None, path: Source
) -> Iterator[str]:
    if tables is not None:
        said, there = missing(tables, path.stat().st_size)
        if said > there:
            yield f"the file is cut off: {there:.1f} of {said:.1f} s are there"
    pictures, sounds = (
        [found[t.index].end_s for t in tracks if t.kind == kind and t.index in found]
        for kind in ("video", "sound")
    )
    if not pictures:
        yield "there is no picture"
    if not sounds:
        yield "there is no sound"
    if pictures and sounds and abs(short := max(pictures) - max(sounds)) > UNEVEN_S:
        which = "sound" if short > 0 else "picture"
        yield f"the {which} ends {abs(short):.2f} s before the rest"
