"""Frames of the picture, upright and small, one after another in bounded memory.

The frames that are wanted are chosen by their stamps before anything is decoded. Where they lie
far apart, only what leads up to each from its key frame is decoded; else all of the film is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import av
import msgspec
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from banbury.gyms.capture.media.media import Part
from banbury.gyms.capture.media.packets import stamps
from banbury.gyms.capture.media.reading import only, opened, origin_of
from banbury.gyms.capture.media.stamps import Stamps

EDGE_S = 1e-4
"""Frames nearer to each other than this are one; no camera takes 10,000 a second."""
_SPARSE = 0.6
"""From key frame to wanted frame is decoded alone where that is at most this share of all."""
_EMPTY = Stamps(np.zeros(0), np.zeros(0), np.zeros(0, dtype=np.bool_))


class Frame(msgspec.Struct, frozen=True):
    """One picture.

    Attributes:
        t_s: when it is presented, on the take's clock.
        image: uint8, (H, W) grey or (H, W, 3) RGB, upright.
    """

    t_s: float
    image: NDArray[np.uint8]


class Wish(NamedTuple):
    """Which frames are wanted, and how: see `Take.frames`."""

    every_s: float
    width: int
    start_s: float
    end_s: float
    color: bool
    keys: bool
    track: int
    quick: bool


def frames(parts: Sequence[Part], wish: Wish) -> Iterator[Frame]:
    """Yield the wanted frames of a take's files, in order."""
    held = [(part, stamps_of(part, wish.track)) for part in parts]
    chosen = _chosen(held, wish)
    shrink = _Shrink(wish.width, wish.color)
    for (part, own), targets in zip(held, chosen, strict=True):
        if len(targets):
            for t, frame in _decoded(part, own, targets, wish):
                yield Frame(t, shrink(frame))


def stamps_of(part: Part, track: int) -> Stamps:
    """Return the stamps of a file's picture track on the take's clock, cut at the file's end."""
    tracks = part.media.of("video")
    found = stamps(part.media.path).get(tracks[track].index) if track < len(tracks) else None
    if found is None:
        return _EMPTY
    times = found.times_s + part.start_s
    kept = times < part.end_s - EDGE_S
    return Stamps(times[kept], found.lengths_s[kept], found.keys[kept])


def _chosen(held: Sequence[tuple[Part, Stamps]], wish: Wish) -> list[NDArray[np.float64]]:
    """Return for each file the times of the wanted frames."""
    shown = [own.times_s[own.keys] if wish.keys else own.times_s for _, own in held]
    inside = [t[(t >= wish.start_s - EDGE_S) & (t < wish.end_s - EDGE_S)] for t in shown]
    if wish.every_s <= 0:
        return inside
    every = np.concatenate(inside)
    count = int(np.ceil(max(0.0, wish.end_s - wish.start_s) / wish.every_s)) + 1
    grid = wish.start_s + np.arange(count) * wish.every_s
    first = np.unique(np.searchsorted(every, grid - EDGE_S))
    taken = np.zeros(len(every), dtype=np.bool_)
    taken[first[first < len(every)]] = True
    ends = np.cumsum([len(t) for t in inside])
    return [t[taken[end - len(t) : end]] for t, end in zip(inside, ends, strict=True)]


def _decoded(
    part: Part, own: Stamps, targets: NDArray[np.float64], wish: Wish
) -> Iterator[tuple[float, av.VideoFrame]]:
    """Yield the frames at, or where one is damaged the next after, the targets."""
    keys = own.times_s[own.keys]
    before = np.searchsorted(keys, targets + EDGE_S, side="right") - 1
    needed = _needed(own.times_s, keys, targets, before)
    sparse = wish.keys or needed < _SPARSE * _between(own.times_s, targets)
    with opened(part.media.path) as container:
        stream = only(container, container.streams[part.media.of("video")[wish.track].index])
        stream.codec_context.thread_type = "SLICE" if sparse else "AUTO"
        if wish.quick:
            stream.codec_context.options |= {"skip_loop_filter": "all", "flags2": "+fast"}
        reader = _Reader(container, stream, part.start_s - origin_of(container))
        k = 0
        while k < len(targets):
            reader.seek(float(keys[before[k]]) if before[k] >= 0 else float(own.times_s[0]))
            began = k
            for t, frame in reader.frames(one=wish.keys):
                if t < targets[k] - EDGE_S:
                    continue
                yield t, frame
                k = int(np.searchsorted(targets, t + EDGE_S, side="right"))
                if k == len(targets) or (sparse and keys[max(before[k], 0)] > t + EDGE_S):
                    break
            if k == began:
                # Nothing could be decoded from this key frame on: go to the next.
                k = int(np.searchsorted(before, before[k], side="right"))


def _needed(
    times: NDArray[np.float64],
    keys: NDArray[np.float64],
    targets: NDArray[np.float64],
    before: NDArray[np.int64],
) -> int:
    """Return how many frames are decoded if each key frame with targets is sought."""
    last = np.unique(before, return_index=True)[1][1:] - 1
    ends = np.append(targets[last], targets[-1])
    starts = keys[np.maximum(np.unique(before), 0)] if len(keys) else targets[:1]
    return int(
        (np.searchsorted(times, ends + EDGE_S) - np.searchsorted(times, starts - EDGE_S)).sum()
    )


def _between(times: NDArray[np.float64], targets: NDArray[np.float64]) -> int:
    """Return how many frames lie from the first target to the last."""
    low, high = np.searchsorted(times, [targets[0] - EDGE_S, targets[-1] + EDGE_S])
    return int(high - low)


class _Reader:
    """A track of pictures that can be sought; its times are on the take's clock."""

    def __init__(self, container: Any, stream: Any, shift_s: float) -> None:
        self._container, self._stream, self._shift = container, stream, shift_s

    def seek(self, t_s: float) -> None:
        """Go to the key frame at or before a time."""
        stamp = round((t_s - self._shift) / float(self._stream.time_base))
        self._container.seek(stamp, stream=self._stream)

    def frames(self, *, one: bool) -> Iterator[tuple[float, av.VideoFrame]]:
        """Yield frames from here on; of the first packet alone if `one`."""
        for packet in self._container.demux(self._stream):
            if one and packet.size and not packet.is_keyframe:
                continue
            yield from self._timed(self._decode(packet))
            if one and packet.size:
                yield from self._timed(self._decode(None))
                return

    def _decode(self, packet: Any) -> list[av.VideoFrame]:
        """Decode what can be decoded; a damaged frame is left out."""
        try:
            return list(self._stream.decode(packet))
        except (av.InvalidDataError, av.EOFError):
            return []

    def _timed(self, made: list[av.VideoFrame]) -> Iterator[tuple[float, av.VideoFrame]]:
        # A frame that is drained has no time base of its own.
        base = self._stream.time_base
        for frame in made:
            if frame.pts is not None:
                yield float(frame.pts * base) + self._shift, frame


class _Shrink:
    """Makes upright arrays of frames, at most `width` pixels wide."""

    def __init__(self, width: int, color: bool) -> None:
        self._width, self._format = width, "rgb24" if color else "gray"
        self._reformatter = VideoReformatter()

    def __call__(self, frame: Any) -> NDArray[np.uint8]:
        turn = (int(frame.rotation or 0) % 360) // 90
        wide, high = frame.width, frame.height
        across = high if turn % 2 else wide
        scale = min(1.0, self._width / across) if self._width else 1.0
        small = self._reformatter.reformat(
            frame,
            width=max(1, round(wide * scale)),
            height=max(1, round(high * scale)),
            format=self._format,
            interpolation="AREA",
            threads=1,
        )
        image = np.asarray(small.to_ndarray(), dtype=np.uint8)
        return np.ascontiguousarray(np.rot90(image, turn)) if turn else image
