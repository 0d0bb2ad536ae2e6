"""Gates that a candidate passes besides its runs: not in a benchmark, told, nothing given away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from banbury.cycle.source.mine.account import Account
from banbury.cycle.source.mine.history import (
    Candidate,
    Statement,
    checked,
    known,
    leaks,
    rewritten,
    statement,
)
from banbury.cycle.source.mine.history.public import Against
from banbury.cycle.source.mine.history.statement import Ask, Sentence
from banbury.cycle.source.mine.reasons import Rejected
from banbury.cycle.source.mine.suites import Base
from banbury.cycle.source.mine.tasks import Made

MOST_DISK = 10_000_000
"""Bytes that a task may add to the store."""


def unknown(candidate: Candidate, benchmarks: Sequence[Against] = (), text: str = "") -> None:
    """Refuse a commit that a public benchmark, or one that the user gave, has.

    Args:
        candidate: the repair.
        benchmarks: those that the user gave.
        text: the statement of the problem, "" where there is none yet.

    Raises:
        Rejected: one has.
    """
    name = known(candidate)
    for benchmark in benchmarks:
        name = name or benchmark.known(candidate, text)
    if name:
        raise Rejected("known", f"the benchmark {name} has this commit")


def told(
    candidate: Candidate,
    failures: Mapping[str, str],
    words: str,
    account: Account,
    ask: Ask | None = None,
) -> Statement:
    """Return the words of the task, cleared of the solution and checked by rule.

    Args:
        candidate: the repair.
        failures: what its tests say at the base, by id.
        words: what a person wrote instead, "" for nothing.
        account: where the words are kept.
        ask: asks a model, which rewrites it; what the rules object to is thrown away.

    Raises:
        Rejected: nothing that could be said is enough, or it gives the solution away.
    """
    found = statement(candidate, failures)
    if words:
        trouble = tuple(checked(words, candidate))
        found = Statement(words, (Sentence(words, "person"),), trouble)
    elif ask is not None:
        found = rewritten(found, candidate, ask)
    account.statement = found.text
    account.statement_from = ", ".join(dict.fromkeys(s.origin for s in found.source))
    account.gates["statement"] = "; ".join(found.trouble)
    if found.trouble:
        raise Rejected("no statement", found.trouble[0])
    return found


def guarded(base: Base, candidate: Candidate, account: Account) -> None:
    """Look at all that a box shows for later commits and for the fix.

    Raises:
        Rejected: something is there.
    """
    shown = [base.folder, *([base.environment] if base.environment else [])]
    found = leaks(shown, candidate)
    account.gates["leak"] = "; ".join(found[:5])
    if found:
        raise Rejected("leak", found[0])


def bounds(made: Made, account: Account) -> None:
    """Refuse a task that takes too much room.

    Raises:
        Rejected: it does.
    """
    account.disk = made.disk
    if made.disk > MOST_DISK:
        raise Rejected("too big", f"it needs {made.disk / 1e6:.1f} MB in the store")
