"""A failed episode holds no key: the attempt can be made again, and both stay on record."""

import pytest

from banbury.episode import Cost, Episode, Failure, Judgement, Record, RunKey, new_id
from banbury.errors import Sealed

FAILURE = Failure("ActorError", "the endpoint is down")


def episode(lab, status, key=None):
    return Episode(
        id=new_id(),
        lab=lab.name,
        key=key or RunKey("run", "task", "actor"),
        gym="g",
        gym_version="1",
        skill="s",
        anchor_ns=0,
        status=status,
        failure=FAILURE if status == "failed" else None,
    )


def record(lab, status, key=None):
    return Record(episode(lab, status, key), ())


def passed(record):
    return Judgement(new_id(), record.episode.id, "j", "h", 1.0, True)


def test_an_attempt_is_made_again_after_it_failed_twice(lab):
    for _ in range(2):
        (written,) = lab.write([record(lab, "failed")])
        assert written.new
    done = record(lab, "done")
    (written,) = lab.write([done], [passed(done)])
    assert written.new
    assert written.id == done.episode.id
    assert [o.status for o in lab.outcomes(run="run")] == ["failed", "failed", "done"]
    assert lab.known("run") == {("task", "actor", 0): done.episode.id}


def test_a_done_attempt_keeps_its_key(lab):
    first = record(lab, "done")
    lab.write([first])
    (written,) = lab.write([record(lab, "done")])
    assert (written.id, written.new) == (first.episode.id, False)


def test_a_failure_that_comes_late_does_not_hide_the_done_one(lab):
    done = record(lab, "done")
    lab.write([done])
    lab.write([record(lab, "failed")])
    assert lab.known("run") == {("task", "actor", 0): done.episode.id}


def test_one_failed_episode_sent_twice_is_stored_once(lab):
    failed = record(lab, "failed")
    lab.write([failed])
    (again,) = lab.write([failed])
    assert (again.id, again.new, again.same) == (failed.episode.id, False, True)
    assert len(lab.outcomes(run="run")) == 1


def test_a_journaled_attempt_is_made_again_after_it_failed(lab):
    lab.journal(episode(lab, "open")).close("failed", 0, Cost(), failure=FAILURE)
    second = lab.journal(episode(lab, "open"))
    second.close("done", 0, Cost())
    with pytest.raises(Sealed):
        lab.journal(episode(lab, "open"))
    assert lab.known("run") == {("task", "actor", 0): second.episode.id}
