"""What reinforcement learning draws is graded by the model that is handed over, and recorded."""

import json

import numpy as np
import pytest
from tests.cli.test_judge import shell  # noqa: F401

from banbury.actors.chat import Sampling
from banbury.actors.script import fixed
from banbury.actors.weights import Completion
from banbury.arena import Models, asking
from banbury.cycle.train.grpo import Attempt
from banbury.cycle.train.judged import Judged
from banbury.errors import InputError
from banbury.gyms import registry


class Drawn:
    """Who drew the answers: of a local policy, what their record needs."""

    actor = fixed("").actor
    sampling = Sampling()


@pytest.fixture
def judged(shell, lab):  # noqa: F811
    problem = next(registry.gym("letters").tasks("letters.reply", seed=0))
    ids = np.arange(2, dtype=np.uint32)
    answers = [
        Completion(said, ids, ids, np.zeros(2, dtype=np.float32), "stop")
        for said in ("Dear Pat", "Go away")
    ]
    attempts = [Attempt(problem.task.id, i, one) for i, one in enumerate(answers)]
    return lambda: Judged(lab, "r/grpo", [problem], Drawn(), None)(("judge", attempts))


def test_a_model_grades_each_answer(judged, lab):
    judge = fixed("yes")
    with asking(lambda: Models({}, judge)):
        assert judged() == [1.0, 0.0]
    for record, (verdict,) in lab.records(run="r/grpo"):
        (note,) = [s for s in record.steps if s.track == "ask"]
        assert json.loads(note.payload)["by"] == judge.actor.key
        assert json.loads(verdict.evidence)["graded_by"] == [judge.actor.key]
        assert record.episode.tags == ("grpo", f"judge:{judge.actor.key}")


def test_without_one_it_says_what_to_give(judged):
    with pytest.raises(InputError, match="--judge MODEL"):
        judged()
