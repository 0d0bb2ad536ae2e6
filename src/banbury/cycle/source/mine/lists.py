"""Which tests tell the fix from the base, and which of them say so every time.

A run says something of the tests in the files that it was asked for, and nothing of others.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import msgspec

BAD = frozenset({"failed", "error", "missing"})


class Said(msgspec.Struct, frozen=True, dict=True):
    """What one run says.

    A run of the whole suite says nothing of a file of which no test came out: a project's settings
    may leave it out, or collect its tests through another file.

    Attributes:
        outcomes: by test id.
        asked: the files and functions that were run; none for the whole suite.
        but: files of which it says nothing.
        sparse: a test that did not come out was perhaps not there, so it says nothing of it.
    """

    outcomes: Mapping[str, str]
    asked: frozenset[str] = frozenset()
    but: frozenset[str] = frozenset()
    sparse: bool = False

    @functools.cached_property
    def files(self) -> frozenset[str]:
        """Return the files of which a test came out, or that could not be collected."""
        return frozenset(id.partition("::")[0] for id in self.outcomes)

    def of(self, id: str) -> str | None:
        """Return how a test came out, `missing` if it did not; None if this says nothing of it."""
        file, function = id.partition("::")[0], id.partition("[")[0]
        if file in self.but or (self.asked and not self.asked & {file, function}):
            return None
        if id in self.outcomes:
            return self.outcomes[id]
        if not self.asked and file not in self.files:
            return None
        # A file that could not be collected stands for all of its tests.
        if self.outcomes.get(file) == "error":
            return "error"
        return None if self.sparse else "missing"


class Lists(msgspec.Struct, frozen=True):
    """What became of the tests.

    Attributes:
        fail_to_pass: fail in every run before and pass in every run with the fix.
        pass_to_pass: pass in every run, before and after.
        flaky: share of the fix's runs that differ from most of them, by test.
        unsure: tests that would be fail-to-pass, but for a run that says otherwise.
        broken: tests that passed before and fail with the fix, every time.
        runs: of the fix.
    """

    fail_to_pass: tuple[str, ...]
    pass_to_pass: tuple[str, ...]
    flaky: dict[str, float]
    unsure: tuple[str, ...]
    broken: tuple[str, ...]
    runs: int


def lists(before: Sequence[Said], after: Sequence[Said]) -> Lists:
    """Return the lists from all runs before the fix (with its tests) and with it."""
    known = sorted({id for run in after for id in run.outcomes if "::" in id})
    kept: dict[str, list[str]] = {"to": [], "both": [], "unsure": [], "broken": []}
    flaky: dict[str, float] = {}
    for id in known:
        now = [o for run in after if (o := run.of(id)) is not None]
        then = [o for run in before if (o := run.of(id)) is not None]
        rate = unsteady(now)
        # What is mostly missing is no test that wavers, but one whose name is new in each run.
        if rate and 2 * now.count("missing") < len(now):
            flaky[id] = rate
        kind = _kind(then, now)
        if kind:
            kept[kind].append(id)
    return Lists(
        fail_to_pass=tuple(kept["to"]),
        pass_to_pass=tuple(kept["both"]),
        flaky=flaky,
        unsure=tuple(kept["unsure"]),
        broken=tuple(kept["broken"]),
        runs=len(after),
    )


def _kind(then: Sequence[str], now: Sequence[str]) -> str:
    if not then:
        return ""
    bad = [outcome in BAD for outcome in then]
    good = [outcome == "passed" for outcome in now]
    if all(bad) and all(good):
        return "to"
    if all(outcome == "passed" for outcome in then):
        if all(good):
            return "both"
        return "broken" if all(outcome in BAD for outcome in now) else ""
    return "unsure" if any(bad) and any(good) and then[0] in BAD and now[0] == "passed" else ""


def unsteady(outcomes: Sequence[str]) -> float:
    """Return the share of outcomes that differ from the most frequent one; 0 for none."""
    if not outcomes:
        return 0.0
    [(_, most)] = Counter(outcomes).most_common(1)
    return 1.0 - most / len(outcomes)


def files_of(ids: Collection[str]) -> list[str]:
    """Return the files that hold these tests, sorted."""
    return sorted({id.partition("::")[0] for id in ids})


def functions_of(ids: Collection[str]) -> list[str]:
    """Return the test functions of these ids, without parameters, as a runner takes them."""
    return sorted({id.partition("[")[0] for id in ids})
