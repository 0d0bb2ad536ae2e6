"""Sending files that lie on the disk: in chunks, and under a name that harms nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from litestar.response import Stream

from banbury.episode import Source

_CHUNK = 1 << 18
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def chunks(place: Source, first: int = 0, count: int | None = None) -> Iterator[bytes]:
    """Yield a file from its byte `first` on, all of it or `count` bytes."""
    with place.open("rb") as source:
        source.seek(first)
        left = place.stat().st_size if count is None else count
        while left > 0 and (chunk := source.read(min(_CHUNK, left))):
            left -= len(chunk)
            yield chunk


def shown(source: Source, media: str, cache: str) -> Stream:
    """Return a whole file for the page that asked for it: nothing in it runs or is guessed at."""
    headers = {
        "Cache-Control": cache,
        "Content-Disposition": "inline",
        "Content-Length": str(source.stat().st_size),
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    return Stream(chunks(source), media_type=media, headers=headers)


def asked(header: str, size: int) -> tuple[int, int, bool] | None:
    """Return (first, last, whether that is a part) of a file by the header `Range`.

    None where that lies outside. Several ranges at once, and what is no range, get the whole.
    """
    found = _RANGE.fullmatch(header)
    if found is None or found.group(1) == found.group(2) == "":
        return 0, size - 1, False
    low, high = found.groups()
    first = int(low) if low else max(size - int(high), 0)
    last = min(int(high), size - 1) if low and high else size - 1
    if first >= size or first > last:
        return None
    return first, last, True


def attached(name: str) -> dict[str, str]:
    """Return the header that makes a browser keep an answer as a file of this name."""
    plain = _UNSAFE.sub("-", name).strip("-.")[:100] or "file"
    return {"Content-Disposition": f'attachment; filename="{plain}"'}
