"""The stamps of a file's packets: from an MP4's own tables, else from every packet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from banbury.episode import Source
from banbury.gyms.capture.media.boxes import Boxes, boxes
from banbury.gyms.capture.media.reading import opened, origin_of
from banbury.gyms.capture.media.stamps import Stamps, capped, sorted_stamps
from banbury.gyms.capture.media.tables import HANDLERS, presented

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.stream import Stream


def stamps(path: Source) -> dict[int, Stamps]:
    """Return the stamps of each track of picture or sound, by the track's index.

    Of an MP4 or MOV its tables are read, of all else every packet.

    Raises:
        InputError: the file is no footage that can be read.
    """
    with opened(path) as container:
        found = boxes(path) if container.format.name.startswith("mov") else None
        made = _tabled(found, container, path) if found is not None else None
        if made is None:
            made = _demuxed(container)
        even = {s.index for s in container.streams if _even(s)}
        known = {s.index for s in container.streams if s.codec_context is not None}
    return {
        i: capped(s) if i in even else s for i, s in made.items() if len(s.times_s) and i in known
    }


def _tabled(found: Boxes, container: InputContainer, path: Source) -> dict[int, Stamps] | None:
    """Return the tables' stamps; None where they and FFmpeg do not see the same tracks."""
    size, origin = path.stat().st_size, origin_of(container)
    types = [s.type for s in container.streams]
    made = {}
    for index, table in enumerate(found.tables):
        kind = HANDLERS.get(table.handler)
        if index >= len(types) or (types[index] in HANDLERS.values() and types[index] != kind):
            return None
        if kind is not None:
            stamped = presented(table, origin, size)
            if stamped is None:
                return None
            made[index] = stamped
    beyond = types[len(found.tables) :]
    return None if any(t in HANDLERS.values() for t in beyond) else made


def _demuxed(container: InputContainer) -> dict[int, Stamps]:
    rows: dict[int, list[tuple[float, float, bool]]] = {}
    origin = origin_of(container)
    streams = [s for s in container.streams if s.type in HANDLERS.values()]
    for packet in container.demux(streams):
        at = packet.pts if packet.pts is not None else packet.dts
        if at is None or packet.is_discard or packet.time_base is None:
            continue
        base = float(packet.time_base)
        row = (at * base - origin, (packet.duration or 0) * base, bool(packet.is_keyframe))
        rows.setdefault(packet.stream_index, []).append(row)
    return {index: sorted_stamps(np.array(r, dtype=np.float64)) for index, r in rows.items()}


def _even(stream: Stream) -> bool:
    """Return whether all packets of a track are as long as each other: coded sound in blocks."""
    if stream.type != "audio" or stream.codec_context is None:
        return False
    codec = stream.codec_context.name
    return not codec.startswith(("pcm", "vorbis", "opus"))
