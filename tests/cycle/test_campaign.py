"""From a campaign through review to a release: what people accepted, and nothing else."""

import msgspec
import pytest

from banbury.arena import answer
from banbury.arena import review as look_at
from banbury.cycle.release import export, release, verify
from banbury.cycle.review import review
from banbury.cycle.source.importing import import_tasks, read_plan
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


def test_labels_are_released_with_what_people_were_told_and_who_looked(lab, tmp_path):
    path = tmp_path / "mails.csv"
    path.write_text("text\n" + "".join(f"mail number {n}\n" for n in range(4)))
    told = Campaign("mails", "labelling", "Tone of mails", "Angry is loud.\n\nAsk if in doubt.")
    import_tasks(lab, path, read_plan("choice mood: good, bad"), campaign=told)
    good, bad = (
        b'{"do":"label","results":{"mood":{"choices":["%s"]}}}' % one for one in (b"good", b"bad")
    )
    for lease in lab.queue.claim("mails", "p-a", count=4):
        answer(lab, lease.id, good, submission=lease.id)
    back, mend, *fine = lab.queue.claim("mails", "p-b", count=4, kinds=("review",))
    look_at(lab, back.id, "return", reasons=["Look again."], submission=back.id)
    look_at(lab, mend.id, "mend", action=bad, submission=mend.id)
    for one in fine:
        look_at(lab, one.id, "accept", submission=one.id)
    review(lab, run="campaign:mails")
    made = release(lab, "mails", run="campaign:mails", validation=0.0)

    manifest = verify(export(lab, made, tmp_path / "out"))
    assert (manifest.by_form, manifest.counts["licence"]) == (3, {"LicenseRef-unstated": 3})
    [said] = manifest.campaigns
    assert (said.title, said.instructions) == (told.title, told.instructions)
    assert (said.reviewed, said.accepted, said.mended, said.returned) == (4, 2, 1, 1)
    card = (tmp_path / "out" / "README.md").read_text()
    assert "The tasks were imported" in card and "judge passed them" not in card
    assert "form alone" in card and "> Angry is loud.\n>\n> Ask if in doubt." in card
    assert "Answers reviewed: 4 (2 accepted as they were, 1 mended, 1 returned)." in card
    assert "Nobody has stated the licence of the content of 3 rows" in card
    assert "- other" in card and "| not stated | 3 |" in card
    rows = {f.path: f.rows for f in verify(export(lab, made, tmp_path / "trl", "trl")).files}
    assert rows == {"train.jsonl": 3}


def test_a_run_that_only_looks_like_a_campaign_is_a_run(lab):
    assert lab.queue.taken("campaign:none") is None
    assert lab.queue.taken("source") is None
