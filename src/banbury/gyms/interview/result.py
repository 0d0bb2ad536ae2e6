"""What an interview measured."""

from __future__ import annotations

import msgspec
from scipy import special

from banbury.gyms.interview.bank import parameters
from banbury.gyms.interview.course import Hidden
from banbury.gyms.interview.environment import State
from banbury.statistics.response.ability import Estimate, estimate, posterior, prior, share_above

LINE = 0.0
"""The ability from which an interview is passed: that of the middle of those interviewed."""


class Result(msgspec.Struct, frozen=True):
    """The outcome of an interview.

    Attributes:
        score: share of people expected below the estimate; 0 where nothing was right, 1 where
            everything was.
        passed: whether the ability more likely lies above `LINE` than below.
        ability: estimate and standard error over all answers that are graded.
        components: figures in [0, 1].
    """

    score: float
    passed: bool
    ability: Estimate
    components: dict[str, float]


def result(hidden: Hidden, state: State) -> Result:
    """Return what the answers show; those that nobody graded are left out.

    Open answers count only beside a right answer that needs no grader: words alone show nothing.
    """
    known = {item.id: item for item in (*hidden.items, *hidden.open, hidden.defence)}
    checked = {item.id for item in hidden.items}
    told = [one for one in state.asked if one.item in known]
    held = [one for one in told if one.right is not None]
    sure = any(one.right and one.item in checked for one in held)
    weights = prior()
    if held:
        asked = [known[one.item] for one in held]
        right = [bool(one.right) and (sure or one.item in checked) for one in held]
        weights = posterior(parameters(asked), range(len(asked)), right)
    found = estimate(weights, len(held))
    above = share_above(weights, LINE)
    score = float(special.ndtr(found.mean)) if sure else 0.0
    if sure and all(one.right for one in held):
        score = 1.0
    components = {
        "above the line": above if sure else 0.0,
        "right": sum(bool(one.right) for one in held) / len(held) if held else 0.0,
        "ungraded": (len(told) - len(held)) / len(told) if told else 0.0,
        "to the end": float(state.over),
    }
    return Result(score, sure and above > 0.5, found, components)
