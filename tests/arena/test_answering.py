"""From a person's answer to a release: one way for pages, API and tests."""

import json

import msgspec
import pytest

from banbury import clock
from banbury.arena import Evidence, agreement_of, answer, review
from banbury.episode import new_id
from banbury.errors import InputError
from banbury.gyms import registry
from banbury.store.queue import Campaign

SKILL = "reasoning.sort_numbers"


@pytest.fixture
def campaign(lab):
    """Return a lab with a campaign `sums` of four tasks that nobody did yet, and their gold."""
    gym, _ = registry.skill(SKILL)
    stream = gym.tasks(SKILL, seed=1)
    problems = [next(stream) for _ in range(4)]
    lab.put_tasks(problems)
    lab.queue.put(Campaign("sums", gym.name))
    lab.queue.add("sums", [p.task.id for p in problems])
    right = {p.task.id: msgspec.json.encode(gym.solution(p)[0]) for p in problems}
    return lab, right


def test_an_answer_is_played_judged_and_kept_with_how_it_came_about(campaign):
    lab, right = campaign
    [lease] = lab.queue.claim("sums", "p-a")
    opened = clock.wall_ns() - 90 * 10**9
    seen = Evidence(opened_ns=opened, active_ms=61_000, keys=12, pastes=(4,))
    done = answer(lab, lease.id, right[lease.task], submission="s", evidence=seen)
    record = lab.read(done.episode)
    episode = record.episode
    assert [a.kind for a in episode.actors] == ["person"]
    assert episode.tags == ("person",)
    assert episode.cost.busy_ns == 61 * 10**9
    assert abs(episode.anchor_ns - opened) < 10**6
    assert episode.length_ns >= 90 * 10**9
    notes = [json.loads(s.payload) for s in record.steps if s.kind == "note"]
    assert json.loads(notes[0]["seat"])["keys"] == 12
    assert lab.judgements([done.episode])[done.episode][0].passed
    again = answer(lab, lease.id, right[lease.task], submission="s", evidence=seen)
    assert (again.how, again.episode) == ("again", done.episode)


def test_a_wrong_answer_is_kept_with_its_score_and_what_is_none_is_refused(campaign):
    lab, _ = campaign
    [lease] = lab.queue.claim("sums", "p-a")
    for broken in (b'{"do":"fly"}', b"no JSON", b'{"do":"answer","text":7}'):
        with pytest.raises(InputError, match="no answer in the gym 'reasoning'"):
            answer(lab, lease.id, broken, submission="s")
    assert lab.queue.lease(lease.id).state == "active"
    done = answer(lab, lease.id, b'{"do":"answer","text":"?"}', submission="s")
    assert not lab.judgements([done.episode])[done.episode][0].passed


def test_a_clock_that_is_wrong_harms_nothing(campaign):
    lab, right = campaign
    for opened in (10**9, clock.wall_ns() + 10**15):
        [lease] = lab.queue.claim("sums", "p-a")
        seen = Evidence(opened_ns=opened, active_ms=-5)
        done = answer(lab, lease.id, right[lease.task], submission=new_id(), evidence=seen)
        record = lab.read(done.episode)
        assert record.episode.cost.busy_ns == 0
        assert all(0 <= s.start_ns <= s.end_ns <= record.episode.length_ns for s in record.steps)


def test_a_review_is_an_episode_and_a_mended_answer_is_another(campaign):
    lab, right = campaign
    [lease] = lab.queue.claim("sums", "p-a")
    given = answer(lab, lease.id, b'{"do":"answer","text":"?"}', submission="s1")
    [look] = lab.queue.claim("sums", "p-b", kinds=("review",))
    with pytest.raises(InputError, match="mended answer is the old one"):
        review(lab, look.id, "mend", action=b'{"text":"?","do":"answer"}', submission="s2")
    done = review(lab, look.id, "mend", action=right[look.task], reasons=["order"], submission="s2")
    seen = lab.read(done.episode)
    assert (seen.episode.gym, seen.episode.key.run) == ("review", "review:sums")
    assert seen.episode.parents[0].episode == given.episode
    assert lab.task(seen.episode.key.task).origin.parents == (given.episode,)
    [accepted] = lab.queue.accepted("sums")
    mended = lab.episode(accepted)
    assert (mended.parents[0].relation, mended.actors[0].name) == ("corrected", "p-b")
    assert lab.queue.recent("p-a")[0].outcome == "mended"


def test_a_review_without_what_it_needs_is_refused_and_leaves_nothing(campaign):
    lab, right = campaign
    [lease] = lab.queue.claim("sums", "p-a")
    with pytest.raises(InputError, match="this lease is for work"):
        review(lab, lease.id, "accept", submission="s")
    answer(lab, lease.id, right[lease.task], submission="s")
    [look] = lab.queue.claim("sums", "p-b", kinds=("review",))
    with pytest.raises(InputError, match="without a reason"):
        review(lab, look.id, "return", reasons=[" "], submission="s")
    with pytest.raises(InputError, match="no answer in the gym"):
        review(lab, look.id, "mend", submission="s")
    assert lab.count(run="review:sums") == 0
    assert review(lab, look.id, "accept", submission="s").how == "new"


def test_only_a_gym_with_a_measure_of_its_own_is_asked():
    assert agreement_of(registry.gym("reasoning")) is None
    alike = agreement_of(registry.gym("labelling"))
    assert alike is not None
    assert alike("no record", "none") == 0.0


def test_a_gym_of_many_steps_is_not_answered_at_once(lab):
    gym = registry.gym("desk")
    problem = next(gym.tasks(gym.skills()[0].name, seed=0))
    lab.put_tasks([problem])
    lab.queue.put(Campaign("desk", "desk"))
    lab.queue.add("desk", [problem.task.id])
    [lease] = lab.queue.claim("desk", "p-a")
    first = msgspec.json.encode(gym.solution(problem)[0])
    with pytest.raises(InputError, match="more than one answer"):
        answer(lab, lease.id, first, submission="s")
    assert lab.queue.lease(lease.id).state == "active"
