"""Review: the checks on made-up candidates, and the whole on a real store."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cycle.review.episodes import INTENT, QUEUE, play, tasks

from banbury.cycle.review import CHECKS, REVIEW, Candidate, Limits, review
from banbury.cycle.review import checks as c
from banbury.episode import (
    Episode,
    Failure,
    Judgement,
    Origin,
    Problem,
    Public,
    RunKey,
    Secret,
    SkillWeight,
    Task,
    canonical,
    identity,
    new_id,
)
from banbury.errors import InputError
from banbury.store import Lab

IMPORTED = Origin("imported", "somewhere")


def made(
    text: str = "Sort 3 1 2.",
    answer: str = "Answer: 1 2 3",
    *,
    secret: str = '"1 2 3"',
    solution: str = "",
    passed: bool = True,
    content: object = None,
    **task: object,
) -> Candidate:
    params = {"content": text if content is None else content, "wording": "w"}
    plain = Task(
        identity("g", "f", "1", [params, text]),
        "g",
        "f",
        "1",
        canonical(params).decode(),
        Public(text),
        (SkillWeight("g.f"),),
        split="train",
    )
    whole = msgspec.structs.replace(plain, **task)
    episode = Episode(new_id(), "l", RunKey("r", whole.id, "a"), "g", "1", "g.f", 0, status="done")
    verdict = Judgement(new_id(), episode.id, "g/judge", "h", float(passed), passed)
    problem = Problem(whole, Secret(whole.id, secret, solution))
    return Candidate(episode, problem, text, (answer,), verdict)


def reasons(
    look: c.Look, *candidates: Candidate, held: tuple[Task, ...] = (), limits: Limits | None = None
) -> list[tuple[int, str]]:
    index = {one.id: i for i, one in enumerate(candidates)}
    found = look(candidates, held, limits or Limits())
    return [(index[f.episode], f.reason) for f in found]


def with_episode(candidate: Candidate, **changes: object) -> Candidate:
    episode = msgspec.structs.replace(candidate.episode, **changes)
    return msgspec.structs.replace(candidate, episode=episode)


def test_a_good_episode_passes_every_check() -> None:
    for check in CHECKS:
        assert not list(check.look([made()], [], Limits())), check.name


def test_only_whole_episodes() -> None:
    failed = with_episode(made(), status="failed", failure=Failure("ActorError", "down"))
    void, cut = with_episode(made(), status="void"), with_episode(made(), truncated=True)
    assert reasons(c.sealed, failed, void, made(), cut) == [
        (0, "the episode is failed, not done"),
        (1, "the episode is void, not done"),
        (3, "the gym's limit cut the episode short"),
    ]


def test_only_what_the_gyms_own_judge_passed() -> None:
    verdict = made().judgement
    other = msgspec.structs.replace(made(), judgement=msgspec.structs.replace(verdict, judge="x/y"))
    none = msgspec.structs.replace(made(), judgement=None)
    assert reasons(c.judged, made(), made(passed=False), other, none) == [
        (1, "the gym's own judge did not pass it"),
        (2, "the gym's own judge has not judged it"),
        (3, "the gym's own judge has not judged it"),
    ]


def test_reserved_and_probe_tasks_licences_and_lengths() -> None:
    assert [
        i for i, _ in reasons(c.split, made(split="reserved"), made(), made(split="probe"))
    ] == [
        0,
        2,
    ]
    assert reasons(c.licence, made(), made(licence="proprietary"), made(licence="")) == [
        (1, "its licence is not on the list"),
        (2, "its licence is not on the list"),
    ]
    own = made(licence="LicenseRef-unstated", origin=Origin("imported"))
    [note] = c.licence([own], [], Limits())
    assert (note.reason, note.rejects) == ("its licence is not stated", False)
    assert reasons(c.licence, made(licence="LicenseRef-unstated")) == [
        (0, "its licence is not on the list")
    ]
    limits = Limits(answer=20, shown=30)
    long, empty = made(answer="x" * 21), made(answer=" \n")
    silent = msgspec.structs.replace(made(), answers=())
    assert reasons(c.answer, made(), long, empty, silent, made("y" * 31), limits=limits) == [
        (1, "an answer is too long"),
        (2, "an answer is empty"),
        (3, "an answer is empty"),
        (4, "what was shown is too long"),
    ]


@pytest.mark.parametrize(
    ("text", "secret", "solution", "leaks"),
    [
        ("Say the last word: to be or not.", '"not"', '"Answer: not"', False),
        ("Say it.\nAnswer: not", '"not"', "", True),
        ("Say it.\n  Answer: not  \nWell?", '"not"', '"Answer: not"', True),
        ("End with 'Answer: not' if so.", '"not"', "", False),
        ('Give JSON. {"item":"pump","n":3}', '{"item":"pump","n":3}', "", True),
        ("Give JSON for 3 pumps.", '{"item":"pump","n":3}', "", False),
        (
            "Explain. First add 2 and 3, which is 5.",
            '"5"',
            '"First add 2 and 3, which is 5."',
            True,
        ),
    ],
)
def test_a_task_that_hands_out_its_answer(
    text: str, secret: str, solution: str, leaks: bool
) -> None:
    found = reasons(c.leak, made(text, secret=secret, solution=solution))
    assert found == ([(0, "the task shows its secret")] if leaks else [])


def test_the_first_of_two_equal_episodes_stays() -> None:
    a, b = made("Sort  3 1 2."), made("sort 3 1 2.")
    other = made(answer="Answer: 3 2 1")
    found = reasons(c.duplicate, a, b, other)
    assert found == [(1, "the same prompt and answer are there already")]


TEXT = (
    "Dear all, the meeting about the new warehouse in Ghent is moved from Monday to Thursday at "
    "ten; please bring the figures of the last quarter and say by tomorrow whether you can come."
)


def test_near_copies_of_what_people_wrote_go_and_generated_twins_stay() -> None:
    edited = TEXT.replace("ten", "eleven")
    first, second = made(TEXT, origin=IMPORTED), made(edited, origin=IMPORTED, answer="no")
    assert reasons(c.duplicate, first, second) == [(1, "a near copy of its text is there already")]
    assert not reasons(c.duplicate, made(TEXT), made(edited, answer="no"))


def test_a_reserved_item_in_other_words_is_found() -> None:
    held = made("Put these in order: 3 1 2", content=[3, 1, 2], split="reserved").task
    same, fresh = made("Sort 3 1 2.", content=[3, 1, 2]), made("Sort 3 1 2.", content=[3, 2, 1])
    assert reasons(c.reserved, same, fresh, held=(held,)) == [(0, "a reserved task asks the same")]
    mail = made("Which queue? " + TEXT, content=TEXT, origin=IMPORTED, split="reserved").task
    part = made("Does it ask?", content=TEXT[30:150], origin=IMPORTED)
    assert reasons(c.reserved, part, held=(mail,)) == [(0, "its text overlaps a reserved task")]


def test_what_looks_personal_is_noted_on_real_text_only() -> None:
    text = "Write to ana.lopez+x@mail.example.org or call +44 (20) 7946 0958."
    found = list(c.personal([made(text, origin=IMPORTED)], [], Limits()))
    assert [f.rejects for f in found] == [False, False]
    assert [f.detail for f in found] == ["ana.lopez+x@mail.example.org", "+44 (20) 7946 0958"]
    assert not list(c.personal([made(text)], [], Limits()))
    plain = made("Order 4411 of 2026-10-21 at 12:30 for 1,200.50 euros", origin=IMPORTED)
    assert not list(c.personal([plain], [], Limits()))


@given(st.text(max_size=200), st.text(max_size=50), st.text(max_size=50))
def test_no_text_upsets_a_check(text: str, answer: str, secret: str) -> None:
    one = made(text, answer, secret=secret, solution=text, origin=IMPORTED)
    for check in CHECKS:
        list(check.look([one], [one.task], Limits()))


def test_a_checks_hash_changes_with_its_settings_and_no_two_are_equal() -> None:
    hashes = {check.hash(Limits()) for check in CHECKS}
    assert len(hashes) == len(CHECKS)
    assert CHECKS[0].hash(Limits()) == CHECKS[0].hash(Limits())
    assert CHECKS[0].hash(Limits(answer=1)) != CHECKS[0].hash(Limits())


def test_a_review_keeps_every_reason(lab: Lab) -> None:
    problems = tasks(lab, QUEUE, 6, "train")
    play(lab, problems[:4], "made", samples=2)
    play(lab, problems[4:], "made", said="Answer: nowhere")
    found = review(lab, run="made")
    assert len(found.accepted) == 4
    assert found.reasons == {
        "the gym's own judge did not pass it": 2,
        "the same prompt and answer are there already": 4,
    }
    assert found.by_skill == {QUEUE: (4, 6)}
    rejected = {r.episode: r.reasons for r in found.rejected}
    rows = lab.reviews([*found.accepted, *rejected])
    for episode, kept in rows.items():
        (last,) = [r for r in kept if r.check == REVIEW]
        assert last.verdict == ("reject" if episode in rejected else "accept")
        assert last.reasons == rejected.get(episode, ())
    assert lab.artifact("review", "made").id == found.artifact
    assert review(lab, episodes=found.accepted[:1]).accepted == found.accepted[:1]


def test_the_same_review_again_adds_nothing(lab: Lab) -> None:
    play(lab, tasks(lab, QUEUE, 4, "train"), "made", samples=2)
    found = review(lab, run="made")
    ids = [*found.accepted, *(r.episode for r in found.rejected)]
    kept = lab.reviews(ids)
    again = review(lab, run="made")
    assert (again.artifact, again.accepted) == (found.artifact, found.accepted)
    assert lab.reviews(ids) == kept
    # What another review said between the two is not lost, and this one counts again.
    review(lab, run="made", limits=Limits(answer=1))
    review(lab, run="made")
    newest = {id: [r.verdict for r in rows if r.check == REVIEW] for id, rows in kept.items()}
    last = lab.reviews(ids)
    assert {i: [r.verdict for r in last[i] if r.check == REVIEW][-1:] for i in ids} == newest
    assert [a.version for a in lab.artifacts("review")] == [1, 2, 3]


def test_real_mail_does_not_repeat_the_reserved_test_set(lab: Lab) -> None:
    tasks(lab, INTENT, 40, "reserved")
    play(lab, tasks(lab, INTENT, 60, "train"), "mail")
    found = review(lab, run="mail")
    assert found.reserved == 40
    assert len(found.accepted) + len(found.rejected) == 60
    assert len(found.accepted) > 40


def test_a_review_of_nothing_is_refused(lab: Lab) -> None:
    with pytest.raises(InputError, match="no episode"):
        review(lab, run="never")
    with pytest.raises(InputError, match="needs a run or episodes"):
        review(lab)
