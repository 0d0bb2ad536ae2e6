"""What a second person, and a third, make of an answer."""

import pytest

from banbury import clock
from banbury.errors import InputError

REVIEW = ("review",)
THIRD = ("third",)


@pytest.fixture
def answered(desk):
    """Return a desk with one task, answered by p-a, and the submission."""
    desk.open(1)
    [lease] = desk.claim("p-a")
    return desk, desk.submit(lease, "first")


def test_nobody_reviews_their_own_answer(answered):
    desk, _ = answered
    assert desk.claim("p-a", kinds=("review", "third", "work")) == []
    assert desk.queue.progress("c").review == 1


def test_an_accepted_answer_is_what_a_release_takes(answered):
    desk, given = answered
    [lease] = desk.claim("p-b", kinds=REVIEW)
    assert (lease.kind, lease.subject) == ("review", given.episode)
    done = desk.review(lease, "accept")
    assert list(desk.queue.accepted("c")) == [given.episode]
    [parent] = desk.lab.episode(done.episode).parents
    assert (parent.episode, parent.relation) == (given.episode, "reviewed")
    assert desk.queue.lease(given.lease.id).outcome == "accepted"
    assert desk.claim("p-c", kinds=REVIEW) == []
    with pytest.raises(InputError, match="somebody has looked"):
        desk.queue.undo(given.lease.id)


def test_a_review_arrives_once(answered):
    desk, _ = answered
    [lease] = desk.claim("p-b", kinds=REVIEW)
    first = desk.review(lease, "accept", submission="s")
    again = desk.review(lease, "accept", submission="s")
    assert (again.how, again.episode) == ("again", first.episode)
    assert desk.lab.count(run="review:c") == 1


def test_a_mended_answer_stands_unless_its_author_disputes_it(answered):
    desk, given = answered
    [lease] = desk.claim("p-b", kinds=REVIEW)
    desk.review(lease, "mend", "better", reasons=("a slip",))
    [mended] = desk.queue.accepted("c")
    assert desk.lab.episode(mended).parents[0].relation == "corrected"
    mine = desk.queue.recent("p-a")[0]
    assert (mine.outcome, mine.reasons) == ("mended", ("a slip",))
    with pytest.raises(InputError, match="say why"):
        desk.queue.dispute(mine.id, [" "])
    assert desk.queue.dispute(mine.id, ["It was right."]).outcome == "disputed"
    assert list(desk.queue.accepted("c")) == []
    assert desk.claim("p-a", kinds=THIRD) == desk.claim("p-b", kinds=THIRD) == []
    [third] = desk.claim("p-c", kinds=THIRD)
    assert third.subject == mended
    with pytest.raises(InputError, match="a third person decides"):
        desk.review(third, "return", reasons=("no",))
    desk.review(third, "accept", picked=given.episode)
    assert list(desk.queue.accepted("c")) == [given.episode]
    assert desk.queue.lease(given.lease.id).outcome == "accepted"


def test_after_three_days_a_mended_answer_stands(answered):
    desk, given = answered
    [lease] = desk.claim("p-b", kinds=REVIEW)
    desk.review(lease, "mend", "better")
    later = clock.Turned(clock.wall_ns() + 3 * 86_400 * 10**9 + 10**9)
    with clock.use(later), pytest.raises(InputError, match="for three days only"):
        desk.queue.dispute(given.lease.id, ["It was right."])


def test_a_returned_answer_is_its_authors_again_with_the_reasons(answered):
    desk, given = answered
    [lease] = desk.claim("p-b", kinds=REVIEW)
    with pytest.raises(InputError, match="say what is wrong"):
        desk.review(lease, "return")
    desk.review(lease, "return", reasons=(" Look again. ",))
    [mine] = desk.queue.held("p-a")
    assert (mine.id, mine.outcome, mine.reasons) == (given.lease.id, "returned", ("Look again.",))
    assert desk.claim("p-c", 1, ("work", "review")) == []
    second = desk.submit(mine, "second")
    assert desk.lab.episode(second.episode).parents[0].episode == given.episode
    [again] = desk.claim("p-b", kinds=REVIEW)
    assert (again.id, again.subject) == (lease.id, second.episode)
    desk.review(again, "accept")
    assert list(desk.queue.accepted("c")) == [second.episode]


def test_the_same_answer_again_goes_to_a_third(answered):
    desk, given = answered
    [lease] = desk.claim("p-b", kinds=REVIEW)
    desk.review(lease, "return", reasons=("Look again.",))
    [mine] = desk.queue.held("p-a")
    desk.submit(mine, "first")
    assert desk.queue.progress("c").third == 1
    assert desk.claim("p-b", kinds=THIRD) == []
    [third] = desk.claim("p-c", kinds=THIRD)
    desk.review(third, "mend", "neither")
    assert desk.queue.progress("c").settled == 1
    overruled = desk.queue.lease(given.lease.id)
    assert overruled.outcome == "overruled"
    with pytest.raises(InputError, match="only an answer that was mended"):
        desk.queue.dispute(overruled.id, ["It was right."])


def test_a_late_review_counts_while_nobody_else_has_the_answer(answered):
    desk, given = answered
    [lease] = desk.claim("p-b", kinds=REVIEW)
    desk.queue.expire(lease.expires_ns + 1)
    [other] = desk.claim("p-c", kinds=REVIEW)
    kept = desk.review(lease, "mend", "mine")
    assert (kept.how, kept.lease.state) == ("late", "expired")
    assert desk.lab.episode(kept.episode).tags[-1] == "late"
    assert list(desk.queue.accepted("c")) == []
    desk.queue.give_back(other.id)
    assert desk.review(lease, "accept").lease.state == "done"
    assert list(desk.queue.accepted("c")) == [given.episode]


def test_only_a_share_is_reviewed(desk):
    desk.open(200, review=0.25)
    while leases := desk.claim("p-a", 10):
        for lease in leases:
            desk.submit(lease)
    progress = desk.queue.progress("c")
    assert progress.review + progress.settled == 200
    assert 30 <= progress.review <= 70


def test_a_broken_task_comes_back_when_it_was_mended(desk):
    desk.open(1)
    [lease] = desk.claim("p-a")
    desk.queue.broken(lease.id, "no picture")
    [trouble] = desk.queue.sight.waiting("c", "broken")
    assert (trouble.task, trouble.reasons) == (lease.task, ["no picture"])
    desk.queue.reopen("c", lease.task, "p-owner")
    assert desk.queue.sight.waiting("c", "broken") == []
    assert desk.queue.progress("c").broken == 0
    with pytest.raises(InputError, match="nobody reported"):
        desk.queue.reopen("c", lease.task, "p-owner")
    assert [one.id for one in desk.claim("p-a")] == [lease.id]
