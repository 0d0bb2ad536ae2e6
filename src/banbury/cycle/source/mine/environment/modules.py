"""Which distribution brings a module, a fixture or an option of pytest."""

from __future__ import annotations

import tomllib
from pathlib import Path

from packaging.utils import canonicalize_name

NAMES = tomllib.loads((Path(__file__).parent / "names.toml").read_text())
MODULES: dict[str, str] = NAMES["modules"]
FIXTURES: dict[str, str] = NAMES["fixtures"]
OPTIONS: dict[str, str] = NAMES["options"]
TOOLS = frozenset[str](NAMES["tools"])
RUNNER = frozenset[str](NAMES["runner"])
PREFIXES = ("types-", "flake8-", "sphinx", "mkdocs", "nose-", "tox-", "pylint-")
"""Beginnings of names of tools."""


def distribution(module: str) -> str:
    """Return the name of the distribution that most likely brings a module."""
    return MODULES.get(module, canonicalize_name(module))
