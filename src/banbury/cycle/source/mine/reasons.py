"""Why a candidate was not kept: a kind, a sentence, and what a user can do about it."""

from __future__ import annotations

from collections.abc import Mapping

REMEDIES: Mapping[str, str] = {
    # A repository.
    "not a repository": "give the folder of a clone, or its https address",
    "empty": "it has no history to mine; give another one",
    "no candidates": "widen the dates with --since, or see with --dropped why",
    # What the history tells.
    "feature": "nothing; it adds something new, so no statement could ask for it fairly",
    "refactoring": "nothing; it changes no behaviour",
    "no tests": "nothing can tell the fix from the bug; write a test, commit it, and mine again",
    "too large": "raise the limits of a fix's size, if you want tasks of this size",
    # The environment.
    "environment": "see the rungs with --show; declare what the tests need in the project's files",
    "build": "see the end of the build's log with --show",
    # The runs.
    "no passing test": "see with --show what they print; they may need a service or the network",
    "tests do not run": "see with --show what they print; they may need a service or the network",
    "out of CPU time": "raise --cpu, if the suite is worth it",
    "waits for ever": "some test waits for what never comes; --show tells which ones ran",
    "out of memory": "raise --memory, if this machine has it",
    "too many processes": "some test starts processes without end; leave the candidate out",
    "disk full": "some test or the build writes without end; leave the candidate out",
    "tests killed": "some test kills the process that runs it; leave the candidate out",
    "tampering": "the tests reach into their runner; leave the candidate out",
    # The gates.
    "fix fails": "the fix's own tests do not pass here; see --show for what they say",
    "nothing fails": "its tests pass without the fix, so they cannot tell it from the bug",
    "skipped": "nothing; its tests need another Python, platform or package than there is here",
    "breaks tests": "see --show for the tests that passed before and fail with the fix",
    "flaky": "see --show for which tests waver, and under what",
    "weak tests": "its tests do not notice when the fix is damaged; strengthen them and mine again",
    "leak": "the fix can be read inside the box; see --show where",
    "known": "it is in a public benchmark, so models may have seen it; leave it out",
    "no statement": "its message says too little; write one with --rewrite",
    "too big": "the task needs more than 10 MB in the store; large files of the tree are the cause",
    "no mutants": "no line of the repository's source that tests run could be changed",
    # This machine.
    "sandbox": "run `banbury doctor` to see what this machine lacks",
    "machine": "the same command with --retry tries it again",
}
"""What to do, by kind; kinds that only the history knows have their own sentence there."""


class Rejected(Exception):
    """A candidate cannot become a task.

    Args:
        kind: a key of `REMEDIES`.
        reason: one sentence.
        log: last words of whatever failed.
    """

    def __init__(self, kind: str, reason: str, *, log: str = "") -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.log = log

    @property
    def remedy(self) -> str:
        """Return what a user can do about it."""
        return REMEDIES.get(self.kind, "")


ENDS: Mapping[str, str] = {
    "cpu": "out of CPU time",
    "wall": "waits for ever",
    "memory": "out of memory",
    "processes": "too many processes",
    "disk": "disk full",
}
"""Kinds by how a box ended."""


def kind_of(end: str, trouble: str) -> str:
    """Return the kind of a run that said nothing, by how its box ended and what is known of it."""
    if end in ENDS:
        return ENDS[end]
    words = trouble.lower()
    if "cpu time" in words:
        return "out of CPU time"
    ended = ("killed", "ended itself", "exit code 137", "signal")
    return "tests killed" if any(word in words for word in ended) else "tests do not run"
