"""The boxes of an MP4 or MOV file, read as bytes: its tracks' tables of samples.

FFmpeg builds the same tables, but hands out packets alone, for which it reads the whole file. Where
anything here is unusual (fragments, edit lists of several pieces), whoever asks falls back to
FFmpeg. Source: ISO/IEC 14496-12; Apple's QuickTime File Format for `tmcd`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from banbury.episode import Source

Ints = NDArray[np.int64]

_INDEX_AT_MOST = 1 << 29
_SAMPLES_AT_MOST = 6_000_000
"""More than five hours at 240 frames a second."""
_TICK_AT_MOST = 64
"""Bytes of a sample of sound that is not coded, at most: eight channels of double precision."""
_NESTS = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts")


class Edit(NamedTuple):
    """One piece of an edit list: how long it is shown, and from which of the track's times.

    `media` is -1 where nothing is shown. `length` is in the film's ticks, `media` in the track's.
    """

    length: int
    media: int


class Table(NamedTuple):
    """One track's samples, in the order in which they are decoded.

    Attributes:
        handler: `vide`, `soun`, `tmcd`, `meta` and the like.
        format: the sample entry's four characters, such as `avc1`, `gpmd`, `tmcd`.
        entry: the sample entry's bytes after them.
        ticks: a second has.
        lengths: (n,) in ticks.
        shifts: (n,) from the time of decoding to that of presentation, in ticks.
        sizes: (n,) bytes.
        offsets: (n,) where each lies in the file.
        keys: (n,) which stand for themselves.
        edits: the track's edit list.
        film_ticks: the film's ticks a second.
    """

    handler: str
    format: str
    entry: bytes
    ticks: int
    lengths: Ints
    shifts: Ints
    sizes: Ints
    offsets: Ints
    keys: NDArray[np.bool_]
    edits: tuple[Edit, ...]
    film_ticks: int


class Boxes(NamedTuple):
    """A file's tables, and whether its last box is longer than what there is of it."""

    tables: tuple[Table, ...]
    cut: bool


def boxes(path: Source) -> Boxes | None:
    """Return the tables of an MP4 or MOV file, by track; None where there are none to be used."""
    try:
        with path.open("rb") as file:
            index, cut = _index(file, path.stat().st_size)
        if index is None:
            return None
        inner = list(_inside(index))
        if any(kind == b"mvex" for kind, _ in inner):
            return None  # its samples lie in fragments
        ticks = next(_clock(data) for kind, data in inner if kind == b"mvhd")
        return Boxes(tuple(_table(data, ticks) for kind, data in inner if kind == b"trak"), cut)
    except (struct.error, ValueError, IndexError, StopIteration, KeyError, MemoryError):
        return None


def _index(file: BinaryIO, size: int) -> tuple[bytes | None, bool]:
    """Return the `moov` box's content, and whether the file ends within a box."""
    at, found, cut = 0, None, False
    while at + 8 <= size:
        file.seek(at)
        head = file.read(16)
        length, kind = struct.unpack_from(">I4s", head)
        start = 8
        if length == 1 and len(head) == 16:
            length, start = struct.unpack_from(">Q", head, 8)[0], 16
        elif length == 0:
            length = size - at
        if length < start:
            break
        cut = cut or at + length > size
        if kind == b"moov" and at + length <= size and length < _INDEX_AT_MOST:
            file.seek(at + start)
            found = file.read(length - start)
        at += length
    return found, cut


def _inside(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the boxes in some bytes: kind and content."""
    at = 0
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        start = 8
        if length == 1:
            length, start = struct.unpack_from(">Q", data, at + 8)[0], 16
        elif length == 0:
            length = len(data) - at
        if length < start or at + length > len(data):
            return
        yield kind, data[at + start : at + length]
        at += length


def _flat(data: bytes) -> dict[bytes, bytes]:
    """Return the boxes of a track by kind, those of its nests too; the first of a kind counts."""
    found: dict[bytes, bytes] = {}
    for kind, inner in _inside(data):
        if kind in _NESTS:
            found = {**_flat(inner), **found}
        else:
            found.setdefault(kind, inner)
    return found


def _clock(header: bytes) -> int:
    """Return the ticks a second of a film's or track's header."""
    ticks = int(struct.unpack_from(">I", header, 20 if header[0] == 1 else 12)[0])
    if ticks == 0:
        raise ValueError("a clock without ticks")
    return ticks


def _table(data: bytes, film_ticks: int) -> Table:
    found = _flat(data)
    stsd = found[b"stsd"]
    entry_length, fourcc = struct.unpack_from(">I4s", stsd, 8)
    handler = found[b"hdlr"][8:12].decode("latin-1")
    stsz = found.get(b"stsz", b"")
    if handler == "soun" and 0 < struct.unpack_from(">I", stsz, 4)[0] <= _TICK_AT_MOST:
        lengths, sizes, offsets = _ticks(found, stsz)
    else:
        sizes = _sizes(stsz)
        lengths, offsets = _run(_rows(found[b"stts"], 2), len(sizes)), _offsets(found, sizes)
    count = len(sizes)
    keys = np.ones(count, dtype=np.bool_)
    if b"stss" in found:
        keys[:] = False
        chosen = _rows(found[b"stss"], 1)[:, 0] - 1
        keys[chosen[(chosen >= 0) & (chosen < count)]] = True
    return Table(
        handler=handler,
        format=fourcc.decode("latin-1"),
        entry=stsd[16 : 8 + entry_length],
        ticks=_clock(found[b"mdhd"]),
        lengths=lengths,
        shifts=_shifts(found.get(b"ctts"), count),
        sizes=sizes,
        offsets=offsets,
        keys=keys,
        edits=_edits(found.get(b"elst")),
        film_ticks=film_ticks,
    )


def _ticks(found: dict[bytes, bytes], stsz: bytes) -> tuple[Ints, Ints, Ints]:
    """Return lengths, sizes and offsets of the chunks of sound that is not coded.

    Such sound has a sample for each tick, so that an hour has a hundred million.
    """
    size, count = struct.unpack_from(">II", stsz, 4)
    steps = _rows(found[b"stts"], 2)
    chunks, each = _chunks(found)
    each = np.diff(np.minimum(np.cumsum(np.append(0, each)), count))
    return each * int(steps[0, 1]), each * size, chunks


def _chunks(found: dict[bytes, bytes]) -> tuple[Ints, Ints]:
    """Return where each chunk lies and how many samples it has."""
    if b"co64" in found:
        chunks = _rows(found[b"co64"], 1, ">u8")[:, 0]
    else:
        chunks = _rows(found[b"stco"], 1)[:, 0]
    rows = _rows(found[b"stsc"], 3)
    firsts = np.clip(np.append(rows[:, 0] - 1, len(chunks)), 0, len(chunks))
    each = np.repeat(rows[:, 1], np.maximum(np.diff(firsts), 0))[: len(chunks)]
    return chunks[: len(each)], each


def _rows(data: bytes, columns: int, kind: str = ">u4") -> Ints:
    """Return a table's rows: version, count, then `columns` numbers each."""
    count = int(struct.unpack_from(">I", data, 4)[0])
    width = np.dtype(kind).itemsize * columns
    if len(data) < 8 + count * width:
        raise ValueError("a table is cut off")
    return np.frombuffer(data, kind, count * columns, 8).reshape(count, columns).astype(np.int64)


def _run(rows: Ints, count: int) -> Ints:
    """Expand (how many, value) to `count` values; the last one goes on."""
    if rows[:, 0].sum() > 4 * count + 1024:
        raise ValueError("a table is longer than its track")
    made = np.repeat(rows[:, 1], rows[:, 0])[:count]
    if len(made) < count:
        made = np.concatenate([made, np.full(count - len(made), made[-1] if len(made) else 0)])
    return made


def _shifts(ctts: bytes | None, count: int) -> Ints:
    if not ctts:
        return np.zeros(count, dtype=np.int64)
    rows = _rows(ctts, 2)
    # Version 0 should hold no negative numbers, yet does.
    rows[:, 1] = np.where(rows[:, 1] >= 1 << 31, rows[:, 1] - (1 << 32), rows[:, 1])
    return _run(rows, count)


def _sizes(stsz: bytes) -> Ints:
    each, count = struct.unpack_from(">II", stsz, 4)
    if count > _SAMPLES_AT_MOST:
        raise ValueError("too many samples")
    if each:
        return np.full(count, each, dtype=np.int64)
    if len(stsz) < 12 + 4 * count:
        raise ValueError("a table is cut off")
    return np.frombuffer(stsz, ">u4", count, 12).astype(np.int64)


def _offsets(found: dict[bytes, bytes], sizes: Ints) -> Ints:
    """Return where each sample lies: chunks one after another, samples one after another."""
    chunks, each = _chunks(found)
    if int(each.sum()) > 4 * len(sizes) + 1024:
        raise ValueError("a table is longer than its track")
    chunk = np.repeat(np.arange(len(each)), each)[: len(sizes)]
    if len(chunk) < len(sizes):
        raise ValueError("samples without a place")
    before = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    begins = np.concatenate([[0], np.cumsum(each)[:-1]])[chunk]
    placed: Ints = chunks[chunk] + before - before[begins]
    return placed


def _edits(elst: bytes | None) -> tuple[Edit, ...]:
    if not elst:
        return ()
    form, width = (">QqI", 20) if elst[0] == 1 else (">IiI", 12)
    count = min(int(struct.unpack_from(">I", elst, 4)[0]), (len(elst) - 8) // width)
    return tuple(Edit(*struct.unpack_from(form, elst, 8 + k * width)[:2]) for k in range(count))
