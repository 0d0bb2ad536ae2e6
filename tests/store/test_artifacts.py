import threading

import pytest
import sqlalchemy as sa

from banbury.episode import Blob, new_id
from banbury.errors import InputError, Reserved, StoreUnavailable, UnknownName
from banbury.store import ReleaseRow, Review


def test_an_artifact_comes_back_and_gets_versions(lab):
    blob = lab.blobs.put(b"weights")
    first = lab.put_artifact("checkpoint", "mail", {"rank": 16}, {"adapter": blob}, ["p"])
    second = lab.put_artifact("checkpoint", "mail", {"rank": 8, "nested": {"b": [1, None, "ü"]}})
    other = lab.put_artifact("checkpoint", "sort", {})
    assert [a.version for a in (first, second, other)] == [1, 2, 1]
    assert lab.artifact("checkpoint", "mail") == second
    assert lab.artifact("checkpoint", "mail", 1) == first
    assert lab.artifact("checkpoint", first.id) == first
    assert lab.artifacts("checkpoint") == [first, second, other]
    assert lab.artifacts("map") == []
    assert lab.blobs.read(first.blobs["adapter"].sha256) == b"weights"


def test_the_same_again_is_no_second_version(lab):
    blob = lab.blobs.put(b"weights")
    parts = {"blobs": {"adapter": blob}, "parents": ["p"], "same_but": ("seconds",)}
    first = lab.put_artifact("map", "x", {"n": 1, "seconds": 2.5}, **parts)
    assert lab.put_artifact("map", "x", {"n": 1, "seconds": 0.5}, **parts) == first
    changed = (
        ({"n": 2, "seconds": 2.5}, {}),
        ({"n": 2}, {"parents": ["q"]}),
        ({"n": 2}, {"blobs": {}}),
        ({"n": 2}, {"same_but": None}),
        ({"n": 2, "more": 1}, {}),
    )
    made = [lab.put_artifact("map", "x", body, **(parts | more)) for body, more in changed]
    assert [a.version for a in made] == [2, 3, 4, 5, 6]
    assert lab.put_artifact("map", "x", {"n": 1, "seconds": 2.5}, **parts).version == 7


def test_an_unknown_artifact_names_the_nearest(lab):
    lab.put_artifact("release", "mail-triage", {})
    with pytest.raises(UnknownName, match="mail-triage"):
        lab.artifact("release", "mail-triag")
    with pytest.raises(UnknownName, match=r"no version of release mail-triage '7'.*: 1"):
        lab.artifact("release", "mail-triage", 7)
    with pytest.raises(UnknownName, match="no map yet"):
        lab.artifact("map", new_id())


def test_what_is_no_json_object_is_refused(lab):
    for body in ({"a": object()}, {"a": {1, "b"}}, {("x", "y"): 1}):
        with pytest.raises(InputError, match="no JSON object"):
            lab.put_artifact("map", "x", body)
    assert lab.artifacts("map") == []


def test_a_blob_that_is_not_there_is_refused(lab):
    with pytest.raises(InputError, match="not in this lab"):
        lab.put_artifact("map", "x", {}, {"f": Blob("0" * 64, 1)})


def test_versions_made_at_once_have_no_twins(lab):
    made = []
    threads = [
        threading.Thread(target=lambda n=n: made.append(lab.put_artifact("map", "x", {"n": n})))
        for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(a.version for a in made) == [1, 2, 3, 4, 5, 6]


def test_nothing_of_it_is_changed(lab):
    lab.put_artifact("map", "x", {})
    for statement in ("UPDATE artifact SET name = 'y'", "DELETE FROM artifact"):
        with pytest.raises(StoreUnavailable, match="permission denied"):
            lab._database.run(lambda c, s=statement: c.execute(sa.text(s)))


@pytest.fixture
def released(lab, make):
    """A release, and two episodes: of a task for training, and of a reserved one."""
    lab.put_tasks([make.problem(1, split="train"), make.problem(2, split="reserved")])
    train, reserved = (t.id for t in lab.tasks())
    records = [make.record(lab, task=train), make.record(lab, task=reserved)]
    lab.write(records)
    release = lab.put_artifact("release", "x", {})
    return release, [(r.episode.id, r.episode.key.task) for r in records]


def test_a_release_says_what_it_holds(lab, released):
    release, ((episode, task), _) = released
    lab.put_release_rows(release.id, [(episode, task, "train", "ab")])
    lab.put_release_rows(release.id, [ReleaseRow(episode, task, "train", "ab")])
    assert lab.release_rows(release.id) == [ReleaseRow(episode, task, "train", "ab")]


def test_a_reserved_task_never_reaches_a_release(lab, released):
    release, ((fine, open_task), (episode, task)) = released
    for row in ((episode, task), (episode, open_task), (episode, "another name"), (fine, task)):
        with pytest.raises(Reserved, match=task):
            lab.put_release_rows(release.id, [(fine, open_task, "train", ""), (*row, "test", "")])
    assert lab.release_rows(release.id) == []


def test_a_released_task_cannot_be_reserved_afterwards(lab, make, released):
    release, _ = released
    lab.put_tasks([make.problem(3)])
    task = make.problem(3).task.id
    record = make.record(lab, task=task)
    lab.write([record])
    lab.put_release_rows(release.id, [(record.episode.id, task, "train", "")])
    with pytest.raises(Reserved, match="in a release already"):
        lab.assign([task], "reserved")


def test_unknown_episodes_and_releases_are_refused(lab, released):
    release, ((episode, task), _) = released
    for id, which in ((release.id, new_id()), (new_id(), episode)):
        with pytest.raises(InputError, match="not present"):
            lab.put_release_rows(id, [(which, task, "train", "")])


def test_reviews_are_added_and_kept(lab, make):
    records = [make.record(lab, sample=n) for n in range(3)]
    lab.write(records)
    ids = [r.episode.id for r in records]
    first = Review(ids[0], "leak", "1", "reject", ("names the answer", "ü"), '{"at": 3}')
    second = Review(ids[0], "length", "1", "accept")
    third = Review(ids[1], "leak", "1", "accept")
    lab.put_reviews([first, second, third])
    lab.put_reviews([first])
    assert lab.reviews(ids) == {ids[0]: (first, second), ids[1]: (third,)}
    with pytest.raises(InputError):
        lab.put_reviews([Review(ids[2], "leak", "1", "maybe")])
    with pytest.raises(InputError):
        lab.put_reviews(
            [Review(ids[2], "leak", "1", "accept"), Review(new_id(), "x", "1", "accept")]
        )
    assert ids[2] not in lab.reviews(ids)
    with pytest.raises(StoreUnavailable, match="permission denied"):
        lab._database.run(lambda c: c.execute(sa.text("UPDATE review SET verdict = 'accept'")))
