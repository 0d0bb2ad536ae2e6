"""The command line as a user types it, with scripts for models, on a real store."""

import json
import re
import shlex

import pytest

from banbury.actors.script import fixed
from banbury.cli import VERBS, app, main
from banbury.cycle.diagnose import diagnose
from banbury.errors import InputError, TrainError, UnknownName


@pytest.fixture
def shell(tmp_path, capsys, house, address, monkeypatch):
    """Return a function that runs a command line and returns what it printed."""
    monkeypatch.setenv("BANBURY_URL", address)

    def run(line):
        capsys.readouterr()
        app(shlex.split(line), exit_on_error=False, result_action="return_value")
        return capsys.readouterr().out

    return run


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb, capsys):
    app([verb, "--help"], result_action="return_value")
    assert capsys.readouterr().out.strip()


def test_the_gyms_are_listed(shell):
    rows = json.loads(shell("gym list --json"))
    assert {"reasoning", "office"} <= {r["gym"] for r in rows}
    listed = json.loads(shell("gym list office --json"))
    assert "office.email.queue" in {s["name"] for s in listed["skills"]}
    assert "office.email.queue" in shell("gym list office")


def test_a_script_goes_through_probe_source_review_and_release(shell, tmp_path):
    at = "--lab cli-loop"
    skills = "reasoning.even reasoning.larger"
    probe = f"probe 'script:Answer: yes' {skills} --name p {at} --batch 6 --most 12 --json"
    body = json.loads(shell(probe))
    by_skill = {s["skill"]: s for s in body["skills"]}
    assert by_skill["reasoning.larger"]["decision"] == "below"
    again = json.loads(shell(probe))
    assert [s["passes"] for s in again["skills"]] == [s["passes"] for s in body["skills"]]

    listed = json.loads(shell(f"episodes list --run p {at} --json --limit 200"))
    assert len(listed) == body["rollouts"]
    one = listed[0]["episode"]["id"]
    shown = json.loads(shell(f"episodes show {one} {at} --json"))
    assert shown["steps"][-1]["payload"]["text"] == "Answer: yes"
    assert "Answer: yes" in shell(f"episodes show {one} {at}")
    assert json.loads(shell(f"episodes replay {one} {at} --json"))["same"]
    assert "byte for byte" in shell(f"episodes replay {one} {at}")

    made = json.loads(shell(f"source {skills} {at} --train 8 --reserve 3 --unseen 2 --json"))
    assert made["passed"] == made["episodes"] == 16
    reviewed = json.loads(shell(f"review source {at} --json"))
    assert len(reviewed["accepted"]) + len(reviewed["rejected"]) == 16
    released = json.loads(shell(f"release first --run source {at} --json"))
    assert released["body"]["rows"] == len(reviewed["accepted"])
    shell(f"release export first {tmp_path / 'out'} {at}")
    assert json.loads(shell(f"release verify {tmp_path / 'out'} --json"))["name"] == "first"
    assert "first" in shell(f"release list {at}")

    compared = json.loads(
        shell(f"compare 'script:Answer: no' 'script:Answer: yes' {at} --json --name c")
    )
    assert {s["skill"] for s in compared["skills"]} == set(skills.split())


def test_each_verb_of_the_loop_says_which_comes_next(shell, house):
    def follow(line, verb):
        (then,) = re.findall(r"^Next: banbury (.*)$", shell(line), flags=re.M)
        assert then.split()[0] == verb
        assert then.endswith("--lab cli-next")
        return then

    probe = "probe 'script:Answer: yes' reasoning.larger --name p --difficulty hard --lab cli-next"
    assert follow(probe, "gaps").startswith("gaps 'script:Answer: yes' --probe p ")
    lab = house.lab("cli-next")
    diagnose(lab, lab.artifact("probe", "p"), lambda shots, note: fixed("Answer: yes"), name="p")
    line = follow("source --map p --lab cli-next --train 8 --reserve 3 --unseen 2", "review")
    for verb in ("release", "train"):
        line = follow(line, verb)
    assert line.startswith("train NAME --others")
    assert "Next" not in shell("review source --lab cli-next --json")
    made = json.loads(shell("source reasoning.larger --map p --lab cli-next --train 8 --json"))
    assert made["skills"][0]["difficulty"] == "hard"
    easy = "source reasoning.larger --name e --lab cli-next --train 8 --json"
    assert json.loads(shell(easy))["skills"][0]["difficulty"] == "easy"
    again = json.loads(shell(f"{easy} --map p --difficulty easy"))
    assert again["skills"][0]["difficulty"] == "easy"


def test_one_gap_without_other_skills_is_refused_before_any_training(shell):
    at = "--lab cli-one"
    shell(f"source reasoning.even {at} --train 8 --reserve 3 --unseen 2")
    shell(f"review source {at}")
    shell(f"release one --run source {at}")
    with pytest.raises(TrainError, match=r"nothing to tell apart.*--others"):
        shell(f"train one {at}")


def test_the_audit_says_what_a_judge_gets_wrong(shell, tmp_path):
    found = json.loads(shell("gym audit office --tasks 2 --skills *.reply --json"))
    assert {r["skill"] for r in found["rates"]} == {"", "office.email.reply"}
    assert found["cases"] == []
    page = tmp_path / "audit.md"
    assert "office.email" not in shell(f"gym audit office --tasks 1 --out {page}")
    assert "| all | all | wrong, passed | 4 | 0 |" in page.read_text()


def test_a_new_gym_is_written_and_says_what_to_do_next(shell, tmp_path):
    lines = shell(f"gym new parcels {tmp_path / 'p'}").splitlines()
    assert [line.split(":")[0] for line in lines] == ["Use it", "Prove it", "Edit it"]
    made = json.loads(shell(f"gym new messages {tmp_path / 'm'} --table --json"))
    assert {"gym.toml", "tasks.csv"} <= {path.rsplit("/", 1)[1] for path in made["files"]}


def test_an_unknown_skill_is_one_line_with_the_nearest_names(shell):
    with pytest.raises(UnknownName, match=r"reasoning\.even"):
        shell("probe script:x reasoning.evne")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("gym list nosuchgym", "there is no gym"),
        ("gym check nosuchgym", "there is no gym"),
        ("probe script:x nosuchskill", "there is no skill"),
        ("probe http://127.0.0.1:9/v1 reasoning.even", "names no model"),
        ("probe checkpoint:none reasoning.even --lab cli-none", "there is no checkpoint"),
        ("train none --lab cli-none", "there is no release"),
        ("report none --lab cli-none", "there is no"),
        ("gaps script:x --probe none --lab cli-none", "there is no probe"),
    ],
)
def test_bad_input_is_one_line_on_standard_error(line, says, house, address, capsys, monkeypatch):
    monkeypatch.setenv("BANBURY_URL", address)
    house.lab("cli-none", create=True)
    with pytest.raises(SystemExit) as stop:
        main(shlex.split(line))
    error = capsys.readouterr().err
    assert stop.value.code == 2
    assert says in error
    assert "Traceback" not in error


@pytest.mark.parametrize("text", ['{"gapps": 3}', '{"gaps": "three"}', "[1]", "{"])
def test_a_plan_that_is_none_is_one_clear_error(shell, tmp_path, text):
    plan = tmp_path / "plan.json"
    plan.write_text(text)
    with pytest.raises(InputError, match="the plan cannot be used"):
        shell(f"demo --plan {plan} --out {tmp_path / 'out'}")
    assert not (tmp_path / "out").exists()


def test_skills_are_renamed_split_and_found_again(shell):
    at = "--lab cli-skills"
    shell(f"probe 'script:Answer: yes' reasoning.even --name p {at} --batch 6 --most 12 --json")
    assert "named nothing yet" in shell(f"skills list {at}")
    assert "maths.even (was reasoning.even)" in shell(
        f"skills rename reasoning.even maths.even --who ann --why shorter {at}"
    )
    shell(f"skills split maths.even --into maths.short maths.long --by difficulty=easy {at}")
    found = json.loads(shell(f"skills history reasoning.even {at} --json"))
    assert [r["act"] for r in found["history"]] == ["rename", "split", "split"]
    assert found["current"] == ["maths.short", "maths.long"]
    assert found["episodes"] == 12
    assert "shorter" in shell(f"skills history maths.long {at}")
    listed = json.loads(shell(f"skills list {at} --json"))
    assert {s["name"]: s["episodes"] for s in listed["skills"]} == {
        "maths.short": 12,
        "maths.long": 0,
    }
    assert "maths.short" in shell(f"skills list {at} --every")
    again = f"probe 'script:Answer: yes' maths --name q {at} --batch 6 --most 6 --json"
    assert {s["skill"] for s in json.loads(shell(again))["skills"]} == {"maths.short", "maths.long"}
    shell(f"skills merge maths.short maths.long --into maths.both {at}")
    with pytest.raises(InputError, match="out of use"):
        shell(f"skills rename maths.short maths.other {at}")


def test_a_recipe_of_wrong_names_is_one_clear_error(shell, tmp_path):
    recipe = tmp_path / "recipe.json"
    recipe.write_text('{"epoch": 2}')
    with pytest.raises(InputError, match="the recipe cannot be used"):
        shell(f"train repair --recipe {recipe}")


def test_failures_are_proposed_and_a_proposal_is_named(shell):
    at = "--lab cli-propose"
    shell(f"probe 'script:Answer: dock' office.email.queue --name p {at} --batch 90 --most 90")
    found = json.loads(shell(f"skills propose --probe p {at} --json"))
    assert found["attempts"] == 90
    assert found["first"] + found["other"] == 90
    text = shell(f"skills propose --run p --skill office.* {at}")
    assert "failed" in text
    assert found["proposals"][0]["name"] == "P1"
    assert "office.email.kind: " in shell(f"skills name p/P1 office.email.kind {at}")
    with pytest.raises(UnknownName, match="proposal"):
        shell(f"skills name p/P99 office.email.other {at}")
    with pytest.raises(InputError, match="rule or proposals"):
        shell(f"skills split office.email.queue --into a.b a.c {at}")
