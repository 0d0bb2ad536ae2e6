"""Several takes: all pairs, one clock for each take, and loops that must close."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from itertools import combinations

from msgspec.structs import replace

from banbury.gyms.capture.sync.camera import Camera
from banbury.gyms.capture.sync.clocks import Pieces, after, apart, identity, turned
from banbury.gyms.capture.sync.joint import Fit, fitted
from banbury.gyms.capture.sync.pairing import paired
from banbury.gyms.capture.sync.recording import Footage
from banbury.gyms.capture.sync.result import Clock, Group, Loop, Pairing, Verdict

NAMED_MS = 3.0
"""A pair that differs from the fitted clocks by more is named: a metre of way or more."""
OPEN_MS = 10.0
"""A loop that is left open by more is no matter of where people stood: one pair is wrong."""
Report = Callable[[float], None]
Pairs = dict[tuple[int, int], Pairing]


class Together:
    """Several takes, each decoded once, of which any two can be compared, each two once.

    Close it, or use it in a `with`.

    Args:
        takes: two or more.
        report: told how far decoding is, in [0, 1].
        coded: a clock code was shown to the cameras, see `pair`.
    """

    def __init__(
        self, takes: Sequence[Footage], report: Report | None = None, *, coded: bool = False
    ) -> None:
        self._stack = ExitStack()
        self._coded = coded
        self._known: dict[tuple[int, int, bool | None], Pairing] = {}
        self._cameras: list[Camera] = []
        with ExitStack() as stack:
            for n, take in enumerate(takes):
                self._cameras.append(stack.enter_context(Camera(take)))
                if report:
                    report((n + 1) / len(takes))
            self._stack = stack.pop_all()

    def pair(self, i: int, j: int, *, thorough: bool | None = None) -> Pairing:
        """Return j's clock against i's, for i < j; see `pair`."""
        heard = self._known.get((i, j, False))
        if thorough is None and heard is not None and heard.verdict == "synchronized":
            return heard
        key = i, j, thorough
        if key not in self._known:
            one, other = self._cameras[i], self._cameras[j]
            found = paired(one, other, thorough=thorough, coded=self._coded)
            self._known[key] = found
        return self._known[key]

    def group(
        self,
        members: Sequence[int],
        *,
        thorough: bool | None = None,
        report: Report | None = None,
    ) -> Group:
        """Return the group that takes make, by their numbers, ascending; see `group`."""
        keys = list(combinations(range(len(members)), 2))
        pairs: Pairs = {}
        for i, j in keys:
            pairs[i, j] = self.pair(members[i], members[j], thorough=thorough)
            if report:
                report(len(pairs) / len(keys))
        return grouped(pairs, [self._cameras[n].duration_s for n in members])

    def close(self) -> None:
        """Remove the scratch files."""
        self._stack.close()

    def __enter__(self) -> Together:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def group(
    takes: Sequence[Footage], *, report: Report | None = None, thorough: bool | None = None
) -> Group:
    """Synchronize takes of one scene, each with each.

    Args:
        takes: two or more takes.
        report: told how far it is, in [0, 1].
        thorough: as `pair` has it.

    Returns:
        the clock of each take against that of `reference`, fitted to all pairs, every pair's own
        answer, and the loops over three takes, before and after the fit. A pair that leaves loops
        open is disputed and carries no clock.
    """
    tell = report or (lambda _: None)
    with Together(takes, lambda done: tell(0.7 * done)) as all_:
        numbers = range(len(takes))
        return all_.group(numbers, thorough=thorough, report=lambda d: tell(0.7 + 0.3 * d))


def grouped(pairs: Pairs, lengths: Sequence[float]) -> Group:
    """Return the group that pairs make; `lengths` are the takes' seconds."""
    loops = _loops(pairs, len(lengths))
    wrong = _culprits(pairs, loops)
    pairs = {key: _disputed(found) if key in wrong else found for key, found in pairs.items()}
    reference = _reference(pairs, len(lengths))
    fit = fitted(pairs, _clocks(pairs, lengths, reference), reference)
    loops = tuple(replace(loop, left_ms=_left(loop, fit.left_s)) for loop in loops)
    verdict, reasons = _verdict(pairs, fit.clocks, loops, wrong)
    said = (*reasons, *_contradictions(pairs, fit))
    return Group(reference, fit.clocks, pairs, loops, verdict, said)


def _left(loop: Loop, left_s: Mapping[tuple[int, int], float]) -> float | None:
    found = [1e3 * left_s[side] for side in _sides(loop) if side in left_s]
    return max(found, key=abs) if len(found) == 3 else None


def _contradictions(pairs: Pairs, fit: Fit) -> list[str]:
    """Name pairs that differ from all the others together by more than can be."""
    said = []
    for (i, j), gap in fit.left_s.items():
        half = (pairs[i, j].offset_high - pairs[i, j].offset_low) / 2
        if abs(gap) > max(1e-3 * NAMED_MS, 3 * half):
            said.append(
                f"takes {i + 1} and {j + 1} contradict the others by {1e3 * gap:+.1f} ms; their "
                f"own interval is {1e3 * half:.2f} ms"
            )
    return said


def _edge(pairs: Pairs, i: int, j: int) -> tuple[Pieces, float] | None:
    """J's clock against i's and its error, where that pair is synchronized."""
    found = pairs[min(i, j), max(i, j)]
    if found.verdict != "synchronized":
        return None
    pieces = found.pieces if i < j else turned(found.pieces)
    return pieces, (found.offset_high - found.offset_low) / 2


def _loops(pairs: Pairs, count: int) -> tuple[Loop, ...]:
    loops = []
    for i, j, k in combinations(range(count), 3):
        edges = [_edge(pairs, i, j), _edge(pairs, j, k), _edge(pairs, i, k)]
        one, two, direct = edges
        if one and two and direct:
            gap = apart(after(one[0], two[0]), direct[0])
            if gap is not None:
                loops.append(Loop(i, j, k, 1e3 * gap))
    return tuple(loops)


def _culprits(pairs: Pairs, loops: Sequence[Loop]) -> set[tuple[int, int]]:
    """Pairs that stand in every open loop and in no closed one; all of open loops if none does."""
    bad = [_sides(loop) for loop in loops if abs(loop.error_ms) > OPEN_MS]
    if not bad:
        return set()
    good = {side for loop in loops if abs(loop.error_ms) <= OPEN_MS for side in _sides(loop)}
    shared = set.intersection(*bad) - good
    return shared if len(shared) == 1 else set.union(*bad) - good


def _sides(loop: Loop) -> set[tuple[int, int]]:
    return {(loop.i, loop.j), (loop.j, loop.k), (loop.i, loop.k)}


def _disputed(found: Pairing) -> Pairing:
    said = "a loop over a third take does not close"
    return replace(found, verdict="disputed", reasons=(*found.reasons, said))


def _reference(pairs: Pairs, count: int) -> int:
    """The take that most others are synchronized with, the surest of these."""

    def rank(n: int) -> tuple[int, float]:
        edges = [e for m in range(count) if m != n and (e := _edge(pairs, n, m))]
        return len(edges), -sum(error for _, error in edges)

    return max(range(count), key=rank)


def _clocks(pairs: Pairs, lengths: Sequence[float], reference: int) -> tuple[Clock, ...]:
    """Go from the reference to the take that is reached most surely, and on from there."""
    made: dict[int, Clock] = {reference: Clock(identity(lengths[reference]))}
    while True:
        steps = []
        for here, clock in made.items():
            for there in range(len(lengths)):
                edge = None if there in made else _edge(pairs, here, there)
                if edge and (pieces := after(clock.pieces, edge[0])):
                    error = (clock.plus_minus_s**2 + edge[1] ** 2) ** 0.5
                    steps.append((error, there, Clock(pieces, error)))
        if not steps:
            return tuple(made.get(n, Clock()) for n in range(len(lengths)))
        _, there, clock = min(steps, key=lambda s: s[:2])
        made[there] = clock


def _verdict(
    pairs: Pairs, clocks: Sequence[Clock], loops: Sequence[Loop], wrong: set[tuple[int, int]]
) -> tuple[Verdict, tuple[str, ...]]:
    reasons = []
    for loop in loops:
        if abs(loop.error_ms) > OPEN_MS:
            names = f"{loop.i + 1}, {loop.j + 1} and {loop.k + 1}"
            reasons.append(f"takes {names} do not close: {loop.error_ms:+.1f} ms are left")
    if len(wrong) == 1:
        [(i, j)] = wrong
        reasons.append(f"takes {i + 1} and {j + 1} contradict all others, and are left out")
    elif wrong:
        names = ", ".join(f"{i + 1} and {j + 1}" for i, j in sorted(wrong))
        reasons.append(f"which pair is wrong cannot be told; left out are takes {names}")
    for n, clock in enumerate(clocks):
        if not clock.pieces:
            reasons.append(f"take {n + 1} is synchronized with no other")
    for (i, j), found in pairs.items():
        if found.verdict == "disputed" and (i, j) not in wrong:
            reasons.append(f"takes {i + 1} and {j + 1} are disputed: {'; '.join(found.reasons)}")
    if not any(found.verdict != "refused" for found in pairs.values()):
        return "refused", (*reasons, *dict.fromkeys(r for p in pairs.values() for r in p.reasons))
    return ("disputed" if reasons else "synchronized"), tuple(reasons)
