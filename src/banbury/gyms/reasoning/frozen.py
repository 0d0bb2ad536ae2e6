"""Python values kept as JSON and got back as the same values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from banbury.episode import canonical


def freeze(value: Any) -> Any:
    """Return metadata as JSON-ready values that `thaw` turns back into the same Python values.

    JSON alone turns tuples into lists and integer keys into text, and two scorers (arc_agi, rearc)
    then reject their own reference.

    Raises:
        GymError: a value of a kind that cannot be kept.
    """
    if value is None or isinstance(value, bool):
        return value
    for plain in (int, float, str):
        if isinstance(value, plain):
            return plain(value)
    if isinstance(value, list):
        return [freeze(v) for v in value]
    if isinstance(value, tuple):
        return {"tuple": [freeze(v) for v in value]}
    if isinstance(value, set | frozenset):
        return {"set": sorted((freeze(v) for v in value), key=canonical)}
    if isinstance(value, Mapping):
        return {"map": [[freeze(k), freeze(v)] for k, v in value.items()]}
    if hasattr(value, "item") and hasattr(value, "dtype"):
        return freeze(value.tolist())
    return {"text": str(value)}


def thaw(value: Any) -> Any:
    """Return what `freeze` was given; what it kept as text stays text."""
    if isinstance(value, list):
        return [thaw(v) for v in value]
    if not isinstance(value, dict):
        return value
    ((kind, inner),) = value.items()
    if kind == "text":
        return inner
    if kind == "map":
        return {thaw(k): thaw(v) for k, v in inner}
    items = [thaw(v) for v in inner]
    return tuple(items) if kind == "tuple" else set(items)
