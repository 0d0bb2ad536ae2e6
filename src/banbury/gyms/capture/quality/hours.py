"""Which seconds of a group of takes count, and for each other second why it does not.

A second of two views counts once where both are good, both lie between their wearers' marked starts
and ends and within the rules of rest, and the two clocks are known against each other there. Three
views make three pairs, and each pair counts.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

import msgspec

from banbury.errors import InputError
from banbury.gyms.capture.brief import Brief
from banbury.gyms.capture.quality.findings import Fault, Kind, Quality
from banbury.gyms.capture.quality.placing import place
from banbury.gyms.capture.quality.stretches import Stretches, common, length, less, moved
from banbury.gyms.capture.rest import Stretch, beyond, joined

SHORTEST_S = 5.0
"""Less good footage than this between two losses is of no use."""
UNMARKED = "not between a marked start and end"
RESTING = "marked as a break"
TIRED = "beyond the rules of rest"
ALONE = "no other view that is synchronized shows this time"
SHORT = f"good for less than {SHORTEST_S:.0f} s between two losses"


class Piece(Protocol):
    """A stretch of a's clock on which b's clock is one line."""

    @property
    def start_s(self) -> float: ...  # noqa: D102
    @property
    def end_s(self) -> float: ...  # noqa: D102
    @property
    def offset_s(self) -> float: ...  # noqa: D102
    @property
    def drift_ppm(self) -> float: ...  # noqa: D102


class Pairing(Protocol):
    """How b's clock runs against a's, or why that cannot be said."""

    @property
    def verdict(self) -> str: ...  # noqa: D102
    @property
    def pieces(self) -> Sequence[Piece]: ...  # noqa: D102
    @property
    def reasons(self) -> Sequence[str]: ...  # noqa: D102


class Lost(msgspec.Struct, frozen=True):
    """A stretch of one view that does not count.

    Attributes:
        start_s: on the clock of that view's take.
        end_s: on the clock of that view's take.
        who: number of the view in its group.
        reason: why, in words.
    """

    start_s: float
    end_s: float
    who: int
    reason: str


class Person(msgspec.Struct, frozen=True):
    """What one view came to.

    Attributes:
        good_s: seconds that count in at least one pair.
        lost: seconds that do not, by reason; both together are the length of the take.
    """

    good_s: float
    lost: dict[str, float]


class Hours(msgspec.Struct, frozen=True):
    """What a group came to.

    Attributes:
        good_s: seconds that count, summed over the pairs.
        lost: what does not count, by view and time.
        by_person: one for each view, in the order of the group.
        by_pair: seconds that count of each pair, as (a, b, seconds).
        good: of each view, the stretches that count, on its take's clock.
        placed: where each take lies on the clock of the marks; None where nothing was marked.
    """

    good_s: float
    lost: tuple[Lost, ...]
    by_person: tuple[Person, ...]
    by_pair: tuple[tuple[int, int, float], ...] = ()
    good: tuple[tuple[Stretch, ...], ...] = ()
    placed: tuple[Stretch | None, ...] = ()


class _Layer(msgspec.Struct, frozen=True):
    """Time of one view that is lost for one reason, on its own clock."""

    stretches: Stretches
    reason: str


def hours(
    group: object,
    qualities: Sequence[Quality],
    brief: Brief,
    takes: Sequence[Sequence[Stretch]] = (),
    breaks: Sequence[Sequence[Stretch]] = (),
    *,
    anchors: Sequence[float | None] = (),
    before: Sequence[Sequence[Stretch]] = (),
    taken: Sequence[Sequence[Stretch]] = (),
    also: Collection[Kind] = (),
) -> Hours:
    """Return what counts of a group, and why the rest does not.

    Args:
        group: with `pairs`, a mapping of (i, j) to their pairing, and `clocks` of the takes.
        qualities: one a take.
        brief: for its rules of rest.
        takes: the marked starts and ends of each wearer, in seconds of one clock of the house;
            an empty one for footage that nobody marked, all of which counts.
        breaks: the marked breaks, likewise.
        anchors: the house's time at each take's zero, as clock codes in the film tell, None where
            none was seen. Without any, the group is laid where marks and footage agree best.
        before: other footage of each wearer in the hours before, likewise, for the rules of rest.
        taken: marked time that other recordings of the same wearer fill already.
        also: kinds of fault that lose here although they usually do not, such as `no hands`.

    Raises:
        InputError: there are not as many of one thing as of another.
    """
    count = len(qualities)
    marks = _each(takes, count, "marked takes")
    rests = _each(breaks, count, "breaks")
    earlier = _each(before, count, "earlier takes")
    filled = _each(taken, count, "taken marks")
    free = [less(joined(m), joined(f)) for m, f in zip(marks, filled, strict=True)]
    lengths = [q.duration_s for q in qualities]
    zeros = place(getattr(group, "clocks", ()), lengths, free, anchors)
    own = [
        _own(qualities[n], brief, free[n], marks[n], rests[n], earlier[n], zeros[n], also)
        for n in range(count)
    ]
    pairs: dict[tuple[int, int], Pairing] = getattr(group, "pairs", {})
    return _counted(lengths, own, pairs, zeros, [bool(m) for m in marks])


def _each(given: Sequence[Sequence[Stretch]], count: int, what: str) -> Sequence[Sequence[Stretch]]:
    if given and len(given) != count:
        raise InputError(f"{count} takes and {what} of {len(given)} do not belong together")
    return given or [()] * count


def _own(
    quality: Quality,
    brief: Brief,
    free: Stretches,
    marks: Sequence[Stretch],
    rests: Sequence[Stretch],
    earlier: Sequence[Stretch],
    zero: float | None,
    also: Collection[Kind],
) -> list[_Layer]:
    """Return why time of a view is lost whatever the others show, the first reason first."""
    whole = [(0.0, quality.duration_s)]
    layers = []
    if marks and zero is not None:
        here = common(whole, [(a - zero, b - zero) for a, b in free])
        layers.append(_Layer(less(whole, here), UNMARKED))
        layers.append(_Layer(_shifted(joined(rests), zero), RESTING))
        layers.append(_Layer(_shifted(_over(marks, earlier, brief), zero), TIRED))
    elif not marks:
        layers.append(_Layer(beyond(whole, brief.rest), TIRED))
    return layers + _faulty(quality.faults, also)


def _over(marks: Sequence[Stretch], earlier: Sequence[Stretch], brief: Brief) -> Stretches:
    return beyond(joined([*marks, *earlier]), brief.rest)


def _shifted(stretches: Sequence[Stretch], zero: float) -> Stretches:
    return [(a - zero, b - zero) for a, b in stretches]


def _faulty(faults: Sequence[Fault], also: Collection[Kind]) -> list[_Layer]:
    by_reason: dict[str, list[Stretch]] = {}
    for fault in faults:
        if fault.loses or fault.kind in also:
            by_reason.setdefault(_reason(fault), []).append((fault.start_s, fault.end_s))
    return [_Layer(joined(found), reason) for reason, found in by_reason.items()]


def _reason(fault: Fault) -> str:
    """Return the reason without its figures, so that like losses come together."""
    said = "frames are missing" if fault.kind == "dropped" else fault.said.rstrip(".")
    return f"{fault.kind}: {said[:1].lower()}{said[1:]}"


def _counted(
    lengths: Sequence[float],
    own: Sequence[list[_Layer]],
    pairs: dict[tuple[int, int], Pairing],
    zeros: Sequence[float | None],
    marked: Sequence[bool],
) -> Hours:
    count = len(lengths)
    fine = [
        less([(0.0, lengths[n])], joined([s for layer in own[n] for s in layer.stretches]))
        for n in range(count)
    ]
    good: list[list[Stretch]] = [[] for _ in range(count)]
    theirs: list[list[_Layer]] = [[] for _ in range(count)]
    shown: list[list[Stretch]] = [[] for _ in range(count)]
    by_pair = []
    for (a, b), pairing in sorted(pairs.items()):
        if pairing.verdict != "synchronized":
            continue
        seconds = 0.0
        for piece in pairing.pieces:
            seconds += _piece(piece, a, b, lengths, fine, own, good, theirs, shown)
        by_pair.append((a, b, round(seconds, 6)))
    refused = [_refused(n, pairs) for n in range(count)]
    lost, people = [], []
    for n in range(count):
        mine = joined(good[n])
        layers = [*own[n], _Layer(less([(0.0, lengths[n])], joined(shown[n])), refused[n])]
        found = _explained(n, lengths[n], mine, [*layers, *theirs[n]])
        lost += found
        by_reason: dict[str, float] = {}
        for one in found:
            by_reason[one.reason] = by_reason.get(one.reason, 0.0) + one.end_s - one.start_s
        people.append(Person(length(mine), by_reason))
    placed = [
        (zero, zero + lengths[n]) if zero is not None and marked[n] else None
        for n, zero in enumerate(zeros)
    ]
    return Hours(
        good_s=sum(s for _, _, s in by_pair),
        lost=tuple(lost),
        by_person=tuple(people),
        by_pair=tuple(by_pair),
        good=tuple(tuple(joined(g)) for g in good),
        placed=tuple(placed),
    )


def _piece(
    piece: Piece,
    a: int,
    b: int,
    lengths: Sequence[float],
    fine: Sequence[Stretches],
    own: Sequence[list[_Layer]],
    good: list[list[Stretch]],
    theirs: list[list[_Layer]],
    shown: list[list[Stretch]],
) -> float:
    """Note what a piece of a pair brings to both; return the seconds that count, on a's clock."""
    rate = 1.0 + piece.drift_ppm * 1e-6

    def to_b(t: float) -> float:
        return piece.offset_s + rate * t

    def to_a(t: float) -> float:
        return (t - piece.offset_s) / rate

    on_b = moved([(0.0, lengths[b])], to_a)
    span = common([(max(0.0, piece.start_s), min(lengths[a], piece.end_s))], on_b)
    shown[a] += span
    shown[b] += moved(span, to_b)
    both = common(common(span, fine[a]), moved(fine[b], to_a))
    kept = [(s, e) for s, e in both if e - s >= SHORTEST_S]
    good[a] += kept
    good[b] += moved(kept, to_b)
    for layer in own[b]:
        theirs[a].append(_Layer(common(span, moved(layer.stretches, to_a)), _other(b, layer)))
    for layer in own[a]:
        seen = moved(common(span, layer.stretches), to_b)
        theirs[b].append(_Layer(seen, _other(a, layer)))
    return length(kept)


def _other(who: int, layer: _Layer) -> str:
    return f"view {who + 1}: {layer.reason}"


def _refused(who: int, pairs: dict[tuple[int, int], Pairing]) -> str:
    """Return why a view has no other beside it."""
    mine = [p for pair, p in sorted(pairs.items()) if who in pair]
    if any(p.verdict == "synchronized" for p in mine):
        return ALONE
    reasons = [r for p in mine for r in p.reasons]
    return f"not synchronized: {reasons[0]}" if reasons else ALONE


def _explained(
    who: int, duration_s: float, good: Stretches, layers: Sequence[_Layer]
) -> list[Lost]:
    """Return each lost stretch of a view with the first reason that holds there."""
    left = less([(0.0, duration_s)], good)
    made = []
    for layer in layers:
        hit = common(left, joined(layer.stretches))
        if hit:
            made += [Lost(a, b, who, layer.reason) for a, b in hit]
            left = less(left, hit)
    made += [Lost(a, b, who, SHORT) for a, b in left]
    return sorted(made, key=lambda x: x.start_s)
