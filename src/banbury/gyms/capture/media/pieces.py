"""What one packet of telemetry says: for each stream its samples, scaled and set upright."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from banbury.gyms.capture.media import klv
from banbury.gyms.capture.media.klv import Item, Numbers
from banbury.gyms.capture.media.squeezed import SQUEEZED, unsqueezed

_STRUCTURE = frozenset(
    (
        "DVID",
        "DVNM",
        "STNM",
        "RMRK",
        "SCAL",
        "SIUN",
        "UNIT",
        "TYPE",
        "TSMP",
        "TIMO",
        "EMPT",
        "STMP",
        "STPS",
        "TICK",
        "TOCK",
        "MTRX",
        "ORIN",
        "ORIO",
        "QUAN",
        "VERS",
        "FREE",
        "PFRM",
    )
)


class Piece(NamedTuple):
    """The samples of one stream in one packet.

    Attributes:
        device: its name, such as `Camera`.
        key: of the stream, such as `GYRO`; `GPS5.GPSP` for what stands beside a stream.
        name: in words.
        units: one for all elements, or one each.
        scale: what the samples were divided by.
        values: (rows, elements) float64.
        texts: (rows, elements), where elements are text.
        entries: of each row, which sample in time it belongs to: several faces have one time.
        moments: samples in time.
        total: samples in time up to this packet's end, as the camera counts, None if it does not.
        stamp_s: when the first was taken on the camera's clock, None without.
        delay_s: by how much the samples are late.
    """

    device: str
    key: str
    name: str
    units: tuple[str, ...]
    scale: tuple[float, ...]
    values: Numbers
    texts: NDArray[np.character] | None
    entries: NDArray[np.int64]
    moments: int
    total: int | None
    stamp_s: float | None
    delay_s: float


def pieces(payload: bytes) -> tuple[list[Piece], list[str]]:
    """Return what a packet holds, and what of it could not be read, in words."""
    found, whole = klv.items(payload)
    faults = [] if whole else ["a packet of telemetry is damaged or cut off"]
    made: list[Piece] = []
    for device in found:
        if device.key != "DEVC" or device.type != klv.NEST:
            continue
        name = next((_one(i) for i in device.items if i.key == "DVNM"), "")
        for stream in device.items:
            if stream.key == "STRM" and stream.type == klv.NEST:
                for piece in _stream(name, stream.items):
                    if isinstance(piece, str):
                        faults.append(piece)
                    else:
                        made.append(piece)
    return made, faults


def _one(item: Item) -> str:
    said = klv.text(item)
    return said[0] if said else ""


def _stream(device: str, inner: Sequence[Item]) -> Iterator[Piece | str]:
    """Yield a stream's samples, then what stands beside them once a packet."""
    if not inner or inner[-1].key in _STRUCTURE:
        return
    key = inner[-1].key
    entries = list(_entries(inner, key))
    before = inner[: next(k for k, i in enumerate(inner) if i.key == key)]
    about = {i.key: i for i in before}
    yield _piece(device, key, entries, about)
    for item in before:
        if item.key not in _STRUCTURE:
            # The scale is the stream's own, so what stands beside it goes without.
            yield _piece(device, f"{key}.{item.key}", [item], {})


def _entries(inner: Sequence[Item], key: str) -> Iterator[Item]:
    for item in inner:
        if item.key == key:
            if item.type == klv.NEST:
                inside = (i for i in item.items if i.key == key and i.type != klv.NEST)
                yield from map(_plain, inside)
            else:
                yield _plain(item)


def _plain(item: Item) -> Item:
    """Return an item as it was before it was compressed, or as it is."""
    if item.type != SQUEEZED:
        return item
    try:
        kind, size, repeat, data = unsqueezed(item.data)
    except ValueError:
        return item
    return Item(item.key, kind, size, repeat, data)


def _piece(device: str, key: str, entries: Sequence[Item], about: dict[str, Item]) -> Piece | str:
    typedef = "".join(klv.text(about["TYPE"])) if "TYPE" in about else ""
    total, stamp, delay = (
        klv.number(about[k]) if k in about else None for k in ("TSMP", "STMP", "TIMO")
    )
    types = klv.kinds(entries[0], typedef) if entries else ""
    if not types or any(klv.kinds(e, typedef) != types for e in entries):
        kind = entries[0].type if entries else "none"
        return f"{key} has samples of a type that cannot be read ({kind!r})"
    tables = [klv.table(e, types) for e in entries]
    values = np.concatenate([t[0] for t in tables])
    said = [t[1] for t in tables if t[1] is not None]
    scale = klv.numbers([about["SCAL"]]) if "SCAL" in about else np.ones(1)
    if len(scale) not in (1, len(types)):
        return f"{key} has {len(types)} elements and {len(scale)} scales"
    scale = np.where(scale == 0, 1.0, scale)
    values = values / scale
    plain = len(set(types)) == 1 and entries[0].type != klv.COMPLEX
    if plain and (turn := _turn(about, len(types))) is not None:
        values = values @ turn.T
    many = len(entries) > 1 or key in _SEVERAL
    rows = [len(t[0]) for t in tables]
    count = len(entries) if many else rows[0]
    return Piece(
        device=device,
        key=key,
        name=_one(about["STNM"]) if "STNM" in about else "",
        units=_units(about),
        scale=tuple(scale.tolist()),
        values=values,
        texts=np.concatenate(said) if said else None,
        entries=np.repeat(np.arange(len(entries)), rows) if many else np.arange(count),
        moments=count,
        total=None if total is None else int(total),
        stamp_s=None if stamp is None else stamp * 1e-6,
        delay_s=delay or 0.0,
    )


_SEVERAL = frozenset(("FACE", "SCEN", "HUES"))
"""Streams whose samples have several rows at one time, also where a packet has one alone."""


def _units(about: dict[str, Item]) -> tuple[str, ...]:
    for key in ("SIUN", "UNIT"):
        if key in about:
            return klv.text(about[key])
    return ()


def _turn(about: dict[str, Item], elements: int) -> Numbers | None:
    """Return the matrix that brings samples into the camera's own axes, None without one.

    A matrix of ones and zeros is but a way to write the axes, and ORIN and ORIO say the same.
    """
    matrix = klv.numbers([about["MTRX"]]) if "MTRX" in about else np.zeros(0)
    if len(matrix) == elements**2 and not np.isin(matrix, (-1.0, 0.0, 1.0)).all():
        return matrix.reshape(elements, elements)
    given, wanted = ("".join(klv.text(about[k])) if k in about else "" for k in ("ORIN", "ORIO"))
    if len(given) == len(wanted) == elements > 1:
        return np.array(
            [[1.0 if g == w else -1.0 if g == w.swapcase() else 0.0 for g in given] for w in wanted]
        )
    return None
