"""Which frames are looked at: key frames, and short bursts that begin at them, in one pass.

A key frame needs no other to be decoded, so a second of footage costs a few frames instead of 30.
Every other one is looked at together with the frames after it, which shows shaking. Where key
frames stand more than `SPARSE_S` apart, all frames are decoded, and looked at in the same places.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from banbury.gyms.capture.media import Part
from banbury.gyms.capture.media.reading import only, opened, origin_of
from banbury.gyms.capture.quality.libraries import av, cv2

EVERY_S = 1.0
"""The first key frame at or after each second is looked at."""
BURST_EVERY_S = 2.0
"""The first of them at or after each two seconds together with the frames after it."""
SPARSE_S = 4.0
"""Key frames this far apart are too few to look at them alone."""
BURST_S = 0.12
"""How long a burst is,"""
FEWEST, MOST = 5, 12
"""and how many frames it has, whatever the rate."""
WIDE, SMALL, MIDDLE = 640, 160, 512
"""Pixels: for sharpness, for motion, and of the part that is looked at in full size."""

_LIMITED = np.clip((np.arange(256) - 16) * 255 / 219 + 0.5, 0, 255).astype(np.uint8)
_LUMA_FIRST = ("yuv420p", "yuv422p", "yuv444p", "yuvj420p", "yuvj422p", "yuvj444p", "nv12", "gray")

Image = NDArray[np.uint8]


class Burst(msgspec.Struct, frozen=True):
    """One frame or a few consecutive ones, upright, brightness from 0 to 255.

    Attributes:
        times_s: when each is shown, on the take's clock.
        wide: the first one, (H, W), its coded width at most 640.
        small: all of them, (n, h, w), coded width 160.
        middle: the middle of the first one in full size, as coded: brightness, at most
            (512, 512), and where they lie apart the colours, half of that.
        color: the first one in RGB, (h, w, 3), the longer side 192; None where not asked for.
    """

    times_s: tuple[float, ...]
    wide: Image
    small: Image
    middle: tuple[Image, ...]
    color: Image | None = None

    @property
    def t_s(self) -> float:
        """When the first frame is shown."""
        return self.times_s[0]


class Packets(msgspec.Struct):
    """When each packet of the picture is shown, on the take's clock, its bytes, whether a key."""

    times_s: list[float] = msgspec.field(default_factory=list)
    sizes: list[int] = msgspec.field(default_factory=list)
    keys: list[bool] = msgspec.field(default_factory=list)


def bursts(
    part: Part, packets: Packets, *, every_s: float = EVERY_S, color_every_s: float = 0.0
) -> Iterator[Burst]:
    """Yield the bursts of one file, and note all its packets on the way.

    Args:
        part: a file and its place on the take's clock.
        packets: filled on the way.
        every_s: how far apart bursts are at least.
        color_every_s: how far apart the first frame is wanted in colour too, 0 for never.

    Raises:
        InputError: the file cannot be read.
    """
    sparse = key_distance(part) > SPARSE_S
    color_due = part.start_s
    with opened(part.media.path) as container:
        if not container.streams.video:
            return
        stream = only(container, container.streams.video[0])
        stream.codec_context.thread_count = 1
        shift = part.start_s - origin_of(container)
        seen = _noted(container.demux(stream), packets, shift, part.end_s)
        groups = _all(seen, stream, every_s) if sparse else _at_keys(seen, stream, every_s)
        for group in groups:
            first = float(group[0].pts * stream.time_base) + shift
            wanted = color_every_s > 0 and first >= color_due
            if wanted:
                color_due = first + color_every_s
            times = tuple(float(f.pts * stream.time_base) + shift for f in group)
            yield _burst(group, times, color=wanted)


def key_distance(part: Part, within_s: float = 30.0) -> float:
    """Return the median distance of key frames at the file's beginning, in seconds.

    Infinite where there are not two of them.
    """
    keys: list[float] = []
    with opened(part.media.path) as container:
        if not container.streams.video:
            return float("inf")
        stream = only(container, container.streams.video[0])
        for packet in container.demux(stream):
            if packet.pts is None:
                continue
            t = float(packet.pts * stream.time_base)
            if packet.is_keyframe:
                keys.append(t)
            if keys and t - keys[0] > within_s:
                break
    return float(np.median(np.diff(keys))) if len(keys) > 1 else float("inf")


def _noted(
    stream_packets: Iterator[Any], packets: Packets, shift: float, end_s: float
) -> Iterator[Any]:
    for packet in stream_packets:
        at = packet.pts if packet.pts is not None else packet.dts
        if at is None:
            continue
        t = float(at * packet.time_base) + shift
        if t < end_s and not packet.is_discard:
            packets.times_s.append(t)
            packets.sizes.append(packet.size)
            packets.keys.append(bool(packet.is_keyframe))
            yield packet


def _length(stream: Any) -> int:
    rate = float(stream.average_rate or 30)
    return int(np.clip(round(BURST_S * rate), FEWEST, MOST))


def _at_keys(packets: Iterator[Any], stream: Any, every_s: float) -> Iterator[list[Any]]:
    """Yield the frames from each wanted key frame on; nothing else is decoded."""
    codec, length = stream.codec_context, _length(stream)
    group: list[Any] = []
    due, long_due, fed, key_pts, wanted = -np.inf, -np.inf, 0, 0, 1
    for packet in packets:
        pts = packet.pts if packet.pts is not None else packet.dts
        t = float(pts * stream.time_base)
        if packet.is_keyframe and t >= due and not fed:
            group, key_pts, wanted = [], pts, length if t >= long_due else 1
            due = t + every_s - 1e-3
            long_due = t + BURST_EVERY_S - 1e-3 if wanted > 1 else long_due
        elif not fed:
            continue
        group += _decoded(codec, packet)
        fed += 1
        if fed > wanted or wanted == 1:
            group += _decoded(codec, None)
            codec.flush_buffers()
            yield from _kept(group, key_pts)
            fed = 0
    if fed:
        yield from _kept(group + _decoded(codec, None), key_pts)


def _all(packets: Iterator[Any], stream: Any, every_s: float) -> Iterator[list[Any]]:
    """Yield a group of consecutive frames each `every_s`; all is decoded."""
    codec, length = stream.codec_context, _length(stream)
    group: list[Any] = []
    due, long_due, wanted = -np.inf, -np.inf, 1
    for frame in _each(packets, codec):
        t = float(frame.pts * stream.time_base)
        if not group and t >= due:
            wanted = length if t >= long_due else 1
            due = t + every_s - 1e-3
            long_due = t + BURST_EVERY_S - 1e-3 if wanted > 1 else long_due
            group = [frame]
        elif group:
            group.append(frame)
        if len(group) == wanted:
            yield group
            group = []
    if group:
        yield group


def _each(packets: Iterator[Any], codec: Any) -> Iterator[Any]:
    for packet in packets:
        yield from (f for f in _decoded(codec, packet) if f.pts is not None)
    yield from (f for f in _decoded(codec, None) if f.pts is not None)


def _decoded(codec: Any, packet: Any) -> list[Any]:
    """Return the frames that a packet brings, none where it is damaged."""
    try:
        return list(codec.decode(packet))
    except av.FFmpegError:
        return []


def _kept(group: Sequence[Any], key_pts: int) -> Iterator[list[Any]]:
    """Yield the frames from the key frame on, in order, if there are any.

    Frames shown before it rest on ones that were not decoded.
    """
    good = [f for f in group if f.pts is not None and f.pts >= key_pts]
    if good:
        yield sorted(good, key=lambda f: f.pts)


def _burst(group: Sequence[Any], times_s: tuple[float, ...], *, color: bool) -> Burst:
    first = group[0]
    turns = (int(first.rotation or 0) % 360) // 90
    planes = [_luma(f) for f in group]
    full, limited = planes[0]
    return Burst(
        times_s=times_s,
        wide=_upright(_shrunk(full, WIDE, limited=limited), turns),
        small=np.stack([_upright(_shrunk(p, SMALL, limited=lim), turns) for p, lim in planes]),
        middle=_middle(first, full),
        color=_color(first, turns) if color else None,
    )


def _luma(frame: Any) -> tuple[Image, bool]:
    """Return the brightness of a frame as it lies in memory, and whether it is 16 to 235."""
    name = frame.format.name
    if name not in _LUMA_FIRST:
        grey: Image = frame.reformat(format="gray").to_ndarray()
        return grey, False
    plane = frame.planes[0]
    rows = np.frombuffer(plane, np.uint8)[: frame.height * plane.line_size]
    image = rows.reshape(frame.height, plane.line_size)[:, : frame.width]
    return image, not (name.startswith("yuvj") or name == "gray" or frame.color_range == 2)


def _shrunk(image: Image, width: int, *, limited: bool) -> Image:
    scale = min(1.0, width / image.shape[1])
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    made: Any = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.LUT(made, _LIMITED) if limited else made, dtype=np.uint8)


def _middle(frame: Any, luma: Image) -> tuple[Image, ...]:
    """Return the middle of each plane, of brightness alone where colours do not lie apart."""
    made = [_cut(luma, MIDDLE)]
    if frame.format.name in ("yuv420p", "yuvj420p"):
        for plane in frame.planes[1:3]:
            rows = np.frombuffer(plane, np.uint8)[: plane.height * plane.line_size]
            image = rows.reshape(plane.height, plane.line_size)[:, : plane.width]
            made.append(_cut(image, MIDDLE // 2))
    return tuple(made)


def _cut(image: Image, side: int) -> Image:
    high, wide = image.shape
    top, left = max(0, (high - side) // 2), max(0, (wide - side) // 2)
    return image[top : top + side, left : left + side].copy()


def _color(frame: Any, turns: int) -> Image:
    scale = 192 / max(frame.width, frame.height)
    small = frame.reformat(
        width=max(2, round(frame.width * scale)),
        height=max(2, round(frame.height * scale)),
        format="rgb24",
        interpolation="AREA",
    )
    return _upright(small.to_ndarray(), turns)


def _upright(image: Image, turns: int) -> Image:
    return np.ascontiguousarray(np.rot90(image, turns)) if turns else image
