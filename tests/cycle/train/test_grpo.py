"""Reinforcement: advantages, signal, and that what is rewarded becomes likelier."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from banbury.actors.weights import Weights
from banbury.cycle.train.grpo import Prompt, group_advantages, grpo
from banbury.cycle.train.lora import adapter_bytes


@pytest.fixture(scope="module")
def weights(tiny_folder):
    return Weights(tiny_folder, threads=1)


@pytest.fixture(scope="module")
def start(weights):
    weights.add_adapter("start")
    data = adapter_bytes(weights, "start")
    weights.drop_adapter("start")
    return data


def reinforced(weights, start, judge, steps, **options):
    prompts = [
        Prompt(f"t{i}", [{"role": "user", "content": f"mail {i}"}]) for i in range(2 * steps)
    ]
    heard = []

    def talk(message):
        heard.append(message)
        return [judge(a) for a in message[1]] if message[0] == "judge" else None

    settings = {"group": 8, "rate": 5e-3, "max_tokens": 2, "seed": 3, "name": "r"}
    return grpo(weights, talk, prompts, start, steps=steps, **{**settings, **options}), heard


def low(attempt):
    return float(attempt.completion.ids[0] < 256)


def test_what_is_rewarded_becomes_likelier(weights, start):
    done, heard = reinforced(weights, start, low, steps=14)
    assert np.mean(done.rewards[-4:]) > np.mean(done.rewards[:2]) + 0.2
    assert done.adapter != start
    assert weights.adapters == []
    judged = [m[1] for m in heard if m[0] == "judge"]
    assert {len(attempts) for attempts in judged} == {16}
    assert [(a.task, a.sample) for a in judged[1][7:9]] == [("t2", 7), ("t3", 0)]


def test_a_seed_gives_one_adapter(weights, start):
    one, _ = reinforced(weights, start, low, steps=2)
    two, _ = reinforced(weights, start, low, steps=2)
    other, _ = reinforced(weights, start, low, steps=2, seed=4)
    assert one == two
    assert one.adapter != other.adapter


def test_without_signal_nothing_is_learned(weights, start):
    done, _ = reinforced(weights, start, lambda attempt: 1.0, steps=2)
    assert done.adapter == start
    assert done.signal == [0.0, 0.0]
    assert done.rewards == [1.0, 1.0]


@given(
    arrays.arrays(
        np.float64, st.tuples(st.integers(1, 5), st.integers(2, 9)), elements=st.floats(0, 1)
    )
)
def test_advantages_are_centred_scaled_and_zero_where_a_group_agrees(scores):
    found = group_advantages(scores)
    assert np.isfinite(found).all()
    assert np.allclose(found.sum(axis=1), 0, atol=1e-6)
    spread = scores.std(axis=1)
    assert np.allclose(found.std(axis=1)[spread > 1e-6], 1, atol=1e-6)
    assert (found[spread == 0] == 0).all()
    order = np.argsort(scores, axis=1)
    assert (np.diff(np.take_along_axis(found, order, axis=1), axis=1) >= -1e-12).all()
