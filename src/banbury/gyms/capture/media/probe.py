"""Reading what a file of footage says of itself."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from banbury.errors import InputError
from banbury.gyms.capture.media.chapters import chapter_of
from banbury.gyms.capture.media.media import Hole, Kind, Media, Track
from banbury.gyms.capture.media.reading import opened, origin_of, seconds
from banbury.gyms.capture.media.stamps import (
    SLACK_S,
    Stamps,
    picture_holes,
    sound_holes,
    stamps,
    varies,
)

_KINDS: dict[str, Kind] = {"video": "video", "audio": "sound"}
TELEMETRY = "gopro met"
"""How GoPro names its track of telemetry."""
VORBIS_SLACK_S = 0.03
UNEVEN_S = 0.1
"""Sound and picture that end this far apart are worth a word."""


def probe(path: Path, *, name: str | None = None) -> Media:
    """Return what a file of footage holds; the packets' stamps are read, few are decoded.

    Args:
        path: the file.
        name: what the camera called it, where it lies under another name.

    Raises:
        InputError: the file is not there, or is no footage.
    """
    path = Path(path)
    found = stamps(path)
    with opened(path) as container:
        origin = origin_of(container)
        tracks = tuple(_track(s, found.get(s.index), origin) for s in container.streams)
        if not any(t.kind != "data" and t.index in found for t in tracks):
            raise InputError(
                "the file holds no picture and no sound",
                where=str(path),
                do="copy it again from the camera",
            )
        rotation = _rotation(container)
        meta = {k.lower(): v for k, v in container.metadata.items()}
        timecode, rate = _timecode(container)
        container_name = _short(container.format.name, path)
    tracks = tuple(
        Track(**{**_fields(t), "rotation": rotation}) if t.kind == "video" else t for t in tracks
    )
    duration = max(s.end_s for s in found.values())
    return Media(
        path=path,
        container=container_name,
        duration_s=duration,
        tracks=tracks,
        timecode=timecode,
        timecode_rate=rate,
        claimed_ns=_claimed(meta.get("creation_time", "")),
        chapter=chapter_of(name or path.name),
        telemetry=any(TELEMETRY in t.handler.lower() or t.codec == "gpmd" for t in tracks),
        holes=tuple(_holes(tracks, found, duration)),
        faults=tuple(_faults(tracks, found)),
        bytes=path.stat().st_size,
        camera=meta.get("firmware") or meta.get("com.apple.quicktime.model") or "",
    )


def _fields(track: Track) -> dict[str, Any]:
    return {f: getattr(track, f) for f in track.__struct_fields__}


def _track(stream: Any, found: Stamps | None, origin: float) -> Track:
    """Return what one stream of PyAV is."""
    kind = _KINDS.get(stream.type, "data")
    context = stream.codec_context
    start = (seconds(stream.start_time, stream.time_base) or 0.0) - origin
    length = seconds(stream.duration, stream.time_base) or 0.0
    if found is not None and len(found.times_s):
        start = max(0.0, float(found.times_s[0]))  # what a codec puts before is not presented
        length = found.end_s - start
    rate = 0.0
    if kind == "video":
        count = len(found.times_s) if found is not None else 0
        rate = count / length if length > 0 and count else float(stream.average_rate or 0)
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
        try:
            frame = next(container.decode(stream), None)
        except av.FFmpegError:
            return 0
        return int(getattr(frame, "rotation", 0) or 0) % 360 if frame is not None else 0
    return 0


def _timecode(container: Any) -> tuple[str, float]:
    """Return the first track's timecode and how many frames a second it counts."""
    rate = next((s.average_rate for s in container.streams.video if s.average_rate), Fraction(0))
    for source in (*(s.metadata for s in container.streams), container.metadata):
        for key, value in source.items():
            if key.lower() == "timecode" and value:
                return value, float(rate)
    return "", 0.0


def _claimed(text: str) -> int | None:
    try:
        when = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=dt.UTC)
    return int(when.timestamp() * 1e9) if when.year > 1971 else None


def _short(formats: str, path: Path) -> str:
    if formats.startswith("mov,"):
        return "mov" if path.suffix.lower() in (".mov", ".qt") else "mp4"
    if formats.startswith("matroska"):
        return "webm" if path.suffix.lower() == ".webm" else "matroska"
    return formats.split(",")[0]


def _holes(tracks: tuple[Track, ...], found: dict[int, Stamps], end_s: float) -> list[Hole]:
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


def _faults(tracks: tuple[Track, ...], found: dict[int, Stamps]) -> list[str]:
    pictures, sounds = (
        [found[t.index].end_s for t in tracks if t.kind == kind and t.index in found]
        for kind in ("video", "sound")
    )
    faults = []
    if not pictures:
        faults.append("there is no picture")
    if not sounds:
        faults.append("there is no sound")
    if pictures and sounds and abs(short := max(pictures) - max(sounds)) > UNEVEN_S:
        which = "sound" if short > 0 else "picture"
        faults.append(f"the {which} ends {abs(short):.2f} s before the rest")
    return faults
