"""The lab's home: where the loop stands, what comes next, what waits for whom."""

from __future__ import annotations

import msgspec

from banbury.store import Lab
from banbury.store.artifacts import Header
from banbury.store.jobs import Job
from banbury.web.views import stages
from banbury.web.views.campaigns import Line, lines
from banbury.web.views.stages import StageLine


class Standing(msgspec.Struct, frozen=True):
    """Where a lab's loop stands.

    Attributes:
        stages: of the loop, in its order.
        next: slug of the stage that comes next, "" if nothing is to be done.
        jobs: those that wait or run.
        failed: the newest job, if it failed.
        campaigns: a page of those that are open.
        review: answers in them that wait for a second person.
        third: tasks about which people differ.
        folk: people work here and no model was probed: what waits comes before the loop.
        releases: the newest ones, where people come first.
        empty: nothing was made here yet.
    """

    stages: list[StageLine]
    next: str
    jobs: list[Job]
    failed: Job | None
    campaigns: list[Line]
    review: int
    third: int
    folk: bool
    releases: list[Header]
    empty: bool


def standing(lab: Lab) -> Standing:
    """Return where the loop stands."""
    rows = stages.lines(lab)
    newest = lab.jobs.listed(limit=1)
    campaigns = [line for line in lines(lab).campaigns if line.campaign.state != "closed"]
    # What people make needs neither a probe nor a source: a review and a release may be theirs.
    machines = [row for row in rows if row.stage.slug not in ("review", "release")]
    folk = bool(campaigns) and not any(row.made or row.jobs for row in machines)
    following = None if folk else stages.following(rows)
    return Standing(
        rows,
        following.slug if following else "",
        lab.jobs.active(),
        newest[0] if newest and newest[0].state == "failed" else None,
        campaigns,
        sum(line.progress.review for line in campaigns),
        sum(line.progress.third for line in campaigns),
        folk,
        lab.artifact_headers("release", limit=3) if folk else [],
        not campaigns and not newest and all(row.made is None for row in rows),
    )
