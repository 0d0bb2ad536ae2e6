"""From a campaign through review to a release: what people accepted, and nothing else."""

import msgspec
import pytest

from banbury.arena import answer
from banbury.arena import review as look_at
from banbury.cycle.release import release
from banbury.cycle.review import review
from banbury.errors import InputError, ReleaseError
from banbury.gyms import registry
from banbury.store.queue import Campaign

SKILL = "reasoning.sort_numbers"
RUN = "campaign:sums"


@pytest.fixture
def campaign(lab):
    """Return a lab with five tasks in a campaign, and the right answers."""
    gym, _ = registry.skill(SKILL)
    stream = gym.tasks(SKILL, seed=3)
    problems = [next(stream) for _ in range(5)]
    lab.put_tasks(problems)
    lab.queue.put(Campaign("sums", gym.name))
    lab.queue.add_all("sums")
    right = {p.task.id: msgspec.json.encode(gym.solution(p)[0]) for p in problems}
    return lab, right


def test_a_campaign_is_released_without_what_was_superseded(campaign):
    lab, right = campaign
    leases = lab.queue.claim("sums", "p-a", count=5)
    given = {x.task: answer(lab, x.id, right[x.task], submission=x.id) for x in leases[1:]}
    slip = answer(lab, leases[0].id, b'{"do":"answer","text":"?"}', submission="slip")
    back = lab.queue.undo(leases[0].id)
    given[back.task] = answer(lab, back.id, right[back.task], submission="better")
    with pytest.raises(InputError, match="no episode to review"):
        review(lab, run=RUN)

    looks = lab.queue.claim("sums", "p-b", count=5, kinds=("review",))
    returned, mended, *fine = looks
    look_at(lab, returned.id, "return", reasons=["Look again."], submission=returned.id)
    other = b'{"do":"answer","text":"The numbers are: none."}'
    look_at(lab, mended.id, "mend", action=other, submission=mended.id)
    for one in fine:
        look_at(lab, one.id, "accept", submission=one.id)

    accepted = {given[one.task].episode for one in fine}
    found = review(lab, run=RUN)
    assert set(found.accepted) == accepted
    # What a reviewer made of an answer is judged like any other: here it was wrong.
    assert [list(r.reasons) for r in found.rejected] == [["the gym's own judge did not pass it"]]
    made = release(lab, "sums", run=RUN)
    assert {row.episode for row in lab.release_rows(made.id)} == accepted
    assert slip.episode not in accepted


def test_what_was_taken_back_after_the_review_is_not_released(campaign):
    lab, right = campaign
    lab.queue.change("sums", review=0.0)
    first, second = lab.queue.claim("sums", "p-a", count=2)
    kept = answer(lab, first.id, right[first.task], submission="1")
    answer(lab, second.id, right[second.task], submission="2")
    assert len(review(lab, run=RUN).accepted) == 2
    lab.queue.undo(second.id)
    made = release(lab, "sums", run=RUN)
    assert [row.episode for row in lab.release_rows(made.id)] == [kept.episode]
    answer(lab, second.id, right[second.task], submission="3")
    with pytest.raises(ReleaseError, match="it was never reviewed"):
        release(lab, "sums", run=RUN)


def test_a_run_that_only_looks_like_a_campaign_is_a_run(lab):
    assert lab.queue.taken("campaign:none") is None
    assert lab.queue.taken("source") is None
