"""Shares: what each wearer's view of a scene comes to."""

from __future__ import annotations

from banbury.cycle.source.footage.sidecar import Sidecar
from banbury.store.footage import Share

UNCONFIRMED = "a person has not confirmed it yet"
REFUSED = "a person refused it"


def shares_of(found: Sidecar) -> list[Share]:
    """Return everybody's share; what is good counts where its group was confirmed."""
    counted = [0.0] * len(found.views)
    lost: list[dict[str, float]] = [dict(view.lost_s) for view in found.views]
    for group in found.groups:
        told = group.confirmed
        for number, good_s in zip(group.recordings, group.good_of_s, strict=True):
            view = found.recordings[number].view
            if told is not None and told.verdict == "confirmed":
                moved = sum(abs(ms) for ms in told.nudges_ms) / 1000.0
                counted[view] += max(0.0, good_s - moved)
            elif good_s:
                why = REFUSED if told is not None else UNCONFIRMED
                lost[view][why] = lost[view].get(why, 0.0) + good_s
    return [
        Share(
            *(view.person, view.episode, view.day, _ms(view.filmed_s), _ms(view.good_s)),
            min(_ms(view.good_s), _ms(counted[number])),
            {reason: _ms(seconds) for reason, seconds in _most(lost[number])},
        )
        for number, view in enumerate(found.views)
    ]


def _most(lost: dict[str, float]) -> list[tuple[str, float]]:
    return sorted(lost.items(), key=lambda one: -one[1])


def _ms(seconds: float) -> int:
    return max(0, round(seconds * 1000))
