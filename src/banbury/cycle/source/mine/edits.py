"""A fix as the edits that a person would make, so that its reference shows what changed."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from banbury.episode import canonical
from banbury.gyms.code_repair.actions import Edit, RepairAction, Submit, leaving
from banbury.gyms.code_repair.files import Changes, File


def reference(old: Changes, fixed: Changes) -> str:
    """Return the actions that lead from the old files to the fixed ones, as JSON."""
    actions: list[RepairAction] = []
    for path, file in fixed.items():
        actions += _leading(path, old.get(path), file)
    return canonical([*actions, Submit()]).decode()


def _leading(path: str, old: File | None, new: File | None) -> Sequence[RepairAction]:
    if old and new and old.text and new.text and old.executable == new.executable:
        return edits(path, old.text, new.text) or [leaving(path, new)]
    return [leaving(path, new)]


def edits(path: str, old: str, new: str) -> list[Edit]:
    """Return edits that turn one text into another, each of a passage that occurs once.

    Nothing where no such edits lead there.
    """
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    made: list[Edit] = []
    text = old
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            continue
        for more in range(1, len(before) + 1):
            low, high = max(0, a - more), min(len(before), b + more)
            # What stands above was changed by the edits before this one.
            above = after[c - (a - low) : c] if a - low <= c else before[low:a]
            passage = "".join([*above, *before[a:high]])
            if text.count(passage) == 1:
                said = "".join([*above, *after[c:d], *before[b:high]])
                text = text.replace(passage, said)
                made.append(Edit(path, passage, said))
                break
    return made if text == new else []
