"""A repair played in the arena: stored, judged, replayed, its tree read from the lab."""

import os

import msgspec
import pytest
from tests.gyms.code_repair.tasks import BASE, KEY, RECIPE, task

from banbury.actors.script import Script
from banbury.arena import Job, replay, run
from banbury.errors import GymError
from banbury.gyms.check import act
from banbury.gyms.code_repair import actions as do
from banbury.gyms.code_repair import trees
from banbury.gyms.code_repair.gym import CodeRepairGym
from banbury.gyms.code_repair.repair import repair_of

GYM = CodeRepairGym()


def large():
    """Return a task whose tree is too large to stand in it, and the tree."""
    noise = os.urandom(trees.INLINE).hex()
    base = {"noise.txt": noise}
    data = trees.archived({p: t.encode() for p, t in {**BASE, **base}.items()})
    return task(base=base), data


def test_a_repair_is_stored_judged_and_replayed_with_its_tree_from_the_lab(lab):
    problem, data = large()
    lab.blobs.put(data, trees.MEDIA)
    lab.put_tasks([problem])
    held = lab.problem(problem.task.id)
    assert held == problem and held.read is not None
    assert repair_of(held).tree.data == "" and repair_of(held).recipe == RECIPE
    steps = [
        do.Read("."),
        do.Search("double"),
        do.RunTests(),
        do.Note("double must double"),
        do.Shell("python -c 'import sys; print(hash(\"x\") != 0, sys.flags.hash_randomization)'"),
        *GYM.solution(held),
    ]
    reference = Script("reference", lambda task: steps)
    run(lab, "r", [Job(GYM, held, {"solver": reference})], retries=0)
    (episode,) = lab.episodes(run="r")
    (verdict,) = lab.judgements([episode.id])[episode.id]
    assert (episode.status, verdict.score, verdict.passed) == ("done", 1.0, True)
    record = lab.read(episode.id)
    assert any(b"double must double" in step.payload for step in record.actions())
    found = replay(lab, episode.id, gym=GYM)
    assert (found.same, found.difference) == (True, None)


def test_without_the_tree_an_episode_fails_and_is_no_score(lab):
    problem, _ = large()
    with pytest.raises(GymError, match="nobody can read"):
        act(GYM, problem, [])
    lab.put_tasks([problem])
    held = lab.problem(problem.task.id)
    run(lab, "r", [Job(GYM, held, {"solver": Script("none", lambda task: [])})], retries=0)
    (episode,) = lab.episodes(run="r")
    assert episode.status == "failed"
    assert lab.judgements([episode.id]).get(episode.id, []) == []


def test_a_problem_is_the_same_whoever_reads_its_blobs():
    one = task()
    two = msgspec.structs.replace(one, read=lambda sha256: b"")
    assert one == two and hash(one) == hash(two)
    assert one != task(key=msgspec.structs.replace(KEY, runs=3))
    assert one != "a task"
