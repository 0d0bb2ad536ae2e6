"""Telemetry and containers written byte by byte, so that what is in them is known."""

import struct


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
