"""Recipe: how to train."""

from __future__ import annotations

import msgspec

from banbury.cycle.train.backend import Engine


class Recipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to train.

    Attributes:
        batch: examples of one step.
        rate: peak learning rate of supervised steps.
        epochs: passes over a gap's examples.
        validation: fresh items on which each adapter is tried, to choose the one to reinforce.
        grpo_steps: steps of reinforcement for one gap; 0 for none.
        grpo_prompts: prompts of one such step.
        grpo_group: answers to each prompt.
        grpo_rate: peak learning rate of reinforced steps.
        joint_epochs: passes of the joint adapter over all examples; 0 for none.
        router_prompts: prompts of each other skill that teach the router what is the base's.
        max_tokens: the most tokens of one answer.
        engine: `own`, `trl`, or `auto`: TRL where there is an accelerator.
    """

    batch: int = 8
    rate: float = 2e-3
    epochs: float = 1.0
    validation: int = 24
    grpo_steps: int = 8
    grpo_prompts: int = 4
    grpo_group: int = 8
    grpo_rate: float = 3e-4
    joint_epochs: float = 0.15
    router_prompts: int = 100
    max_tokens: int = 40
    engine: Engine = "auto"
