"""A film of hours that takes up a minute's room: its index names the same pictures again and again.

An MP4's index says where each sample lies. Here the samples of a short film stand in the file once,
and the index names them for as long as the sound lasts: whoever reads it decodes every one of them,
at the camera's rate of bits. What it spares is the disk: the pictures come from memory.
"""

import struct
from pathlib import Path

import numpy as np

from banbury.gyms.capture.media.boxes import Table, boxes

MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
TICKS = 1000


def film(picture: Path, sound: Path, target: Path) -> float:
    """Write the pictures of one MP4 over and over beside the sound of another; return seconds.

    Args:
        picture: a short film that begins with a key frame, its frames in the order of their times.
        sound: AAC in an MP4, as long as the film shall be.
        target: the film to write.
    """
    shown, heard = (_table(p, kind) for p, kind in ((picture, "vide"), (sound, "soun")))
    seconds = float(heard.lengths.sum()) / heard.ticks
    count = int(seconds * shown.ticks / shown.lengths[0])
    number = np.arange(count) % len(shown.sizes)
    with target.open("wb") as file:
        file.write(_box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41"))
        start = file.tell()
        file.write(struct.pack(">I4sQ", 1, b"mdat", 0))
        places = [_copied(file, p, t) for p, t in ((picture, shown), (sound, heard))]
        end = file.tell()
        tracks = [
            _track(1, shown, count, shown.sizes[number], places[0][number],
                   np.flatnonzero(shown.keys[number]) + 1),
            _track(2, heard, len(heard.sizes), heard.sizes, places[1], None),
        ]  # fmt: skip
        length = round(seconds * TICKS)
        head = struct.pack(">5IIH10x", 0, 0, 0, TICKS, length, 0x10000, 0x100)
        file.write(_box(b"moov", _box(b"mvhd", head, MATRIX, bytes(24), b"\0\0\0\3"), *tracks))
        file.seek(start)
        file.write(struct.pack(">I4sQ", 1, b"mdat", end - start))
    return seconds


def _table(path: Path, handler: str) -> Table:
    found = boxes(path)
    assert found is not None, path
    return next(t for t in found.tables if t.handler == handler)


def _copied(file, path: Path, table: Table) -> np.ndarray:
    """Copy the part of a file that holds a track's samples; return where they lie now."""
    first, last = int(table.offsets.min()), int((table.offsets + table.sizes).max())
    moved = file.tell() - first
    with path.open("rb") as source:
        source.seek(first)
        left = last - first
        while left > 0:
            data = source.read(min(left, 1 << 24))
            file.write(data)
            left -= len(data)
    return table.offsets + moved


def _track(
    number: int, table: Table, count: int, sizes: np.ndarray, places: np.ndarray,
    keys: np.ndarray | None,
) -> bytes:  # fmt: skip
    step = int(table.lengths[0])
    video = table.handler == "vide"
    wide, high = struct.unpack_from(">HH", table.entry, 24) if video else (0, 0)
    length = count * step
    film_length = length * TICKS // table.ticks
    tkhd = struct.pack(">IIIIII8xhhhH", 3, 0, 0, number, 0, film_length, 0, 0,
                       0 if video else 0x100, 0)  # fmt: skip
    stbl = [
        _box(b"stsd", struct.pack(">II", 0, 1), _box(table.format.encode("latin-1"), table.entry)),
        _box(b"stts", struct.pack(">4I", 0, 1, count, step)),
        *([_full(b"stss", keys, ">u4")] if keys is not None else []),
        _box(b"stsc", struct.pack(">5I", 0, 1, 1, 1, 1)),
        _box(b"stsz", struct.pack(">3I", 0, 0, count), sizes.astype(">u4").tobytes()),
        _full(b"co64", places, ">u8"),
    ]
    head = _box(b"vmhd", bytes([0, 0, 0, 1]) + bytes(8)) if video else _box(b"smhd", bytes(8))
    dinf = _box(b"dinf", _box(b"dref", struct.pack(">II", 0, 1), _box(b"url ", b"\0\0\0\1")))
    name = b"vide" if video else b"soun"
    mdia = _box(
        b"mdia",
        _box(b"mdhd", struct.pack(">5IHH", 0, 0, 0, table.ticks, length, 0x55C4, 0)),
        _box(b"hdlr", struct.pack(">II4s12x", 0, 0, name), b"\0"),
        _box(b"minf", head, dinf, _box(b"stbl", *stbl)),
    )
    size = struct.pack(">II", wide << 16, high << 16)
    return _box(b"trak", _box(b"tkhd", tkhd, MATRIX, size), mdia)


def _full(kind: bytes, values: np.ndarray, form: str) -> bytes:
    return _box(kind, struct.pack(">II", 0, len(values)), values.astype(form).tobytes())


def _box(kind: bytes, *parts: bytes) -> bytes:
    data = b"".join(parts)
    return struct.pack(">I4s", 8 + len(data), kind) + data
