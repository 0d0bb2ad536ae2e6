"""The two halves of a repair as unified diffs: the fix, and its tests."""

from __future__ import annotations

from banbury.cycle.source.mine.history.candidate import Candidate


def diff(candidate: Candidate) -> tuple[str, str]:
    """Return the fix and the tests as unified diffs that `git apply` takes.

    Together they lead from the base's tree to the fix's. Bytes that are no UTF-8 are kept as
    surrogates.
    """
    unit, read = candidate.unit, candidate.repository.patch
    fix = read(unit.base, unit.commit, list(candidate.source))
    tests = read(unit.base, unit.commit, sorted({*candidate.tests, *candidate.gone}))
    return fix, tests


def added(patch: str) -> dict[str, list[str]]:
    """Return the lines that a unified diff adds, by path; binary files have none."""
    return _lines(patch, "+")


def removed(patch: str) -> dict[str, list[str]]:
    """Return the lines that a unified diff removes, by path."""
    return _lines(patch, "-")


def _lines(patch: str, sign: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    path = ""
    inside = False
    for line in patch.split("\n"):
        if line.startswith("diff --git "):
            path, inside = line.rsplit(" b/", 1)[-1], False
        elif line.startswith("@@"):
            inside = True
        elif inside and line.startswith(sign):
            found.setdefault(path, []).append(line[1:])
    return found
