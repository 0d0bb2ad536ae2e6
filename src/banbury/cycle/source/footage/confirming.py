"""Confirming: a task for a person for each group of views that may count, and what they said."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from banbury.cycle.source.footage import sidecar, verdicts, worded
from banbury.cycle.source.footage.kept import Copies
from banbury.cycle.source.footage.shares import shares_of
from banbury.cycle.source.footage.sidecar import Confirmed, Group, Sidecar
from banbury.episode import Blob, Origin, Problem, Span
from banbury.errors import UnknownName
from banbury.gyms.capture import confirm, problems, views
from banbury.gyms.capture.brief import Brief
from banbury.store import Artifact, Lab
from banbury.store.footage import Standing, State
from banbury.store.queue import Campaign

LEASE_S = 3600
_GONE = "application/octet-stream"


def campaign_of(campaign: str) -> str:
    """Return the name of the campaign in which people confirm the footage of another one."""
    return f"{campaign[:90]}-confirm"


def asked(found: Sidecar) -> list[int]:
    """Return the numbers of the groups that a person is asked to confirm."""
    return [
        number
        for number, group in enumerate(found.groups)
        if group.good_s > 0.0 and group.verdict != "refused" and len(group.recordings) > 1
    ]


def ask(
    lab: Lab, campaign: str, made: Artifact, brief: Brief, copies: Sequence[Copies]
) -> list[str]:
    """Make the tasks of confirming, each once, and return their ids.

    Args:
        lab: the lab.
        campaign: that asked for the footage.
        made: the artifact that holds the sidecar.
        brief: what was filmed.
        copies: of each recording of the sidecar.
    """
    found = sidecar.read(made.body)
    wanted = [_problem(found, number, made, brief, copies) for number in asked(found)]
    if wanted:
        lab.put_tasks(wanted)
        where = _campaign(lab, campaign)
        lab.queue.add(where, [problem.task.id for problem in wanted])
    return [problem.task.id for problem in wanted]


def settle(lab: Lab, standing: Standing, judge_hash: str) -> Standing:
    """Take over what people said of a task's groups, if it is new, and return how it stands.

    A good second counts once the group that it stands in is confirmed. Where a person moved a view,
    as many seconds are left out at its ends as it was moved.
    """
    said = tuple(lab.footage.accepted(standing.confirm_campaign, id) for id in standing.confirms)
    if not said or said == standing.answers:
        return standing
    before = lab.artifact("footage", standing.artifact)
    found = _confirmed(lab, sidecar.read(before.body), standing.confirms, said)
    kin = [id for id in (standing.artifact, *standing.episodes, *said) if id]
    made = lab.put_artifact(
        "footage", before.name, worded.body(lab, found), before.blobs, kin, same_but=("by",)
    )
    state, reason = _state(found, said)
    after = msgspec.structs.replace(
        standing,
        state=state,
        reason=reason,
        answers=said,
        artifact=made.id,
        counted_ms=min(standing.good_ms, round(found.counted_s * 1000)),
    )
    shares = shares_of(found)
    verdicts.give(lab, made, after, shares, judge_hash)
    lab.footage.put(after, shares)
    return after


def _state(found: Sidecar, said: Sequence[str]) -> tuple[State, str]:
    told = [g.confirmed for g in found.groups if g.confirmed is not None]
    if not all(said):
        left = sum(not one for one in said)
        return "waiting", f"{left} of {len(said)} groups of views wait for a person"
    if any(one.verdict == "confirmed" for one in told):
        return "confirmed", "a person confirmed that the views are in step"
    # Their own words stand in the sidecar, under their key.
    why = told[0].reason
    return "rejected", f"a person refused: {why}" if why else "a person refused"


def _confirmed(lab: Lab, found: Sidecar, confirms: Sequence[str], said: Sequence[str]) -> Sidecar:
    groups = list(found.groups)
    counted = 0.0
    for number, task, episode in zip(asked(found), confirms, said, strict=True):
        told = _told(lab, task, episode) if episode else None
        groups[number] = msgspec.structs.replace(groups[number], confirmed=told)
        counted += counted_of(groups[number])
    return msgspec.structs.replace(found, groups=tuple(groups), counted_s=round(counted, 3))


def counted_of(group: Group) -> float:
    """Return the pair-seconds of a group that count, as it was confirmed."""
    told = group.confirmed
    if told is None or told.verdict != "confirmed":
        return 0.0
    return max(0.0, group.good_s - sum(abs(ms) for ms in told.nudges_ms) / 1000.0)


def _told(lab: Lab, task: str, episode: str) -> Confirmed | None:
    shown = confirm.pairs_of(lab.problem(task))
    record = next(lab.readable([episode]), None)
    found = None if record is None else confirm.found_of(record, shown)
    if found is None or not found.verdict:
        return None
    return Confirmed(episode, found.verdict, found.reason, found.said, tuple(found.nudges_ms))


def _campaign(lab: Lab, campaign: str) -> str:
    """Return the campaign of confirming, made if it is not there."""
    name = campaign_of(campaign)
    try:
        return lab.queue.campaign(name).name
    except UnknownName:
        title = lab.queue.campaign(campaign).title or campaign
        rules = Campaign(
            name,
            problems.GYM,
            f"Confirm: {title}"[:300],
            problems.CONFIRM_SAID,
            review=0.0,
            lease_seconds=LEASE_S,
            hold=1,
            settings={"confirms": campaign},
        )
        return lab.queue.put(rules).name


def _problem(
    found: Sidecar, number: int, made: Artifact, brief: Brief, copies: Sequence[Copies]
) -> Problem:
    group = found.groups[number]
    shown = views.Pairs(
        views=tuple(_view(found, group, place, copies) for place in range(len(group.recordings))),
        reference=group.reference,
        pairs=tuple(_pair(group, pair) for pair in group.pairs),
        loops=tuple(views.Loop(x.i, x.j, x.k, x.error_ms) for x in group.loops),
        verdict=group.verdict,
        reasons=group.reasons,
        scene=brief,
        good_s=group.good_s,
        sidecar=f"{made.name} version {made.version}",
    )
    blobs = [b for n in group.recordings for b in (copies[n].video, copies[n].peaks) if b]
    spans = tuple(_span(blob) for blob in blobs)
    problem = problems.confirm(shown, media=spans)
    parents = tuple(found.views[found.recordings[n].view].episode for n in group.recordings)
    origin = Origin("generated", "footage", made.id, parents)
    return msgspec.structs.replace(
        problem, task=msgspec.structs.replace(problem.task, origin=origin)
    )


def _view(found: Sidecar, group: Group, place: int, copies: Sequence[Copies]) -> views.View:
    number = group.recordings[place]
    recording, clock, kept = found.recordings[number], group.clocks[place], copies[number]
    return views.View(
        f"View {recording.view + 1}",
        found.views[recording.view].episode,
        recording.duration_s,
        tuple(views.Piece(p.start_s, p.end_s, p.offset_s, p.drift_ppm) for p in clock.pieces),
        clock.plus_minus_s,
        kept.video.sha256 if kept.video else "",
        kept.video.media if kept.video else "",
        peaks=kept.peaks.sha256 if kept.peaks else "",
    )


def _pair(group: Group, pair: sidecar.Paired) -> views.Pair:
    found = pair.found
    told = found.drift_low is not None
    return views.Pair(
        group.recordings.index(pair.a),
        group.recordings.index(pair.b),
        found.verdict,
        *(found.offset_s, found.offset_low, found.offset_high),
        found.drift_ppm if told else None,
        found.residual_ms,
        tuple(msgspec.convert(m, views.Method, from_attributes=True) for m in found.methods),
        found.reasons,
    )


def _span(blob: Blob) -> Span:
    return Span(blob, "copy" if blob.media != _GONE else "peaks", 0, 0)
