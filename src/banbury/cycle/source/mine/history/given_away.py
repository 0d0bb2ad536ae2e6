"""What only the fix knows: what a statement must say for the tests, and must not say otherwise."""

from __future__ import annotations

import ast
import functools
import re

import msgspec

from banbury.cycle.source.mine.history.candidate import Candidate
from banbury.cycle.source.mine.history.kinds import kind
from banbury.cycle.source.mine.history.patches import added, diff
from banbury.cycle.source.mine.history.surface import parsed, spoken
from banbury.errors import InputError

_WORD = re.compile(r"[A-Za-z_]\w{3,}")


class Secrets(msgspec.Struct, frozen=True):
    """What only the fix knows.

    Attributes:
        names: names that the tests use and the fix introduces; a statement must say them.
        texts: texts that the tests look for and the fix introduces; a statement must say them.
        hidden: other identifiers that the fix introduces; a statement must not say them.
        lines: lines of code that the fix adds, without blanks.
        files: names of the source files that it changes.
    """

    names: tuple[str, ...]
    texts: tuple[str, ...]
    hidden: frozenset[str]
    lines: frozenset[str]
    files: frozenset[str]

    def given_away(self, text: str) -> list[str]:
        """Return what a text gives away of the solution."""
        said = set(_WORD.findall(text))
        found = [f"the name {name!r}" for name in sorted(self.hidden & said)]
        found += [f"the file {name!r}" for name in sorted(self.files) if name in text]
        tight = re.sub(r"\s+", "", text)
        return found + [f"the line {line!r}" for line in sorted(self.lines) if line in tight]


@functools.lru_cache(maxsize=8)
def _of(candidate_key: _Key) -> Secrets:
    return candidate_key.found()


class _Key:
    """A candidate by its commit, so that its secrets are found once."""

    def __init__(self, candidate: Candidate) -> None:
        self.candidate = candidate
        self._name = (id(candidate.repository), candidate.unit.commit)

    def __hash__(self) -> int:
        return hash(self._name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._name == other._name

    def found(self) -> Secrets:
        return _found(self.candidate)


def secrets(candidate: Candidate) -> Secrets:
    """Return what only a candidate's fix knows."""
    return _of(_Key(candidate))


def _found(candidate: Candidate) -> Secrets:
    code = [path for path in candidate.source if path.endswith(".py") and kind(path) == "source"]
    before, after = (
        _texts(candidate, candidate.unit.base, code),
        _texts(candidate, candidate.unit.commit, code),
    )
    tests = tests_of(candidate)
    old = _names(before)
    used, fresh = _names(tests), _names(after) - old
    everything = "\n".join(before)
    names = {name for name in fresh & used if not re.search(rf"\b{re.escape(name)}\b", everything)}
    names &= {*candidate.needs, *(n for n in names if n.startswith("_"))}
    texts = _wanted(before, after, tests)
    fix, _ = diff(candidate)
    lines = {
        tight
        for path, rows in added(fix).items()
        if path in code
        for row in rows
        if len(tight := re.sub(r"\s+", "", row)) >= 20 and re.search(r"[(=.\[]", tight)
        if not re.match(r"[rfbuRFBU]{0,2}[\"']", tight)  # a text, which the tests may ask for
    }
    lines = {line for line in lines if line not in re.sub(r"\s+", "", everything)}
    hidden = frozenset(n for n in fresh - names - used if "_" in n or re.search(r"[a-z][A-Z]", n))
    base = {path.rsplit("/", 1)[-1] for path in code} - {"__init__.py"}
    return Secrets(tuple(sorted(names)), texts, hidden, frozenset(lines), frozenset(base))


def tests_of(candidate: Candidate) -> list[str]:
    """Return the source of the test modules as the fix leaves them."""
    paths = [path for path in candidate.tests if path.endswith(".py")]
    return _texts(candidate, candidate.unit.commit, paths)


def _texts(candidate: Candidate, commit: str, paths: list[str]) -> list[str]:
    found: list[str] = []
    for path in paths:
        try:
            found.append(candidate.repository.read(commit, path, 4 << 20).decode(errors="replace"))
        except InputError:  # it is not there on this side
            continue
    return found


def _names(sources: list[str]) -> frozenset[str]:
    return frozenset[str]().union(*(spoken(source) for source in sources))


def _wanted(before: list[str], after: list[str], tests: list[str]) -> tuple[str, ...]:
    """Return texts in the tests that stand in a text of the fix and nowhere in the base."""
    old = "\n".join(text for source in before for text in _strings(source))
    new = [text for source in after for text in _strings(source) if text not in old]
    found = {
        text
        for source in tests
        for text in _strings(source)
        if len(text) >= 8 and " " in text and text not in old
        if any(text in other for other in new)
    }
    return tuple(sorted(found))[:5]


def _strings(source: str) -> list[str]:
    tree = parsed(source)
    if tree is None:
        return []
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
