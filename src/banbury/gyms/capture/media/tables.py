"""Stamps out of an MP4's own tables: hours of packets in a blink, without reading any."""

from __future__ import annotations

import numpy as np

from banbury.gyms.capture.media.boxes import Boxes, Table
from banbury.gyms.capture.media.stamps import Stamps

HANDLERS = {"vide": "video", "soun": "audio"}


def presented(table: Table, origin_s: float, size: int) -> Stamps | None:
    """Return when a track's samples are presented; None where its edit list is unusual.

    Args:
        table: the track.
        origin_s: the file's zero on the film's clock, in seconds.
        size: of the file; samples that would lie behind its end are left out.
    """
    late, start, end = 0.0, 0, None
    edits = list(table.edits)
    while edits and edits[0].media == -1:
        late += edits.pop(0).length / table.film_ticks
    if len(edits) > 1:
        return None
    if edits:
        start = edits[0].media
        length = edits[0].length * table.ticks / table.film_ticks
        # The film's ticks may be coarser than the track's.
        end = start + length + table.ticks / table.film_ticks if length else None
    at = np.cumsum(table.lengths) - table.lengths + table.shifts
    there = table.offsets + table.sizes <= size
    if table.handler == "vide":
        there &= at >= start
    else:
        there &= at + table.lengths > start
    if end is not None:
        there &= at < end
    order = np.argsort(at[there], kind="stable")
    times = (at[there][order] - start) / table.ticks + late - origin_s
    return Stamps(times, table.lengths[there][order] / table.ticks, table.keys[there][order].copy())


def missing(boxes: Boxes, size: int) -> tuple[float, float]:
    """Return how many seconds the longest track says it has, and how many of them are there."""
    said = there = 0.0
    for table in boxes.tables:
        if table.handler in HANDLERS and len(table.sizes):
            whole = float(table.lengths.sum()) / table.ticks
            in_file = table.offsets + table.sizes <= size
            lost = np.flatnonzero(~in_file)
            kept = float(table.lengths[: lost[0]].sum()) / table.ticks if len(lost) else whole
            said, there = max(said, whole), max(there, kept)
    return said, there
