"""Settings that stand in a JSON file: a plan, a recipe."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec

from banbury.errors import InputError

T = TypeVar("T")


def settings(
    kind: type[T],
    path: Path | None,
    what: str,
    defaults: Mapping[str, Any] = MappingProxyType({}),
    **given: Any,
) -> T:
    """Return the settings of a file, if one is named, with those given on the command line.

    Args:
        kind: a struct; what it has no field for is refused.
        path: a JSON file with some of its fields.
        what: what the settings are called in messages, such as `plan`.
        defaults: fields that the file may change.
        given: fields that go before the file; those that are None do not count.

    Raises:
        InputError: the file cannot be read, or holds something else.
    """
    fields = {name: value for name, value in given.items() if value is not None}
    try:
        told = msgspec.json.decode(path.read_bytes(), type=dict[str, Any]) if path else {}
        return msgspec.convert({**defaults, **told, **fields}, kind)
    except (OSError, msgspec.MsgspecError) as error:
        raise InputError(
            f"the {what} cannot be used: {error}",
            where=str(path) if path else "",
            do=f"give JSON with names of {kind.__name__}, such as {_example(kind)}",
        ) from error


def _example(kind: type) -> str:
    """Return one field of a struct with its default, as JSON."""
    simple: Mapping[str, Any] = {
        f.name: f.default
        for f in msgspec.structs.fields(kind)
        if isinstance(f.default, int | float) and not isinstance(f.default, bool)
    }
    return msgspec.json.encode(dict([next(iter(simple.items()))])).decode()
