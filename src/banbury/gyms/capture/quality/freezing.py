"""Standing pictures: the same picture at two glances, and next to nothing encoded between them.

A sensor's noise keeps a true picture from ever being the same, and an encoder spends bytes on it. A
picture that is repeated costs it a few bytes a frame, so the sizes of the packets tell to the frame
where it stood.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from banbury.gyms.capture.quality.findings import Fault
from banbury.gyms.capture.quality.readings import Sights
from banbury.gyms.capture.quality.runs import Bools, Floats, runs

TINY = 0.005
"""A packet of this share of its key frame's bytes holds nothing new."""
NEARLY = 0.5
"""What `stands` says of pictures that are the same but for coding at two qualities."""
SAID = "The picture stands still, although sound or time go on."


def frozen(sights: Sights, times: Floats, unseen: Bools) -> Iterator[Fault]:
    """Yield where the picture stands.

    Args:
        sights: what was seen.
        times: (n,) when each burst begins.
        unseen: (n,) where the picture shows nothing.
    """
    stands = np.asarray(sights.stands)
    stamps, tiny = _tiny(sights)
    before = np.append(times[:1], times[:-1])
    empty = _share(stamps, tiny, before, times) > 0.5
    flags = ((stands >= 1.0) | (stands >= NEARLY) & empty) & ~unseen
    starts, ends = _from(stamps, tiny, before), _until(stamps, tiny, times)
    yield from runs("frozen", flags, np.ones(len(times)), starts, ends, 2.0, SAID)


def _tiny(sights: Sights) -> tuple[Floats, Bools]:
    """Return the times of all packets but key frames, and which hold nothing new."""
    stamps = np.asarray(sights.packets.times_s)
    sizes = np.asarray(sights.packets.sizes, dtype=np.float64)
    keys = np.asarray(sights.packets.keys, dtype=bool)
    last = np.maximum.accumulate(np.where(keys, np.arange(len(keys)), -1)) if len(keys) else keys
    tiny = (last >= 0) & (sizes <= TINY * sizes[last]) if len(keys) else keys
    stamps, tiny = stamps[~keys], tiny[~keys]
    order = np.argsort(stamps, kind="stable")
    return stamps[order], tiny[order]


def _share(stamps: Floats, tiny: Bools, starts: Floats, ends: Floats) -> Floats:
    """Return the share of tiny packets between times, 0 where there are none."""
    total = np.concatenate([[0], np.cumsum(tiny)])
    a, b = np.searchsorted(stamps, starts), np.searchsorted(stamps, ends)
    share: Floats = (total[b] - total[a]) / np.maximum(b - a, 1)
    return share


def _until(stamps: Floats, tiny: Bools, times: Floats) -> Floats:
    """Return for each burst until when packets stay tiny, at most to the next burst."""
    after = np.append(times[1:], stamps[-1] if len(stamps) else times[-1])
    made = times.copy()
    for n, (t, limit) in enumerate(zip(times, after, strict=True)):
        k = int(np.searchsorted(stamps, t, side="right"))
        while k < len(stamps) and stamps[k] < limit and tiny[k]:
            made[n] = stamps[k]
            k += 1
        if k >= len(stamps) or (made[n] > t and stamps[k] >= limit):
            made[n] = max(t, limit)
    return made


def _from(stamps: Floats, tiny: Bools, times: Floats) -> Floats:
    """Return for each burst since when packets were tiny, at most a second before."""
    made = times.copy()
    for n, t in enumerate(times):
        k = int(np.searchsorted(stamps, t)) - 1
        while k >= 0 and stamps[k] > t - 1.0 and tiny[k]:
            made[n] = stamps[k]
            k -= 1
    return made
