"""People: what a release says of the campaigns that its answers come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from banbury.arena import agreement
from banbury.errors import BanburyError, UnknownName
from banbury.store import Lab

_RUN = "campaign:"


class People(msgspec.Struct, frozen=True):
    """What a campaign asked of people, and what became of its answers until the release.

    Attributes:
        campaign: its name.
        title: in a few words.
        instructions: what people were told, as plain text.
        reviewed: answers that a second or third person looked at.
        accepted: of these, taken as they were.
        mended: of these, replaced by a better one.
        returned: of these, given back to their author.
        compared: tasks that several people answered.
        alike: mean agreement of the answers to these, in [0, 1]; None without any.
    """

    campaign: str
    title: str
    instructions: str
    reviewed: int
    accepted: int
    mended: int
    returned: int
    compared: int = 0
    alike: float | None = None


def people(lab: Lab, runs: Iterable[str]) -> tuple[People, ...]:
    """Return what is known of each campaign among the runs, by name."""
    return tuple(_found(lab, sorted({r for r in runs if r.startswith(_RUN)})))


def _found(lab: Lab, runs: Iterable[str]) -> Iterator[People]:
    for run in runs:
        try:
            held = lab.queue.campaign(run.removeprefix(_RUN))
        except UnknownName:
            continue
        said = _reviews(lab, held.name)
        compared, alike = _agreed(lab, held.name)
        yield People(
            held.name,
            held.title,
            held.instructions,
            reviewed=said.total(),
            accepted=said["accept"],
            mended=said["mend"],
            returned=said["return"],
            compared=compared,
            alike=alike,
        )


def _reviews(lab: Lab, campaign: str) -> Counter[str]:
    """Return how many reviews decided what."""
    found: Counter[str] = Counter()
    for record, _ in lab.records(run=f"review:{campaign}"):
        actions = record.actions()
        if record.episode.status == "done" and actions:
            found[msgspec.json.decode(actions[-1].payload, type=_Decided).do] += 1
    return found


class _Decided(msgspec.Struct):
    do: str = ""


def _agreed(lab: Lab, campaign: str) -> tuple[int, float | None]:
    try:
        found = agreement(lab, campaign)
    except BanburyError:  # Its gym is not installed here: nothing is known.
        return 0, None
    return found.tasks, found.alike
