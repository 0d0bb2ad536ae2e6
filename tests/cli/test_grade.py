"""A person grades in the terminal what code cannot: new judgements, by pseudonym, kept beside."""

import io
import json

import pytest
from tests.cli.test_judge import shell  # noqa: F401

from banbury.actors.script import Script, fixed
from banbury.arena import LATER, Job, Models, run
from banbury.errors import InputError, UnknownName
from banbury.gyms import registry
from banbury.gyms.contract import Answer


@pytest.fixture
def typed(shell, lab, address, monkeypatch):  # noqa: F811
    """Return a function that runs a command line of the lab with lines typed at a pipe."""

    def run_line(line, *lines):
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{one}\n" for one in lines)))
        return json.loads(shell(f"{line} --lab {lab.name} --json"))

    return run_line


def stored(lab, name, ask, count=3, said="Dear Pat"):
    gym = registry.gym("letters")
    problems = [p for p, _ in zip(gym.tasks("letters.reply", seed=0), range(count), strict=False)]
    lab.put_tasks(problems)
    return run(lab, name, [Job(gym, p, {"solver": fixed(said)}) for p in problems], ask=ask)


def test_what_a_person_plays_without_a_judge_is_done_and_graded_later(typed, lab):
    played = typed("play letters --count 2", "Dear Pat", "Dear Pia")
    assert [(e["status"], e["passed"]) for e in played["episodes"]] == [("done", None)] * 2
    again = typed("play letters --count 2")
    assert again["episodes"] == played["episodes"], "what is done is not asked again"

    line = "gym grade letters --run play --as p-7"
    first = typed(line, "maybe", "y")
    assert ([g["passed"] for g in first["graded"]], first["left"]) == ([True], True)
    second = typed(line, "n")
    assert ([g["score"] for g in second["graded"]], second["left"]) == ([0.5], False)
    assert typed(line)["graded"] == []
    (held,) = lab.judgements([first["graded"][0]["episode"]]).values()
    (verdict,) = held
    told = json.loads(verdict.evidence)
    assert verdict.judge == "letters/person"
    assert told["graded_by"][0].startswith("p-7@")
    assert [o.passed for o in lab.outcomes(run="play")] == [True, False]


def test_the_tally_counts_what_nobody_judged_yet_in_no_pass_rate(typed, lab):
    tally = stored(lab, "r", LATER)
    assert (tally.done, tally.failed, tally.unjudged, tally.judged) == (3, 0, 3, 0)
    assert tally.pass_rate() is None
    again = stored(lab, "r", LATER)
    assert (again.resumed, again.unjudged) == (3, 3)
    nothing = stored(lab, "empty", LATER, said="...")
    assert (nothing.unjudged, nothing.passed) == (0, 0), "an empty answer needs nobody to grade it"


def test_a_person_grades_beside_a_model_and_the_newest_counts(typed, lab):
    stored(lab, "r", Models({}, fixed("yes")))
    line = "gym grade letters --run r"
    assert typed(line, "n")["graded"] == []
    done = typed(f"{line} --again", "n", "s", "y")
    assert ([g["passed"] for g in done["graded"]], done["skipped"]) == ([False, True], 1)
    assert [o.judge for o in lab.outcomes(run="r")].count("letters/person") == 2
    assert sum(o.passed for o in lab.outcomes(run="r")) == 2
    other = typed(f"{line} --again --as other", "q")
    assert other["left"]


def test_what_cannot_be_graded_is_said(typed, lab):
    with pytest.raises(UnknownName, match="no run 'nope'"):
        typed("gym grade letters --run nope")
    with pytest.raises(InputError, match="asks nobody"):
        typed("gym grade reasoning --run r")


def test_an_interview_judged_in_part_is_offered_to_people_with_its_own_questions(typed, lab):
    gym = registry.gym("interview")
    problem = next(gym.tasks("interview.email_judgement", seed=3))
    lab.put_tasks([problem])
    unsure = Script("unsure", lambda task: [Answer(f"no idea {n}") for n in range(20)])
    run(lab, "i", [Job(gym, problem, {"solver": unsure})])
    line = "gym grade interview --run i --as p-7"
    met = ["y"] * len(gym.questions(problem))
    assert len(typed(line, *met)["graded"]) == 1
    assert typed(line, *met)["graded"] == []
    (held,) = lab.judgements([o.episode for o in lab.outcomes(run="i")]).values()
    assert [v.judge for v in held] == ["interview/judge", "interview/person"]
    assert [v.components["ungraded"] > 0 for v in held] == [True, False]
    assert held[-1].score == 0.0, "words alone show nothing"
