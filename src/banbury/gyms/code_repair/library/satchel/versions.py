"""Versions such as 1.10.2 or 2.0rc1, their order, and ranges of them."""

from __future__ import annotations

import re
from collections.abc import Iterable

_FORM = re.compile(r"v?(\d+(?:\.\d+)*)(?:(a|b|rc)(\d+))?")
_STAGES = ("a", "b", "rc", "")

Key = tuple[tuple[int, ...], int, int]


def key(version: str) -> Key:
    """Return what versions are ordered by; trailing zeros do not count.

    Raises:
        ValueError: it is no version.
    """
    found = _FORM.fullmatch(version.strip())
    if not found:
        raise ValueError(f"no version: {version!r}")
    numbers = [int(part) for part in found[1].split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers), _STAGES.index(found[2] or ""), int(found[3] or 0)


def is_final(version: str) -> bool:
    """Return whether a version is no alpha, beta or release candidate."""
    return key(version)[1] == len(_STAGES) - 1


def newest(versions: Iterable[str], early: bool = False) -> str | None:
    """Return the highest version; early ones only if asked for, or if there are no others."""
    known = sorted(versions, key=key)
    chosen = [v for v in known if early or is_final(v)] or known
    return chosen[-1] if chosen else None


def allows(rule: str, version: str) -> bool:
    """Return whether a version meets all parts of a rule such as `>=1.2, <2, !=1.4`.

    Raises:
        ValueError: a part is no rule.
    """
    return all(_meets(part.strip(), key(version)) for part in rule.split(",") if part.strip())


def _meets(part: str, found: Key) -> bool:
    form = re.fullmatch(r"(>=|<=|==|!=|>|<|~=)\s*(.+)", part)
    if not form:
        raise ValueError(f"no rule: {part!r}")
    bound = key(form[2])
    if form[1] == "~=":
        numbers = form[2].strip().split(".")
        if len(numbers) < 2:
            raise ValueError(f"~= needs two numbers: {part!r}")
        upper = [*map(int, numbers[:-2]), int(numbers[-2]) + 1]
        return bound <= found and found[0] < tuple(upper)
    results = {
        ">=": found >= bound,
        "<=": found <= bound,
        "==": found == bound,
        "!=": found != bound,
        ">": found > bound,
        "<": found < bound,
    }
    return results[form[1]]


def bumped(version: str, part: int) -> str:
    """Return the next version: part 0 is the first number, those behind it become 0."""
    numbers = list(key(version)[0])
    numbers += [0] * (3 - len(numbers))
    numbers[part] += 1
    return ".".join(str(n if i <= part else 0) for i, n in enumerate(numbers))
