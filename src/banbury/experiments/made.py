"""What a loop's `source` made, and what the review left of it."""

from __future__ import annotations

from collections import Counter

from banbury.cycle.compare import report_data as rd
from banbury.cycle.review import REVIEW
from banbury.cycle.skills import described
from banbury.store import Artifact, Lab, Outcome


def of_source(lab: Lab, sourced: Artifact) -> tuple[rd.SourcedRow, ...]:
    """Return a row for each skill of a `source` artifact, under whatever name it was sourced."""
    outcomes = lab.outcomes(run=sourced.body["run"])
    reviews = lab.reviews([o.episode for o in outcomes])
    rows: list[rd.SourcedRow] = []
    for made in sourced.body["skills"]:
        own = _own(lab, sourced, made["skill"], outcomes)
        reasons: Counter[str] = Counter()
        rejected = 0
        for outcome in own:
            verdicts = [r for r in reviews.get(outcome.episode, ()) if r.check == REVIEW]
            against = bool(verdicts) and verdicts[-1].verdict == "reject"
            rejected += bool(against)
            reasons.update(verdicts[-1].reasons if against else ())
        seen, unseen = made["reserved_seen"], made["reserved_unseen"]
        rows.append(
            rd.SourcedRow(
                made["skill"],
                described(lab, made["skill"])[1].title,
                len(seen) + len(unseen),
                len(unseen),
                len(own),
                len(own) - rejected,
                dict(reasons),
            )
        )
    return tuple(rows)


def _own(lab: Lab, sourced: Artifact, skill: str, outcomes: list[Outcome]) -> list[Outcome]:
    """Return the outcomes that belong to a skill: on its tasks, and a person's own beside them.

    An episode stands under its gym's skill, which may be another name than the one sourced.
    """
    made = {t: s["skill"] for s in sourced.body["skills"] for t in s["train"]}
    covered = {o.episode for o in lab.outcomes(run=sourced.body["run"], skill=skill)}
    return [o for o in outcomes if made.get(o.task, skill if o.episode in covered else "") == skill]
