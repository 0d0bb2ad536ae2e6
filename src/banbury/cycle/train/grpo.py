"""Reinforcement learning of one adapter with the gym's own judge as reward.

Group-relative policy optimisation (Shao et al. 2024): several answers to each prompt, each
answer's advantage is its reward against its group's mean, in units of the group's deviation.
Every batch of answers is used for one step, so the ratio of new to old policy is 1 and nothing
is clipped; there is no penalty against the start. The loss is a mean over tokens, not answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from banbury.actors.packed import Family, Pack, run
from banbury.actors.weights import Completion, Request, Weights
from banbury.cycle.train.lora import Stepper, adapter_bytes, passes


class Prompt(msgspec.Struct, frozen=True):
    """One task to try: its id and the conversation that puts it."""

    task: str
    messages: list[dict[str, str]]


class Attempt(msgspec.Struct, frozen=True):
    """One answer to a prompt, sent to the judge."""

    task: str
    sample: int
    completion: Completion


class Reinforced(msgspec.Struct, frozen=True):
    """A trained adapter, and the mean reward and the share of groups with a signal, by step."""

    adapter: bytes
    rewards: list[float]
    signal: list[float]


def grpo(
    weights: Weights,
    talk: Any,
    prompts: Sequence[Prompt],
    start: bytes,
    *,
    steps: int,
    group: int,
    rate: float,
    max_tokens: int,
    seed: int,
    name: str,
) -> Reinforced:
    """Train an adapter further on rewards.

    Args:
        weights: the base.
        talk: told ("step", name, done, steps, reward) after each step; asked ("judge", attempts)
            and answers with one reward in [0, 1] for each.
        prompts: tasks, taken in order, the same number at each step.
        start: the adapter to start from, as safetensors.
        steps: optimizer steps; each takes len(prompts) // steps prompts.
        group: answers to each prompt.
        rate: peak learning rate.
        max_tokens: the most tokens of one answer.
        seed: of the answers.
        name: what the adapter is called meanwhile.
    """
    weights.load_adapter(name, start)
    try:
        weights.choose(name)
        optimizer = Stepper(weights, rate, steps)
        each = max(1, len(prompts) // steps)
        rewards: list[float] = []
        signal: list[float] = []
        for step in range(steps):
            asked = prompts[step * each : (step + 1) * each]
            attempts = _attempts(weights, asked, group, max_tokens, seed + step, name)
            scores = np.asarray(talk(("judge", attempts)), dtype=np.float64).reshape(-1, group)
            rewards.append(float(scores.mean()))
            advantages = group_advantages(scores)
            live = np.abs(advantages).sum(axis=1) > 0
            signal.append(float(live.mean()))
            if live.any():
                _step(weights, optimizer, attempts, advantages, live, name)
            talk(("step", name, step + 1, steps, rewards[-1]))
        return Reinforced(adapter_bytes(weights, name), rewards, signal)
    finally:
        weights.drop_adapter(name)


def group_advantages(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return advantages of scores, shapes (prompts, group); all zero where a group agrees."""
    spread = scores.std(axis=1, keepdims=True)
    centred = scores - scores.mean(axis=1, keepdims=True)
    advantages = np.zeros_like(scores)
    np.divide(centred, spread, out=advantages, where=spread > 1e-9)
    return advantages


def _attempts(
    weights: Weights, asked: Sequence[Prompt], group: int, max_tokens: int, seed: int, name: str
) -> list[Attempt]:
    requests = [
        Request(p.messages, max_tokens, 1.0, 1.0, seed * 1_000_003 + i * group + k, name)
        for i, p in enumerate(asked)
        for k in range(group)
    ]
    drawn = weights.generate(requests)
    return [
        Attempt(asked[j // group].task, j % group, completion) for j, completion in enumerate(drawn)
    ]


def _step(
    weights: Weights,
    optimizer: Stepper,
    attempts: Sequence[Attempt],
    advantages: NDArray[np.float64],
    live: NDArray[np.bool_],
    name: str,
) -> None:
    """One policy-gradient step; each prompt is laid out once for its whole group."""
    weights.choose(name)
    group = advantages.shape[1]
    groups = [
        ([a.completion for a in attempts[i * group : (i + 1) * group]], advantages[i])
        for i in np.flatnonzero(live)
    ]
    tokens = sum(len(c.ids) for completions, _ in groups for c in completions)
    lengths = [len(c[0].prompt_ids) + sum(len(one.ids) for one in c) for c, _ in groups]
    optimizer.step(
        _policy_loss(weights, [groups[i] for i in some]) / tokens for some in passes(lengths)
    )


def _policy_loss(
    weights: Weights, groups: Sequence[tuple[list[Completion], NDArray[np.float64]]]
) -> Tensor:
    """Return minus the advantage-weighted sum of the answers' log-probabilities."""
    families: list[Family] = []
    wanted: list[int] = []
    gains: list[float] = []
    for completions, advantages in groups:
        prompt = completions[0].prompt_ids.tolist()
        answers = [c.ids.tolist() for c in completions]
        families.append(Family(prompt[:-1], [[prompt[-1], *a] for a in answers]))
        for answer, advantage in zip(answers, advantages, strict=True):
            wanted += answer
            gains += [float(advantage)] * len(answer)
    pack = Pack.of(families)
    places = [
        start + k
        for starts, family in zip(pack.starts, families, strict=True)
        for start, row in zip(starts, family.rows, strict=True)
        for k in range(len(row) - 1)
    ]
    logits = run(weights.causal(), pack.tokens, pack.positions, pack, torch.tensor(places))
    chosen = torch.log_softmax(logits, dim=-1).gather(1, torch.tensor(wanted)[:, None])[:, 0]
    return -(torch.tensor(gains) * chosen).sum()
