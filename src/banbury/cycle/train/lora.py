"""Supervised fine-tuning of one LoRA adapter, a short loop on torch and peft.

Examples of a batch are laid out flat behind the system prompt that they share, the head is
computed only where a token of the answer is predicted, and only those tokens make the loss.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
import torch
from peft import get_peft_model_state_dict
from safetensors.torch import save
from torch import Tensor

from banbury.actors.packed import Family, Pack, run
from banbury.actors.weights import Weights, inner_name, shared_start
from banbury.errors import TrainError

WARM_UP = 5
PASS = 400
"""Tokens of one forward and backward pass: enough for the matrix library, and little memory."""


class Example(msgspec.Struct, frozen=True):
    """A conversation and the answer to learn; `ids` where the actor's own tokens are known."""

    messages: list[dict[str, str]]
    answer: str
    ids: list[int] = []
    task: str = ""


class Trained(msgspec.Struct, frozen=True):
    """A trained adapter: safetensors bytes, and the loss of each step."""

    adapter: bytes
    losses: list[float]
    examples: int


def sft(
    weights: Weights,
    talk: Any,
    examples: Sequence[Example],
    *,
    steps: int,
    batch: int,
    rate: float,
    seed: int,
    name: str,
) -> Trained:
    """Train a fresh adapter on examples, in passes over them in an order of the seed's.

    Args:
        weights: the base.
        talk: told ("step", name, done, steps, loss) after each step.
        examples: at least one.
        steps: optimizer steps.
        batch: examples of a step.
        rate: peak learning rate; 5 warm-up steps, then linear to 0.
        seed: of the adapter's start and of the order.
        name: what the adapter is called meanwhile.

    Raises:
        TrainError: no examples, or the loss is not finite.
    """
    if not examples:
        raise TrainError("there is nothing to train on", where=name, do="see `banbury review`")
    torch.manual_seed(seed)
    weights.add_adapter(name)
    try:
        weights.choose(name)
        packed = [(weights.prompt(e.messages), e.ids or weights.answer(e.answer)) for e in examples]
        optimizer = Stepper(weights, rate, steps)
        order = _order(len(packed), steps * batch, np.random.default_rng(seed))
        losses: list[float] = []
        for step in range(steps):
            chosen = [packed[i] for i in order[step * batch : (step + 1) * batch]]
            losses.append(optimizer.step(_losses(weights, chosen)))
            talk(("step", name, step + 1, steps, losses[-1]))
        return Trained(adapter_bytes(weights, name), losses, len(examples))
    finally:
        weights.drop_adapter(name)


def _losses(weights: Weights, chosen: Sequence[tuple[list[int], list[int]]]) -> Iterator[Tensor]:
    """Give the mean loss over all answers' tokens in parts, one pass each."""
    tokens = sum(len(answer) for _, answer in chosen)
    chosen = sorted(chosen, key=lambda pair: len(pair[0]) + len(pair[1]))
    for some in passes([len(p) + len(a) for p, a in chosen]):
        part = [chosen[i] for i in some]
        logprobs = answer_logprobs(weights, [p for p, _ in part], [a for _, a in part])
        yield -torch.cat(logprobs).sum() / tokens


def passes(lengths: Sequence[int]) -> Iterator[range]:
    """Cut rows of these lengths into passes of even size, each of about `PASS` tokens or one row.

    What the backward pass needs is some 2 MB a token for SmolLM2-135M, so the cut bounds memory;
    gradients add up to those of one pass.
    """
    count = min(len(lengths), max(1, -(-sum(lengths) // PASS)))
    cuts = [round(i * len(lengths) / count) for i in range(count + 1)]
    yield from (range(a, b) for a, b in pairwise(cuts))


def answer_logprobs(
    weights: Weights, prompts: Sequence[list[int]], answers: Sequence[list[int]]
) -> list[Tensor]:
    """Return the log-probabilities of each answer's tokens, shapes (tokens,), with gradients."""
    rows = [p + a for p, a in zip(prompts, answers, strict=True)]
    # Where equal prompts meet, the token that predicts an answer's first must stay in the row.
    shared = min(shared_start(rows), *(len(p) - 1 for p in prompts))
    pack = Pack.of([Family(rows[0][:shared], [row[shared:] for row in rows])])
    places: list[int] = []
    for block, starts in zip(pack.blocks, pack.starts, strict=True):
        for start, prompt, answer in zip(starts, prompts, answers, strict=True):
            first = start + len(prompt) - block.prefix - 1
            places += range(first, first + len(answer))
    logits = run(weights.causal(), pack.tokens, pack.positions, pack, torch.tensor(places))
    wanted = torch.tensor([t for a in answers for t in a])
    chosen = torch.log_softmax(logits, dim=-1).gather(1, wanted[:, None])[:, 0]
    return list(chosen.split([len(a) for a in answers]))


class Stepper:
    """AdamW on the adapter alone, with warm-up, linear decay and gradients clipped at norm 1."""

    def __init__(self, weights: Weights, rate: float, steps: int) -> None:
        self._parameters = [p for p in weights.model.parameters() if p.requires_grad]
        self._optimizer = torch.optim.AdamW(self._parameters, lr=rate, weight_decay=0.0)
        self._rate = rate
        self._steps = steps
        self._done = 0

    def step(self, losses: Iterable[Tensor]) -> float:
        """Take one step down the sum of losses, whose passes are freed one by one; return the sum.

        Raises:
            TrainError: the loss is not finite.
        """
        value = 0.0
        for loss in losses:
            value += float(loss.detach())
            loss.backward()
        if not np.isfinite(value):
            raise TrainError(
                f"the loss is {value} at step {self._done}", do="lower the learning rate"
            )
        warm = min(1.0, (self._done + 1) / WARM_UP)
        for group in self._optimizer.param_groups:
            group["lr"] = self._rate * warm * (1 - self._done / self._steps)
        torch.nn.utils.clip_grad_norm_(self._parameters, 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        self._done += 1
        return value


def adapter_bytes(weights: Weights, name: str) -> bytes:
    """Return an adapter as safetensors; equal weights give equal bytes."""
    inner = inner_name(name)
    state = get_peft_model_state_dict(weights.model, adapter_name=inner)
    return bytes(save({k: state[k].contiguous() for k in sorted(state)}))


def _order(n: int, count: int, random: np.random.Generator) -> list[int]:
    order: list[int] = []
    while len(order) < count:
        order += random.permutation(n).tolist()
    return order[:count]
