"""An answer is kept once, with everything that follows from it."""

import pytest

from banbury import clock
from banbury.episode import new_id
from banbury.errors import InputError, UnknownName


def test_an_answer_is_an_episode_with_its_judgement_and_its_row_for_the_house(desk):
    desk.open(1, review=0.0)
    [lease] = desk.claim("p-a")
    done = desk.submit(lease)
    assert (done.how, done.lease.state, done.lease.episode) == ("new", "done", done.episode)
    header = desk.lab.episode(done.episode)
    assert header.tags == ("person",)
    assert (header.key.run, header.key.task, header.key.sample) == ("campaign:c", lease.task, 0)
    assert len(desk.lab.judgements([done.episode])[done.episode]) == 1
    [row] = desk.rows("SELECT kind, body FROM outbox WHERE episode = %s", done.episode)
    assert row["kind"] == "worked"
    assert b'"grant":"grant"' in bytes(row["body"])
    assert list(desk.queue.accepted("c")) == [done.episode]


def test_the_same_submission_again_changes_nothing(desk):
    desk.open(2)
    [lease] = desk.claim("p-a")
    sent = new_id()
    first = desk.submit(lease, submission=sent)
    again = desk.submit(lease, submission=sent)
    assert (again.how, again.episode) == ("again", first.episode)
    assert desk.lab.count(run="campaign:c") == 1
    assert desk.queue.progress("c").answers == 1


def test_a_late_answer_counts_while_its_place_is_free(desk):
    desk.open(1, review=0.0)
    [lease] = desk.claim("p-a")
    desk.queue.expire(lease.expires_ns + 1)
    late = desk.submit(lease)
    assert (late.how, late.lease.state, late.lease.late) == ("late", "done", True)
    assert desk.lab.episode(late.episode).tags == ("person", "late")
    assert list(desk.queue.accepted("c")) == [late.episode]
    assert desk.claim("p-b") == []


def test_a_late_answer_whose_place_is_taken_is_kept_and_does_not_count(desk):
    desk.open(1, review=0.0)
    [lease] = desk.claim("p-a")
    desk.queue.expire(lease.expires_ns + 1)
    [other] = desk.claim("p-b")
    late = desk.submit(lease, "mine")
    assert (late.how, late.lease.state, late.lease.episode) == ("late", "expired", late.episode)
    counted = desk.submit(other, "theirs")
    assert list(desk.queue.accepted("c")) == [counted.episode]
    assert desk.lab.count(run="campaign:c") == 2
    assert desk.queue.progress("c").late == 1


def test_the_answer_of_a_second_tab_is_kept_beside_the_first(desk):
    desk.open(1, review=0.0)
    [lease] = desk.claim("p-a")
    first = desk.submit(lease, "one")
    second = desk.submit(lease, "two")
    assert second.how == "late"
    assert second.lease.episode == first.episode
    assert desk.lab.episode(second.episode).key.sample == 1
    assert list(desk.queue.accepted("c")) == [first.episode]


def test_an_answer_taken_back_is_superseded_by_the_next(desk):
    desk.open(1, review=0.0)
    [lease] = desk.claim("p-a")
    first = desk.submit(lease, "one")
    back = desk.queue.undo(lease.id)
    assert (back.state, back.episode, back.attempt) == ("active", first.episode, 1)
    assert list(desk.queue.accepted("c")) == []
    second = desk.submit(back, "two")
    [parent] = desk.lab.episode(second.episode).parents
    assert (parent.episode, parent.relation) == (first.episode, "corrected")
    assert list(desk.queue.accepted("c")) == [second.episode]
    assert desk.queue.undo(lease.id) == desk.queue.undo(lease.id)
    desk.queue.broken(lease.id, "odd")
    with pytest.raises(InputError, match="no answer to take back"):
        desk.queue.undo(lease.id)


def test_people_who_agree_need_nobody_to_decide(desk):
    desk.open(2, overlap=2, review=0.0)
    for person in ("p-a", "p-b"):
        for lease in desk.claim(person, 2):
            same = lease.task == desk.ids[0]
            desk.submit(lease, "yes" if same or person == "p-a" else "no")
    progress = desk.queue.progress("c")
    assert (progress.settled, progress.third, progress.waiting) == (1, 1, 0)
    assert desk.queue.claim("c", "p-a", kinds=("third", "review", "work")) == []
    [third] = desk.claim("p-c", kinds=("third",))
    assert (third.task, third.kind) == (desk.ids[1], "third")


def test_a_gym_says_how_alike_two_answers_are(desk):
    desk.open(1, overlap=2, review=0.0, enough=0.8)
    asked = []

    def alike(one, other):
        asked.append({one.episode.key.actor, other.episode.key.actor})
        return 0.9

    [one], [other] = desk.claim("p-a"), desk.claim("p-b")
    desk.submit(one, "about ten", agree=alike)
    desk.submit(other, "ten", agree=alike)
    assert len(asked) == 1
    assert len(asked[0]) == 2
    assert desk.queue.progress("c").settled == 1
    assert desk.task(one)["agreed"] == 0.9


def test_a_broken_task_goes_to_nobody_else(desk):
    desk.open(1, overlap=3)
    [one], [other] = desk.claim("p-a"), desk.claim("p-b")
    said = desk.queue.broken(one.id, " The picture is black. ")
    assert (said.state, said.reasons) == ("broken", ("The picture is black.",))
    assert desk.claim("p-c") == []
    assert desk.submit(other).lease.state == "done"
    assert desk.queue.progress("c").broken == 1
    with pytest.raises(InputError, match="say in 1 to 2000 characters"):
        desk.queue.broken(other.id, " ")


def test_what_does_not_answer_the_lease_is_refused(desk, make):
    desk.open(2)
    one, other = desk.claim("p-a", 2)
    with pytest.raises(InputError, match="another person's"):
        stranger = desk.record(one, actors=make.record(desk.lab).episode.actors)
        desk.queue.submit(one.id, stranger, submission="s")
    with pytest.raises(InputError, match="of run 'campaign:c' and task"):
        desk.queue.submit(one.id, desk.record(other), submission="s")
    with pytest.raises(InputError, match="is void is no answer"):
        desk.queue.submit(one.id, desk.record(one, status="void"), submission="s")
    with pytest.raises(UnknownName, match="no lease"):
        desk.queue.submit(new_id(), desk.record(one), submission="s")
    assert desk.lab.count(run="campaign:c") == 0


def test_a_lease_that_is_worked_at_is_renewed_and_one_that_ended_is_not(desk):
    desk.open(1, lease_seconds=60)
    [lease] = desk.claim("p-1")
    with clock.use(clock.Turned(lease.taken_ns + 50 * 10**9)):
        assert desk.queue.renew(lease.id).expires_ns == lease.taken_ns + 110 * 10**9
    desk.queue.give_back(lease.id)
    assert desk.queue.renew(lease.id).state == "returned"
