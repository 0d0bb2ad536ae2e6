"""`--judge`: one way to hand over a model that grades, in every verb that plays."""

import json
import shlex

import pytest
from tests.arena.test_ask import SETTINGS

from banbury.cli import app
from banbury.cli.judge import Judge
from banbury.errors import ActorError, InputError
from banbury.gyms import registry

THANKS = """
[[skills.reply.criteria]]
name = "begins as a letter does"
regex = "^Dear P"
required = true
"""
VERBS = ("probe", "gaps", "source", "train", "compare", "play", "demo", "gym check", "gym audit")


@pytest.fixture
def shell(tmp_path, capsys, house, address, monkeypatch):
    """Return a function that runs a command line, with a gym at hand that asks a model."""
    (tmp_path / "gym.toml").write_text(SETTINGS + THANKS)
    rows = [f"P{i},Dear P{i} I thank you" for i in range(24)]
    (tmp_path / "tasks.csv").write_text("\n".join(["who,answer", *rows]))
    monkeypatch.setenv("BANBURY_URL", address)
    monkeypatch.setenv("BANBURY_GYMS", str(tmp_path))
    registry.refresh()

    def run(line):
        capsys.readouterr()
        app(shlex.split(line), exit_on_error=False, result_action="return_value")
        return capsys.readouterr().out

    yield run
    monkeypatch.undo()
    registry.refresh()


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_that_plays_takes_a_judge(verb, capsys):
    app([*verb.split(), "--help"], result_action="return_value")
    assert "--judge" in capsys.readouterr().out


def test_the_loop_grades_with_the_model_that_is_given(shell, monkeypatch):
    at = "--lab cli-judge --json"
    probe = f"probe 'script:Dear Pat' letters --batch 3 --most 6 {at}"
    with pytest.raises(InputError, match="asks a model to grade"):
        shell(probe)
    assert json.loads(shell(f"{probe} --judge script:no"))["skills"][0]["passes"] == 0
    with pytest.raises(InputError, match="were graded by"):
        shell(f"{probe} --judge script:yes")
    monkeypatch.setenv("BANBURY_JUDGE", "script:yes")
    body = json.loads(shell(f"{probe} --name second"))
    assert body["skills"][0]["passes"] == body["rollouts"] > 0
    made = json.loads(shell(f"source letters.reply {at} --train 4 --reserve 2 --unseen 1"))
    assert made["passed"] == 4
    compared = json.loads(shell(f"compare 'script:Dear Pa' 'script:Dear Pe' {at}"))
    assert compared["skills"][0]["change"]["before"] == 1.0


def test_a_gym_that_asks_is_checked_and_audited_with_a_judge(shell, tmp_path):
    with pytest.raises(SystemExit):
        shell("gym check letters --json")
    assert json.loads(shell("gym check letters --judge script:yes --json"))["failed"] == []
    with pytest.raises(InputError, match=r"name one with --judge MODEL|Name one with --judge"):
        shell("gym audit letters --json")
    out = tmp_path / "audit.md"
    line = f"gym audit letters --judge script:yes --tasks 2 --out {out}"
    assert json.loads(shell(f"{line} --json"))["asked"] == ["script:yes"]
    assert "graded by script:yes" in out.read_text()
    with pytest.raises(ActorError, match="did not answer"):
        shell("gym audit letters --judge 'http://127.0.0.1:9/v1#m?retries=0' --json")


def test_a_judge_can_be_given_for_one_name():
    given = Judge(("http://h/v1#m?price=2/8", "strict=script:a=b")).named()
    assert given == {"": "http://h/v1#m?price=2/8", "strict": "script:a=b"}
    with pytest.raises(InputError, match="two judges are given for strict"):
        Judge(("strict=a", "strict=b")).named()
