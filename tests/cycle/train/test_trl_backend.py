"""TRL does the same work with the same words; a few steps on a model with random weights."""

import numpy as np
import pytest

from banbury.actors.weights import Request, Weights
from banbury.cycle.train import grpo, lora
from banbury.cycle.train.backend import backend
from banbury.cycle.train.grpo import Prompt
from banbury.cycle.train.lora import Example
from banbury.errors import InputError, TrainError

trl_backend = pytest.importorskip("banbury.cycle.train.trl_backend")

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
EXAMPLES = [Example([{"role": "user", "content": "a bill"}], "billing")] * 4


@pytest.fixture(scope="module")
def weights(tiny_folder):
    return Weights(tiny_folder, threads=1)


def test_an_adapter_of_trl_learns_and_serves_here(weights):
    heard = []
    settings = {"steps": 25, "batch": 4, "rate": 5e-3, "seed": 1, "name": "mail"}
    done = trl_backend.sft(weights, heard.append, EXAMPLES, **settings)
    assert done.losses[-1] < 0.2 < done.losses[0]
    assert [(m[1], m[2], m[3], m[4]) for m in heard] == [
        ("mail", i + 1, 25, loss) for i, loss in enumerate(done.losses)
    ]
    weights.load_adapter("mail", done.adapter)
    try:
        answer = weights.generate([Request(EXAMPLES[0].messages, 12, adapter="mail")])[0]
        assert (answer.text, answer.finish) == ("billing", "stop")
    finally:
        weights.drop_adapter("mail")


def test_the_first_loss_is_that_of_our_own_loop(weights):
    settings = {"steps": 1, "batch": 4, "rate": 1e-3, "seed": 1, "name": "x"}
    ours = lora.sft(weights, lambda message: None, EXAMPLES, **settings)
    theirs = trl_backend.sft(weights, lambda message: None, EXAMPLES, **settings)
    assert ours.losses[0] == pytest.approx(theirs.losses[0], abs=2e-3)


def test_trl_reinforces_with_the_judge_that_it_is_given(weights):
    weights.add_adapter("start")
    start = lora.adapter_bytes(weights, "start")
    weights.drop_adapter("start")
    prompts = [Prompt(f"t{i}", [{"role": "user", "content": f"mail {i}"}]) for i in range(6)]
    judged = []

    def talk(message):
        if message[0] != "judge":
            return None
        judged.append(message[1])
        return [float(a.completion.ids[0] < 256) for a in message[1]]

    settings = {"steps": 3, "group": 4, "rate": 5e-3, "max_tokens": 2, "seed": 3, "name": "r"}
    done = trl_backend.grpo(weights, talk, prompts, start, **settings)
    assert len(done.rewards) == len(done.signal) == 3
    assert done.adapter != start
    assert [[(a.task, a.sample) for a in step] for step in judged] == [
        [(f"t{2 * s + i}", k) for i in range(2) for k in range(4)] for s in range(3)
    ]
    first = judged[0][0].completion
    assert first.prompt_ids.tolist() == weights.prompt(prompts[0].messages)
    assert first.text == weights.text(first.ids)
    assert np.mean([len(a.completion.ids) for a in judged[0]]) <= 2


def test_nothing_to_learn_is_an_error(weights):
    settings = {"steps": 1, "batch": 1, "rate": 1e-3, "seed": 0, "name": "none"}
    with pytest.raises(TrainError, match="nothing to train on"):
        trl_backend.sft(weights, print, [], **settings)


def test_an_engine_is_chosen_by_name():
    assert backend("own") == (lora.sft, grpo.grpo)
    assert backend("trl") == (trl_backend.sft, trl_backend.grpo)
    with pytest.raises(InputError, match="no training engine 'jax'"):
        backend("jax")
