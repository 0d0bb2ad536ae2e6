"""Sound against sound: coarse to fine, then the tests of acceptance."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from banbury.gyms.capture.sync import accept, coarse, pieces, track, windows
from banbury.gyms.capture.sync.coarse import Candidate, Vote
from banbury.gyms.capture.sync.line import theil_sen
from banbury.gyms.capture.sync.pieces import Stretch
from banbury.gyms.capture.sync.recording import LOW_RATE, RATE, Recording
from banbury.gyms.capture.sync.result import SAME_SOUND
from banbury.gyms.capture.sync.windows import Doubles, Hits

DENSE_S = 600.0
"""Overlaps up to this length are looked at in windows that overlap by half."""
LOST_S = 7.0
"""Stretches without an agreeing window that are sought again everywhere in b."""
LONG_LINE_S = 60.0
SAME = 0.995
"""Coherence above which two takes are one recording; two microphones never reach it."""
Report = Callable[[float], None]


class Heard(NamedTuple):
    """What sound says: stretches of b's clock, or why there is none."""

    stretches: tuple[Stretch, ...] = ()
    windows_s: Doubles = np.zeros(0)
    """Middles of the windows in which both sound, on a's time."""
    refused: str = ""
    ambiguous: bool = False
    doubt: str = ""
    """Why a person has to look, where the sound matches and that is not enough."""
    same: bool = False
    """Whether both takes hold one and the same recording."""
    coverage: float = 0.0


def listen(a: Recording, b: Recording, report: Report | None = None) -> Heard:
    """Find how b's clock runs against a's, from their sound alone."""
    for name, one in (("first", a), ("second", b)):
        if one.silent:
            return Heard(refused=f"the {name} take has no sound to be heard")
    tell = report or _nobody
    shorter, longer = (b, a) if b.duration_s < a.duration_s else (a, b)
    found = coarse.search(shorter, longer, lambda done: tell(0.3 * done))
    if not found:
        return Heard(refused="no passage of the one take is heard in the other")
    other = accept.rival(found[0], found[1:], shorter, longer)
    if other:
        apart = abs(other.lag_s - found[0].lag_s)
        said = f"the sound repeats: it matches {apart:.2f} s apart just as well"
        return Heard(refused=said, ambiguous=True)
    chosen = _apart(found)
    if shorter is b:
        chosen = [coarse.turned(candidate) for candidate in chosen]
    parts, sounding = _follow(a, b, chosen, lambda done: tell(0.3 + 0.6 * done))
    heard = _judged(a, b, pieces.stretches(parts), parts, sounding)
    tell(1.0)
    return heard


def _judged(
    a: Recording, b: Recording, found: list[Stretch], parts: list[Hits], sounding: Doubles
) -> Heard:
    evidence = sum(float(track.worth(s.hits).sum()) for s in found)
    evidence -= track.JUMP * sum(not s.bent for s in found[1:])
    count = sum(len(s.hits.t_s) for s in found)
    if evidence < accept.LEAST_EVIDENCE or count < accept.LEAST_WINDOWS:
        most = max((len(p.t_s) for p in parts), default=0)
        said = f"no more windows agree ({most} of {len(sounding)}) than chance may bring"
        return Heard(windows_s=sounding, refused=said)
    times = np.concatenate([s.hits.t_s for s in found])
    covered = accept.coverage(sounding, times)
    stack, coherence = _stack(a, b, found)
    second = accept.comb(stack)
    if second > accept.COMB:
        said = f"the sound repeats within a quarter of a second: a second peak has {second:.0%}"
        return Heard(windows_s=sounding, refused=said, ambiguous=True)
    doubt = accept.doubt(covered, min(a.sounding_s, b.sounding_s))
    same = coherence > SAME
    if same:
        doubt = SAME_SOUND
    return Heard(tuple(found), sounding, doubt=doubt, same=same, coverage=covered.share)


def _follow(
    a: Recording, b: Recording, chosen: list[Candidate], report: Report
) -> tuple[list[Hits], Doubles]:
    """Windows along the candidates, then where the clock was lost."""
    gathered, sounding = [], []
    for number, candidate in enumerate(chosen):
        hits, times = _windows(a, b, candidate, *_range(candidate, chosen, a))
        gathered.append(hits)
        sounding.append(times)
        report((number + 1) / (len(chosen) + 1))
    every = _unique(np.concatenate(sounding))
    parts = track.path(_merged(gathered))
    for start, end in _lost(parts, every):
        for candidate in _again(a, b, start, end):
            hits, times = _windows(a, b, candidate, start - 3, end + 3)
            gathered.append(hits)
            every = _unique(np.concatenate([every, times]))
    report(1.0)
    return track.path(_merged(gathered)), every


def _unique(times: Doubles) -> Doubles:
    return np.asarray(np.unique(np.round(times, 6)), np.float64)


def _apart(found: list[Candidate]) -> list[Candidate]:
    """The best candidate, and those that stand for other times of a than it."""
    chosen = [found[0]]
    for other in found[1:]:
        strong = (other.weight >= 8 and len(other.votes) >= 2) or other.weight >= 15
        taken = {v.t_s for c in chosen for v in c.votes}
        if strong and not any(v.t_s in taken for v in other.votes):
            chosen.append(other)
    return chosen[:12]


def _range(one: Candidate, chosen: list[Candidate], a: Recording) -> tuple[float, float]:
    """Where a candidate is looked for: everywhere if it is the best, else about its votes."""
    if one is chosen[0]:
        return 0.0, a.duration_s
    times = [v.t_s for v in one.votes]
    others = [v.t_s for c in chosen if c is not one for v in c.votes]
    before = [t for t in others if t < min(times)]
    after = [t for t in others if t > max(times)]
    return max(before, default=0.0), max(times) if not after else min(after) + coarse.CHUNK_S


def _windows(
    a: Recording, b: Recording, one: Candidate, start_s: float, end_s: float
) -> tuple[Hits, Doubles]:
    """Hits of windows along a candidate's votes."""
    lag_at = _line(one.votes)
    overlap = min(a.duration_s, b.duration_s - one.lag_s) - max(0.0, -one.lag_s)
    hop = windows.SIZE // 2 if overlap < DENSE_S else windows.SIZE
    at = windows.starts(a, b, one.lag_s, hop)
    if one.votes and end_s >= a.duration_s - 1:
        end_s = np.inf
    at = at[(at >= (start_s - 2) * RATE) & (at <= (end_s + 2) * RATE)]
    return windows.hits(a, b, at, lag_at)


def _line(votes: tuple[Vote, ...]) -> Callable[[Doubles], Doubles]:
    """The lag along votes: a line if they span enough, else their middle."""
    t = np.array([v.t_s for v in votes])
    lag = np.array([v.lag_s for v in votes])
    slope = theil_sen(*_sorted(t, lag)) if len(t) >= 3 and np.ptp(t) >= LONG_LINE_S else 0.0
    height = float(np.median(lag - slope * t))
    return lambda at: height + slope * at


def _sorted(t: Doubles, lag: Doubles) -> tuple[Doubles, Doubles]:
    order = np.argsort(t)
    return t[order], lag[order]


def _merged(gathered: list[Hits]) -> Hits:
    """All hits in order of time; the same peak, found twice, once."""
    t, lag, z = (np.concatenate(c) for c in zip(*gathered, strict=True))
    order = np.lexsort((lag, t))
    t, lag, z = t[order], lag[order], z[order]
    new = np.ones(len(t), bool)
    new[1:] = (np.diff(t) > 1e-6) | (np.diff(lag) > 1e-4)
    return Hits(t[new], lag[new], z[new])


def _lost(parts: list[Hits], every: Doubles) -> list[tuple[float, float]]:
    """Stretches with sound in which no window agrees with any other."""
    strong = [p for p in parts if len(p.t_s) >= pieces.LEAST_HITS]
    if not strong or len(every) == 0:
        return []
    times = np.concatenate([[every[0]], *[p.t_s for p in strong], [every[-1]]])
    gaps = [(float(s), float(e)) for s, e in pairwise(times) if e - s >= LOST_S]
    return sorted(gaps, key=lambda g: g[0] - g[1])[:20]


def _again(a: Recording, b: Recording, start_s: float, end_s: float) -> list[Candidate]:
    """Seek a stretch of a everywhere in b."""
    length = min(coarse.CHUNK_S, (end_s - start_s) / 2)
    count = int(np.clip((end_s - start_s) / length * 1.5, 2, 8))
    places = np.linspace(start_s, max(start_s, end_s - length), count)
    at = [int(p * LOW_RATE) for p in places]
    votes = coarse.votes(a, b, at, int(length * LOW_RATE))
    found = coarse.candidates(votes, most=2)
    return [c for c in found if c.weight >= 4]


def _stack(a: Recording, b: Recording, found: list[Stretch]) -> tuple[NDArray[np.float32], float]:
    """Correlograms along the clock, summed, from up to 64 agreeing windows; their coherence."""
    t = np.concatenate([s.hits.t_s for s in found])
    lag = np.concatenate([s.line.of(s.hits.t_s) for s in found])
    keep = np.unique(np.linspace(0, len(t) - 1, min(64, len(t))).astype(int))
    at = np.round(t[keep] * RATE - windows.SIZE / 2).astype(np.int64)
    lags = np.round(lag[keep] * RATE).astype(np.int64)
    total = np.zeros(2 * windows.REACH, np.float32)
    for _, _, table in windows.correlograms(a, b, at, lags):
        total += table.sum(axis=0)
    places = zip(at[::4], lag[keep][::4], strict=True)
    coherences = [windows.coherence(a, b, int(s), float(x)) for s, x in places]
    return total, float(np.median(coherences))


def _nobody(_: float) -> None:
    """Nobody asked how far it is."""
