"""How strong a fix's tests are: the fix is damaged in small ways, and its tests must notice.

Two kinds of damage: one passage of the fix taken back, and one mutation of a line that it wrote
(DeMillo, Lipton and Sayward, "Hints on test data selection", 1978).
"""

from __future__ import annotations

import ast
import difflib
import random
from collections.abc import Iterator, Mapping

import msgspec

from banbury.gyms.code_repair import mutation
from banbury.gyms.code_repair.files import Changes, File

MOST = 6
"""Mutants of one fix."""
_MOST_BACK = 2


class Damage(msgspec.Struct, frozen=True):
    """One way to damage a fix: where, what, and the files as it leaves them."""

    where: str
    what: str
    files: Mapping[str, File]


def mutants(old: Changes, fix: Changes, *, seed: str, most: int = MOST) -> list[Damage]:
    """Return ways to damage a fix, some of each kind, the same for the same seed.

    Args:
        old: the files before the fix.
        fix: the files as it leaves them.
        seed: of the choice.
        most: how many at most.
    """
    dice = random.Random(seed)
    back: list[Damage] = []
    changed: list[Damage] = []
    for path, new in sorted(fix.items()):
        before = old.get(path)
        if new is None or not path.endswith(".py") or not new.text:
            continue
        was = before.text if before is not None else ""
        back += _taken_back(path, was, new)
        changed += _mutated(path, was, new)
    # A fix of a single passage taken back is the bug itself, which the base's runs have shown.
    chosen = dice.sample(back, min(len(back), _MOST_BACK)) if len(back) > 1 else []
    return chosen + dice.sample(changed, min(len(changed), most - len(chosen)))


def _passages(was: str, new: str) -> Iterator[tuple[int, int, int, int]]:
    matcher = difflib.SequenceMatcher(None, was.splitlines(), new.splitlines(), autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag != "equal":
            yield a, b, c, d


def _taken_back(path: str, was: str, new: File) -> Iterator[Damage]:
    before, after = was.splitlines(keepends=True), new.text.splitlines(keepends=True)
    for a, b, c, d in _passages(was, new.text):
        text = "".join([*after[:c], *before[a:b], *after[d:]])
        if _acts(new.text, text):
            file = File(text=text, executable=new.executable)
            yield Damage(f"{path}:{c + 1}", "one passage of the fix taken back", {path: file})


def _mutated(path: str, was: str, new: File) -> Iterator[Damage]:
    lines = {line + 1 for _, _, c, d in _passages(was, new.text) for line in range(c, d)}
    for one in mutation.mutants(new.text, lines=lines):
        file = File(text=one.source, executable=new.executable)
        yield Damage(f"{path}:{one.line}", words(one), {path: file})


def words(mutant: mutation.Mutant) -> str:
    """Return what a mutant changes, in a few words."""
    was, now = (" ".join(t.split())[:40] for t in (mutant.was, mutant.now))
    return f"{mutant.operator}: {was} -> {now}"


def _acts(text: str, changed: str) -> bool:
    """Say whether a changed module compiles and differs in more than its form."""
    try:
        return ast.dump(ast.parse(changed)) != ast.dump(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError):
        return False
