"""Where takes lie on the clock of the house, on which wearers mark their starts and ends.

A clock code that was filmed tells it. Without one the whole group, whose clocks are known against
each other, is laid where footage and marks have most time in common: dates in files lie.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from banbury.gyms.capture.quality.stretches import common, length
from banbury.gyms.capture.rest import Stretch


def place(
    clocks: Sequence[Any],
    lengths: Sequence[float],
    marks: Sequence[Sequence[Stretch]],
    anchors: Sequence[float | None] = (),
) -> list[float | None]:
    """Return the house's time at each take's zero, None where nothing tells it.

    Args:
        clocks: each take's clock against the reference's, with `pieces`; none where unknown.
        lengths: of the takes, in seconds.
        marks: what their wearers marked, on the house's clock.
        anchors: what clock codes tell, None where none was seen.
    """
    zeros = [_zero(clocks[n]) if n < len(clocks) else None for n in range(len(lengths))]
    known = dict(enumerate(anchors))
    tied = {n: zero for n, zero in enumerate(zeros) if zero is not None}
    base = _base(list(tied), tied, lengths, marks, known)
    made: list[float | None] = []
    for n in range(len(lengths)):
        at, anchor = zeros[n], known.get(n)
        if anchor is not None:
            made.append(anchor)
        elif at is not None and base is not None:
            made.append(base + at)
        else:
            made.append(_base([n], {n: 0.0}, lengths, marks, {}))
    return made


def _zero(clock: Any) -> float | None:
    """Return where a take's zero lies on the reference's clock."""
    if not clock.pieces:
        return None
    piece = clock.pieces[0]
    return float(-piece.offset_s / (1.0 + piece.drift_ppm * 1e-6))


def _base(
    members: Sequence[int],
    zeros: Mapping[int, float],
    lengths: Sequence[float],
    marks: Sequence[Sequence[Stretch]],
    known: dict[int, float | None],
) -> float | None:
    """Return the house's time at the reference's zero: the median anchor, else the best fit."""
    told = sorted(a - zeros[n] for n in members if (a := known.get(n)) is not None)
    if told:
        return float(told[len(told) // 2])
    tries = sorted(
        at
        for n in members
        for start, end in marks[n]
        for at in (start - zeros[n], end - zeros[n] - lengths[n])
    )
    if not tries:
        return None

    def shared(base: float) -> float:
        return sum(
            length(common([(base + zeros[n], base + zeros[n] + lengths[n])], marks[n]))
            for n in members
        )

    found = [(round(shared(at), 3), at) for at in tries]
    most = max(s for s, _ in found)
    best = [at for s, at in found if s == most]
    middle = (best[0] + best[-1]) / 2
    return middle if round(shared(middle), 3) >= most else best[0]
