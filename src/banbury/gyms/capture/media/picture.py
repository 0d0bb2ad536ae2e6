"""Frames of the picture, upright and small, one after another in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import av
import msgspec
import numpy as np
from numpy.typing import NDArray

from banbury.gyms.capture.media.media import Part
from banbury.gyms.capture.media.reading import only, opened, origin_of

_EDGE_S = 1e-6


class Frame(msgspec.Struct, frozen=True):
    """One picture.

    Attributes:
        t_s: when it is presented, on the take's clock.
        image: uint8, (H, W) grey or (H, W, 3) RGB, upright.
    """

    t_s: float
    image: NDArray[np.uint8]


def frames(
    parts: Sequence[Part],
    *,
    every_s: float,
    width: int,
    start_s: float,
    end_s: float,
    color: bool,
    keys: bool = False,
    track: int = 0,
    quick: bool = False,
) -> Iterator[Frame]:
    """Yield the first frame at or after each multiple of `every_s`, every frame for 0.

    Args:
        parts: the files of the take.
        every_s: the distance of the grid.
        width: of the upright image in pixels; never larger than the original.
        start_s: begin here.
        end_s: stop before this.
        color: RGB instead of grey.
        keys: decode the frames alone that stand for themselves.
        track: which picture track.
        quick: leave out what smooths the edges of the codec's blocks.
    """
    due = start_s
    for part in parts:
        if part.end_s <= start_s or part.start_s >= end_s:
            continue
        for t, frame in _decoded(part, max(start_s, part.start_s), keys, track, quick):
            if t >= min(end_s, part.end_s) - _EDGE_S:
                break
            if t < due - _EDGE_S:
                continue
            yield Frame(t, _image(frame, width, color))
            if every_s > 0:
                due = start_s + (np.floor((t - start_s + _EDGE_S) / every_s) + 1) * every_s


def _decoded(
    part: Part, from_s: float, keys: bool, track: int, quick: bool
) -> Iterator[tuple[float, av.VideoFrame]]:
    """Yield a file's frames, each with its time on the take's clock."""
    with opened(part.media.path) as container:
        tracks = part.media.of("video")
        if track >= len(tracks):
            return
        stream = only(container, container.streams[tracks[track].index])
        stream.codec_context.thread_type = "AUTO"
        if quick:
            stream.codec_context.options = {"skip_loop_filter": "all", "flags2": "+fast"}
        if keys:
            stream.codec_context.skip_frame = "NONKEY"
        shift = part.start_s - origin_of(container)
        if from_s - shift > 0:
            container.seek(max(0, int((from_s - shift) / float(stream.time_base))), stream=stream)
        for packet in container.demux(stream):
            try:
                made = packet.decode()
            except av.InvalidDataError:
                continue
            for frame in made:
                if frame.pts is not None:
                    yield float(frame.pts * frame.time_base) + shift, frame


def _image(frame: Any, width: int, color: bool) -> NDArray[np.uint8]:
    """Return a frame as an upright array, at most `width` pixels wide."""
    turn = (int(frame.rotation or 0) % 360) // 90
    wide, high = frame.width, frame.height
    across = high if turn % 2 else wide
    scale = min(1.0, width / across) if width else 1.0
    small = frame.reformat(
        width=max(1, round(wide * scale)),
        height=max(1, round(high * scale)),
        format="rgb24" if color else "gray",
        interpolation="AREA",
    )
    image: NDArray[np.uint8] = small.to_ndarray()
    return np.ascontiguousarray(np.rot90(image, turn)) if turn else image
