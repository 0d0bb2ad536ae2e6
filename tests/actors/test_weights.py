"""What a local checkpoint answers: right, repeatable, and the same whoever else asks."""

import random

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transformers import AutoModelForCausalLM

from banbury.actors.weights import Request, Weights
from banbury.cycle.train.lora import adapter_bytes
from banbury.errors import ActorError

WORDS = ["the", "queue", "of", "mail", "orders", "access", "answer", "Ärger", "42", "✓", "\n"]


def said(text, **options):
    return Request([{"role": "user", "content": text}], **{"max_tokens": 6, **options})


def text_of(words, seed):
    drawn = random.Random(seed)
    return " ".join(drawn.choice(WORDS) for _ in range(words))


@pytest.fixture(scope="module")
def weights(tiny_folder):
    return Weights(tiny_folder, threads=1)


@pytest.fixture(scope="module")
def adapted(tiny_folder):
    """Weights with an adapter `b` that changes the answers."""
    held = Weights(tiny_folder, threads=1)
    held.add_adapter("a.b")
    generator = torch.Generator().manual_seed(3)
    for name, parameter in held.model.named_parameters():
        if "lora_B" in name:
            parameter.data = torch.randn(parameter.shape, generator=generator) * 0.05
    return held


def same(one, other):
    return (
        one.text == other.text
        and one.finish == other.finish
        and np.array_equal(one.ids, other.ids)
        and np.array_equal(one.prompt_ids, other.prompt_ids)
        and one.logprobs.tobytes() == other.logprobs.tobytes()
    )


def test_greedy_answers_are_those_of_the_plain_model(weights, tiny_folder):
    plain = AutoModelForCausalLM.from_pretrained(tiny_folder, dtype=torch.float32).eval()
    requests = [said(text_of(n, n)) for n in (1, 4, 30, 90)]
    for request, answer in zip(requests, weights.generate(requests), strict=True):
        ids = weights.prompt(request.messages)
        assert answer.prompt_ids.tolist() == ids
        whole = torch.tensor([ids + answer.ids.tolist()])
        with torch.inference_mode():
            logprobs = plain(input_ids=whole).logits[0].log_softmax(-1)
        behind = logprobs[len(ids) - 1 : -1]
        assert behind.argmax(-1).tolist() == answer.ids.tolist()
        own = behind[torch.arange(len(answer.ids)), torch.tensor(answer.ids.tolist())]
        assert np.allclose(own.numpy(), answer.logprobs, atol=1e-4)


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    asked=st.lists(
        st.tuples(
            st.integers(0, 160), st.booleans(), st.sampled_from([0.0, 0.7, 1.0]), st.integers(0, 9)
        ),
        min_size=1,
        max_size=12,
    ),
    shuffled=st.randoms(use_true_random=False),
)
def test_an_answer_does_not_depend_on_what_else_is_asked(weights, asked, shuffled):
    shots = [{"role": "user", "content": "one"}, {"role": "assistant", "content": "two"}]
    requests = []
    for i, (words, shot, temperature, seed) in enumerate(asked):
        last = {"role": "user", "content": text_of(words, i)}
        requests.append(Request([*(shots if shot else []), last], 4, temperature, 0.9, seed=seed))
    alone = [weights.generate([request])[0] for request in requests]
    together = weights.generate(requests)
    assert all(map(same, together, alone))
    order = list(range(len(requests)))
    shuffled.shuffle(order)
    again = weights.generate([requests[i] for i in order], batch=5)
    assert all(same(answer, alone[i]) for i, answer in zip(order, again, strict=True))


def test_long_neighbours_do_not_change_a_short_answer_by_one_bit(weights):
    short = [said(text_of(n, n)) for n in (2, 20, 33, 70, 100)]
    long = [said(text_of(n, n)) for n in (180, 260, 400)]
    alone = weights.generate(short)
    assert all(map(same, weights.generate([*long, *short])[3:], alone))


def test_the_base_is_untouched_by_its_adapters(weights, adapted):
    requests = [said(text_of(n, n)) for n in (3, 17, 40)]
    mixed = [r for q in requests for r in (q, said(q.messages[0]["content"], adapter="a.b"))]
    drawn = adapted.generate(mixed)
    assert all(map(same, drawn[::2], weights.generate(requests)))
    assert not any(map(same, drawn[1::2], drawn[::2]))


def test_an_adapter_survives_as_bytes_and_equal_weights_give_equal_bytes(adapted, tiny_folder):
    data = adapter_bytes(adapted, "a.b")
    assert data == adapter_bytes(adapted, "a.b")
    other = Weights(tiny_folder, threads=1)
    other.load_adapter("again", data)
    assert adapter_bytes(other, "again") == data
    asked = text_of(9, 9)
    assert same(
        adapted.generate([said(asked, adapter="a.b")])[0],
        other.generate([said(asked, adapter="again")])[0],
    )


def test_adapters_come_and_go(weights, adapted, tiny_folder):
    data = adapter_bytes(adapted, "a.b")
    held = Weights(tiny_folder, threads=1)
    plain, tuned = said("the queue"), said("the queue", adapter="one")
    expected = adapted.generate([said("the queue", adapter="a.b")])[0]
    for _ in range(2):
        held.load_adapter("one", data)
        held.add_adapter("two")
        held.drop_adapter("two")
        assert same(held.generate([tuned])[0], expected)
        held.drop_adapter("one")
        assert held.adapters == []
        assert same(held.generate([plain])[0], weights.generate([plain])[0])


def test_samples_differ_by_seed_and_repeat_with_it(weights):
    asked = [said("the mail", temperature=1.0, seed=s, max_tokens=12) for s in range(8)]
    drawn = weights.generate(asked)
    assert len({a.ids.tobytes() for a in drawn}) == 8
    assert all(map(same, weights.generate(asked), drawn))


def test_samples_follow_the_models_distribution(weights):
    asked = [said("billing", temperature=0.5, seed=s, max_tokens=1) for s in range(600)]
    drawn = weights.generate(asked)
    found = {}
    for answer in drawn:
        found.setdefault(int(answer.ids[0]), [float(np.exp(answer.logprobs[0])), 0])[1] += 1
    token, (share, count) = max(found.items(), key=lambda item: item[1][0])
    deviation = (600 * share * (1 - share)) ** 0.5
    assert abs(count - 600 * share) < 5 * deviation, (token, share, count)


def test_top_p_leaves_only_the_likeliest(weights):
    greedy = weights.generate([said("billing", max_tokens=1)])[0]
    asked = [said("billing", temperature=1.0, top_p=1e-6, seed=s, max_tokens=1) for s in range(20)]
    assert {int(a.ids[0]) for a in weights.generate(asked)} == {int(greedy.ids[0])}


def test_an_answer_ends_at_its_limit_or_at_the_end_of_turn(weights):
    drawn = weights.generate([said("x", max_tokens=n) for n in (1, 3)])
    assert [len(a.ids) for a in drawn] == [1, 3]
    assert {a.finish for a in drawn} == {"length"}
    ended = [
        a
        for a in weights.generate(
            [said("y", temperature=3.0, seed=s, max_tokens=60) for s in range(64)]
        )
        if a.finish == "stop"
    ]
    assert ended
    assert all(a.ids[-1] == 2 and 2 not in a.ids[:-1] for a in ended)


def test_a_name_that_is_no_adapter_is_refused(adapted):
    with pytest.raises(ActorError, match="no adapter 'missing'"):
        adapted.generate([said("x", adapter="missing")])


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(ActorError, match="no model can be loaded"):
        Weights(tmp_path)
