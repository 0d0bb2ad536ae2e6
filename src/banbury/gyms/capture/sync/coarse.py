"""Coarse search: chunks of a are looked for in all of b, and vote for where b's clock stands.

A chunk of flattened sound is correlated with the whole of b's; its highest peaks, in units of what
chance gives, are votes. Votes of different chunks that lie on one line, as two clocks do, make a
candidate. Loops and hum show as several candidates of like weight.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from banbury.gyms.capture.sync.recording import LOW_RATE, Recording

CHUNK_S, LEAST_CHUNK_S = 6.0, 1.5
PEAKS = 6
"""Peaks kept of a chunk."""
APART = 64
"""Samples at 4 kHz (16 ms) within which a chunk keeps one peak."""
CHANCE = 5.5
"""Standard deviations below which a peak weighs nothing; the highest of five hours is about 6."""
CERTAIN = 60.0
"""Weight of a candidate at which no further chunks are asked."""
MAX_DRIFT = 300e-6
"""Clocks that differ by more are broken; cameras differ by 5 to 60 millionths."""
SLACK_S = 0.003
BLOCK = 1 << 18
Report = Callable[[float], None]


class Vote(NamedTuple):
    """One peak: b's time less a's, seconds, at a's time `t_s`, in standard deviations, signed."""

    t_s: float
    lag_s: float
    z: float


class Candidate(NamedTuple):
    """Votes on one line, and their weight."""

    lag_s: float
    weight: float
    votes: tuple[Vote, ...]


def search(a: Recording, b: Recording, report: Report | None = None) -> list[Candidate]:
    """Return where b's clock may stand against a's, the heaviest first.

    Chunks are taken of a: it should be the shorter take, so that they cannot miss it.
    """
    gathered: list[Vote] = []
    found: list[Candidate] = []
    rounds = list(_rounds(a))
    for number, starts in enumerate(rounds):
        gathered += votes(a, b, starts, _length(a, b))
        found = candidates(gathered)
        if report:
            report((number + 1) / len(rounds))
        if found and found[0].weight >= CERTAIN and len(found[0].votes) >= 3:
            break
    return found


def candidates(votes: list[Vote], most: int = 8) -> list[Candidate]:
    """Gather votes that lie on one line, within what two clocks can drift."""
    left = sorted((v for v in votes if abs(v.z) > CHANCE), key=lambda v: -abs(v.z))
    found: list[Candidate] = []
    seeds = left[:60]
    while seeds and len(found) < most:
        best = max((_gather(seed, left) for seed in seeds[:24]), key=lambda c: c.weight)
        found.append(best)
        taken = set(best.votes)
        near = [v for v in left if v in taken or _agree(best.votes[0], v)]
        left = [v for v in left if v not in near]
        seeds = [v for v in seeds if v not in near]
    return sorted(found, key=lambda c: -c.weight)


def turned(found: Candidate) -> Candidate:
    """The same of a against b."""
    votes = tuple(Vote(v.t_s + v.lag_s, -v.lag_s, v.z) for v in found.votes)
    return Candidate(-found.lag_s, found.weight, votes)


def _gather(seed: Vote, votes: list[Vote]) -> Candidate:
    """The seed's candidate: of every chunk the best vote that agrees with it."""
    best: dict[float, Vote] = {}
    for vote in votes:
        if _agree(seed, vote) and abs(vote.z) > abs(best.get(vote.t_s, (0, 0, 0.0))[2]):
            best[vote.t_s] = vote
    weight = sum(abs(v.z) - CHANCE for v in best.values())
    kept = tuple(sorted(best.values(), key=lambda v: -abs(v.z)))
    return Candidate(seed.lag_s, weight, kept)


def _agree(one: Vote, other: Vote) -> bool:
    room = SLACK_S + MAX_DRIFT * abs(one.t_s - other.t_s)
    return abs(one.lag_s - other.lag_s) <= room


def _length(a: Recording, b: Recording) -> int:
    shorter = min(a.duration_s, b.duration_s)
    return int(LOW_RATE * min(CHUNK_S, max(LEAST_CHUNK_S, shorter / 4)))


def _rounds(a: Recording) -> list[list[int]]:
    """Starts of chunks, loud ones, spread over a: the second round lies between the first's."""
    size = CHUNK_S if a.duration_s > 4 * CHUNK_S else max(LEAST_CHUNK_S, a.duration_s / 4)
    count = int(np.clip(a.duration_s / size * 1.5, 1, 32))
    edges = np.linspace(0, max(0.0, a.duration_s - size), count + 1)
    starts = []
    for first, last in pairwise(edges):
        seconds = a.levels[int(first) : max(int(first) + 1, int(last))]
        at = first
        if last - first > 2 and len(seconds):
            loudest = int(first) + int(np.argmax(seconds))
            at = max(first, min(loudest + 0.5 - size / 2, last))
        starts.append(int(at * LOW_RATE))
    order = [starts[k::3] for k in (1, 0, 2)]
    return [o for o in order if o]


def votes(a: Recording, b: Recording, starts: list[int], length: int) -> list[Vote]:
    """Correlate chunks of a with all of b, block by block."""
    chunks = []
    for start in starts:
        chunk = a.low[start : start + length].astype(np.float32)
        if len(chunk) >= length // 2 and np.count_nonzero(chunk) > length // 4:
            chunks.append((start, chunk))
    size = min(BLOCK, fft.next_fast_len(len(b.low) + 2 * length, real=True))
    spectra = [np.conj(fft.rfft(chunk, size)) for _, chunk in chunks]
    kept: list[list[tuple[float, int]]] = [[] for _ in chunks]
    energy = np.array([float(np.dot(c, c)) for _, c in chunks])
    step = size - length
    for at in range(-length, len(b.low), step):
        block = np.zeros(size, np.float32)
        first, last = max(0, at), min(len(b.low), at + size)
        block[first - at : last - at] = b.low[first:last]
        power = float(np.dot(block, block)) / max(1, int(np.count_nonzero(block)))
        if power == 0.0:
            continue
        spectrum = fft.rfft(block)
        for n, chunk in enumerate(spectra):
            found = fft.irfft(spectrum * chunk, size)[:step]
            scale = 1 / np.sqrt(energy[n] * power)
            kept[n] += _peaks(found * np.float32(scale), at)
    found_votes = []
    for (start, _), peaks in zip(chunks, kept, strict=True):
        for z, at in sorted(peaks, key=lambda p: -abs(p[0]))[:PEAKS]:
            found_votes.append(Vote(start / LOW_RATE, (at - start) / LOW_RATE, z))
    return found_votes


def _peaks(found: NDArray[np.float32], at: int) -> list[tuple[float, int]]:
    """The highest peaks of a block, one in 16 ms."""
    rows = len(found) // APART
    table = found[: rows * APART].reshape(rows, APART)
    size = np.abs(table)
    places = np.argmax(size, axis=1)
    heights = size[np.arange(rows), places]
    best = np.argpartition(heights, -min(2 * PEAKS, rows))[-min(2 * PEAKS, rows) :]
    peaks = [(float(table[r, places[r]]), at + int(r) * APART + int(places[r])) for r in best]
    peaks.sort(key=lambda p: -abs(p[0]))
    kept: list[tuple[float, int]] = []
    for z, place in peaks:
        if all(abs(place - other) > APART // 2 for _, other in kept):
            kept.append((z, place))
    return kept[:PEAKS]
