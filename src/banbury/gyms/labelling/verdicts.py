"""What all controls together come to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from banbury.gyms.labelling.actions import Result
from banbury.gyms.labelling.controls import Inputs
from banbury.gyms.labelling.form import faults
from banbury.gyms.labelling.scores import score


class Verdict(NamedTuple):
    """The score of an answer with its parts; see `LabellingGym.judge`."""

    score: float
    passed: bool
    components: dict[str, float]
    evidence: dict[str, object]


def judged(results: Mapping[str, Result], inputs: Inputs, gold: Mapping[str, Result]) -> Verdict:
    """Return the verdict on an answer.

    A control whose form is wrong scores 0; one with gold scores by it, and passes from its
    threshold on; one without gold passes if its form is right. The whole is the mean over controls
    with gold, 1 where there is none, and 0 as soon as one control does not pass.
    """
    wrong = faults(results, inputs)
    components: dict[str, float] = {}
    scores, failed = [], []
    for control in inputs.controls:
        name = control.name
        if name in wrong:
            components[name] = 0.0
        elif name in gold:
            found = score(control, inputs, results, gold)
            components |= {f"{name}.{part}" if part else name: v for part, v in found.items()}
            scores.append(found[""])
            if found[""] < control.threshold:
                failed.append(name)
        else:
            components[name] = 1.0
    passed = not wrong and not failed
    by_gold = [c.name for c in inputs.controls if c.name in gold]
    by_form = [c.name for c in inputs.controls if c.name not in gold]
    evidence: dict[str, object] = {
        "judged": "against gold" if by_gold else "only its form: the task has no gold answer",
        "faults": dict(sorted(wrong.items())[:50]),
        "below": failed,
    }
    if by_gold and by_form:
        evidence["form only"] = by_form
    mean = sum(scores) / len(scores) if scores else 1.0
    return Verdict(mean if passed else 0.0, passed, components, evidence)
