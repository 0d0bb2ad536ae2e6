import threading

import msgspec
import pytest
import sqlalchemy as sa

from banbury.episode import Actor, Cost, Failure, Money, RunKey, Seat, Step, canonical, new_id
from banbury.errors import InputError, Sealed, UnknownName


@pytest.fixture
def opened(lab, make):
    journal = lab.journal(make.episode(lab, status="open"))
    for step in make.steps(4):
        journal.append(step)
    return journal


def test_each_step_is_there_at_once_for_others(lab, opened, make):
    assert lab.read(opened.episode.id).steps == make.steps(4)
    assert lab.episode(opened.episode.id).status == "open"
    assert [e.id for e in lab.episodes(status="open")] == [opened.episode.id]


def test_it_is_resumed_where_it_was(lab, opened, make):
    again = lab.resume(opened.episode.id)
    assert again.steps == opened.steps
    again.append(make.steps(5)[4])
    assert lab.read(opened.episode.id).steps == make.steps(5)


def test_several_steps_come_together_or_not_at_all(lab, opened, make):
    steps = make.steps(9)
    opened.extend(steps[2:7])
    assert lab.read(opened.episode.id).steps == steps[:7]
    opened.extend(())
    other = lab.resume(opened.episode.id)
    other.append(msgspec.structs.replace(steps[8], seq=7, payload=b'"other"'))
    with pytest.raises(InputError, match="another process has written another step 7"):
        opened.extend(steps[7:])
    with pytest.raises(InputError, match="does not follow"):
        opened.extend((steps[7], steps[7]))
    assert len(lab.read(opened.episode.id).steps) == 8


def test_an_open_key_goes_on_with_the_open_episode(lab, opened, make):
    again = lab.journal(make.episode(lab, status="open"))
    assert again.episode == opened.episode
    assert again.steps == opened.steps


def test_an_action_without_an_answer_is_pending(lab, make):
    journal = lab.journal(make.episode(lab, status="open"))
    first, second = make.steps(2)
    journal.append(first)
    assert journal.pending() == ()
    journal.append(second)
    assert lab.resume(journal.episode.id).pending() == (second,)
    journal.append(Step(2, "observation", -1, "", "main", 1, 1, reply_to=1))
    assert journal.pending() == ()


def test_a_closed_episode_is_sealed(lab, opened, make):
    cost = Cost(1, 2, 3, (Money(5, "EUR"),))
    verdict = make.judgement(lab.read(opened.episode.id), 0.5)
    closed = opened.close("done", 99, cost, [verdict], truncated=True)
    assert (closed.status, closed.length_ns, closed.cost) == ("done", 99, cost)
    assert closed.truncated
    stored = lab.read(closed.id)
    assert (stored.episode, stored.steps) == (closed, make.steps(4))
    assert lab.judgements([closed.id]) == {closed.id: (verdict,)}
    for call in (
        lambda: opened.append(make.steps(5)[4]),
        lambda: opened.amend(route="other"),
        lambda: opened.close("void", 99, cost),
        lambda: lab.resume(closed.id),
        lambda: lab.journal(make.episode(lab, status="open")),
    ):
        with pytest.raises(Sealed, match=closed.id):
            call()
    assert lab.read(closed.id) == stored


def test_closing_twice_in_the_same_way_is_closing_once(lab, opened, make):
    closed = opened.close("done", 1, Cost())
    assert lab.journal is not None
    assert opened.close("done", 1, Cost()) == closed
    boxes = lab._database.run(lambda c: c.execute(sa.text("SELECT kind, body FROM outbox")).all())
    assert boxes == [("closed", canonical({"status": "done", "cost": Cost(), "length_ns": 1}))]


def test_the_journal_is_empty_after_closing(lab, opened):
    opened.close("done", 1, Cost())
    count = lab._database.run(lambda c: c.execute(sa.text("SELECT count(*) FROM journal")).scalar())
    assert count == 0


@pytest.mark.parametrize(
    ("status", "failure"),
    [("open", None), ("failed", None), ("done", Failure("GymError", "x"))],
)
def test_a_contradictory_end_is_refused(lab, opened, status, failure):
    with pytest.raises(InputError, match="cannot close"):
        opened.close(status, 1, Cost(), failure=failure)
    assert lab.episode(opened.episode.id).status == "open"


def test_a_failed_episode_gives_up_its_key(lab, opened, make):
    opened.close("failed", 1, Cost(), failure=Failure("ActorError", "down"))
    again = lab.journal(make.episode(lab, status="open"))
    assert again.episode.id != opened.episode.id
    assert again.steps == ()


def test_what_is_written_is_never_edited(lab, opened, make):
    opened.append(make.steps(4)[2])
    changed = msgspec.structs.replace(make.steps(4)[2], payload=b'"edited"')
    with pytest.raises(InputError, match="never edited"):
        opened.append(changed)
    with pytest.raises(InputError, match="does not follow"):
        opened.append(make.steps(7)[6])
    assert lab.read(opened.episode.id).steps == make.steps(4)


def test_two_writers_do_not_mix(lab, opened, make):
    other = lab.resume(opened.episode.id)
    opened.append(make.steps(5)[4])
    other.append(make.steps(5)[4])
    opened.append(make.steps(6)[5])
    with pytest.raises(InputError, match="another process has written another step 5"):
        other.append(msgspec.structs.replace(make.steps(6)[5], payload=b"0"))


def test_a_takeover_is_amended_and_the_rest_is_not(lab, opened):
    actors = (*opened.episode.actors, Actor("person", "p"))
    opened.amend(actors=actors, seats=(Seat("solver", (0, 1)),))
    assert lab.episode(opened.episode.id).actors == actors
    with pytest.raises(InputError, match="'status' cannot be amended"):
        opened.amend(status="done")
    assert opened.close("done", 1, Cost()).actors == actors


def test_only_an_open_episode_is_journaled(lab, make):
    with pytest.raises(InputError, match="only an open episode"):
        lab.journal(make.episode(lab))
    with pytest.raises(InputError, match="belongs to the lab"):
        lab.journal(make.episode(lab, status="open", lab="other"))
    with pytest.raises(UnknownName, match="no episode"):
        lab.resume(new_id())


def test_an_id_that_is_taken_is_refused(lab, opened, make):
    other = make.episode(lab, status="open", id=opened.episode.id, key=RunKey("r", "t", "b"))
    with pytest.raises(InputError, match="belongs to another episode"):
        lab.journal(other)


def test_a_reader_never_sees_half_an_episode_that_is_being_closed(lab, make):
    seen, done, problems = set(), threading.Event(), []
    journals = [lab.journal(make.episode(lab, sample=n, status="open")) for n in range(30)]
    for journal in journals:
        for step in make.steps(3):
            journal.append(step)

    def look():
        while not done.is_set():
            for record, _ in lab.records():
                seen.add(record.episode.status)
                if record.steps != make.steps(3):
                    problems.append(record)

    reader = threading.Thread(target=look)
    reader.start()
    for journal in journals:
        lab.fork(journal.episode.id, 0, RunKey("forked", journal.episode.id, "a"))
        lab.resume(journal.episode.id)
        journal.close("done", 1, Cost())
    done.set()
    reader.join()
    assert [r for r in problems if r.episode.key.run != "forked"] == []
    assert "open" in seen
