"""Trials of a gym with several steps: its reference with a step dropped, swapped or changed."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec

from banbury.gyms.contract import Action

Changed = tuple[str, Sequence[Action]]


def step_mutants(actions: Sequence[Action]) -> Iterator[Changed]:
    """Yield (kind, actions) of every small change of a reference solution."""
    held = list(actions)
    for i in range(len(held)):
        yield "a step dropped", [*held[:i], *held[i + 1 :]]
        yield "a step done twice", [*held[: i + 1], *held[i:]]
    for i in range(len(held) - 1):
        yield "two steps swapped", [*held[:i], held[i + 1], held[i], *held[i + 2 :]]
        yield "stopped early", held[: i + 1]
    for i, action in enumerate(held):
        for changed in _fields_changed(action, held):
            yield "a field changed", [*held[:i], changed, *held[i + 1 :]]
            yield "a wrong step more", [*held[:i], changed, *held[i:]]


def _fields_changed(action: Action, others: Sequence[Action]) -> Iterator[Action]:
    hints = typing.get_type_hints(type(action))
    for name in action.__struct_fields__:
        value = getattr(action, name)
        elsewhere = [
            getattr(other, name)
            for other in others
            if hasattr(other, name) and getattr(other, name) != value
        ]
        for changed in _values(value, hints.get(name), elsewhere):
            made = msgspec.structs.replace(action, **{name: changed})
            try:
                yield msgspec.json.decode(msgspec.json.encode(made), type=type(action))
            except msgspec.ValidationError:
                continue


def _values(value: Any, hint: Any, elsewhere: Sequence[Any]) -> Iterator[Any]:
    """Yield other values that a field could have: near ones, and those of other steps."""
    choices = typing.get_args(hint) if typing.get_origin(hint) is Literal else ()
    if choices:
        yield from [choice for choice in choices if choice != value][:1]
        return
    yield from elsewhere[:1]
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value - 1, value + 1)
    elif isinstance(value, float):
        yield value + 1.0
    elif isinstance(value, str) and value:
        yield _nudged(value)
    elif isinstance(value, list | tuple) and value:
        yield type(value)(list(value)[:-1])


def _nudged(text: str) -> str:
    """Return a text with its last digit changed, or else without its last word or letter."""
    for at in range(len(text) - 1, -1, -1):
        if text[at].isdigit() and text[at].isascii():
            return text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :]
    words = text.rsplit(" ", 1)
    return words[0] if len(words) > 1 else text[:-1]
