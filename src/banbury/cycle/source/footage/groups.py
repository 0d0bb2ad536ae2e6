"""Groups: which recordings belong together by what they share, and how their clocks run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, zip_longest

from banbury.cycle.source.footage.recordings import Recording
from banbury.gyms.capture import sync

Report = Callable[[float], None]
Pair = tuple[int, int]
Members = tuple[int, ...]


@dataclass(frozen=True)
class Found:
    """A group: which recordings, by their numbers, and what was found of their clocks."""

    members: tuple[int, ...]
    group: sync.Group


def groups(
    recordings: Sequence[Recording], report: Report | None = None, *, coded: bool = False
) -> list[Found]:
    """Return the groups of recordings, each recording in at least one where it can be.

    Recordings belong together where they share their sound, whatever their order: those that come
    at one place in each view are tried first, then what found no partner in a view is tried against
    all of that view. A group has one recording of a view; where a camera was stopped and started
    again, each of its two recordings makes a group with what the other one filmed on. Where sound
    says nothing, pictures are looked at.

    Args:
        recordings: of all views, those of a view in their order.
        report: told how far it is, in [0, 1].
        coded: a clock code was shown to the cameras.
    """
    if len({one.view for one in recordings}) < 2:
        return []
    tell = report or (lambda _: None)
    takes = [one.take for one in recordings]
    with sync.Together(takes, lambda done: tell(0.6 * done), coded=coded) as together:
        matches = _Matches([one.view for one in recordings], together)
        matches.by_sound()
        tell(0.8)
        matches.by_pictures()
        tell(0.9)
        found = [Found(members, together.group(members)) for members in matches.groups()]
    tell(1.0)
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


class _Matches:
    """Which recordings of different views match.

    Args:
        views: the view of each recording.
        together: which compares any two.
    """

    def __init__(self, views: Sequence[int], together: sync.Together) -> None:
        self._views = views
        self._together = together
        self._sure: list[Pair] = []
        self._maybe: list[Pair] = []
        self._rows = list(_rows(views))

    def by_sound(self) -> None:
        """Compare what comes at one place, then what found nobody in a view with all of it."""
        tried: set[Pair] = set()
        for row in self._rows:
            self._try(combinations(row, 2), tried, thorough=False)
        for one, view in self._alone():
            others = [n for n, of in enumerate(self._views) if of == view]
            self._try(((min(one, n), max(one, n)) for n in others), tried, thorough=False)

    def by_pictures(self) -> None:
        """Look at the pictures of those that match nobody, first at one place, then at any."""
        tried: set[Pair] = set()
        lonely = self._lonely()
        for row in self._rows:
            self._try(combinations([n for n in row if n in lonely], 2), tried, thorough=None)
        lonely = self._lonely()
        across = (p for p in combinations(lonely, 2) if self._views[p[0]] != self._views[p[1]])
        self._try(across, tried, thorough=None)

    def groups(self) -> list[Members]:
        """Return the groups: what matches surely, what may match, what is left by its place."""
        clusters: dict[int, set[int]] = {n: {n} for n in range(len(self._views))}
        pairs = []
        for one, other in (*self._sure, *self._maybe):
            both = clusters[one] | clusters[other]
            if clusters[one] is clusters[other]:
                continue
            if len({self._views[n] for n in both}) == len(both):
                for n in both:
                    clusters[n] = both
            else:
                pairs.append((one, other))
        made = {tuple(sorted(members)) for members in clusters.values() if len(members) > 1}
        return self._with_the_rest(sorted(made), pairs)

    def _with_the_rest(self, made: list[Members], pairs: list[Pair]) -> list[Members]:
        """Add what matches nobody, by its place, so that it is told what was found of it."""
        known = {n for members in (*made, *pairs) for n in members}
        rest: list[Members] = []
        for row in self._rows:
            left = tuple(n for n in row if n not in known)
            if len(left) > 1:
                rest.append(left)
            elif left:
                made = [self._joined(members, left[0], row) for members in made]
        return [*made, *pairs, *rest]

    def _joined(self, members: Members, one: int, row: Members) -> Members:
        free = self._views[one] not in {self._views[n] for n in members}
        return tuple(sorted((*members, one))) if free and set(members) & set(row) else members

    def _try(self, pairs: Iterator[Pair], tried: set[Pair], thorough: bool | None) -> None:
        for one, other in pairs:
            if (one, other) in tried:
                continue
            tried.add((one, other))
            found = self._together.pair(one, other, thorough=thorough)
            if found.verdict == "synchronized":
                self._sure.append((one, other))
            elif found.verdict == "disputed" and found.pieces:
                self._maybe.append((one, other))

    def _partners(self, one: int) -> set[int]:
        both = [pair for pair in (*self._sure, *self._maybe) if one in pair]
        return {n for pair in both for n in pair} - {one}

    def _alone(self) -> list[tuple[int, int]]:
        """Return recordings with the views in which they have no partner."""
        found = []
        for one, own in enumerate(self._views):
            has = {self._views[n] for n in self._partners(one)} | {own}
            found += [(one, view) for view in sorted(set(self._views) - has)]
        return found

    def _lonely(self) -> list[int]:
        return [n for n in range(len(self._views)) if not self._partners(n)]


def _rows(views: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield what comes at one place in each view, ascending."""
    by_view: dict[int, list[int]] = {}
    for number, view in enumerate(views):
        by_view.setdefault(view, []).append(number)
    for row in zip_longest(*by_view.values()):
        yield tuple(sorted(n for n in row if n is not None))
