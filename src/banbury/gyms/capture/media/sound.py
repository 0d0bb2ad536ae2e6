"""Sound at one rate on the take's clock, hour after hour in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import av
import numpy as np
from numpy.typing import NDArray

from banbury.gyms.capture.media.media import Part
from banbury.gyms.capture.media.reading import only, opened, origin_of
from banbury.gyms.capture.media.stamps import SLACK_S

Block = NDArray[np.float32]
BLOCK_S = 10.0
_PREROLL_S = 0.5


class _Placed:
    """Puts pieces of sound at their places and hands out blocks of one length, without gaps."""

    def __init__(self, first: int, end: int, length: int) -> None:
        self._block = np.zeros(length, dtype=np.float32)
        self._start = first  # of the block
        self.at = first  # what lies before is settled
        self._end = end

    def put(self, at: int, piece: Block) -> Iterator[Block]:
        """Place a piece at a sample; what lies before the last one's end is dropped."""
        skip = max(0, self.at - at)
        piece, at = piece[skip:], at + skip
        piece = piece[: max(0, self._end - at)]
        if not len(piece):
            return
        yield from self.silence(at)
        while len(piece):
            room = self._start + len(self._block) - self.at
            part = piece[:room]
            offset = self.at - self._start
            self._block[offset : offset + len(part)] = part
            self.at += len(part)
            piece = piece[len(part) :]
            yield from self._full()

    def silence(self, until: int) -> Iterator[Block]:
        """Go on to a sample with silence."""
        until = min(until, self._end)
        while self.at < until:
            self.at = min(until, self._start + len(self._block))
            yield from self._full()

    def close(self) -> Iterator[Block]:
        """Fill up to the end and hand out the last block."""
        yield from self.silence(self._end)
        if self.at > self._start:
            yield self._block[: self.at - self._start].copy()

    def _full(self) -> Iterator[Block]:
        if self.at - self._start == len(self._block):
            yield self._block.copy()
            self._block[:] = 0.0
            self._start = self.at


def sound(
    parts: Sequence[Part], rate: int, start_s: float, end_s: float, track: int
) -> Iterator[Block]:
    """Yield mono float32 blocks of 10 s from `start_s` to `end_s`; a hole is silence."""
    first, end = round(start_s * rate), round(end_s * rate)
    placed = _Placed(first, end, round(BLOCK_S * rate))
    for part in parts:
        if part.end_s <= start_s or part.start_s >= end_s:
            continue
        limit = round(part.end_s * rate)
        for at, piece in _pieces(part, rate, start_s, end_s, track):
            yield from placed.put(at, piece[: max(0, limit - at)])
    yield from placed.close()


def _pieces(
    part: Part, rate: int, start_s: float, end_s: float, track: int
) -> Iterator[tuple[int, Block]]:
    """Yield resampled pieces of one file, each with its place on the take's clock in samples."""
    with opened(part.media.path) as container:
        tracks = part.media.of("sound")
        if track >= len(tracks):
            return
        stream = only(container, container.streams[tracks[track].index])
        shift = part.start_s - origin_of(container)
        if start_s > part.start_s + 1.0:
            begin = start_s - shift - _PREROLL_S
            container.seek(max(0, round(begin / float(stream.time_base))), stream=stream)
        run: _Run | None = None
        for frame in _frames(container, stream):
            if frame.pts is None or frame.time_base is None or not frame.samples:
                continue
            at = float(frame.pts * frame.time_base) + shift
            if at > end_s + _PREROLL_S:
                break
            if run is None or abs(at - run.next_s) > SLACK_S or frame.sample_rate != run.rate_in:
                if run is not None:
                    yield from run.put(None)
                run = _Run(at, frame.sample_rate, rate)
            yield from run.put(frame)
        if run is not None:
            yield from run.put(None)


def _frames(
    container: av.container.InputContainer, stream: av.AudioStream
) -> Iterator[av.AudioFrame]:
    """Decode what can be decoded; a damaged packet leaves a hole."""
    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except av.InvalidDataError:
            continue


class _Run:
    """Sound without a hole, resampled in one go.

    It begins at a whole sample of the new rate, with silence before the true start, so that
    the places agree to half a sample of the source.
    """

    def __init__(self, start_s: float, rate_in: int, rate: int) -> None:
        self.rate_in, self.next_s = rate_in, start_s
        self._at = int(np.floor(start_s * rate))
        self._lead = round((start_s - self._at / rate) * rate_in)
        self._mixer = av.AudioResampler(format="flt", layout="mono", rate=rate)

    def put(self, frame: av.AudioFrame | None) -> Iterator[tuple[int, Block]]:
        if frame is not None:
            self.next_s += frame.samples / self.rate_in
            if self._lead:
                yield from self._take(self._silence(frame))
            frame.pts = None
        yield from self._take(frame)

    def _silence(self, like: av.AudioFrame) -> av.AudioFrame:
        lead, self._lead = self._lead, 0
        planes = len(like.layout.channels) if like.format.is_planar else 1
        width = lead if like.format.is_planar else lead * len(like.layout.channels)
        blank = np.zeros((planes, width), dtype=like.to_ndarray().dtype)
        quiet = av.AudioFrame.from_ndarray(blank, format=like.format.name, layout=like.layout.name)
        quiet.sample_rate = self.rate_in
        return quiet

    def _take(self, frame: av.AudioFrame | None) -> Iterator[tuple[int, Block]]:
        for made in self._mixer.resample(frame):
            piece = made.to_ndarray().reshape(-1).astype(np.float32, copy=False)
            yield self._at, piece
            self._at += len(piece)
