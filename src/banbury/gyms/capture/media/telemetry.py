"""A camera's telemetry on the take's clock: motion, place, exposure and whatever else it wrote."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from banbury.episode import Source
from banbury.gyms.capture.media.boxes import boxes
from banbury.gyms.capture.media.pieces import Piece, pieces
from banbury.gyms.capture.media.probe import TELEMETRY
from banbury.gyms.capture.media.reading import only, opened, origin_of
from banbury.gyms.capture.media.sampling import Anchors, Timing, sample_times

if TYPE_CHECKING:
    from banbury.gyms.capture.media.take import Take

_MAGIC = b"DEVC"
_REFERENCES = ("SHUT", "ISOE", "ISOG", "CORI", "IORI", "GRAV")
"""Streams with a sample for each frame: their first sample is the file's first frame."""


class Stream(msgspec.Struct, frozen=True):
    """One stream of samples.

    Attributes:
        key: such as `GYRO`; `GPS5.GPSP` for what the camera writes beside a stream.
        device: who took them, such as `Camera`.
        name: in the camera's words.
        times_s: (n,) float64 on the take's clock; several rows may have one time.
        values: (n, k) float64 in `units`; NaN where an element is text.
        texts: (n, k) where elements are text, else None.
        units: one for all elements, or one each.
        scale: what the camera's numbers were divided by.
        timing: how the times are known; see `sampling.sample_times`.
    """

    key: str
    device: str
    name: str
    times_s: NDArray[np.float64]
    values: NDArray[np.float64]
    texts: NDArray[np.character] | None
    units: tuple[str, ...]
    scale: tuple[float, ...]
    timing: Timing

    @property
    def unit(self) -> str:
        """The unit of all elements, or their units with commas between."""
        return ", ".join(self.units)

    @property
    def rate(self) -> float:
        """Samples a second, the mean; 0 where there are fewer than two."""
        moments = np.unique(self.times_s)
        span = float(moments[-1] - moments[0]) if len(moments) > 1 else 0.0
        return (len(moments) - 1) / span if span > 0 else 0.0


class Telemetry(msgspec.Struct, frozen=True):
    """All streams of a take; a second device's stream of the same key is `KEY@device`."""

    streams: dict[str, Stream]
    faults: tuple[str, ...] = ()


class Packet(NamedTuple):
    """One packet of telemetry: when it begins and ends on the file's clock, and its bytes."""

    start_s: float
    end_s: float
    data: bytes


def telemetry(take: Take, keys: Collection[str] | None = None) -> Telemetry:
    """Return a take's telemetry; empty where the camera wrote none.

    Args:
        take: the take.
        keys: the streams that are wanted, None for all.

    Raises:
        InputError: a file cannot be read.
    """
    made: dict[str, list[Stream]] = {}
    faults: list[str] = []
    for part in take.parts:
        streams, told = read(packets(part.media.path), keys)
        faults += told
        for key, stream in streams.items():
            moved = msgspec.structs.replace(stream, times_s=stream.times_s + part.start_s)
            made.setdefault(key, []).append(moved)
    return Telemetry({k: _joined(v) for k, v in made.items()}, tuple(dict.fromkeys(faults)))


def packets(path: Source) -> Iterator[Packet]:
    """Yield the packets of a file's track of telemetry.

    Raises:
        InputError: the file cannot be read.
    """
    with opened(path) as container:
        origin = origin_of(container)
        index = _track(path)
        if index is None or index >= len(container.streams):
            return
        stream = only(container, container.streams[index])
        for packet in container.demux(stream):
            if packet.size and packet.pts is not None and packet.time_base is not None:
                start = float(packet.pts * packet.time_base) - origin
                length = float((packet.duration or 0) * packet.time_base)
                yield Packet(start, start + length, bytes(packet))


def _track(path: Source) -> int | None:
    """Return the track of telemetry: by its name, else by how its first packet begins."""
    if (found := boxes(path)) is not None:
        return next((k for k, t in enumerate(found.tables) if t.format == TELEMETRY), None)
    with opened(path) as container:
        indices = [s.index for s in container.streams if s.type == "data"]
    for index in indices:
        with opened(path) as container:
            stream = only(container, container.streams[index])
            first = next((p for p in container.demux(stream) if p.size), None)
            if first is not None and bytes(first)[:4] == _MAGIC:
                return index
    return None


def read(
    found: Iterator[Packet], keys: Collection[str] | None = None
) -> tuple[dict[str, Stream], list[str]]:
    """Return the streams in some packets, by key, on the packets' clock, and what is amiss."""
    rows: dict[tuple[str, str], list[tuple[Packet, Piece]]] = {}
    faults: list[str] = []
    for packet in found:
        made, told = pieces(packet.data)
        faults += told
        for piece in made:
            if _wanted(piece.key, keys):
                bare = packet._replace(data=b"")
                rows.setdefault((piece.device, piece.key), []).append((bare, piece))
    zero = _zero(rows)
    streams: dict[str, Stream] = {}
    for (device, key), own in rows.items():
        shape = own[0][1].values.shape[1]
        same = [r for r in own if r[1].values.shape[1] == shape]
        if len(same) < len(own):
            faults.append(f"{key} changes its number of elements; the later ones are left out")
        if any(len(r[1].values) for r in same):
            name = key if key not in streams else f"{key}@{device}"
            streams[name] = _stream(device, key, same, zero)
    return streams, list(dict.fromkeys(faults))


def _wanted(key: str, keys: Collection[str] | None) -> bool:
    return keys is None or key in keys or key in _REFERENCES


def _zero(rows: dict[tuple[str, str], list[tuple[Packet, Piece]]]) -> float | None:
    """Return the camera's clock at the file's zero: when the first frame was exposed."""
    firsts = {
        key: own[0][1].stamp_s - own[0][0].start_s
        for (_, key), own in rows.items()
        if own[0][1].stamp_s is not None
    }
    for key in _REFERENCES:
        if key in firsts:
            return firsts[key]
    return min(firsts.values(), default=None)


def _stream(device: str, key: str, own: list[tuple[Packet, Piece]], zero_s: float | None) -> Stream:
    first = own[0][1]
    anchors = Anchors(
        starts_s=np.array([p.start_s for p, _ in own]),
        ends_s=np.array([p.end_s for p, _ in own]),
        counts=np.array([q.moments for _, q in own], dtype=np.int64),
        totals=np.array([-1 if q.total is None else q.total for _, q in own], dtype=np.int64),
        stamps_s=np.array([np.nan if q.stamp_s is None else q.stamp_s for _, q in own]),
    )
    moments, timing = sample_times(anchors, zero_s)
    starts = np.concatenate([[0], np.cumsum(anchors.counts)[:-1]])
    row_of = np.concatenate([q.entries + s for (_, q), s in zip(own, starts, strict=True)])
    texts = [q.texts for _, q in own if q.texts is not None]
    return Stream(
        key=key,
        device=device,
        name=first.name,
        times_s=moments[row_of] - first.delay_s,
        values=np.concatenate([q.values for _, q in own]),
        texts=np.concatenate(texts) if texts else None,
        units=first.units,
        scale=first.scale,
        timing=timing,
    )


def _joined(chapters: list[Stream]) -> Stream:
    if len(chapters) == 1:
        return chapters[0]
    texts = [c.texts for c in chapters if c.texts is not None]
    return msgspec.structs.replace(
        chapters[0],
        times_s=np.concatenate([c.times_s for c in chapters]),
        values=np.concatenate([c.values for c in chapters]),
        texts=np.concatenate(texts) if len(texts) == len(chapters) else None,
    )
