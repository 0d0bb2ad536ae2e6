"""The trial of one candidate: environment, runs, gates, and the task that is left.

It stops as soon as the candidate cannot become valid, the cheapest look first.
"""

from __future__ import annotations

import errno
import os
import random
import re
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from banbury.cycle.source.mine.account import Account, Mutant, account
from banbury.cycle.source.mine.asked import Asked
from banbury.cycle.source.mine.environments import Environments
from banbury.cycle.source.mine.gates import bounds, guarded, told, unknown
from banbury.cycle.source.mine.history import Candidate as Repair
from banbury.cycle.source.mine.history import Dropped, Repository, Size, classify
from banbury.cycle.source.mine.history.public import Against, drawn_on
from banbury.cycle.source.mine.history.statement import Ask
from banbury.cycle.source.mine.lists import BAD, Lists, Said, files_of, functions_of, lists
from banbury.cycle.source.mine.perturb import LUCK, PERTURBED, PLAIN, SECOND, How
from banbury.cycle.source.mine.reasons import Rejected, kind_of
from banbury.cycle.source.mine.strength import MOST, mutants
from banbury.cycle.source.mine.suites import Base, Run, Suites
from banbury.cycle.source.mine.tasks import Made, task_of
from banbury.cycle.source.mine.trees import Change, files_at
from banbury.cycle.source.mine.verdict import Say, Verdict
from banbury.errors import InputError
from banbury.gyms.code_repair.files import Changes
from banbury.store import Lab
from banbury.store.mining import Candidate as Row

SAMPLE = 8
"""Test functions of another file that are run in each perturbed run, too."""
SUITES = 6.0
"""Runs of the whole suite that one candidate may cost, besides `FREE_S` seconds."""
FREE_S = 10.0
LEAST = 0.25
"""Share of the ways to damage a fix that its tests must notice."""
MOST_BROKEN = 0.05
"""Share of the suite that may fail with the fix alone, as a machine that lacks something makes it;
these tests count in nothing."""
_SPARE_S = 20.0
_FULL = os.strerror(errno.ENOSPC)
_TESTS = re.compile(r"(test.*|.*_tests?)\.py")


class Trial:
    """One candidate's way from its commit to a task.

    Args:
        lab: where tasks and runs are kept.
        environments: where environments come from.
        suites: where runs come from.
        cache: folder for trees.
        asked: how large a fix may be.
        row: the candidate.
        repository: where it comes from.
        say: told what is being done.
        ask: asks a model, which rewrites statements that are not good enough.
        benchmarks: those whose tasks are not made again, besides the public ones.
    """

    def __init__(
        self,
        lab: Lab,
        environments: Environments,
        suites: Suites,
        cache: Path,
        asked: Asked,
        row: Row,
        repository: Repository,
        say: Say,
        ask: Ask | None = None,
        benchmarks: Sequence[Against] = (),
    ) -> None:
        self._benchmarks = benchmarks
        self.lab, self._environments, self._suites = lab, environments, suites
        self.cache, self.row, self.repository, self.say = cache, row, repository, say
        self._ask = ask
        self._size = Size(files=asked.files, lines=asked.lines)
        self.account = Account()
        self.account.words = account(row.body).words
        self.account.drawn_on = drawn_on(repository.name)
        self._begun = time.thread_time()
        self._spent = 0.0

    def verdict(self) -> Verdict:
        """Return what becomes of it."""
        try:
            made = self._made()
        except Rejected as no:
            self.account.log = no.log[-6000:]
            return self.said("rejected", no.kind, str(no), no.remedy)
        self.account.disk = made.disk
        return msgspec.structs.replace(self.said("task"), problems=[made.problem])

    def said(self, state: str, kind: str = "", reason: str = "", remedy: str = "") -> Verdict:
        """Return a verdict with the account and what was spent."""
        own = time.thread_time() - self._begun
        self._add("this process", own)
        return Verdict(
            "task" if state == "task" else "rejected",
            kind,
            reason,
            remedy,
            account=self.account,
            cpu_s=self._spent,
        )

    def _add(self, part: str, cpu_s: float) -> None:
        self._spent += cpu_s
        held = self.account.spent
        held[part] = round(held.get(part, 0.0) + cpu_s, 3)

    def _made(self) -> Made:
        repair = self._repair()
        unknown(repair, self._benchmarks)
        change = self._change(repair)
        base = self.environment(repair.unit.base, repair.unit.when)
        asked = tuple(path for path, file in change.tests.items() if file and _runs(path))
        self._first(base, change, asked, {c.rpartition(".")[2] for c in repair.cases})
        # A test that is missing at the base has nothing to say, or a name that is new in each run.
        failures = {i: self._then.reasons.get(i, "") for i in self._bad if self._then.failed(i)}
        statement = told(repair, failures, self.account.words, self.account, self._ask)
        unknown(repair, self._benchmarks, statement.text)
        found = self._lists(base, change, asked)
        self._strength(base, repair, change, found)
        guarded(base, repair, self.account)
        self.say("keeping it")
        made = task_of(self.lab, self.row, repair, base, statement, change, found, self.account)
        bounds(made, self.account)
        return made

    def _repair(self) -> Repair:
        unit = self.repository.unit(self.row.revision)
        found = classify(unit, self.repository, size=self._size)
        if isinstance(found, Dropped):
            raise Rejected(found.kind, found.reason)
        source = [c for c in unit.files if c.path in found.source]
        self.account.why, self.account.score = found.why, found.score
        self.account.tests, self.account.source = found.tests, found.source
        self.account.lines = sum(c.added + c.removed for c in source)
        return found

    def _change(self, repair: Repair) -> Change:
        """Return the files of the tests and of the fix."""
        unit, tests = repair.unit, (*repair.tests, *repair.gone)
        try:
            return Change(
                files_at(self.repository, unit.commit, tests, self.cache),
                files_at(self.repository, unit.commit, repair.source, self.cache),
                files_at(self.repository, unit.base, repair.source, self.cache),
            )
        except InputError as error:
            raise Rejected("too big", f"a file of the change cannot be kept: {error}") from error

    def environment(self, commit: str, when: float) -> Base:
        """Return a commit's tree with its environment as of a time."""
        self.say("making its environment")
        try:
            base, made, spent = self._environments.base(self.repository, commit, when)
        except InputError as error:
            raise Rejected("tree", f"its files cannot be written: {error}") from error
        self._add("environment", spent)
        self.account.rungs = list(made.rungs)
        self.account.python = base.recipe.python
        self.account.packages = len(base.recipe.lock)
        return base

    def run(
        self,
        what: str,
        base: Base,
        changes: Changes,
        files: tuple[str, ...] = (),
        how: How = PLAIN,
        cpu_s: float = 0.0,
    ) -> Run:
        """Run tests, and note that they were run."""
        self.say(f"{what}{', ' + how.words if how.words else ''}")
        run = self._suites.run(base, changes, files, how, cpu_s=cpu_s, by=str(self.row.id))
        note = run.note(what, how)
        self.account.runs.append(note)
        self._add("runs", note.cpu_s)
        return run

    def _first(self, base: Base, change: Change, asked: tuple[str, ...], cases: set[str]) -> None:
        """Run the fix's test files alone, with and without the fix, and stop where they say no."""
        tests, both = change.tests, change.both
        now = self.run("fix: its test files", base, both, asked)
        heard(now, "the fix")
        # The bug may be a loop without end.
        limit = _like(now)
        then = self.run("base + tests: these files", base, tests, asked, PLAIN, limit)
        good = {id for id, o in now.outcomes.items() if o == "passed"}
        said = then.said(asked)
        bad = {id for id in good if said.of(id) in BAD}
        if not bad:
            raise _idle(now, cases)
        self._then, self._now, self._bad = then, now, sorted(bad)
        self._near = tuple(functions_of(bad))

    def _lists(self, base: Base, change: Change, asked: tuple[str, ...]) -> Lists:
        """Make all runs, and return which tests tell the fix from the base every time."""
        tests, both = change.tests, change.both
        whole = self.run("fix: whole suite", base, both)
        heard(whole, "the fix")
        self.account.suite_cpu_s = whole.cpu_s
        apart = bool(asked) and all(_runs(path) for path in tests)
        plain = self.run(
            "base: whole suite" if apart else "base + tests: whole suite",
            base,
            {} if apart else tests,
            cpu_s=_like(whole),
        )
        others = Said(plain.outcomes, but=frozenset(asked), sparse=True) if apart else plain.said()
        near_s = _like(self._now)
        again = self.run("base + tests: these files", base, tests, self._near, SECOND, near_s)
        second = self.run("fix: whole suite", base, both, (), SECOND)
        before = [self._then.said(asked), again.said(self._near), others]
        after = [self._now.said(asked), whole.said(), second.said()]
        self._still(lists(before, after))
        for how in LUCK:
            # A bug in the order of a set may not show under one hash seed, and pass by luck.
            run = self.run("base + tests: these files", base, tests, self._near, how, near_s)
            before.append(run.said(self._near))
        self._still(lists(before, after))
        near, samples = self._asked_for(lists(before, after))
        limit = _like(whole)
        for number, how in enumerate(PERTURBED):
            files = (*near, *(samples[number % len(samples)] if samples else ()))
            run = self.run("fix: these files, a sample", base, both, files, how, limit)
            after.append(run.said(files))
        found = lists(before, after)
        self._still(found)
        self.account.fail_to_pass = found.fail_to_pass
        self.account.pass_to_pass = len(found.pass_to_pass)
        self.account.flaky = found.flaky
        self.account.fix_runs = found.runs
        return found

    def _still(self, found: Lists) -> None:
        """Stop where nothing can come of it any more."""
        if len(found.broken) > max(3, MOST_BROKEN * len(found.pass_to_pass)):
            names = ", ".join(found.broken[:3])
            raise Rejected(
                "breaks tests", f"{len(found.broken)} tests fail only with the fix: {names}"
            )
        if not found.fail_to_pass:
            wavering = [id for id in found.unsure if found.flaky.get(id)]
            if wavering:
                self.account.flaky = found.flaky
                raise Rejected("flaky", f"its tests waver from run to run, such as {wavering[0]}")
            if found.unsure:
                one = found.unsure[0]
                raise Rejected("flaky", f"without the fix its tests fail only by chance: {one}")
            raise Rejected("nothing fails", "no test fails without the fix and passes with it")

    def _asked_for(self, found: Lists) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """Return what perturbed runs run: the files of fail-to-pass tests, and samples of others.

        Where these files are a great part of the suite, their fail-to-pass functions alone. Each
        run takes a sample of another file: to collect a file costs, too.
        """
        files = files_of(found.fail_to_pass)
        narrow = self._cost() * len(PERTURBED) > 1.5 * self.account.suite_cpu_s + 8.0
        near = functions_of(found.fail_to_pass) if narrow else files
        inside: dict[str, list[str]] = {}
        for function in functions_of(found.pass_to_pass):
            inside.setdefault(function.partition("::")[0], []).append(function)
        dice = random.Random(self.row.revision)
        others = sorted(set(inside) - set(files))
        chosen = dice.sample(others, min(len(others), len(PERTURBED)))
        samples = [dice.sample(inside[f], min(len(inside[f]), SAMPLE)) for f in chosen]
        return tuple(near), [tuple(sorted(sample)) for sample in samples]

    def _beside(self, found: Lists) -> tuple[str, ...]:
        """Return what mutants are run against: the files of the fail-to-pass tests if that fits.

        Where these files take too long, their fail-to-pass functions alone.
        """
        left = FREE_S + SUITES * self.account.suite_cpu_s - self._spent
        whole = self._cost() * MOST <= left
        named = files_of(found.fail_to_pass) if whole else functions_of(found.fail_to_pass)
        return tuple(named)

    def _cost(self) -> float:
        """Return the CPU seconds of a run of the fix's test files."""
        own = [n for n in self.account.runs if n.what.startswith("fix: its test files")]
        return max((n.cpu_s for n in own), default=0.0)

    def _strength(self, base: Base, repair: Repair, change: Change, found: Lists) -> None:
        """Damage the fix in small ways, and see whether the tests beside it notice."""
        wanted = {*found.fail_to_pass, *found.pass_to_pass}
        files = self._beside(found)
        limit = _SPARE_S + 2 * self.account.suite_cpu_s
        for mutant in mutants(change.old, change.fix, seed=repair.unit.commit):
            changes: Changes = {**change.fix, **mutant.files, **change.tests}
            run = self.run(f"damaged at {mutant.where}", base, changes, files, PLAIN, limit)
            said = run.said(files)
            caught = any(said.of(id) not in (None, "passed") for id in wanted)
            self.account.mutants.append(Mutant(mutant.where, mutant.what, caught))
        made, caught_ = len(self.account.mutants), self.account.caught
        if made >= 3 and caught_ < made * LEAST:
            raise Rejected(
                "weak tests", f"its tests notice {caught_} of {made} ways to damage the fix"
            )


def _like(run: Run) -> float:
    """Return the CPU seconds that a run of the same tests may take on other code, or perturbed."""
    return _SPARE_S + 3 * run.cpu_s


def _runs(path: str) -> bool:
    """Say whether a file holds tests by its name."""
    return bool(_TESTS.fullmatch(path.rpartition("/")[2]))


def _case(id: str) -> str:
    """Return the name of a test's function."""
    return id.partition("[")[0].rpartition("::")[2]


def _idle(run: Run, cases: set[str]) -> Rejected:
    """Return why no test tells the fix from the base, by how its own tests came out with it."""
    own = {id: o for id, o in run.outcomes.items() if _case(id) in cases}
    wrong = [id for id, o in own.items() if o in BAD]
    skipped = [id for id, o in own.items() if o == "skipped"]
    if wrong or not any(o == "passed" for o in run.outcomes.values()):
        what = wrong[0] if wrong else "every test of its files"
        kind = "disk full" if any(_FULL in run.reasons.get(id, "") for id in wrong) else "fix fails"
        return Rejected(kind, f"with the fix, {what} still fails", log=log(run))
    if skipped:
        return Rejected("skipped", f"its test {skipped[0]} is skipped here", log=log(run))
    return Rejected("nothing fails", "its tests pass without the fix as well")


def heard(run: Run, what: str) -> None:
    """Refuse a run that said nothing, or that somebody tampered with."""
    if run.suspicions:
        raise Rejected("tampering", f"{run.suspicions[0]}", log=log(run))
    if run.end not in ("exit", "signal") or run.trouble:
        kind = kind_of(run.end, run.trouble)
        raise Rejected(kind, f"with {what}, {run.trouble or run.end}", log=log(run))


def log(run: Run) -> str:
    """Return the last words of a run."""
    reasons = "\n".join(f"{id}: {why}" for id, why in run.reasons.items())
    return "\n".join(part for part in (run.trouble, reasons, run.printed) if part)
