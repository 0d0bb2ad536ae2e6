"""Checking: from views to a sidecar: what can be read, how the clocks run, which hours are good."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence

import msgspec

from banbury.cycle.source.footage import groups as grouping
from banbury.cycle.source.footage import sidecar
from banbury.cycle.source.footage.counting import Counted, count
from banbury.cycle.source.footage.measuring import Found, measured
from banbury.cycle.source.footage.recordings import AGAIN, Recording, recordings
from banbury.cycle.source.footage.sidecar import FORMAT, VERSION, File, Group, Looked, Sidecar
from banbury.cycle.source.footage.views import Trouble, View
from banbury.errors import InputError
from banbury.gyms.capture import quality
from banbury.gyms.capture.brief import Brief

Report = Callable[[str, float], None]
"""`report(what, done)`: what is being done, and how much of all, in [0, 1]."""
Looks = Callable[[Sequence[Recording], Callable[[float], object]], Sequence[Found]]
"""What is measured on each recording, or why it cannot be read on."""
SYNC, SEEN = 0.25, 0.7
"""Shares of the work that synchronization and looking at the picture take."""


@dataclasses.dataclass(frozen=True)
class Checked:
    """What was found: the sidecar, and what made it.

    Attributes:
        sidecar: what is kept.
        recordings: the takes, by the sidecar's numbers.
        qualities: of each recording.
        groups: as `sync` returned them.
    """

    sidecar: Sidecar
    recordings: list[Recording]
    qualities: list[quality.Quality]
    groups: list[grouping.Found]


def check(
    views: Sequence[View],
    brief: Brief,
    *,
    report: Report | None = None,
    looks: Looks = measured,
) -> Checked:
    """Return what is found of the views of one scene.

    Files that cannot be read are troubles, not errors; what is left is checked all the same.

    Args:
        views: what each wearer handed in.
        brief: what was asked, and the rules of rest.
        report: told how far it is.
        looks: measures the recordings, where somebody keeps what was measured before.
    """
    say = report or _nothing
    say("reading the files", 0.0)
    read, troubles = recordings(views)
    qualities, good = [], []
    told = looks(read, lambda done: say("measuring the quality", 0.05 + SEEN * done))
    for one, seen in zip(read, told, strict=True):
        if isinstance(seen, quality.Quality):
            qualities.append(seen)
            good.append(one)
        else:
            troubles += _unreadable(one, seen, alone=sum(r.view == one.view for r in read) == 1)
    read = good
    coded = any(view.coded for view in views)
    found = grouping.groups(read, functools.partial(_synchronized, say), coded=coded)
    counted = count(views, read, found, qualities, brief)
    made = Sidecar(
        FORMAT,
        VERSION,
        views=_views(views, read, counted),
        recordings=tuple(_recording(r, q) for r, q in zip(read, qualities, strict=True)),
        groups=tuple(_group(one, counted, n) for n, one in enumerate(found)),
        troubles=tuple(msgspec.convert(t, sidecar.Trouble, from_attributes=True) for t in troubles),
        good_s=round(sum(counted.good_s), 3),
        scene=scene_of(brief),
    )
    say("counting", 1.0)
    return Checked(made, read, qualities, found)


def scene_of(brief: Brief) -> dict[str, str]:
    """Return what was to be filmed."""
    return {name: getattr(brief, name) for name in ("trade", "action", "place", "light")}


def _synchronized(say: Report, done: float) -> None:
    say("synchronizing", 0.05 + SEEN + SYNC * done)


def _unreadable(one: Recording, error: InputError, *, alone: bool) -> list[Trouble]:
    """Return why a recording that began well cannot be read to its end."""
    found = [Trouble(one.view, one.files[0].name, error.what, error.do or AGAIN)]
    if alone:
        found.append(Trouble(one.view, "", "no file of this view can be used", AGAIN))
    return found


def _nothing(what: str, done: float) -> None:
    pass


def _views(
    views: Sequence[View], read: Sequence[Recording], counted: Counted
) -> tuple[sidecar.View, ...]:
    filmed = [0.0] * len(views)
    for one in read:
        filmed[one.view] += one.take.duration_s
    return tuple(
        sidecar.View(
            *(view.person, view.episode, view.day, round(filmed[n], 3)),
            round(counted.by_view[n], 3),
            _rounded(counted.lost_by_view[n]),
            view.lacking,
        )
        for n, view in enumerate(views)
    )


def _rounded(lost: Mapping[str, float]) -> dict[str, float]:
    return {reason: round(seconds, 3) for reason, seconds in lost.items()}


def _recording(one: Recording, seen: quality.Quality) -> sidecar.Recording:
    return sidecar.Recording(
        one.view,
        tuple(_file(one, n) for n in range(len(one.files))),
        one.take.duration_s,
        one.take.holes,
        one.take.faults,
        Looked(seen.how, tuple(seen.faults), dict(seen.unmeasured)),
    )


def _file(one: Recording, place: int) -> File:
    file, part = one.files[place], one.take.parts[place]
    media = part.media
    return File(
        *(file.name, file.sha256, file.size, media.container, media.duration_s, part.start_s),
        *(media.tracks, media.timecode, media.claimed_ns, media.telemetry, media.camera),
    )


def _group(found: grouping.Found, counted: Counted, number: int) -> Group:
    group = found.group
    return Group(
        found.members,
        group.reference,
        group.clocks,
        group.verdict,
        tuple(
            sidecar.Paired(found.members[i], found.members[j], pairing)
            for (i, j), pairing in sorted(group.pairs.items())
        ),
        group.loops,
        group.reasons,
        round(counted.good_s[number], 3),
        counted.of_s[number],
        tuple(counted.lost[number]),
    )
