"""From a candidate's trial to a task: what is kept, how hard it is, where it comes from."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec

from banbury.cycle.source.mine.account import Account
from banbury.cycle.source.mine.edits import reference
from banbury.cycle.source.mine.history import Candidate as Repair
from banbury.cycle.source.mine.history import Repository, Statement, diff
from banbury.cycle.source.mine.history.opening import is_address
from banbury.cycle.source.mine.lists import Lists
from banbury.cycle.source.mine.suites import Base
from banbury.cycle.source.mine.trees import Change
from banbury.cycle.source.mine.walking import licence_at
from banbury.episode import Origin, Problem, canonical
from banbury.gyms.code_repair import trees
from banbury.gyms.code_repair.files import Changes
from banbury.gyms.code_repair.repair import Key, Strength, problem
from banbury.gyms.code_repair.repair import Repair as Public
from banbury.store import Lab
from banbury.store.mining import Candidate as Row

SKILL = "code_repair.mined"
LEVELS = ("easy", "medium", "hard")
PLANTED = "planted"


class Made(msgspec.Struct, frozen=True):
    """A task, and how many bytes it adds to the store."""

    problem: Problem
    disk: int


def task_of(
    lab: Lab,
    row: Row,
    repair: Repair,
    base: Base,
    statement: Statement,
    change: Change,
    found: Lists,
    account: Account,
) -> Made:
    """Return the task of a candidate; its tree is kept in the lab."""
    repository, unit = repair.repository, repair.unit
    tree, added = kept_tree(lab, base.folder)
    source = source_of(repository, row.url)
    key = Key(
        tests=change.tests,
        fix=diff(repair)[0].encode("utf-8", "replace").decode(),
        fail_to_pass=found.fail_to_pass,
        pass_to_pass=found.pass_to_pass,
        flaky=found.flaky,
        runs=found.runs,
        strength=Strength(account.caught, len(account.mutants)),
    )
    public = Public(source, unit.base, tree, base.recipe, round(account.suite_cpu_s, 2))
    made = problem(
        public,
        key,
        change.fix,
        statement.text,
        skill=SKILL,
        difficulty=difficulty(account.lines, len(repair.source), account.caught, found),
        origin=Origin("mined", source, unit.commit),
        licence=licence_at(repository, unit.base),
    )
    made = led(made, change.old, change.fix)
    return Made(made, added + len(canonical(made.task)) + len(canonical(made.secret)))


def led(made: Problem, old: Changes, fixed: Changes) -> Problem:
    """Return a task whose reference solution edits passages, and does not write whole files."""
    secret = msgspec.structs.replace(made.secret, solution=reference(old, fixed))
    return msgspec.structs.replace(made, secret=secret)


def kept_tree(lab: Lab, folder: Path) -> tuple[trees.Tree, int]:
    """Keep a folder's files in the lab; return their archive and the bytes that are new there."""
    archive = trees.packed(folder)
    tree = trees.tree(archive)
    if tree.data or lab.blobs.find(tree.sha256) is not None:
        return tree, 0
    lab.blobs.put(archive, trees.MEDIA)
    return tree, tree.size


def source_of(repository: Repository, url: str) -> str:
    """Return where a repository comes from: an address, or its name where only that is known."""
    for told in (url, repository.place.origin):
        if told and is_address(told):
            return told.removesuffix(".git")
    return repository.name or url.rstrip("/").rpartition("/")[2]


def difficulty(lines: int, files: int, caught: int, found: Lists) -> str:
    """Return how hard a repair is, from what was measured: its size, its spread, its tests.

    Each doubling of the changed lines and each further file count one point; tests that notice
    many ways to damage the fix ask for a precise one. Model pass rates say more, once there are
    any (`--try`).
    """
    points = math.log2(max(lines, 1)) + (files - 1) + (1.0 if caught >= 6 else 0.0)
    points += 0.5 if len(found.fail_to_pass) > 5 else 0.0
    return LEVELS[0] if points < 3 else LEVELS[1] if points < 5.5 else LEVELS[2]
