"""Banbury: an open research accelerator for people who train models.

The loop: probe -> diagnose -> source -> review -> release -> train -> probe again.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"
__all__ = ["__version__", "open"]


def __getattr__(name: str) -> Any:
    """Load the store only when `banbury.open` is asked for, so that `--help` stays quick."""
    if name == "open":
        return import_module("banbury.store").open
    raise AttributeError(f"module 'banbury' has no attribute {name!r}")
