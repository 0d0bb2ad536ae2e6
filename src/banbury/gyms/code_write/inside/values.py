"""Plain values as JSON that keeps their types, so that two processes can compare without trust.

None, bool, str, list and finite numbers are themselves; everything else is an object with one key:

- `t`, `s`, `z`: a tuple, set, frozenset, as a list
- `d`: a dict, as a list of pairs in its order
- `f`: a float that JSON lacks: `nan`, `inf`, `-inf`
- `x`: an integer of more than 53 bits, in hexadecimal
- `b`: bytes, in hexadecimal
- `c`: a complex number, as its real and imaginary part
- `y`: a built-in type, by name
- `o`: anything else, as the name of its type; it is equal to nothing

A subclass of a container or a number counts as the plain one, read by the plain class's own
methods; what the subclass says of itself (such as an `__eq__` that is always true) is never asked.
"""

from __future__ import annotations

import math
from typing import Any

DEEP = 100
"""Levels of nesting; deeper values are not encoded."""
_EXACT = 1 << 53
_TYPES: tuple[type, ...] = (
    *(bool, bytes, bytearray, complex, dict, float, frozenset, int, list, object),
    *(range, set, slice, str, tuple, type),
)
_NAMED = {one.__name__: one for one in _TYPES}


class Unplain(ValueError):
    """A value that is nested too deeply, or text that is no encoding."""


def encode(value: Any, depth: int = 0) -> Any:
    """Return a value as JSON-ready data.

    Raises:
        Unplain: it is nested too deeply, or holds itself.
    """
    if depth > DEEP:
        raise Unplain("nested too deeply")
    kind = type(value)
    if value is None or kind is bool:
        return value
    if isinstance(value, str):
        return _text(str.__str__(value))
    if isinstance(value, int):
        number = int.__int__(value)
        return number if -_EXACT < number < _EXACT else {"x": hex(number)}
    if isinstance(value, float):
        real = float.__float__(value)
        return real if math.isfinite(real) else {"f": repr(real)}
    if isinstance(value, list):
        return [encode(one, depth + 1) for one in list.__iter__(value)]
    return _tagged(value, depth + 1)


def _text(value: str) -> Any:
    try:
        value.encode()
    except UnicodeEncodeError:
        return {"o": "str with half of a surrogate pair"}
    return value


def _tagged(value: Any, depth: int) -> Any:
    if isinstance(value, dict):
        pairs = [[encode(k, depth), encode(v, depth)] for k, v in dict.items(value)]
        return {"d": pairs}
    if isinstance(value, tuple):
        return {"t": [encode(one, depth) for one in tuple.__iter__(value)]}
    if isinstance(value, set):
        return {"s": sorted((encode(one, depth) for one in set.__iter__(value)), key=repr)}
    if isinstance(value, frozenset):
        return {"z": sorted((encode(one, depth) for one in frozenset.__iter__(value)), key=repr)}
    if isinstance(value, bytes | bytearray):
        return {"b": bytes(value).hex()}
    if isinstance(value, complex):
        return {"c": [repr(value.real), repr(value.imag)]}
    if isinstance(value, type) and _NAMED.get(value.__name__) is value:
        return {"y": value.__name__}
    return {"o": str(type(value).__name__)[:60]}


_ESCAPED = {**{i: f"\\u{i:04x}" for i in range(32)}, 34: '\\"', 92: "\\\\"}


def as_json(data: Any) -> str:
    """Return JSON-ready data as JSON; the library's own module takes longer to load than a call."""
    if isinstance(data, str):
        return f'"{data.translate(_ESCAPED)}"'
    if isinstance(data, list | tuple):
        return f"[{','.join(map(as_json, data))}]"
    if isinstance(data, dict):
        return "{" + ",".join(f"{as_json(k)}:{as_json(v)}" for k, v in data.items()) + "}"
    if data is None or isinstance(data, bool):
        return {None: "null", True: "true", False: "false"}[data]
    return repr(data)


class Foreign:
    """What stands for a value that is not plain; it is equal to nothing, not even to itself."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, name: str) -> None:
        self.name = name

    def __eq__(self, other: object) -> bool:
        return False

    def __repr__(self) -> str:
        return f"<{self.name}>"


def decode(data: Any, depth: int = 0) -> Any:
    """Return the value that JSON-ready data stands for.

    Raises:
        Unplain: it is no encoding.
    """
    if depth > DEEP + 2:
        raise Unplain("nested too deeply")
    if isinstance(data, list):
        return [decode(one, depth + 1) for one in data]
    if not isinstance(data, dict):
        return data
    if len(data) != 1:
        raise Unplain("an object has one key")
    ((tag, held),) = data.items()
    try:
        return _decoded(tag, held, depth + 1)
    except (TypeError, ValueError, KeyError, OverflowError) as error:
        raise Unplain(f"{tag!r}: {error}"[:200]) from None


def _decoded(tag: str, held: Any, depth: int) -> Any:
    if tag in "tsz":
        plain = {"t": tuple, "s": set, "z": frozenset}[tag]
        return plain(decode(one, depth) for one in held)
    if tag == "d":
        return {decode(k, depth): decode(v, depth) for k, v in held}
    if tag == "f":
        return float(held)
    if tag == "x":
        return int(held, 16)
    if tag == "b":
        return bytes.fromhex(held)
    if tag == "c":
        return complex(float(held[0]), float(held[1]))
    if tag == "y":
        return _NAMED[held]
    if tag == "o":
        return Foreign(str(held)[:60])
    raise Unplain(f"unknown mark {tag!r}")


def same(got: Any, wanted: Any) -> bool:
    """Say whether two decoded values are equal as Python's `==` has it, floats within 1e-9."""
    if isinstance(got, float) or isinstance(wanted, float):
        return _near(got, wanted)
    if isinstance(wanted, list | tuple):
        return type(got) is type(wanted) and len(got) == len(wanted) and all(map(same, got, wanted))
    if isinstance(wanted, dict) and isinstance(got, dict):
        return got.keys() == wanted.keys() and all(same(got[k], wanted[k]) for k in wanted)
    return bool(got == wanted)


def _near(got: Any, wanted: Any) -> bool:
    if not (isinstance(got, int | float) and isinstance(wanted, int | float)):
        return False
    try:
        return got == wanted or math.isclose(got, wanted, rel_tol=1e-9, abs_tol=1e-12)
    except OverflowError:
        return False
