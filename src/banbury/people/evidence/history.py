"""History: how a belief came about, piece by piece, and how it fades, as chances of good work."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from scipy import special

from banbury.people.ability.belief import (
    DAY_NS,
    HALF_LIFE_DAYS,
    Source,
    likelihood,
)
from banbury.people.evidence.entry import Entry, counting, one
from banbury.statistics.inputs import FloatArray
from banbury.statistics.response.ability import bounds, normalised, prior
from banbury.statistics.response.items import GRID

AHEAD_DAYS = 180
"""How far ahead the fading is shown: a half-life."""
_STEPS = 60


class Moment(msgspec.Struct, frozen=True):
    """What was, is or will be believed at a moment: the chance that average work is done well.

    Attributes:
        at_ns: when.
        mean: of the belief, in (0, 1).
        low: lower end of the 95 % interval.
        high: its upper end.
    """

    at_ns: int
    mean: float
    low: float
    high: float


class Moved(msgspec.Struct, frozen=True):
    """How far pieces of evidence of one kind moved the belief on one day.

    Attributes:
        at_ns: when the last of them came.
        source: where they come from.
        lab: which told of them, "" for the house.
        by: pseudonym of the reviewer, "" for others.
        n: how many pieces.
        good: how many of them count as good.
        before: the mean before the first of them.
        after: the mean after the last.
        of: what came of it, such as a release.
    """

    at_ns: int
    source: Source
    lab: str
    by: str
    n: int
    good: float
    before: float
    after: float
    of: str = ""


class History(msgspec.Struct, frozen=True):
    """How a belief came about.

    Attributes:
        now: what is believed now.
        moments: from before the first piece to half a year ahead, for a picture.
        moved: what moved it, newest first.
        density: pairs of a chance and its weight now, rising.
    """

    now: Moment
    moments: list[Moment]
    moved: list[Moved]
    density: list[tuple[float, float]]


class _Running:
    """A belief as it is carried from piece to piece: its log weights, faded to a moment."""

    def __init__(self, at_ns: int) -> None:
        self.at_ns = at_ns
        self._log: FloatArray = np.zeros_like(GRID)
        self._start = np.log(prior())

    def fade(self, to_ns: int) -> None:
        days = max(0, to_ns - self.at_ns) / DAY_NS
        self._log = self._log * 0.5 ** (days / HALF_LIFE_DAYS)
        self.at_ns = to_ns

    def add(self, entry: Entry) -> None:
        self._log = self._log + likelihood(one(entry))

    @property
    def weights(self) -> FloatArray:
        return normalised(self._start + self._log)

    def moment(self) -> Moment:
        held = self.weights
        low, high = bounds(held)
        mean = float(held @ special.expit(GRID))
        return Moment(self.at_ns, mean, float(special.expit(low)), float(special.expit(high)))


def history(entries: Sequence[Entry], now_ns: int) -> History:
    """Return how the belief came about that rests on entries, and how it will fade.

    Args:
        entries: of one skill and its parts.
        now_ns: the moment, wall clock.
    """
    held = sorted(counting(entries), key=lambda e: (e.at_ns, e.seq))
    first = min([now_ns - 30 * DAY_NS, *(e.at_ns - 5 * DAY_NS for e in held)])
    running = _Running(first)
    last = now_ns + AHEAD_DAYS * DAY_NS
    times = [first + (last - first) * n // _STEPS for n in range(_STEPS + 1)]
    stops = sorted({t for t in times if t < now_ns})
    moments, moved, place = [running.moment()], list[Moved](), 0
    for entry in held:
        while place < len(stops) and stops[place] <= entry.at_ns:
            running.fade(stops[place])
            moments.append(running.moment())
            place += 1
        running.fade(entry.at_ns)
        before = running.moment()
        running.add(entry)
        after = running.moment()
        moments += [before, after]
        moved = _joined(moved, entry, before.mean, after.mean)
    for stop in [*stops[place:], now_ns]:
        running.fade(stop)
        moments.append(running.moment())
    now, density = running.moment(), _density(running.weights)
    for stop in [t for t in times if t > now_ns]:
        running.fade(stop)
        moments.append(running.moment())
    return History(now, moments, moved[::-1], density)


def _joined(moved: list[Moved], entry: Entry, before: float, after: float) -> list[Moved]:
    """Return the moves with one more piece: in the last one, if it is of the same kind and day."""
    key = (entry.source, entry.lab, entry.by, entry.of)
    last = moved[-1] if moved else None
    if (
        last is not None
        and (last.source, last.lab, last.by, last.of) == key
        and last.at_ns // DAY_NS == entry.at_ns // DAY_NS
    ):
        more = msgspec.structs.replace(
            last, at_ns=entry.at_ns, n=last.n + 1, good=last.good + entry.good, after=after
        )
        return [*moved[:-1], more]
    one = Moved(
        entry.at_ns, entry.source, entry.lab, entry.by, 1, entry.good, before, after, entry.of
    )
    return [*moved, one]


def _density(weights: FloatArray) -> list[tuple[float, float]]:
    """Return the weights on the scale of chances, where equal steps of ability are not equal."""
    chance = special.expit(GRID)
    spread = weights / (chance * (1 - chance))
    return [(float(c), float(d)) for c, d in zip(chance, spread / spread.max(), strict=True)]
