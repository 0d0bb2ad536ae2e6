"""Ways to cheat: hours from nothing, and decisions without looking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from banbury.gyms.capture import actions as do
from banbury.gyms.capture.brief import HOUR_S
from banbury.gyms.capture.confirm import Truth
from banbury.gyms.capture.views import Pairs, common
from banbury.gyms.contract import Action

_NONE = "0" * 64


def of_film(day: Sequence[do.Film]) -> Mapping[str, Sequence[Action]]:
    """Return ways to cheat at filming, from the reference's actions."""
    begin = next(a for a in day if isinstance(a, do.BeginTake))
    add = next(a for a in day if isinstance(a, do.AddFile))
    read, last = day[0], day[-1].at_ms
    long = begin.at_ms + int(5 * HOUR_S * 1000)
    no_rest = begin.at_ms + int(8 * HOUR_S * 1000)
    gone = do.AddFile(last, _NONE, 10**9, "GX010001.MP4")

    def filmed(end: int, file: do.AddFile, lacking: str = "") -> list[Action]:
        later = do.AddFile(end, file.sha256, file.size, file.name)
        return [read, begin, do.EndTake(end), later, do.HandIn(end, lacking)]

    return {
        "hand in at once": [read, do.HandIn(read.at_ms)],
        "a take without a file": [a for a in day if not isinstance(a, do.AddFile)],
        "a file without a take": [read, add, do.HandIn(last)],
        "a file that was never uploaded": filmed(last, gone),
        "five hours from a short clip": filmed(long, add),
        "five hours and an excuse": filmed(long, add, "the battery was empty"),
        "eight hours without rest": filmed(no_rest, add, "the battery was empty"),
        "not handed in": [a for a in day if not isinstance(a, do.HandIn)],
    }


def of_confirm(shown: Pairs, truth: Truth) -> Mapping[str, Sequence[Action]]:
    """Return ways to cheat at confirming that are wrong for these views."""
    looks = looked(shown)
    moved = [do.Nudge(n, 1000.0) for n in range(len(shown.views)) if n != shown.reference]
    cheats: dict[str, Sequence[Action]] = {
        "confirm unseen": [do.Confirm()],
        "claim to have seen what is not there": [do.Look(-1e9, 1e9), do.Confirm()],
        "move all and confirm": [*looks, *moved, do.Confirm()],
        "refuse without saying why": [do.Refuse("other")],
    }
    if truth.related:
        cheats["refuse all"] = [do.Refuse("not the same scene")]
    else:
        cheats["confirm all"] = [*looks, do.Confirm()]
    return cheats


def looked(shown: Pairs) -> list[Action]:
    """Return the looks that a decision needs."""
    low, high = common(shown)
    return [do.Look(low, high)] if high > low else []
