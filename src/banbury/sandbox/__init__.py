"""Boxes in which programs of strangers run: bubblewrap, without network, within limits."""

from __future__ import annotations

from banbury.sandbox.box import Box, Snapshot
from banbury.sandbox.doctor import Row, available, report
from banbury.sandbox.shapes import Entry, Layer, Limits, Mount, Ran

__all__ = [
    "Box", "Entry", "Layer", "Limits", "Mount", "Ran", "Row", "Snapshot", "available", "report",
]  # fmt: skip
