"""Training of the small model: our own loops against TRL's, the same work on one CPU thread.

SmolLM2-135M-Instruct, LoRA of rank 16 on all linear layers, fp32. Each engine takes the same
examples through `banbury.cycle.train`'s two back-ends; figures are CPU seconds per optimizer
step, the mean of several after one that is not counted. A row with no `must` is measured, not
promised.

Run: make bench NAME=train        (about ten minutes on one core)
"""

import resource
import sys
import time
from collections.abc import Callable
from itertools import islice
from typing import Any

from banbury.actors.checkpoint import find_model
from banbury.actors.weights import Weights
from banbury.cycle.train.backend import backend
from banbury.cycle.train.grpo import Prompt
from banbury.cycle.train.lora import Example
from banbury.gyms import registry
from figures import Row, row, tell

SEED = 4
SKILLS = ("office.email.queue", "reasoning.add", "rg.word_sequence_reversal")
STEPS = 4
GROUPS = 2
"""Prompts of one GRPO step: with four, TRL held 10 GB."""


class Watch:
    """Takes the CPU time at each step, and judges answers by their first token's parity."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.values: list[float] = []

    def __call__(self, message: Any) -> Any:
        if message[0] == "judge":
            # Any verdict with a spread does: what is measured is the step, not what it teaches.
            return [float(a.completion.ids[0] % 2) for a in message[1]]
        self.times.append(time.process_time())
        self.values.append(message[4])
        return None

    def per_step(self) -> float:
        """CPU seconds of a step, the first left out."""
        return (self.times[-1] - self.times[0]) / (len(self.times) - 1)


def sft_step(weights: Weights, engine: Any, examples: list[Example]) -> Watch:
    watch = Watch()
    settings = {"steps": STEPS, "batch": 8, "rate": 2e-3, "seed": SEED, "name": "mail"}
    backend(engine)[0](weights, watch, examples, **settings)
    return watch


def grpo_step(weights: Weights, engine: Any, prompts: list[Prompt], start: bytes) -> Watch:
    watch = Watch()
    settings = {"group": 8, "rate": 5e-4, "max_tokens": 16, "seed": SEED, "name": "mail"}
    backend(engine)[1](weights, watch, prompts, start, steps=STEPS - 1, **settings)
    return watch


def peak() -> float:
    """Most memory held so far, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def tasks(skill: str, count: int) -> tuple[list[Example], list[Prompt]]:
    """Tasks of a skill as examples with the reference's answer, and as prompts."""
    gym, _ = registry.skill(skill)
    problems = list(islice(gym.tasks(skill, seed=SEED), count))
    asked = [[{"role": "user", "content": p.task.public.instruction}] for p in problems]
    answers = [gym.solution(p)[0].text for p in problems]
    examples = [Example(m, a) for m, a in zip(asked, answers, strict=True)]
    return examples, [Prompt(p.task.id, m) for p, m in zip(problems, asked, strict=True)]


def main() -> int:
    weights = Weights(find_model("smollm2"), threads=1)
    rows: list[Row] = []
    works: list[tuple[str, Callable[[Any], Watch]]] = []
    for skill in SKILLS:
        examples, prompts = tasks(skill, 8 * STEPS)
        length = sum(len(weights.prompt(e.messages)) for e in examples) / len(examples)
        works.append(
            (
                f"SFT {skill}, 8 examples of {length:.0f} tokens",
                lambda engine, examples=examples: sft_step(weights, engine, examples),
            )
        )
    examples, prompts = tasks(SKILLS[0], 8 * STEPS)
    settings = {"steps": 1, "batch": 8, "rate": 1e-3, "seed": SEED, "name": "start"}
    start = backend("own")[0](weights, Watch(), examples[:8], **settings).adapter
    prompts = prompts[: GROUPS * (STEPS - 1)]
    works.append(
        (
            f"GRPO {SKILLS[0]}, {GROUPS} prompts of 8 answers",
            lambda engine: grpo_step(weights, engine, prompts, start),
        )
    )
    taken: dict[str, list[float]] = {}
    for name, work in works:
        print(f"{name} ...", file=sys.stderr, flush=True)
        mine = work("own").per_step()
        rows.append(figure(f"{name}: most memory so far, ours", peak(), "GB"))
        theirs = work("trl").per_step()
        rows.append(figure(f"{name}: most memory so far, TRL's", peak(), "GB"))
        rows.append(figure(f"{name}: a step", mine, "CPU s", peer={"trl": round(theirs, 3)}))
        ours, peers = taken.setdefault(name.split()[0], [0.0, 0.0])
        taken[name.split()[0]] = [ours + mine, peers + theirs]
        rows.append(figure(f"{name}: times as fast as TRL", theirs / mine, "x"))
    for method, (ours, peers) in taken.items():
        rows.append(
            figure(f"{method}, a step of each: times as fast as TRL", peers / ours, "x", ">= 2")
        )
    return tell("train", rows)


def figure(name: str, value: float, unit: str, must: str | None = None, **more: Any) -> Row:
    return row(name, value, unit, must, seed=SEED, **more)


if __name__ == "__main__":
    sys.exit(main())
