"""Which engine trains: our own loop on a CPU, TRL where there is an accelerator.

On two cores our loop takes less than half of TRL's time (`make bench NAME=train`); on an
accelerator TRL brings what a short loop lacks, and its time does not matter.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Literal

import torch

from banbury.cycle.train import grpo as own_grpo
from banbury.cycle.train import lora as own_sft
from banbury.cycle.train.grpo import Reinforced
from banbury.cycle.train.lora import Trained
from banbury.errors import InputError, SetupError

Engine = Literal["auto", "own", "trl"]


Sft = Callable[..., Trained]
"""Supervised training, called as `lora.sft`."""

Grpo = Callable[..., Reinforced]
"""Reinforcement, called as `grpo.grpo`."""


def backend(engine: Engine = "auto") -> tuple[Sft, Grpo]:
    """Return the functions that train.

    Args:
        engine: `own`, `trl`, or `auto`: TRL where an accelerator and TRL are found.

    Raises:
        SetupError: TRL is asked for and not installed.
        InputError: no such engine.
    """
    if engine not in ("auto", "own", "trl"):
        raise InputError(f"there is no training engine {engine!r}", do="use auto, own or trl")
    installed = find_spec("trl") is not None and find_spec("datasets") is not None
    if engine == "trl" and not installed:
        raise SetupError("TRL is not installed", do="pip install 'banbury[train,datasets]'")
    if engine == "trl" or (engine == "auto" and installed and torch.cuda.is_available()):
        trl = import_module("banbury.cycle.train.trl_backend")
        return trl.sft, trl.grpo
    return own_sft.sft, own_grpo.grpo
