"""Unified diffs of what was left, for people and for export."""

from __future__ import annotations

import difflib
from collections.abc import Sequence


def diff(path: str, was: Sequence[str] | None, now: Sequence[str] | None) -> str:
    """Return the unified diff of a text file, in the form that `git apply` takes.

    Args:
        path: relative to the tree.
        was: its lines with their ends; None for a new file.
        now: its lines with their ends; None for one that is gone.
    """
    head = f"diff --git a/{path} b/{path}\n"
    head += "new file mode 100644\n" if was is None else ""
    head += "deleted file mode 100644\n" if now is None else ""
    before, after = list(was or ()), list(now or ())
    lines = difflib.unified_diff(
        before,
        after,
        "/dev/null" if was is None else f"a/{path}",
        "/dev/null" if now is None else f"b/{path}",
    )
    return head + "".join(map(_ended, lines))


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
