"""Clocks of cameras that filmed one scene: offset and drift of pairs and groups.

    t on b's clock = offset + (1 + drift * 1e-6) * t on a's clock, in pieces

What is measured is where the same sound stands in both takes. Sound travels 2.9 ms a metre, so
how far the cameras stand from what they hear, one farther than the other, is in the offset.
"""

from banbury.gyms.capture.sync.grouping import Together, group
from banbury.gyms.capture.sync.pairing import pair
from banbury.gyms.capture.sync.result import Clock, Group, Jump, Loop, Method, Pairing, Piece

__all__ = [
    "Clock",
    "Group",
    "Jump",
    "Loop",
    "Method",
    "Pairing",
    "Piece",
    "Together",
    "group",
    "pair",
]
