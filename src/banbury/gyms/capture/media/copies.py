"""Small copies of a take for a page: a film that any browser plays, and the sound's waveform.

The originals stay as they are; whoever measures reads them, never the copies.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
from numpy.typing import NDArray

from banbury.gyms.capture.media.picture import Frame
from banbury.gyms.capture.media.sound import BLOCK_S

if TYPE_CHECKING:
    from banbury.gyms.capture.media.take import Take

Report = Callable[[float], None]

WIDTH = 320
RATE = 15.0
"""Frames a second of a copy, at most."""
LONG_S = 20 * 60.0
"""From this length on, a copy is made of key frames alone where these come often enough."""
KEY_EVERY_S = 1.1
SOUND_RATE = 48_000
PEAKS_MAGIC = b"BPK1"
PEAKS_RATE = 100
_TICK = Fraction(1, 90_000)


def proxy(
    take: Take, target: Path, report: Report | None = None, *, keys: bool | None = None
) -> None:
    """Write a small MP4 (H.264, AAC) whose clock is the take's.

    Args:
        take: what to copy.
        target: the file; it appears when it is whole.
        report: told how much is done, in [0, 1].
        keys: of key frames alone, which takes a tenth of the time and shows one or two frames a
            second; None does so from 20 minutes on, if key frames come each second or so.

    Raises:
        InputError: a file cannot be read on, or there is neither picture nor sound.
    """
    if keys is None:
        keys = take.duration_s >= LONG_S and _often(take)
    with _whole(target) as part, av.open(str(part), "w", format="mp4", options=_FAST_START) as out:
        picture = _Picture(out, take, keys) if take.has_picture else None
        sound = _Sound(out, take) if take.has_sound else None
        for number in range(int(np.ceil(take.duration_s / BLOCK_S))):
            until = min((number + 1) * BLOCK_S, take.duration_s)
            for track in (sound, picture):
                if track is not None:
                    track.write(until)
            if report is not None:
                report(until / take.duration_s)
        for track in (sound, picture):
            if track is not None:
                track.close()


_FAST_START = {"movflags": "+faststart"}


@contextmanager
def _whole(target: Path) -> Iterator[Path]:
    """Give a file beside the target, and move it there when it is whole."""
    part = target.with_name(target.name + ".part")
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _often(take: Take) -> bool:
    """Return whether the first file's key frames come each second or so."""
    shown = [g.t_s for g in take.glances(0.0, 16, end_s=60.0)]
    return len(shown) > 1 and float(np.max(np.diff(shown))) <= KEY_EVERY_S


class _Picture:
    """The track of pictures, written up to a time, then on."""

    def __init__(self, out: av.container.OutputContainer, take: Take, keys: bool) -> None:
        every = 0.0 if keys else 1.0 / RATE
        shown = take.glances if keys else take.frames
        self._frames = iter(shown(every_s=every, width=WIDTH, color=True, quick=True))
        self._out = out
        self._next: Frame | None = next(self._frames, None)
        # All tracks stand before the first packet is written.
        self._stream = self._opened(self._even(self._next.image)) if self._next else None

    def write(self, until_s: float) -> None:
        while self._stream and self._next is not None and self._next.t_s < until_s:
            image = self._even(self._next.image)
            high, wide = self._stream.height, self._stream.width
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame = frame.reformat(width=wide, height=high, format="yuv420p")
            frame.pts, frame.time_base = round(self._next.t_s / _TICK), _TICK
            self._out.mux(self._stream.encode(frame))
            self._next = next(self._frames, None)

    def close(self) -> None:
        if self._stream:
            self._out.mux(self._stream.encode(None))

    def _opened(self, image: NDArray[np.uint8]) -> av.VideoStream:
        stream = self._out.add_stream("libx264", rate=round(RATE))
        stream.height, stream.width = image.shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.time_base = stream.codec_context.time_base = _TICK
        stream.options = {"preset": "veryfast", "crf": "28", "g": "30", "bf": "0"}
        return stream

    @staticmethod
    def _even(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        high, wide = (s // 2 * 2 or 2 for s in image.shape[:2])
        return np.ascontiguousarray(image[:high, :wide])


class _Sound:
    """The track of sound, written up to a time, then on."""

    def __init__(self, out: av.container.OutputContainer, take: Take) -> None:
        self._out = out
        self._stream = out.add_stream("aac", rate=SOUND_RATE, layout="mono")
        self._stream.bit_rate = 64_000
        self._blocks = iter(take.sound(SOUND_RATE))
        self._at = 0

    def write(self, until_s: float) -> None:
        while self._at < round(until_s * SOUND_RATE):
            block = next(self._blocks, None)
            if block is None:
                return
            frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="fltp", layout="mono")
            frame.sample_rate, frame.pts = SOUND_RATE, self._at
            frame.time_base = Fraction(1, SOUND_RATE)
            self._at += len(block)
            self._out.mux(self._stream.encode(frame))

    def close(self) -> None:
        self._out.mux(self._stream.encode(None))


def peaks(take: Take, target: Path, report: Report | None = None) -> None:
    """Write the waveform: for each 10 ms the lowest and the highest sample.

    The file is `BPK1`, then little-endian a uint32 of bins a second and a uint32 of bins, then
    two int8 a bin, lowest and highest, 127 being full scale.

    Raises:
        InputError: the take has no sound, or a file cannot be read on.
    """
    rate, step = 8_000, 8_000 // PEAKS_RATE
    made = bytearray()
    done = 0
    for block in take.sound(rate):
        full = np.concatenate([block, np.zeros(-len(block) % step, dtype=np.float32)])
        bins = full.reshape(-1, step)
        both = np.stack([bins.min(axis=1), bins.max(axis=1)], axis=1)
        made += np.clip(np.round(both * 127), -127, 127).astype(np.int8).tobytes()
        done += len(block)
        if report is not None:
            report(min(1.0, done / (rate * take.duration_s)))
    head = struct.pack("<4sII", PEAKS_MAGIC, PEAKS_RATE, len(made) // 2)
    with _whole(target) as part:
        part.write_bytes(head + made)
