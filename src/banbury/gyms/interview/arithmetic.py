"""Expressions in arithmetic: read as a tree, never run as a program."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

LONGEST = 300
_BIGGEST = 1e12
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_CALLS: dict[str, Callable[..., Any]] = {
    "min": min, "max": max, "abs": abs, "sqrt": math.sqrt, "ceil": math.ceil, "floor": math.floor,
}  # fmt: skip


def value(text: str, at: Mapping[str, float]) -> float | None:
    """Return what an expression is worth where its variables have these values.

    It may use `+ - * / // % **`, parentheses, numbers, the variables, min, max, abs, sqrt, ceil and
    floor; `^` stands for `**`. None for whatever else it is, or where it has no finite value.
    """
    if len(text) > LONGEST:
        return None
    try:
        tree = ast.parse(text.strip().replace("^", "**"), mode="eval").body
        found = float(_value(tree, at))
    except (SyntaxError, ValueError, TypeError, ArithmeticError, RecursionError, MemoryError):
        return None
    return found if math.isfinite(found) else None


def same(
    text: str, key: str, names: tuple[str, ...], points: tuple[tuple[float, ...], ...]
) -> bool:
    """Return whether an expression equals the key at all points."""
    for point in points:
        at = dict(zip(names, point, strict=True))
        said, wanted = value(text, at), value(key, at)
        if said is None or wanted is None or not math.isclose(said, wanted, rel_tol=1e-9):
            return False
    return True


def _value(node: ast.expr, at: Mapping[str, float]) -> Any:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return _small(number)
        case ast.Name(id=name) if name in at:
            return at[name]
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner, at)
        case ast.UnaryOp(op=ast.UAdd(), operand=inner):
            return _value(inner, at)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _small(float(_value(left, at)) ** float(_value(right, at)))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _small(_BINARY[type(op)](_value(left, at), _value(right, at)))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _CALLS:
            return _CALLS[name](*[_value(arg, at) for arg in args])
    raise ValueError("no arithmetic")


def _small(number: Any) -> Any:
    if isinstance(number, complex) or abs(number) > _BIGGEST:
        raise ValueError("too large")
    return number
