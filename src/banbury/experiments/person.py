"""What a person did in a loop."""

from __future__ import annotations

from banbury.actors.person import PERSON
from banbury.cycle.compare import report_data as rd
from banbury.cycle.review import REVIEW
from banbury.store import Artifact, Lab


def of_person(lab: Lab, sourced: Artifact) -> rd.PersonRow | None:
    """Return what a person did for a `source` artifact, None where nobody took part."""
    outcomes = lab.outcomes(run=sourced.body["run"])
    own = [o for o in outcomes if PERSON in o.tags and o.status == "done"]
    if not own:
        return None
    reviews = lab.reviews([o.episode for o in own])
    verdicts = [[r.verdict for r in reviews.get(o.episode, ()) if r.check == REVIEW] for o in own]
    released = sum(v[-1] == "accept" for v in verdicts if v)
    return rd.PersonRow(len(own), sum(bool(o.passed) for o in own), released)
