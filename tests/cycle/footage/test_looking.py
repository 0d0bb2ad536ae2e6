"""From two views that were handed in to hours that count, once, whatever happens in between."""

import itertools

import msgspec
import pytest
from tests.store.test_sealed import dumped

from banbury.cycle.source.footage import kept, looking
from banbury.cycle.source.footage.earlier import Earlier
from banbury.episode import new_id
from banbury.errors import Erased, InputError
from banbury.gyms import registry
from banbury.gyms.capture import actions as do
from banbury.gyms.capture.confirm import pairs_of
from banbury.store.queue import Campaign


def look(scene, **more):
    return looking.look(scene.lab, "spring", scene.tasks[0], **more)


def counts(lab):
    """Return how much there is of everything that could be there twice."""

    def work(connection):
        tables = ("artifact", "judgement", "task", "work", "footage", "footage_share", "blob")
        return {t: connection.exec_driver_sql(f"SELECT count(*) FROM {t}").scalar() for t in tables}

    return lab._database.run(work)


def test_two_views_become_a_pair_that_counts_once_a_person_confirmed_it(scene, clips):
    lab = scene.lab
    _, first = scene.film("ada", clips["a"])
    with pytest.raises(InputError, match="1 of 2 views"):
        look(scene)
    _, second = scene.film("ben", clips["b"], at_ms=1_767_600_001_000)
    said, parts = [], []

    def report(what, done):
        said.append(done)
        parts.append(what.split(" ")[0])

    standing = look(scene, report=report)
    assert standing.state == "waiting" and standing.good_ms > 8_000 and standing.counted_ms == 0
    assert said == sorted(said) and said[-1] == 1.0
    wanted = ["reading", "measuring", "synchronizing", "counting", "making", ""]
    assert list(dict.fromkeys(parts)) == wanted
    made = lab.artifact("footage", standing.artifact)
    names = [f["name"] for r in made.body["recordings"] for f in r["files"]]
    assert names == ["a.MP4", "b.MP4"]
    held = dumped(lab)
    assert b"a.MP4" not in held and b"b.MP4" not in held and b"ftypisom" not in held
    [pair] = made.body["groups"][0]["pairs"]
    assert pair["found"]["offset_s"] == pytest.approx(-1.3, abs=0.01)
    assert set(made.parents) >= {first, second}
    [problem] = [lab.problem(id) for id in standing.confirms]
    shown = pairs_of(problem)
    assert [v.episode for v in shown.views] == [v["episode"] for v in made.body["views"]]
    assert all(lab.blobs.find(v.media) and lab.blobs.find(v.peaks) for v in shown.views)
    assert {s.blob.sha256 for s in problem.task.public.media} >= {v.media for v in shown.views}
    assert set(problem.task.origin.parents) == {first, second}
    judged = lab.judgements([first, second])
    assert [j[-1].passed for j in judged.values()] == [False, False]
    assert all(j[-1].components["good"] > 0.7 for j in judged.values())

    lease = scene.confirm("cleo")
    assert [d.task for d in lab.footage.due()] == [scene.tasks[0]]
    after = look(scene)
    assert (after.state, after.counted_ms) == ("confirmed", after.good_ms)
    assert lab.footage.due() == []
    shares = lab.footage.shares("spring", scene.tasks[0])
    assert [s.counted_ms for s in shares] == [s.good_ms for s in shares]
    judged = lab.judgements([first, second])
    assert [j[-1].passed for j in judged.values()] == [True, True]
    body = lab.artifact("footage", after.artifact).body
    assert body["counted_s"] == pytest.approx(after.counted_ms / 1000, abs=0.01)
    assert body["groups"][0]["confirmed"]["verdict"] == "confirmed"

    before = counts(lab)
    assert msgspec.structs.replace(look(scene), changed_ns=0) == msgspec.structs.replace(
        after, changed_ns=0
    )
    assert counts(lab) == before

    lab.queue.undo(lease.id)
    assert look(scene).state == "waiting"
    assert [s.counted_ms for s in lab.footage.shares("spring", scene.tasks[0])] == [0, 0]

    lab.erase("ada", "nothing")
    made = lab.artifact("footage", after.artifact)
    names = [f["name"] for r in made.body["recordings"] for f in r["files"]]
    assert names == ["(erased)", "b.MP4"]
    mine, theirs = shown.views
    assert lab.blobs.read(theirs.media) and lab.blobs.read(theirs.peaks)
    for sha256 in (mine.media, mine.peaks):
        with pytest.raises(Erased):
            lab.blobs.read(sha256)
    assert lab.footage.shares("spring", scene.tasks[0])
    earlier = Earlier(lab, "spring/other", [new_id()])
    assert [len(prints) for prints in earlier] == [1]


@pytest.mark.slow
def test_what_a_person_refuses_does_not_count_and_a_nudge_costs_what_it_moves(scene, clips):
    scene.film("ada", clips["a"])
    scene.film("ben", clips["b"], at_ms=1_767_600_001_000)
    good = look(scene).good_ms
    lease = scene.confirm("cleo", verdict=do.Refuse("they run apart", "after a minute"))
    after = look(scene)
    assert (after.state, after.counted_ms) == ("rejected", 0)
    assert "they run apart" in after.reason
    [group] = scene.lab.artifact("footage", after.artifact).body["groups"]
    assert group["confirmed"]["said"] == "after a minute"
    assert b"after a minute" not in dumped(scene.lab), "words stand under the key of who said them"
    scene.lab.queue.undo(lease.id)
    look(scene)
    lease = scene.lab.queue.lease(lease.id)
    looked = [do.Look(float(n), n + 2.0) for n in range(9)]
    scene.submit(lease, [*looked, do.Nudge(1, 200.0), do.Confirm()])
    assert look(scene).counted_ms == good - 200


@pytest.mark.slow
@pytest.mark.parametrize("bad", ["text", "cut", "a"])
def test_a_bad_file_is_a_reason_to_act_on_and_the_next_hand_in_is_looked_at(scene, clips, bad):
    lab = scene.lab
    scene.film("ada", clips["a"])
    lease, _ = scene.film("ben", clips[bad], at_ms=1_767_600_001_000)
    standing = look(scene)
    assert (standing.state, standing.good_ms, standing.confirms) == ("unreadable", 0, ())
    body = lab.artifact("footage", standing.artifact).body
    assert all(t["what"] and t["do"] for t in body["troubles"])
    assert clips[bad].name in {t["file"] for t in body["troubles"]}
    assert lab.footage.due() == []
    lab.queue.undo(lease.id)
    scene.hand_in(lease.id, clips["b"], at_ms=1_767_600_001_000)
    assert len(lab.footage.due()) == 1
    assert look(scene).state == "waiting"


def test_an_exercise_is_noted_and_counts_nothing(lab, scene):
    [problem] = itertools.islice(registry.gym("capture").tasks("capture.film", seed=1), 1)
    lab.put_tasks([problem])
    lab.queue.put(Campaign("exercise", "capture", review=0.0))
    lab.queue.add("exercise", [problem.task.id])
    [lease] = lab.queue.claim("exercise", "ada")
    scene.submit(lease, registry.gym("capture").solution(problem))
    [due] = lab.footage.due()
    assert looking.look(lab, due.campaign, due.task).state == "refused"
    assert lab.footage.due() == []


@pytest.mark.slow
def test_unrelated_views_are_refused_with_the_reason(scene, clips):
    scene.film("ada", clips["a"])
    scene.film("ben", clips["other"])
    standing = look(scene)
    assert (standing.state, standing.good_ms, standing.confirms) == ("refused", 0, ())
    assert standing.reason
    for share in scene.lab.footage.shares("spring", scene.tasks[0]):
        assert sum(share.lost.values()) == pytest.approx(share.filmed_ms, abs=20)


PLACES = [
    (kept.Kept, "qualities"),
    (kept.Kept, "copies"),
    ("lab", "put_artifact"),
    ("lab", "put_tasks"),
    ("queue", "add"),
    ("lab", "judge"),
    ("footage", "put"),
]


class Killed(BaseException):
    """The process ends here."""


def test_a_kill_at_any_moment_leaves_nothing_twice(scene, clips, monkeypatch):
    lab = scene.lab
    scene.film("ada", clips["a"])
    scene.film("ben", clips["b"], at_ms=1_767_600_001_000)
    owners = {"lab": type(lab), "queue": type(lab.queue), "footage": type(lab.footage)}
    looked = []
    for owner, name in PLACES:
        owner = owners.get(owner, owner)
        real = getattr(owner, name)

        def dies(*args, real=real, **kwargs):
            real(*args, **kwargs)
            raise Killed

        with monkeypatch.context() as patched:
            patched.setattr(owner, name, dies)
            with pytest.raises(Killed):
                look(scene)
        looked.append(counts(lab))
    # What the row says was written before the last kill.
    assert lab.footage.due() == []
    before = counts(lab)
    standing = look(scene)
    assert standing.state == "waiting" and counts(lab) == before
    assert before["footage"] == 1 and before["footage_share"] == 2
    assert lab.queue.campaign("spring-confirm").tasks == 1
    assert [a.version for a in lab.artifacts("footage")] == [1]
    assert all(len(j) == 2 for j in lab.judgements(standing.episodes).values())
