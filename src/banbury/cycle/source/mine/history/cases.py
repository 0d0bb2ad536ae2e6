"""The test cases that a change adds or alters, and whether they check anything."""

from __future__ import annotations

import ast
import re

import msgspec

from banbury.cycle.source.mine.history.surface import bare, parsed, pieces, spoken

_CHECKS = re.compile(r"_?(assert|check|fail|expect|verify|raises|warns|deprecated_call)", re.I)


class Cases(msgspec.Struct, frozen=True):
    """What a change does to one test module.

    Attributes:
        new, altered: names of the test functions, as `Class.test_name`.
        checking: of these, the ones that check something (assert, raises, a checking helper).
        other: what acts outside of test functions changed too (a helper, a fixture, data).
        names: the identifiers that the new and altered tests use.
    """

    new: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()
    checking: tuple[str, ...] = ()
    other: bool = False
    names: frozenset[str] = frozenset()


def compare(before: bytes, after: bytes) -> Cases:
    """Return how the test cases of a module differ; `before` is empty for a new module."""
    if before == after:
        return Cases()
    old, new = pieces(before), pieces(after)
    differs = [name for name, text in new.items() if _differs(text, old.get(name, ""))]
    changed = [name for name in differs if _is_case(name)]
    lost = [name for name in old if name not in new and not _is_case(name)]
    return Cases(
        tuple(name for name in changed if name not in old),
        tuple(name for name in changed if name in old),
        tuple(name for name in changed if _checks(new[name])),
        len(differs) > len(changed) or bool(lost),
        frozenset[str]().union(*(spoken(new[name]) for name in changed)),
    )


def _differs(text: str, before: str) -> bool:
    return text != before and bare(text) != bare(before)


def _is_case(name: str) -> bool:
    return name.rsplit(".", 1)[-1].lower().startswith("test")


def _checks(source: str) -> bool:
    tree = parsed(source)
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if _CHECKS.match(name):
                return True
    return False
