"""Whether what was found is one scene heard twice, or chance, a loop, a hum, a song.

Chance scatters the windows' peaks over all lags, so that two windows hardly ever agree; what agrees
by chance in a pair is bounded (bench/sync.py measures it on unrelated pairs). What is not chance
and not one scene is told by other signs: a loop or a hum matches as well at other lags; a song
that both heard at different times matches in a part of the time only, and a person has to say. Two
takes that hold one song from start to end and nothing louder cannot be told from one scene.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from banbury.gyms.capture.sync.coarse import Candidate, Vote
from banbury.gyms.capture.sync.recording import RATE, Floats, Recording
from banbury.gyms.capture.sync.windows import REACH, Doubles

LEAST_EVIDENCE = 90.0
"""Nats over chance; the most that an unrelated pair had is about 40."""
LEAST_WINDOWS = 5
LEAST_COVERED = 0.5
"""Share of the common time in which one scene is heard as one, at 0 dB and better."""
LEAST_SHARE, SONG_S, PAUSE_S = 0.36, 360.0, 4.0
"""What matches is at least this share of the shorter take, or longer than a song."""
RIVAL = 0.6
"""Share of the best candidate's weight from which another one is a rival."""
COMB = 0.75
"""Share of the main peak from which a second one makes the lag ambiguous."""
NEAR = int(0.004 * RATE)
"""Samples about the main peak that are its own: 4 ms, echoes of a near wall."""
SPANS = 12


class Coverage(NamedTuple):
    """In what share of the common time the sound matches, and for how many seconds."""

    share: float
    matching_s: float


def rival(best: Candidate, others: list[Candidate], a: Recording, b: Recording) -> Candidate | None:
    """Return the candidate that explains the same chunks as well as the best does, if any."""
    mine = {vote.t_s: vote for vote in best.votes}
    for other in others:
        both = [vote for vote in other.votes if vote.t_s in mine]
        if len(both) < 2 and not (len(both) == 1 and len(best.votes) <= 2):
            continue
        height = sum(abs(v.z) for v in both) / sum(abs(mine[v.t_s].z) for v in both)
        share = _rate(other, best, a, b) / max(1e-9, _rate(best, best, a, b))
        if height >= COMB and share >= RIVAL:
            return other
    return None


def _rate(candidate: Candidate, best: Candidate, a: Recording, b: Recording) -> float:
    """Weight by chunk that can meet b at all, of those in which the best one was found."""
    asked = [v for v in best.votes if 0 <= v.t_s + candidate.lag_s <= b.duration_s]
    times = {v.t_s for v in asked}
    return sum(_weight(v) for v in candidate.votes if v.t_s in times) / max(1, len(asked))


def _weight(vote: Vote) -> float:
    return abs(vote.z)


def doubt(covered: Coverage, shorter_s: float) -> str:
    """Return why what matches may be a song or a call that both heard; "" if it may not."""
    if covered.share < LEAST_COVERED:
        part = f"in {covered.share:.0%} of the time in which both sound"
    elif covered.matching_s < min(SONG_S, LEAST_SHARE * shorter_s):
        part = f"for {covered.matching_s:.0f} s of {shorter_s:.0f} s or more in each take"
    else:
        return ""
    return f"the sound matches {part}: a song or a call would do that too"


def comb(stack: Floats) -> float:
    """Return the highest peak beside the main one, as a share of it.

    Args:
        stack: the sum of correlograms laid on the line, (2 * REACH); the main peak is at REACH.
    """
    size = np.abs(stack)
    main = float(size[REACH - 4 : REACH + 5].max())
    size[REACH - NEAR : REACH + NEAR + 1] = 0
    return float(size.max()) / max(main, 1e-9)


def coverage(windows_s: Doubles, found_s: Doubles) -> Coverage:
    """Return the share of twelve equal spans of the sounding windows in which windows agree.

    A span counts as covered when one in eight of its windows agrees.
    """
    if len(windows_s) == 0:
        return Coverage(0.0, 0.0)
    hit = np.isin(np.round(windows_s, 4), np.round(found_s, 4))
    spans = np.array_split(hit, min(SPANS, max(1, len(hit) // 4)))
    covered = [float(s.mean()) >= 1 / 8 for s in spans if len(s)]
    gaps = np.diff(np.sort(found_s))
    return Coverage(float(np.mean(covered)), float(gaps[gaps <= PAUSE_S].sum()))
