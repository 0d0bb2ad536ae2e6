"""One fit of all takes' clocks to all accepted pairs: least squares, each pair by its interval.

The clocks that go from take to take along the surest pairs leave what does not close to the pairs
that were not gone along. Here each clock is moved by a line, x + y (t - t0) on the reference's
clock, so that what is left of all pairs is least; jumps stay where they were found. Where pairs
differ by more than their intervals allow (people stand at different distances from what is heard),
the clocks' intervals are widened by as much (Birge's ratio).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from banbury.gyms.capture.sync.clocks import Pieces, after
from banbury.gyms.capture.sync.result import CLOCK_DRIFT, Clock, Pairing, Piece

LEAST_ERROR_S = 5e-6
Key = tuple[int, int]
Doubles = NDArray[np.float64]


class Residual(NamedTuple):
    """What a pair says of j's clock less what the clocks say, on the reference's clock.

    `gap_s` at `at_s`, growing by `slope`; with half the widths of their intervals.
    """

    at_s: float
    gap_s: float
    slope: float
    gap_error_s: float
    slope_error: float


class Fit(NamedTuple):
    """Fitted clocks, and by how many seconds each pair differs from them."""

    clocks: tuple[Clock, ...]
    left_s: dict[Key, float]


def fitted(pairs: Mapping[Key, Pairing], clocks: Sequence[Clock], reference: int) -> Fit:
    """Return clocks fitted to all synchronized pairs between takes that have one.

    Args:
        pairs: of takes i < j.
        clocks: to begin with, on the reference's clock.
        reference: the take whose clock is not moved.
    """
    found = residuals(pairs, clocks)
    moved = sorted({n for key in found for n in key} - {reference})
    if not found or len(found) <= len(moved):
        return Fit(tuple(clocks), {key: one.gap_s for key, one in found.items()})
    centre = float(np.mean([one.at_s for one in found.values()]))
    place = {n: 2 * at for at, n in enumerate(moved)}
    rows, wanted = _equations(found, place, centre)
    solved = np.linalg.lstsq(rows, wanted, rcond=None)[0]
    inverse = np.linalg.pinv(rows.T @ rows)
    spare = len(rows) - len(solved)
    rest = wanted - rows @ solved
    ratio = max(1.0, float(rest @ rest) / spare) if spare > 0 else 1.0
    made = list(clocks)
    for n, at in place.items():
        x, y = float(solved[at]), float(solved[at + 1])
        error = max(LEAST_ERROR_S, float(np.sqrt(ratio * inverse[at, at])))
        pieces = tuple(_moved(piece, x - y * centre, y) for piece in clocks[n].pieces)
        made[n] = Clock(pieces, error)
    left = {key: one.gap_s for key, one in residuals(pairs, made).items()}
    return Fit(tuple(made), left)


def residuals(pairs: Mapping[Key, Pairing], clocks: Sequence[Clock]) -> dict[Key, Residual]:
    """Return what synchronized pairs leave of the clocks, where they can be compared."""
    found = {}
    for (i, j), pair in pairs.items():
        if pair.verdict != "synchronized" or not clocks[i].pieces or not clocks[j].pieces:
            continue
        one = _residual(after(clocks[i].pieces, pair.pieces), clocks[j].pieces, pair)
        if one is not None:
            found[i, j] = one
    return found


def _residual(said: Pieces, clock: Pieces, pair: Pairing) -> Residual | None:
    """Compare on the longest stretch that a piece of both shares."""
    shared = [
        (min(p.end_s, q.end_s) - max(p.start_s, q.start_s), p, q) for p in said for q in clock
    ]
    length, p, q = max(shared, key=lambda one: one[0], default=(0.0, None, None))
    if length <= 0.0 or p is None or q is None:
        return None
    at = max(p.start_s, q.start_s) + length / 2
    told = pair.drift_low is not None and pair.drift_high is not None
    slope_error = (pair.drift_high - pair.drift_low) / 2e6 if told else CLOCK_DRIFT  # type: ignore[operator]
    half = (pair.offset_high - pair.offset_low) / 2
    # The offset's interval is that at a's zero, far from where it was measured.
    lever = slope_error * at if told else 0.0
    error = max(LEAST_ERROR_S, float(np.sqrt(max(0.0, half**2 - lever**2))))
    slope = (p.drift_ppm - q.drift_ppm) * 1e-6
    return Residual(at, p.at(at) - q.at(at), slope, error, max(1e-9, slope_error))


def _equations(
    found: Mapping[Key, Residual], place: Mapping[int, int], centre: float
) -> tuple[Doubles, Doubles]:
    """Return (rows, wanted): each pair's gap and slope, divided by its error."""
    rows = np.zeros((2 * len(found), 2 * len(place)))
    wanted = np.zeros(2 * len(found))
    for n, ((i, j), one) in enumerate(found.items()):
        for take, sign in ((i, -1.0), (j, 1.0)):
            if take in place:
                at = place[take]
                rows[2 * n, at : at + 2] = np.array([1.0, one.at_s - centre]) * (
                    sign / one.gap_error_s
                )
                rows[2 * n + 1, at + 1] = sign / one.slope_error
        wanted[2 * n] = one.gap_s / one.gap_error_s
        wanted[2 * n + 1] = one.slope / one.slope_error
    return rows, wanted


def _moved(piece: Piece, by_s: float, slope: float) -> Piece:
    return replace(piece, offset_s=piece.offset_s + by_s, drift_ppm=piece.drift_ppm + slope * 1e6)
