"""Planted bugs: mutations of the newest commit's source that its own tests catch.

Easier than fixes that people made, and judged in the same way: which tests fail with the bug and
pass without it, every time.
"""

from __future__ import annotations

import difflib
import random
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from banbury.cycle.source.mine.account import Mutant
from banbury.cycle.source.mine.history.kinds import kind
from banbury.cycle.source.mine.lists import BAD, Lists, files_of, functions_of, lists
from banbury.cycle.source.mine.perturb import PERTURBED, PLAIN, SECOND
from banbury.cycle.source.mine.reasons import Rejected
from banbury.cycle.source.mine.strength import words
from banbury.cycle.source.mine.suites import Base, Run
from banbury.cycle.source.mine.tasks import PLANTED, SKILL, Made, kept_tree, led, source_of
from banbury.cycle.source.mine.trees import files_at
from banbury.cycle.source.mine.trial import Trial, heard
from banbury.cycle.source.mine.verdict import Verdict
from banbury.cycle.source.mine.walking import licence_at
from banbury.episode import Origin, Problem, canonical
from banbury.errors import InputError
from banbury.gyms.code_repair import mutation
from banbury.gyms.code_repair.files import File
from banbury.gyms.code_repair.repair import Key, problem
from banbury.gyms.code_repair.repair import Repair as Public

TRIED = 4
"""Mutants tried for each bug that is wanted."""
PER_FILE = 40
MOST_FAIL = 0.2
"""A bug that breaks more of the suite than this is no bug, but a ruin."""
_FEW = (PERTURBED[1], PERTURBED[9])


class Bug(msgspec.Struct, frozen=True):
    """One mutation: the file with and without it."""

    path: str
    line: int
    what: str
    good: File
    bad: File


def plant(trial: Trial, wanted: int) -> Verdict:
    """Plant bugs in a commit, and return those that its tests catch as tasks."""
    made: list[Problem] = []
    try:
        _planted(trial, wanted, made)
        if not made:
            raise Rejected("no mutants", "its tests catch none of the bugs that were planted")
    except Rejected as no:
        trial.account.log = no.log[-6000:]
        return trial.said("rejected", no.kind, str(no), no.remedy)
    return msgspec.structs.replace(trial.said("task"), problems=made)


def _planted(trial: Trial, wanted: int, made: list[Problem]) -> None:
    unit = trial.repository.unit(trial.row.revision)
    base = trial.environment(unit.commit, unit.when)
    first = trial.run("whole suite", base, {})
    heard(first, "the plain tree")
    trial.account.suite_cpu_s = first.cpu_s
    second = trial.run("whole suite", base, {}, (), SECOND)
    good = [id for id, o in first.outcomes.items() if o == second.outcomes.get(id) == "passed"]
    if not good:
        raise Rejected("no passing test", "no test passes twice", log=first.printed)
    for bug in _bugs(trial, wanted * TRIED):
        if len(made) >= wanted:
            break
        problem = _one(trial, base, bug, first, second, len(good))
        note = Mutant(f"{bug.path}:{bug.line}", bug.what, problem is not None)
        if problem is not None:
            made.append(problem)
            note = msgspec.structs.replace(note, task=problem.task.id)
        trial.account.mutants.append(note)


def _one(trial: Trial, base: Base, bug: Bug, first: Run, second: Run, good: int) -> Problem | None:
    """Return the task of a bug that the suite catches every time, None of another."""
    changes: Mapping[str, File | None] = {bug.path: bug.bad}
    limit = 20.0 + 3 * first.cpu_s
    whole = trial.run(f"bug at {bug.path}:{bug.line}", base, changes, (), PLAIN, limit)
    failing = [
        id
        for id, outcome in first.outcomes.items()
        if outcome == "passed" and whole.outcomes.get(id, "missing") in BAD
    ]
    if not failing or len(failing) > max(3, MOST_FAIL * good) or whole.trouble:
        return None
    near = tuple(functions_of(failing))
    before = [whole.said()]
    after = [first.said(), second.said()]
    for how in _FEW:
        before.append(trial.run("bug, its tests", base, changes, near, how, limit).said(near))
        after.append(trial.run("plain, its tests", base, {}, near, how, limit).said(near))
    found: Lists = lists(before, after)
    if not found.fail_to_pass:
        return None
    trial.say("keeping it")
    made = _task(trial, base, bug, found)
    trial.account.disk += made.disk
    return made.problem


def _task(trial: Trial, base: Base, bug: Bug, found: Lists) -> Made:
    """Return the task of a bug; the tree with it is kept in the lab."""
    repository, revision = trial.repository, trial.row.revision
    with tempfile.TemporaryDirectory(prefix="banbury-plant-") as room:
        folder = Path(room) / "tree"
        shutil.copytree(base.folder, folder, symlinks=True)
        (folder / bug.path).write_text(bug.bad.text, encoding="utf-8", newline="")
        tree, added = kept_tree(trial.lab, folder)
    source = source_of(repository, trial.row.url)
    key = Key(
        tests=files_at(repository, revision, tuple(files_of(found.fail_to_pass)), trial.cache),
        fix=_patch(bug),
        fail_to_pass=found.fail_to_pass,
        pass_to_pass=found.pass_to_pass,
        flaky=found.flaky,
        runs=found.runs,
    )
    cpu_s = round(trial.account.suite_cpu_s, 2)
    made = problem(
        Public(source, revision, tree, base.recipe, cpu_s),
        key,
        {bug.path: bug.good},
        statement(functions_of(found.fail_to_pass)),
        skill=SKILL,
        difficulty=PLANTED,
        origin=Origin("mined", source, revision),
        licence=licence_at(repository, revision),
        params={"planted": f"{bug.path}:{bug.line} {bug.what}"},
    )
    made = led(made, {bug.path: bug.bad}, {bug.path: bug.good})
    return Made(made, added + len(canonical(made.task)) + len(canonical(made.secret)))


def statement(names: Sequence[str]) -> str:
    """Return the words of a planted bug's task: which tests fail."""
    shown = "\n".join(f"- {name}" for name in names[:10])
    more = f"\n- and {len(names) - 10} more" if len(names) > 10 else ""
    return (
        "Something in this project was broken: tests that passed fail now. Find what is wrong in "
        f"the source and mend it; the tests are right.\n\nThese fail:\n{shown}{more}"
    )


def _patch(bug: Bug) -> str:
    was, now = (f.text.splitlines(keepends=True) for f in (bug.bad, bug.good))
    return "".join(difflib.unified_diff(was, now, f"a/{bug.path}", f"b/{bug.path}"))


def _bugs(trial: Trial, most: int) -> Iterator[Bug]:
    """Yield mutations of the source, from all files in turn, the same for the same commit."""
    repository, commit = trial.repository, trial.row.revision
    dice = random.Random(commit)
    paths = [
        p for p in sorted(repository.files(commit)) if p.endswith(".py") and kind(p) == "source"
    ]
    held: list[list[Bug]] = []
    for path in dice.sample(paths, min(len(paths), 60)):
        try:
            text = repository.read(commit, path, 1 << 20).decode()
        except (InputError, UnicodeDecodeError):
            continue
        mode = repository.files(commit)[path].mode
        good = File(text=text, executable=mode == "100755")
        found = mutation.mutants(text, seed=len(path), limit=PER_FILE)
        held.append(
            [
                Bug(path, m.line, words(m), good, File(text=m.source, executable=good.executable))
                for m in found
            ]
        )
    turn = [bugs for bugs in held if bugs]
    count = 0
    while turn and count < most:
        for bugs in list(turn):
            yield bugs.pop()
            count += 1
            if not bugs:
                turn.remove(bugs)
