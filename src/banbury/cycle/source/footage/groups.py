"""Groups: which recordings of the views belong together, and how their clocks run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from banbury.cycle.source.footage.recordings import Recording
from banbury.gyms.capture import sync

Report = Callable[[float], None]


@dataclass(frozen=True)
class Found:
    """A group: which recordings, by their numbers, and what was found of their clocks."""

    members: tuple[int, ...]
    group: sync.Group


def groups(recordings: Sequence[Recording], report: Report | None = None) -> list[Found]:
    """Return the groups of recordings, each recording in at least one where it can be.

    The first recordings of all views are tried together, then the second ones, and so on. What
    found no partner there is tried against every recording of the other views: a camera that was
    stopped and started again has two for another's one.
    """
    rows = list(_rows(recordings))
    found: list[Found] = []
    for place, row in enumerate(rows):
        part = _within(report, place, len(rows) + 1)
        if len(row) > 1:
            takes = [recordings[n].take for n in row]
            found.append(Found(row, sync.group(takes, report=part)))
    left = _unplaced(recordings, found)
    if left and len(rows) > 1:
        found = _sorted_out(recordings, found, left, _within(report, len(rows), len(rows) + 1))
    if report:
        report(1.0)
    return found


def placed(found: Found) -> set[int]:
    """Return the numbers of the recordings whose clock is known in a group."""
    if found.group.verdict == "refused":
        return set()
    return {
        member
        for member, clock in zip(found.members, found.group.clocks, strict=True)
        if clock.pieces
    }


def _rows(recordings: Sequence[Recording]) -> Iterator[tuple[int, ...]]:
    by_view: dict[int, list[int]] = {}
    for number, one in enumerate(recordings):
        by_view.setdefault(one.view, []).append(number)
    for row in zip_longest(*by_view.values()):
        yield tuple(n for n in row if n is not None)


def _unplaced(recordings: Sequence[Recording], found: Sequence[Found]) -> list[int]:
    there = set().union(*(placed(one) for one in found)) if found else set()
    return [n for n in range(len(recordings)) if n not in there]


def _sorted_out(
    recordings: Sequence[Recording],
    found: list[Found],
    left: Sequence[int],
    report: Report | None,
) -> list[Found]:
    """Try what is left against all recordings of other views; a partner makes a group of two."""
    tried = {frozenset(one.members) for one in found if len(one.members) == 2}
    kept = [one for one in found if placed(one)]
    wanted = [
        (a, b)
        for a in left
        for b in range(len(recordings))
        if recordings[a].view != recordings[b].view and frozenset((a, b)) not in tried
    ]
    done: set[frozenset[int]] = set()
    for place, (a, b) in enumerate(wanted):
        if frozenset((a, b)) in done:
            continue
        done.add(frozenset((a, b)))
        pair = tuple(sorted((a, b), key=lambda n: recordings[n].view))
        part = _within(report, place, len(wanted))
        group = sync.group([recordings[n].take for n in pair], report=part)
        if group.verdict == "synchronized":
            kept.append(Found(pair, group))
    there = {n for one in kept for n in one.members}
    lost = [one for one in found if not placed(one) and not there.issuperset(one.members)]
    return [*kept, *lost]


def _within(report: Report | None, place: int, count: int) -> Report | None:
    if report is None:
        return None
    return lambda done: report((place + done) / count)
