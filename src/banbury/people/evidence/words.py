"""What evidence says, in plain words, addressed to the person whose it is."""

from __future__ import annotations

from collections.abc import Mapping

from banbury.people.ability.belief import Source
from banbury.people.evidence.history import Moved

CALLED: Mapping[Source, str] = {
    "interview": "Interview",
    "gold": "Test tasks",
    "reviews": "Reviews",
    "agreement": "Agreement",
    "outcome": "Outcome",
}
MEANS: Mapping[Source, str] = {
    "interview": "what an interview measured",
    "gold": "tasks whose right answer is known",
    "reviews": "what reviewers made of your answers",
    "agreement": "how alike your answers are to those of others on the same task",
    "outcome": "whether what was trained on your work got better at it",
}


def told(moved: Moved) -> str:
    """Return what evidence of one kind and day said, such as `8 of 10 test tasks were right`."""
    good = f"{moved.good:g}"
    where = f" in {moved.lab}" if moved.lab else ""
    if moved.source == "interview":
        return "An interview measured this skill"
    if moved.source == "gold":
        return f"{good} of {_count(moved.n, 'test task')} right{where}"
    if moved.source == "reviews":
        return f"{good} of {_count(moved.n, 'answer')} stood in reviews by {moved.by}{where}"
    if moved.source == "agreement":
        return f"{good} of {_count(moved.n, 'answer')} agreed with others{where}"
    gone = "closed the gap" if moved.good > 0 else "did not close the gap"
    return f"What was trained on {moved.of or 'your work'} {gone}{where}"


def _count(n: int, thing: str) -> str:
    return f"{n} {thing}{'' if n == 1 else 's'}"
