"""Arithmetic of clocks in pieces: turned round, put one after another, compared."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from banbury.gyms.capture.sync.result import Piece

Pieces = Sequence[Piece]


def turned(pieces: Pieces) -> tuple[Piece, ...]:
    """Return a's clock against b's, from b's against a's."""
    made = []
    for piece in pieces:
        rate = 1 + piece.drift_ppm * 1e-6
        drift = (1 / rate - 1) * 1e6
        start, end = piece.at(piece.start_s), piece.at(piece.end_s)
        made.append(Piece(start, end, -piece.offset_s / rate, drift))
    return tuple(sorted(made, key=lambda p: p.start_s))


def after(first: Pieces, second: Pieces) -> tuple[Piece, ...]:
    """Return c's clock against a's, from b's against a's and c's against b's."""
    made = []
    for one in first:
        for two in second:
            rate = 1 + one.drift_ppm * 1e-6
            start = max(one.start_s, (two.start_s - one.offset_s) / rate)
            end = min(one.end_s, (two.end_s - one.offset_s) / rate)
            if end > start:
                drift = (rate * (1 + two.drift_ppm * 1e-6) - 1) * 1e6
                made.append(Piece(start, end, two.at(one.offset_s), drift))
    return tuple(sorted(made, key=lambda p: p.start_s))


def apart(one: Pieces, other: Pieces) -> float | None:
    """Return by how many seconds two clocks differ where they differ most; None if never both.

    A tenth of a second about the ends of pieces is left out: a jump is known no better.
    """
    worst: float | None = None
    for p in one:
        for q in other:
            start, end = max(p.start_s, q.start_s) + 0.1, min(p.end_s, q.end_s) - 0.1
            if end > start:
                for t in (start, end):
                    gap = p.at(t) - q.at(t)
                    worst = gap if worst is None or abs(gap) > abs(worst) else worst
    return worst


def identity(seconds: float) -> tuple[Piece, ...]:
    """Return the clock of a take against itself."""
    return (replace(Piece(0.0, 0.0, 0.0, 0.0), end_s=seconds),)
