"""How the hidden tests call what the fix introduces: names that a statement must say."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from banbury.cycle.source.mine.history.surface import parsed

_LONG = 90


def calls(name: str, tests: Iterable[str]) -> str:
    """Return how tests use a name, such as `load(unknown=...)`; the bare name if in no call.

    Args:
        name: a function, class, attribute or keyword.
        tests: the source of the test modules.
    """
    found = [shown for source in tests for shown in _uses(name, source)]
    return min(found, key=lambda shown: (-shown.count("("), len(shown)), default=name)


def _uses(name: str, source: str) -> list[str]:
    tree = parsed(source)
    found: list[str] = []
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            keys = [key.arg for key in node.keywords if key.arg]
            if called.rsplit(".", 1)[-1] == name or name in keys:
                found.append(_call(called, len(node.args), keys, name))
        elif isinstance(node, ast.Attribute) and node.attr == name:
            found.append(ast.unparse(node))
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [f"from {node.module} import {name}" for a in node.names if a.name == name]
    return [shown for shown in found if len(shown) <= _LONG and "\n" not in shown]


def _call(called: str, positional: int, keys: list[str], name: str) -> str:
    own = called.rsplit(".", 1)[-1] == name
    given = ["..."] * (positional if own else min(positional, 1))
    given += [f"{key}=..." for key in keys if own or key == name]
    return f"{called}({', '.join(given)})"
