"""Supervised training: right gradients, the actor's tokens only, the same adapter from a seed."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
from transformers import AutoModelForCausalLM

from banbury.actors.weights import Request, Weights
from banbury.cycle.train.lora import PASS, Example, answer_logprobs, passes, sft
from banbury.errors import TrainError

QUEUES = {"a bill": "billing", "a login": "access", "a parcel": "orders"}
EXAMPLES = [Example([{"role": "user", "content": q}], a) for q, a in QUEUES.items()]


pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")


def silent(message):
    return None


def trained(weights, **options):
    settings = {"steps": 4, "batch": 3, "rate": 2e-3, "seed": 5, "name": "mail"}
    return sft(weights, silent, EXAMPLES, **{**settings, **options})


@pytest.fixture(scope="module")
def weights(tiny_folder):
    return Weights(tiny_folder, threads=1)


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 0), (2,), (1, 1, 0, 1)])
def test_logprobs_are_those_of_the_plain_model(weights, tiny_folder, order):
    plain = AutoModelForCausalLM.from_pretrained(tiny_folder, dtype=torch.float32).eval()
    prompts = [weights.prompt(EXAMPLES[i].messages) for i in order]
    answers = [weights.answer(f"{EXAMPLES[i].answer}{k}") for k, i in enumerate(order)]
    with torch.inference_mode():
        found = answer_logprobs(weights, prompts, answers)
        for prompt, answer, own in zip(prompts, answers, found, strict=True):
            logits = plain(input_ids=torch.tensor([prompt + answer])).logits[0]
            behind = logits[len(prompt) - 1 : -1].log_softmax(-1)
            assert own.shape == (len(answer),)
            assert torch.allclose(own, behind[torch.arange(len(answer)), answer], atol=1e-4)


def test_an_adapter_learns_an_answer_and_the_base_does_not(weights):
    asked = Request(EXAMPLES[0].messages, 12)
    before = weights.generate([asked])[0].text
    settings = {"steps": 40, "batch": 1, "rate": 5e-3, "seed": 5, "name": "mail"}
    done = sft(weights, silent, EXAMPLES[:1], **settings)
    assert done.losses[-1] < 0.1 < done.losses[0]
    assert weights.adapters == []
    assert weights.generate([asked])[0].text == before
    weights.load_adapter("mail", done.adapter)
    try:
        answer = weights.generate([Request(EXAMPLES[0].messages, 12, adapter="mail")])[0]
        assert (answer.text, answer.finish) == ("billing", "stop")
    finally:
        weights.drop_adapter("mail")


def test_gradients_are_those_of_peft_on_padded_rows(weights, tiny_folder):
    torch.manual_seed(0)
    plain = get_peft_model(
        AutoModelForCausalLM.from_pretrained(tiny_folder, dtype=torch.float32),
        LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"),
    ).eval()
    for name, leaf in plain.named_parameters():
        if "lora_B" in name:
            leaf.data.normal_(0, 0.02)
    weights.add_adapter("same", get_peft_model_state_dict(plain))
    try:
        weights.choose("same")
        prompts = [weights.prompt(e.messages) for e in EXAMPLES]
        answers = [weights.answer(e.answer) for e in EXAMPLES]
        torch.cat(answer_logprobs(weights, prompts, answers)).sum().neg().backward()
        rows = [(p + a, [-100] * len(p) + a) for p, a in zip(prompts, answers, strict=True)]
        for ids, labels in rows:
            out = plain(input_ids=torch.tensor([ids]), labels=torch.tensor([labels]))
            (out.loss * sum(label >= 0 for label in labels)).backward()
        ours = [p.grad for p in weights.model.parameters() if p.requires_grad]
        theirs = [p.grad for p in plain.parameters() if p.requires_grad]
        assert len(ours) == len(theirs) == 28
        for one, other in zip(ours, theirs, strict=True):
            assert torch.allclose(one, other, atol=1e-3, rtol=1e-3)
    finally:
        weights.drop_adapter("same")


def test_a_seed_gives_one_adapter_and_another_seed_another(weights):
    assert trained(weights) == trained(weights)
    assert trained(weights).adapter != trained(weights, seed=6).adapter


def test_the_actors_own_ids_are_learned_as_they_are(weights):
    ids = weights.answer("billing")
    own = [Example(EXAMPLES[0].messages, "", ids)]
    spelt = [Example(EXAMPLES[0].messages, "billing")]
    options = {"steps": 2, "batch": 1, "rate": 1e-3, "seed": 1, "name": "x"}
    assert sft(weights, silent, own, **options) == sft(weights, silent, spelt, **options)


def test_steps_are_told_one_by_one(weights):
    heard = []
    done = sft(weights, heard.append, EXAMPLES, steps=3, batch=2, rate=1e-3, seed=0, name="told")
    assert [(m[1], m[2], m[3]) for m in heard] == [("told", i, 3) for i in (1, 2, 3)]
    assert [m[4] for m in heard] == done.losses


def test_nothing_to_learn_is_an_error(weights):
    with pytest.raises(TrainError, match="nothing to train on"):
        sft(weights, silent, [], steps=1, batch=1, rate=1e-3, seed=0, name="none")


def test_a_loss_that_is_not_finite_ends_training(weights):
    with pytest.raises(TrainError, match="loss is nan"):
        trained(weights, rate=1e30, steps=8)
    assert weights.adapters == []


@given(st.lists(st.integers(1, 900), min_size=1, max_size=40))
def test_passes_take_each_row_once_and_stay_near_their_size(lengths):
    cut = list(passes(lengths))
    assert [i for part in cut for i in part] == list(range(len(lengths)))
    assert all(len(part) >= 1 for part in cut)
    assert len(cut) == min(len(lengths), -(-sum(lengths) // PASS))


def test_two_passes_give_the_gradient_of_one(weights):
    prompts = [weights.prompt(e.messages) for e in EXAMPLES]
    answers = [weights.answer(e.answer) for e in EXAMPLES]
    torch.manual_seed(0)
    weights.add_adapter("g")
    try:
        weights.choose("g")
        leaves = [p for p in weights.model.parameters() if p.requires_grad]

        def gradient(parts):
            for part in parts:
                rows = answer_logprobs(
                    weights, [prompts[i] for i in part], [answers[i] for i in part]
                )
                torch.cat(rows).sum().backward()
            found = [p.grad.clone() for p in leaves if p.grad is not None]
            for leaf in leaves:
                leaf.grad = None
            return found

        one, two = gradient([[0, 1, 2]]), gradient([[0, 2], [1]])
        assert len(one) == len(two) > 0
        assert all(
            torch.allclose(a, b, atol=1e-4, rtol=1e-3) for a, b in zip(one, two, strict=True)
        )
    finally:
        weights.drop_adapter("g")
