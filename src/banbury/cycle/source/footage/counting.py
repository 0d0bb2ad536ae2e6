"""Counting: which seconds of a scene are synchronized and good, and why the others are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from banbury.cycle.source.footage.groups import Found
from banbury.cycle.source.footage.recordings import Recording
from banbury.cycle.source.footage.sidecar import Lost
from banbury.cycle.source.footage.views import View
from banbury.gyms.capture import quality, sync
from banbury.gyms.capture.brief import Brief
from banbury.gyms.capture.rest import Stretch
from banbury.gyms.capture.sync.result import SAME_SOUND

UNMATCHED = "it fits no recording of another view"
ALONE = "there is no other view that can be read"


@dataclass(frozen=True)
class Counted:
    """What counts.

    Attributes:
        good_s: pair-seconds of each group.
        of_s: of each group, seconds of each member that are good in a pair.
        lost: of each group, by recording.
        by_view: seconds of each view that are good in a pair.
        lost_by_view: seconds of each view that are not, by reason.
    """

    good_s: list[float]
    of_s: list[tuple[float, ...]]
    lost: list[list[Lost]]
    by_view: list[float]
    lost_by_view: list[dict[str, float]]


def count(
    views: Sequence[View],
    recordings: Sequence[Recording],
    found: Sequence[Found],
    qualities: Sequence[quality.Quality],
    brief: Brief,
) -> Counted:
    """Return what counts of a scene; qualities in the order of the recordings.

    What methods dispute is counted as if it were in step: a person decides, and sees why.
    A recording in two groups loses in each what only the other shows, so its losses are told once.
    """
    by_view = [0.0] * len(views)
    lost_by_view: list[dict[str, float]] = [{} for _ in views]
    taken: list[list[Stretch]] = [[] for _ in views]
    told: set[int] = set()
    good_s, of_s, lost = [], [], []
    for one in found:
        owners = [recordings[n].view for n in one.members]
        hours = quality.hours(
            settled(one.group),
            [qualities[n] for n in one.members],
            brief,
            [views[v].takes for v in owners],
            [views[v].breaks for v in owners],
            before=[views[v].before for v in owners],
            taken=[taken[v] for v in owners],
        )
        good_s.append(hours.good_s)
        of_s.append(tuple(round(person.good_s, 3) for person in hours.by_person))
        lost.append([Lost(one.members[x.who], x.start_s, x.end_s, x.reason) for x in hours.lost])
        for n, member in enumerate(one.members):
            person, place = hours.by_person[n], hours.placed[n]
            by_view[owners[n]] += person.good_s
            if member not in told:
                _add(lost_by_view[owners[n]], person.lost)
                if place is not None:
                    taken[owners[n]].append(place)
        told.update(one.members)
    why = UNMATCHED if len({one.view for one in recordings}) > 1 else ALONE
    for number, recording in enumerate(recordings):
        if number not in told:
            _add(lost_by_view[recording.view], {why: recording.take.duration_s})
    ranked = [dict(sorted(x.items(), key=lambda one: -one[1])) for x in lost_by_view]
    return Counted(good_s, of_s, lost, by_view, ranked)


def _add(to: dict[str, float], more: Mapping[str, float]) -> None:
    for reason, seconds in more.items():
        to[reason] = to.get(reason, 0.0) + seconds


def settled(group: sync.Group) -> sync.Group:
    """Return a group in which disputed pairs that have a clock count as synchronized.

    Not so where both hold the same sound: two cameras never do, whatever a person hears.
    """
    pairs = {
        which: msgspec.structs.replace(pair, verdict="synchronized")
        if pair.verdict == "disputed" and pair.pieces and SAME_SOUND not in pair.reasons
        else pair
        for which, pair in group.pairs.items()
    }
    return msgspec.structs.replace(group, pairs=pairs)
