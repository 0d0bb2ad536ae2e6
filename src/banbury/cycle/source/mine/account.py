"""Account: the whole story of one candidate, kept beside it and shown by `banbury mine --show`."""

from __future__ import annotations

import msgspec


class RunNote(msgspec.Struct, frozen=True, omit_defaults=True):
    """One run of tests.

    Attributes:
        what: which tree and which tests, in words.
        how: what was perturbed, "" for nothing.
        passed: tests that passed.
        failed: tests that failed, errors included.
        other: skipped and expected to fail.
        trouble: why the run said nothing or not all, "" where it did.
        cpu_s: CPU seconds that it took; 0 where it was taken over from a neighbour.
        wall_s: seconds.
        shared: it was made for a neighbouring candidate.
    """

    what: str
    how: str = ""
    passed: int = 0
    failed: int = 0
    other: int = 0
    trouble: str = ""
    cpu_s: float = 0.0
    wall_s: float = 0.0
    shared: bool = False


class Mutant(msgspec.Struct, frozen=True, omit_defaults=True):
    """One change to the fix, and whether its tests noticed.

    Attributes:
        where: path and line.
        what: what was changed, in words.
        caught: a fail-to-pass test failed.
        task: id of the task, of a planted bug.
    """

    where: str
    what: str
    caught: bool
    task: str = ""


class Account(msgspec.Struct, omit_defaults=True):
    """The story of one candidate.

    Attributes:
        why: what speaks for a repair, from the history.
        score: how much.
        tests: files of the fix's tests.
        source: files that the fix changes.
        lines: lines of source that it adds and removes.
        rungs: what was tried to make the environment, in order.
        python: version that it runs on.
        packages: distributions in the environment.
        runs: all runs, in order.
        fail_to_pass: ids of tests.
        pass_to_pass: how many tests.
        flaky: share of runs in which a test came out otherwise, by id.
        fix_runs: runs of the fix, perturbed ones included.
        mutants: changes to the fix that were tried.
        words: what a person wrote in place of the statement, "" for nothing.
        statement: what the task says is wrong.
        statement_from: where these words come from.
        drawn_on: public benchmarks that draw on the repository and are not known in full.
        gates: each gate with what it found, "" where it holds.
        suite_cpu_s: CPU seconds of one run of the whole suite.
        disk: bytes that the task adds to the store.
        spent: CPU seconds by part of the work.
        log: the last words of what failed.
    """

    why: tuple[str, ...] = ()
    score: float = 0.0
    tests: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    lines: int = 0
    rungs: list[str] = []
    python: str = ""
    packages: int = 0
    runs: list[RunNote] = []
    fail_to_pass: tuple[str, ...] = ()
    pass_to_pass: int = 0
    flaky: dict[str, float] = {}
    fix_runs: int = 0
    mutants: list[Mutant] = []
    words: str = ""
    statement: str = ""
    statement_from: str = ""
    drawn_on: tuple[str, ...] = ()
    gates: dict[str, str] = {}
    suite_cpu_s: float = 0.0
    disk: int = 0
    spent: dict[str, float] = {}
    log: str = ""

    @property
    def caught(self) -> int:
        """Return how many mutants the tests noticed."""
        return sum(mutant.caught for mutant in self.mutants)


encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Account).decode


def account(body: bytes) -> Account:
    """Return the account that a candidate's row holds; an empty one if another version wrote it."""
    try:
        return _decode(body)
    except msgspec.MsgspecError:
        return Account()


def rewritten(body: bytes, words: str) -> bytes:
    """Return a row's account with a person's words in place of the statement."""
    told = account(body)
    told.words = words
    return encode(told)
