"""GoPro's metadata format (GPMF): keys, lengths and values, one within another.

Source: the specification at https://github.com/gopro/gpmf-parser. Nothing here raises: a camera
writes until its battery dies, so what is damaged is passed over and told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

NEST = "\0"
COMPLEX = "?"
_HEAD = 8
_DEPTH = 16
_KEY = re.compile(rb"[A-Za-z0-9 ]{4}")
_REPEATED = re.compile(r"(.)(?:\[(\d{1,3})\]?)?", re.S)

_NUMBERS = {
    "b": ">i1",
    "B": ">u1",
    "s": ">i2",
    "S": ">u2",
    "l": ">i4",
    "L": ">u4",
    "f": ">f4",
    "d": ">f8",
    "j": ">i8",
    "J": ">u8",
    "q": ">i4",
    "Q": ">i8",
}
_FIXED_POINT = {"q": 2.0**16, "Q": 2.0**32}
_TEXTS = {"F": 4, "U": 16, "G": 16}
_WORDS = ("c", "u")
SIZES = {**{c: int(t[-1]) for c, t in _NUMBERS.items()}, **_TEXTS, "c": 1, "u": 1}
"""Bytes of one element, by the type's character."""


class Item(NamedTuple):
    """One key, length and value.

    Attributes:
        key: four characters.
        type: one character; NEST holds `items`.
        size: bytes of one sample.
        repeat: how many samples.
        data: `size * repeat` bytes, without the padding.
        items: what is nested in it.
    """

    key: str
    type: str
    size: int
    repeat: int
    data: bytes
    items: tuple[Item, ...] = ()


def items(data: bytes, depth: int = 0) -> tuple[tuple[Item, ...], bool]:
    """Return what the bytes hold, and whether all of them could be read."""
    found: list[Item] = []
    at, whole = 0, True
    while at + _HEAD <= len(data):
        key = data[at : at + 4]
        if key == b"\0\0\0\0":
            break  # padding to the end
        kind, size = chr(data[at + 4]), data[at + 5]
        repeat = int.from_bytes(data[at + 6 : at + 8], "big")
        start = at + _HEAD
        length = size * repeat
        if not _KEY.fullmatch(key) or start + length > len(data):
            whole = False
            break
        value = data[start : start + length]
        inner: tuple[Item, ...] = ()
        if kind == NEST:
            inner, well = items(value, depth + 1) if depth < _DEPTH else ((), False)
            whole = whole and well
        found.append(Item(key.decode("ascii"), kind, size, repeat, value, inner))
        at = start + (length + 3) // 4 * 4
    return tuple(found), whole


def expanded(typedef: str) -> str:
    """Return the types of a structure one by one: `f[3]B` is `fffB`."""
    made = ""
    for kind, count in _REPEATED.findall(typedef.split("\0")[0]):
        made += kind * (max(1, int(count)) if count else 1)
        if len(made) > 255:
            return ""  # no sample is larger
    return made


def kinds(item: Item, typedef: str) -> str:
    """Return the types of an item's elements in one sample, "" where they do not fit its size.

    Characters make up one string, so they are one element.
    """
    if item.type in _WORDS:
        return item.type
    if item.type == COMPLEX:
        types = expanded(typedef)
    else:
        each = SIZES.get(item.type, 0)
        types = item.type * (item.size // each) if each else ""
    if not types or sum(SIZES.get(t, 1 << 9) for t in types) != item.size:
        return ""
    return types


def table(item: Item, types: str) -> tuple[Numbers, NDArray[np.character] | None]:
    """Return an item's samples, (rows, elements) float64, and their texts where it has any.

    An element that is text is NaN among the numbers; one that is a number is "" among the texts.

    Args:
        item: what `kinds` could read.
        types: what it returned.
    """
    if item.type in _WORDS:
        said = np.array(text(item), dtype=np.str_).reshape(-1, 1)
        return np.full(said.shape, np.nan), said
    if types[0] in _NUMBERS and types == types[0] * len(types):
        plain = np.frombuffer(item.data, dtype=_NUMBERS[types[0]]).reshape(item.repeat, len(types))
        return plain.astype(np.float64) / _FIXED_POINT.get(types[0], 1.0), None
    row = np.dtype([(f"e{k}", _NUMBERS.get(t, f"S{SIZES[t]}")) for k, t in enumerate(types)])
    rows = np.frombuffer(item.data, dtype=row)
    numbers = np.full((item.repeat, len(types)), np.nan)
    texts = np.full((item.repeat, len(types)), "", dtype="<U32")
    for k, kind in enumerate(types):
        column = rows[f"e{k}"]
        if kind in _NUMBERS:
            numbers[:, k] = column.astype(np.float64) / _FIXED_POINT.get(kind, 1.0)
        else:
            texts[:, k] = [_said(kind, bytes(value)) for value in column]
    return numbers, texts if any(t not in _NUMBERS for t in types) else None


def _said(kind: str, value: bytes) -> str:
    if kind == "G":
        return value.ljust(16, b"\0").hex()
    return value.decode("latin-1").rstrip("\0")


def text(item: Item) -> tuple[str, ...]:
    """Return an item of characters as strings: one a sample, one in all where samples are bytes."""
    step = item.size if item.size > 1 else max(1, len(item.data))
    code = "utf-8" if item.type == "u" else "latin-1"
    return tuple(
        item.data[k : k + step].split(b"\0")[0].decode(code, "replace").strip()
        for k in range(0, len(item.data), step)
    )


def number(item: Item) -> float | None:
    """Return an item's first number, None without one."""
    types = kinds(item, "")
    if not types or not item.repeat or types[0] not in _NUMBERS:
        return None
    value = float(table(item, types)[0][0, 0])
    return value if np.isfinite(value) else None


def numbers(found: Sequence[Item]) -> Numbers:
    """Return all numbers of the last of some items, flat; empty without any."""
    if not found or not (types := kinds(found[-1], "")) or types[0] not in _NUMBERS:
        return np.zeros(0)
    return table(found[-1], types)[0].reshape(-1)
