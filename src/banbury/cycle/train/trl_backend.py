"""The same training through TRL and peft, for a machine with an accelerator.

`sft` and `grpo` take what their namesakes in `lora` and `grpo` take and give back what they give,
so a stage swaps one for the other (see `backend`). TRL loads weights of its own onto the device;
the weights in the worker serve as tokenizer and stay what they were.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from numpy.typing import NDArray
from peft import (
    LoraConfig,
    get_peft_model,
    get_peft_model_state_dict,
    set_peft_model_state_dict,
)
from safetensors.torch import load as load_tensors
from safetensors.torch import save
from transformers import AutoModelForCausalLM, PrinterCallback, TrainerCallback
from trl import GRPOConfig, GRPOTrainer, SFTConfig, SFTTrainer

from banbury.actors.weights import ALPHA, RANK, Completion, Weights
from banbury.cycle.train.grpo import Attempt, Prompt, Reinforced, group_advantages
from banbury.cycle.train.lora import WARM_UP, Example, Trained
from banbury.errors import TrainError

logging.getLogger("trl").setLevel(logging.ERROR)


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
    """Train a fresh adapter on examples; see `lora.sft`.

    Raises:
        TrainError: no examples, or the loss is not finite.
    """
    if not examples:
        raise TrainError("there is nothing to train on", where=name, do="see `banbury review`")
    rows = [(weights.prompt(e.messages), list(e.ids) or weights.answer(e.answer)) for e in examples]
    data = Dataset.from_dict(
        {
            "input_ids": [prompt + answer for prompt, answer in rows],
            "labels": [[-100] * len(prompt) + answer for prompt, answer in rows],
        }
    )
    watch = _Watch(talk, name, steps, "loss")
    with tempfile.TemporaryDirectory() as folder:
        trainer = SFTTrainer(
            model=_model(weights, seed),
            args=SFTConfig(
                **_settings(folder, steps, rate, seed),
                per_device_train_batch_size=min(batch, len(rows)),
                max_length=None,
            ),
            train_dataset=data,
            processing_class=weights.tokenizer,
            callbacks=[watch],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    return Trained(_adapter(trainer), watch.values, len(examples))


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
    """Train an adapter further on rewards; see `grpo.grpo`."""
    each = max(1, len(prompts) // steps)
    judge = _Judge(weights, talk, max_tokens, group)
    with tempfile.TemporaryDirectory() as folder:
        trainer = GRPOTrainer(
            model=_model(weights, seed, start),
            reward_funcs=judge,
            args=GRPOConfig(
                **_settings(folder, steps, rate, seed),
                per_device_train_batch_size=each * group,
                num_generations=group,
                max_completion_length=max_tokens,
                temperature=1.0,
                beta=0.0,
                shuffle_dataset=False,
            ),
            train_dataset=Dataset.from_dict(
                {"prompt": [p.messages for p in prompts], "task": [p.task for p in prompts]}
            ),
            processing_class=weights.tokenizer,
            callbacks=[_Watch(talk, name, steps, "reward")],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    return Reinforced(_adapter(trainer), judge.rewards, judge.signal)


class _Judge:
    """TRL's reward function: asks for a verdict on each answer and keeps the step's figures."""

    __name__ = "judge"

    def __init__(self, weights: Weights, talk: Any, max_tokens: int, group: int) -> None:
        self._weights = weights
        self._talk = talk
        self._max_tokens = max_tokens
        self._group = group
        self.rewards: list[float] = []
        self.signal: list[float] = []

    def __call__(
        self, prompts: Any, completion_ids: Sequence[Sequence[int]], task: Sequence[str], **_: Any
    ) -> list[float]:
        attempts = [
            Attempt(name, i % self._group, self._completion(prompt, ids))
            for i, (prompt, ids, name) in enumerate(zip(prompts, completion_ids, task, strict=True))
        ]
        rewards = [float(r) for r in self._talk(("judge", attempts))]
        scores: NDArray[np.float64] = np.asarray(rewards).reshape(-1, self._group)
        self.rewards.append(float(scores.mean()))
        self.signal.append(float((np.abs(group_advantages(scores)).sum(axis=1) > 0).mean()))
        return rewards

    def _completion(self, prompt: Any, ids: Sequence[int]) -> Completion:
        """What TRL drew; it tells a reward function no log-probabilities."""
        ended = len(ids) < self._max_tokens or ids[-1] == self._weights.tokenizer.eos_token_id
        return Completion(
            self._weights.text(ids),
            np.asarray(self._weights.prompt(prompt), dtype=np.uint32),
            np.asarray(ids, dtype=np.uint32),
            np.empty(0, dtype=np.float32),
            "stop" if ended else "length",
        )


class _Watch(TrainerCallback):  # type: ignore[misc]
    """Tells of each step, and stops at a loss that is not finite."""

    def __init__(self, talk: Any, name: str, steps: int, key: str) -> None:
        self._talk = talk
        self._name = name
        self._steps = steps
        self._key = key
        self.values: list[float] = []

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        """Take a step's figure out of TRL's log.

        Raises:
            TrainError: the loss is not finite.
        """
        if not logs or self._key not in logs:
            return
        value = float(logs[self._key])
        if not np.isfinite(value):
            raise TrainError(
                f"the loss is {value} at step {len(self.values)}", do="lower the learning rate"
            )
        self.values.append(value)
        self._talk(("step", self._name, len(self.values), self._steps, value))


def _model(weights: Weights, seed: int, start: bytes | None = None) -> Any:
    dtype = torch.bfloat16 if torch.cuda.is_available() else torch.float32
    base = AutoModelForCausalLM.from_pretrained(weights.folder, dtype=dtype)
    torch.manual_seed(seed)
    model = get_peft_model(
        base,
        LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules="all-linear", task_type="CAUSAL_LM"),
    )
    if start is not None:
        set_peft_model_state_dict(model, load_tensors(start))
    return model


def _settings(folder: str, steps: int, rate: float, seed: int) -> dict[str, Any]:
    accelerated = torch.cuda.is_available()
    return {
        "output_dir": folder,
        "max_steps": steps,
        "learning_rate": rate,
        "lr_scheduler_type": "linear",
        "warmup_steps": min(WARM_UP, steps - 1),
        "weight_decay": 0.0,
        "max_grad_norm": 1.0,
        "seed": seed,
        "logging_steps": 1,
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        "gradient_checkpointing": False,
        "bf16": accelerated,
        "use_cpu": not accelerated,
    }


def _adapter(trainer: Any) -> bytes:
    model = trainer.accelerator.unwrap_model(trainer.model)
    state = get_peft_model_state_dict(model)
    return bytes(save({k: state[k].float().cpu().contiguous() for k in sorted(state)}))
