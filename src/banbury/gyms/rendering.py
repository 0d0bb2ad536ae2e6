"""What a foreign environment shows, as text that an actor can read."""

from __future__ import annotations

import json
import re
from typing import Any

_COLOUR = re.compile(r"\x1b\[(?:1;)?([34])([1-6])m(.+?)\x1b\[0m")
_ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_COLOURS = ("", "red", "green", "yellow", "blue", "magenta", "cyan")


def shown(env: Any, observation: Any) -> str:
    """Return what an actor sees: the text rendering where there is one, else JSON."""
    if getattr(env, "render_mode", None) == "ansi":
        return plain_text(str(env.render()))
    return as_json(observation)


def as_json(observation: Any) -> str:
    """Return an observation as JSON; arrays become lists."""
    return json.dumps(observation, default=_plain)


def plain_text(text: str) -> str:
    """Return a terminal's text without escapes; what was marked by colour stands in brackets.

    The colour is named where there is more than one.
    """
    several = len({found.groups()[:2] for found in _COLOUR.finditer(text)}) > 1

    def marked(found: re.Match[str]) -> str:
        colour = f" {_COLOURS[int(found[2])]}" if several else ""
        return f"[{found[3]}{colour}]"

    return _ESCAPE.sub("", _COLOUR.sub(marked, text)).strip("\n")


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else str(value)
