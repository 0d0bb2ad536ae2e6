"""Which models grade, from words: MODEL for every name, NAME=MODEL for one that a gym asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import ExitStack

from banbury.actors.open import open_policy
from banbury.actors.policy import Policy
from banbury.arena.ask import Models
from banbury.errors import InputError
from banbury.store import Lab

_NAMED = re.compile(r"([A-Za-z][\w.-]*)=(.+)", re.DOTALL)


def named(words: Sequence[str], where: str = "--judge") -> dict[str, str]:
    """Return models' words by the names that gyms ask for, "" for all other names.

    Raises:
        InputError: a name is given twice.
    """
    found: dict[str, str] = {}
    for word in words:
        match = _NAMED.fullmatch(word)
        name, spec = (match[1], match[2]) if match else ("", word)
        if name in found:
            raise InputError(
                f"two judges are given for {name or 'every name'}: {found[name]}, {spec}",
                where=where,
                do="give one of them as NAME=MODEL",
            )
        found[name] = spec
    return found


def opened(words: dict[str, str], lab: Lab | None, stack: ExitStack) -> Models:
    """Return the models of `named`, each opened once and closed with the stack."""
    open_: dict[str, Policy] = {}
    for spec in words.values():
        if spec not in open_:
            open_[spec] = stack.enter_context(open_policy(spec, lab))
    by_name = {name: open_[spec] for name, spec in words.items()}
    default = by_name.pop("", None)
    return Models(by_name, default)
