"""Telemetry and containers written byte by byte, so that what is in them is known."""

import itertools
import struct

from banbury.gyms.capture.media.squeezed import END, ESCAPE, VALUES, ZEROS


def item(key, kind, size, data):
    """Return one key, length and value; `data` is a whole number of samples of `size` bytes."""
    repeat = len(data) // size if size else 0
    assert size * repeat == len(data)
    return (
        key.encode()
        + kind.encode("latin-1")
        + bytes([size])
        + struct.pack(">H", repeat)
        + data
        + b"\0" * (-len(data) % 4)
    )


def nest(key, *inner):
    """Return a nest of items."""
    data = b"".join(inner)
    step = 1 if len(data) < 1 << 16 else 4
    return item(key, "\0", step, data)


def words(key, said):
    """Return one string."""
    return item(key, "c", 1, said.encode("latin-1"))


def stream(*inner, total=None, stamp_us=None):
    """Return a stream, with the camera's count and stamp before its items."""
    first = []
    if stamp_us is not None:
        first.append(item("STMP", "J", 8, struct.pack(">Q", stamp_us)))
    if total is not None:
        first.append(item("TSMP", "L", 4, struct.pack(">L", total)))
    return nest("STRM", *first, *inner)


def device(*streams, name="Camera"):
    """Return one payload with one device."""
    return nest("DEVC", item("DVID", "L", 4, struct.pack(">L", 1)), words("DVNM", name), *streams)


def squeezed(key, kind, rows, quantum=1):
    """Return rows of 8- or 16-bit numbers as the compressed item that a camera would write."""
    width = 1 if kind in "bB" else 2
    form = ">" + {"b": "b", "B": "B", "s": "h", "S": "H"}[kind]
    across = len(rows[0])
    data = struct.pack(">BBH", ord(kind), width * across, len(rows))
    data += b"".join(struct.pack(form, v) for v in rows[0])
    for channel in range(across):
        data += quantum.to_bytes(width, "big")
        data += b"\0" * (len(data) % 2)
        data += _coded([row[channel] for row in rows], width, quantum)
    return item(key, "#", 1, data)


def _coded(values, width, quantum):
    """Return one channel's differences in the Huffman code, filled up to 16 bits."""
    codes, runs = VALUES.split(), sorted(((n, c) for c, n in ZEROS.items()), reverse=True)
    bits, zeros = "", 0
    for before, after in itertools.pairwise(values):
        step = (after - before) // quantum
        if step == 0:
            zeros += 1
            continue
        bits, zeros = bits + _run(zeros, runs), 0
        if 1 <= abs(step) <= len(codes):
            bits += codes[abs(step) - 1] + "01"[step < 0]
        else:
            bits += ESCAPE + f"{step & ((1 << 8 * width) - 1):0{8 * width}b}"
    bits += END  # zeros before the end are left out
    bits += "0" * (-len(bits) % 16)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def _run(zeros, runs):
    made = ""
    for count, code in runs:
        made += code * (zeros // count)
        zeros %= count
    return made
