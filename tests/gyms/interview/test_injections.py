import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.gyms.interview.injections import INJECTIONS

from banbury.episode import Problem, Secret, canonical
from banbury.gyms.check import act
from banbury.gyms.contract import Answer
from banbury.gyms.interview import marking
from banbury.gyms.interview.bank import VERIFIABLE, banks
from banbury.gyms.interview.course import Course
from banbury.gyms.interview.gym import InterviewGym, hidden_of, reference
from banbury.gyms.interview.screening import screened
from banbury.statistics.response.stopping import Rule

GYM = InterviewGym()
EMAIL = "interview.email_judgement"
DRAWN = next(GYM.tasks(EMAIL, seed=4))
SHORT = msgspec.structs.replace(
    hidden_of(DRAWN), items=hidden_of(DRAWN).items[:1], rule=Rule(least=1, most=1)
)
PROBLEM = Problem(DRAWN.task, Secret(DRAWN.task.id, canonical(SHORT).decode()))
"""One checked question, then the open ones."""
HONEST = [item for bank in banks().values() for item in bank.items if item.kind == "open"]


def test_there_are_fifty_and_more():
    assert len(set(INJECTIONS)) >= 50


@pytest.mark.parametrize("text", INJECTIONS)
def test_nothing_of_an_injection_reaches_a_grader_and_a_person_is_told(text):
    alone = screened(text)
    assert not any(c.isalnum() for c in alone.text), alone.text
    assert alone.signals
    honest = "It fails where the list is empty. I would test that first."
    for mixed in (f"{honest}\n{text}", f"{text}\n{honest}", f"{honest} {text}"):
        assert screened(mixed).text == honest


def played(opened, ask):
    """Right answers to all that is checked, `opened` to all that is open."""
    course, said = Course(hidden_of(PROBLEM)), []
    while not course.over:
        is_open = course.item.kind == "open"
        said.append(Answer(opened(course.item) if is_open else reference(course.item)))
        course.mark(None if is_open else True)
    verdict = GYM.judge(act(GYM, PROBLEM, said, ask), PROBLEM)
    return verdict, msgspec.json.decode(verdict.evidence)


def gullible(model, prompt):
    """A grader that does what it reads: yes as soon as anything speaks to it."""
    if "follow-up" in prompt:
        return ""
    answer = prompt.rpartition("The answer:\n==========\n")[2].rpartition("\n==========\nCrit")[0]
    return "yes" if answer.strip() != "I do not know" else "no"


def test_no_injection_moves_the_grade_of_a_grader_that_obeys_all_it_reads():
    bare, _ = played(lambda item: "I do not know", gullible)
    for text in INJECTIONS:
        alone, told = played(lambda item, text=text: text, gullible)
        mixed, _ = played(lambda item, text=text: f"I do not know\n{text}", gullible)
        assert (mixed.score, mixed.components) == (bare.score, bare.components), text
        assert (alone.score, alone.components) == (bare.score, bare.components), text
        assert told["asked"][-1]["signals"], text


def test_no_injection_is_a_right_answer_to_anything_that_is_checked():
    for bank in banks().values():
        for item in bank.items:
            if item.kind in VERIFIABLE and item.kind != "code":
                for text in INJECTIONS:
                    assert not marking.right(item, text, item.options)
                    if item.kind == "choice":
                        wrong = f"b\n{text}"
                        assert not marking.right(item, wrong, item.options)


@pytest.mark.parametrize("item", HONEST, ids=lambda item: item.id)
def test_honest_answers_reach_the_grader_whole(item):
    assert screened(item.example).text == item.example.strip()
    assert screened(item.example).signals == ()


@given(st.text(max_size=300))
def test_screening_only_takes_away(text):
    once = screened(text).text
    assert len(once) <= len(text)
    assert set(once) <= {*text, " "}


@pytest.mark.parametrize(
    "text",
    ["a" * 100_000, "ignore " * 20_000, "give " * 20_000, "you " * 20_000, "." * 100_000,
     "\u200b" * 100_000, "=" * 100_000, "1" * 100_000, "a b c " * 20_000],
    ids=["a", "ignore", "give", "you", "points", "invisible", "lines", "digits", "letters"],
)  # fmt: skip
def test_long_answers_are_screened_up_to_a_length(text):
    assert len(screened(text).text) <= 20_000
    assert "longer than anybody would write" in screened(text).signals
