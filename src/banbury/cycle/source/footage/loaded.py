"""What reads footage is loaded late: it needs the extra `capture`, and takes a second."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from banbury.errors import SetupError


def load(room: str) -> Any:
    """Return a module of the gym `capture` or of this folder that needs the extra.

    Raises:
        SetupError: a library of the extra is not installed.
    """
    try:
        return import_module(room)
    except ImportError as error:
        if (error.name or "").partition(".")[0] == "banbury":
            raise
        raise SetupError(
            f"reading footage needs {error.name or error}, which is not installed",
            do="pip install 'banbury[capture]'",
        ) from error
