"""Code as text: taken out of an answer, and calls read without running anything."""

from __future__ import annotations

import ast
import re
import textwrap
from typing import Any

from banbury.gyms.code_write.inside.values import Unplain, encode

LONGEST = 50_000
"""Characters of code; a longer answer is none."""
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[^\n]*$", re.MULTILINE)

Call = tuple[list[Any], dict[str, Any]]
"""Arguments by place and by name, encoded."""


def code_of(text: str, entry: str) -> str:
    """Return the code of an answer: its last fenced block that defines the function, else all.

    Args:
        text: the answer.
        entry: name of the function.
    """
    marks = [m.span() for m in _FENCE.finditer(text)]
    blocks = [text[a[1] : b[0]] for a, b in zip(marks[::2], marks[1::2], strict=False)]
    if len(marks) % 2:
        blocks.append(text[marks[-1][1] :])
    defines = re.compile(rf"\b{re.escape(entry)}\b")
    named = [block for block in blocks if defines.search(block)]
    found = named or blocks
    return textwrap.dedent(found[-1] if found else text).strip("\n")


def call_of(text: str, entry: str) -> Call | None:
    """Return the arguments of a call such as `f(1, b=[2])`, None if it is no plain call of `entry`.

    Nothing is run: every argument must be a plain value as it stands, or arithmetic on numbers.
    """
    try:
        node = ast.parse(text.strip(), mode="eval").body
        return arguments(node, entry)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def arguments(node: ast.expr, entry: str) -> Call | None:
    """Return the encoded arguments of a call node, None if it is no plain call of `entry`."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
        return None
    if node.func.id != entry or any(word.arg is None for word in node.keywords):
        return None
    try:
        args = [plain(arg) for arg in node.args]
        return args, {str(word.arg): plain(word.value) for word in node.keywords}
    except (ValueError, TypeError, RecursionError, MemoryError):
        return None


def plain(node: ast.expr) -> Any:
    """Return the encoding of a plain value in code.

    Raises:
        ValueError: it is none.
    """
    try:
        return encode(ast.literal_eval(node))
    except (ValueError, TypeError, SyntaxError, Unplain) as error:
        raise ValueError(f"no plain value: {error}") from None
