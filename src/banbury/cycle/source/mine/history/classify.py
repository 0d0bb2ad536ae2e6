"""Tell repairs with tests from everything else that a repository's main line holds."""

from __future__ import annotations

import re
import time
from collections import defaultdict

import msgspec

from banbury.cycle.source.mine.history import changelog, words
from banbury.cycle.source.mine.history.candidate import Candidate, Dropped, Size, Why
from banbury.cycle.source.mine.history.cases import Cases, compare
from banbury.cycle.source.mine.history.kinds import Kind, kind
from banbury.cycle.source.mine.history.repository import Repository
from banbury.cycle.source.mine.history.surface import idle, moved, surface
from banbury.cycle.source.mine.history.unit import Change, Unit
from banbury.errors import InputError

ENOUGH = 2.0
"""Score from which a unit counts as a repair."""
OLDEST = 946_684_800.0
"""A commit before the year 2000 has a broken clock."""


class _Sides(msgspec.Struct, frozen=True):
    before: bytes
    after: bytes


def classify(
    unit: Unit, repository: Repository, *, size: Size | None = None
) -> Candidate | Dropped:
    """Return a candidate where a unit looks like a repair with tests, else why it is dropped."""
    by = _by_kind(unit)
    if dropped := _by_files(unit, by, size or Size()):
        return Dropped(unit, dropped[1], dropped[0])
    try:
        return _by_content(unit, repository, by)
    except InputError as wrong:
        return Dropped(unit, f"its files cannot be read: {wrong}", "no source change")


def _by_kind(unit: Unit) -> dict[Kind, list[Change]]:
    by: dict[Kind, list[Change]] = defaultdict(list)
    for change in unit.files:
        by[kind(change.path)].append(change)
    return by


def _by_files(unit: Unit, by: dict[Kind, list[Change]], size: Size) -> tuple[Why, str] | None:
    source = [*by["source"], *by["data"]]
    if not OLDEST < unit.when < time.time() + 86_400:
        return "date", "its date lies in the future or before 2000, so nothing can be dated by it"
    if not source:
        return _without_source(by)
    if not by["test"]:
        return "no tests", "it changes no test"
    lines = sum(change.added + change.removed for change in source)
    if len(source) > size.files or lines > size.lines:
        told = f"{len(source)} source files with {lines} lines"
        return "too large", f"it changes {told}; the limit is {size.files} and {size.lines}"
    tests = sum(change.added + change.removed for change in by["test"])
    if tests > size.tests:
        return "too large", f"it changes {tests} lines of tests; the limit is {size.tests}"
    return None


def _without_source(by: dict[Kind, list[Change]]) -> tuple[Why, str]:
    if by["test"]:
        return "tests only", "it changes tests and no source"
    if by["docs"] or by["changes"]:
        return "docs", "it changes documentation alone"
    if by["build"] or by["settings"]:
        return "build", "it changes the build or tools alone"
    return "no source change", "it changes no source"


def _by_content(
    unit: Unit, repository: Repository, by: dict[Kind, list[Change]]
) -> Candidate | Dropped:
    source = {c.path: _sides(unit, repository, c) for c in by["source"]}
    tests = {c.path: _sides(unit, repository, c) for c in by["test"]}
    if dropped := _idle(by, source):
        return Dropped(unit, dropped[1], dropped[0])
    cases = [compare(s.before, s.after) for path, s in tests.items() if path.endswith(".py")]
    if dropped := _unchecked(by, cases):
        return Dropped(unit, dropped[1], dropped[0])
    inside = repository.inside(unit)
    message = words.apart(unit.message, inside)
    if message.crowd and len(inside) > 1:
        return Dropped(unit, f"it joins a branch of {len(inside)} commits", "several changes")
    entries = _entries(unit, repository, by["changes"])
    needs = _needed(source, cases)
    found = [*words.signs(message, "\n".join(entries.text)), *_of_entries(entries)]
    found += [*_of_cases(source, cases), *_of_warnings(source)]
    if not any(weight > 0 for weight, _ in found):
        found.append((-3.0, "nothing in its words says that it is a repair"))
    found += [*_of_names(source, needs), *_of_size(by, cases)]
    return _decided(unit, repository, by, cases, entries, needs, inside, found)


def _sides(unit: Unit, repository: Repository, change: Change) -> _Sides:
    def side(commit: str, path: str) -> bytes:
        file = repository.files(commit).get(path)
        if file is None or not file.mode.startswith("100"):
            return b""
        return repository.blob(file.id, 4 << 20)

    return _Sides(side(unit.base, change.before or change.path), side(unit.commit, change.path))


def _idle(by: dict[Kind, list[Change]], source: dict[str, _Sides]) -> tuple[Why, str] | None:
    if by["data"]:
        return None
    acting = [s for s in source.values() if not idle(s.before, s.after)]
    if not acting and any(change.before for change in by["source"]):
        return "refactoring", "its source is moved and otherwise the same"
    if not acting:
        return "typing", "its source differs in words, form or annotations alone"
    before, after = [s.before for s in acting], [s.after for s in acting]
    if moved(before, after):
        return "refactoring", "its source is moved and otherwise the same"
    return None


def _unchecked(by: dict[Kind, list[Change]], cases: list[Cases]) -> tuple[Why, str] | None:
    if any(case.checking or (case.other and (case.new or case.altered)) for case in cases):
        return None
    data = [change for change in by["test"] if not change.path.endswith(".py")]
    if data or any(case.other for case in cases):
        return None
    return "no tests", "it adds or alters no test that checks something"


def _entries(unit: Unit, repository: Repository, changes: list[Change]) -> changelog.Entries:
    text: list[str] = []
    section: changelog.Section = ""
    for change in changes:
        sides = _sides(unit, repository, change)
        before, after = (side.decode(errors="replace") for side in (sides.before, sides.after))
        found = changelog.added(before, after)
        text.extend(found.text)
        section = section or changelog.by_name(change.path) or found.section
    return changelog.Entries(tuple(text), section)


def _needed(source: dict[str, _Sides], cases: list[Cases]) -> tuple[str, ...]:
    """Return the new names that the tests use and no name of the base is like."""
    used = frozenset[str]().union(*(case.names for case in cases))
    fresh: set[str] = set()
    for sides in source.values():
        old, new = surface(sides.before), surface(sides.after)
        fresh |= {name.rsplit(".", 1)[-1] for name in new.names - old.names}
        fresh |= {name.rsplit("(", 1)[1][:-1] for name in new.parameters - old.parameters}
    fresh &= used
    known = {name for name in fresh if any(_speaks(s.before, name) for s in source.values())}
    return tuple(sorted(fresh - known))


def _speaks(source: bytes, name: str) -> bool:
    return re.search(rb"\b%s\b" % re.escape(name.encode()), source) is not None


def _of_entries(entries: changelog.Entries) -> list[words.Sign]:
    if entries.section == "fixed":
        return [(3.0, "stands under 'Fixed' in the list of changes")]
    if entries.section == "added":
        return [(-3.0, "stands under 'Added' in the list of changes")]
    return []


def _of_names(source: dict[str, _Sides], needs: tuple[str, ...]) -> list[words.Sign]:
    fresh = _fresh(source)
    if needs:
        return [(-6.0, f"its tests use the new name {needs[0]!r}")]
    if fresh:
        return [(-1.0, f"it brings the new name {min(fresh)!r}")]
    return [(1.0, "it brings no new public name")]


def _of_cases(source: dict[str, _Sides], cases: list[Cases]) -> list[words.Sign]:
    altered = any(set(case.altered) & set(case.checking) for case in cases)
    if altered and not _fresh(source):
        return [(1.5, "it corrects what a test expected")]
    return []


_WARNING = re.compile(rb"\b(?:Pending)?DeprecationWarning\b|\bFutureWarning\b|\bRemovedIn\w+")


def _of_warnings(source: dict[str, _Sides]) -> list[words.Sign]:
    before, after = (
        sum(len(_WARNING.findall(getattr(sides, side))) for sides in source.values())
        for side in ("before", "after")
    )
    return [(-4.0, "it warns of a deprecation")] if after > before else []


def _fresh(source: dict[str, _Sides]) -> set[str]:
    fresh: set[str] = set()
    for sides in source.values():
        old, new = surface(sides.before), surface(sides.after)
        fresh |= (new.names - old.names) | (new.parameters - old.parameters)
    return fresh


def _of_size(by: dict[Kind, list[Change]], cases: list[Cases]) -> list[words.Sign]:
    lines = sum(change.added + change.removed for change in by["source"])
    found: list[words.Sign] = []
    if lines <= 30:
        found.append((0.5, "it is small"))
    if lines > 150:
        found.append((-1.5, "it is large"))
    if any(case.new for case in cases):
        found.append((0.5, "it adds a test"))
    if by["build"]:
        found.append((-1.0, "it changes the build too"))
    return found


def _decided(
    unit: Unit,
    repository: Repository,
    by: dict[Kind, list[Change]],
    cases: list[Cases],
    entries: changelog.Entries,
    needs: tuple[str, ...],
    inside: tuple[str, ...],
    found: list[words.Sign],
) -> Candidate | Dropped:
    score = round(sum(weight for weight, _ in found), 2)
    if score < ENOUGH:
        against = sorted(sign for sign in found if sign[0] < 0)
        told = "; ".join(reason for _, reason in against[:3]) or "nothing says that it is a repair"
        return Dropped(unit, f"{told} (score {score:+.1f})", _kind_of(against, needs))
    tests = by["test"]
    names = tuple(name for case in cases for name in (*case.new, *case.altered))
    gone = {c.before or c.path for c in tests if c.status == "D" or c.before}
    rest = {path for c in unit.files if c not in tests for path in (c.path, c.before) if path}
    return Candidate(
        unit=unit,
        repository=repository,
        tests=tuple(sorted(c.path for c in tests if c.status != "D")),
        gone=tuple(sorted(gone)),
        source=tuple(sorted(rest)),
        needs=needs,
        cases=names,
        entries=entries.text,
        inside=inside,
        score=score,
        why=tuple(reason for weight, reason in sorted(found, reverse=True) if weight > 0),
    )


def _kind_of(against: list[words.Sign], needs: tuple[str, ...]) -> Why:
    table: dict[str, Why] = {
        "is called an addition": "feature",
        "adds support": "feature",
        "stands under 'Added' in the list of changes": "feature",
        "is called a rearrangement": "refactoring",
        "is about words or types": "typing",
        "takes something away": "deprecation",
        "it warns of a deprecation": "deprecation",
        "is about versions": "build",
        "is about the tests themselves": "tests only",
    }
    marks: dict[str, Why] = {"feat": "feature", "feature": "feature", "refactor": "refactoring"}
    table |= {f"is marked {mark!r}": told for mark, told in marks.items()}
    table |= {f"is marked {mark!r}": "docs" for mark in ("doc", "docs", "style")}
    table |= {
        f"is marked {mark!r}": "build" for mark in ("build", "ci", "deps", "chore", "release")
    }
    table |= {f"is marked {mark!r}": "tests only" for mark in ("test", "tests")}
    table |= {f"is marked {mark!r}": "typing" for mark in ("typing", "types")}
    if needs:
        return "feature"
    for _, reason in against:
        if reason in table:
            return table[reason]
    return "not a fix"
