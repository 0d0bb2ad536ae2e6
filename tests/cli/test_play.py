"""A person at a gym: a real process at a pipe and at a terminal."""

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.actors.lamps import Finish, Label, Press

from banbury.actors.person import PersonPolicy
from banbury.actors.policy import Left
from banbury.cli import form, play
from banbury.episode import canonical
from banbury.gyms import registry
from banbury.gyms.contract import Answer
from banbury.gyms.tools import BadCall, toolbox

LAMPS = toolbox(Press | Label | Finish)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def lamps(tmp_path):
    """A folder that registers the small gym, as an installed package would."""
    info = tmp_path / "lamps-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lamps\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[banbury.gyms]\nlamps = tests.actors.lamps:Lamps\n")
    return {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}


def played(address, lab, *words, typed="", env=None):
    """Run `banbury play` at a pipe and return (what it printed, what it says in JSON)."""
    command = [sys.executable, "-m", "banbury", "play", *words]
    command += ["--store", address, "--lab", lab.name, "--json"]
    done = subprocess.run(
        command, input=typed, capture_output=True, text=True, env=env, timeout=120, check=True
    )
    return done.stderr, json.loads(done.stdout)


def test_a_person_answers_leaves_and_carries_on(address, lab):
    shown, first = played(
        address, lab, "reasoning.add", "--count", "3", typed="no idea\n/help\n/nonsense\n"
    )
    assert first["left"]
    assert [e["passed"] for e in first["episodes"]] == [False]
    assert "there is no /nonsense" in shown
    assert "not passed" in shown
    assert "the reference: " in shown

    shown, second = played(
        address,
        lab,
        "reasoning.add",
        "--count",
        "3",
        typed="/broken two plus\n/undo\na \\\nb \\\n/undo\nc\n",
    )
    assert not second["left"]
    assert "Task 1 of 3" not in shown
    assert "the task is broken" in shown
    assert len(second["episodes"]) == 2
    (record, _) = list(lab.records(run="play", status="done"))[-1]
    assert record.episode.actors[0].kind == "person"
    assert record.episode.actors[0].name == "me"
    assert [json.loads(s.payload)["text"] for s in record.actions()] == ["a \nc"]
    assert not [s for s in record.steps if s.kind == "note" and b"fault" in s.payload]

    _, third = played(address, lab, "reasoning.add", "--count", "3", typed="")
    assert third == second | {"episodes": third["episodes"]}, "nothing is asked again"
    reasons = [r.reasons for rows in lab.reviews([o.episode for o in lab.outcomes()]).values()
               for r in rows]  # fmt: skip
    assert reasons == [("the task is broken: two plus",)]


def test_a_person_works_with_tools_at_the_same_judge(address, lab, lamps):
    typed = "fly\npress\n/undo\npress\nx\n1\npress 4 colour=red\npress 4\nhelp press\nfinish\n"
    shown, told = played(address, lab, "lamps", "--count", "1", typed=typed, env=lamps)
    assert "no tool 'fly'; the tools are: press, label, finish" in shown
    assert "lamp takes integer, not 'x'" in shown
    assert "press is dropped" in shown
    assert "lamp 4 is white now" in shown
    assert "lamp: integer; the lamp's number" in shown
    assert [e["passed"] for e in told["episodes"]] == [True]
    record = lab.read(told["episodes"][0]["episode"])
    doing = [json.loads(s.payload) for s in record.actions()]
    assert [d["do"] for d in doing] == ["press", "press", "press", "finish"]


def test_ctrl_c_at_a_terminal_leaves_at_once_and_the_terminal_as_it_was(address, lab):
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "banbury", "play", "reasoning.add", "--as", "p-7"]
    process = subprocess.Popen(
        [*command, "--store", address, "--lab", lab.name],
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        seen = b""
        while b"answer>" not in seen:
            seen += os.read(ours, 4_096)
        process.send_signal(signal.SIGINT)
        told = process.communicate(timeout=60)[1]
    finally:
        process.kill()
        os.close(ours)
    assert process.returncode == 130
    assert b"the same command carries on" in told


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("press 3", {"lamp": 3}),
        ("press lamp=3 colour=red", {"lamp": 3, "colour": "red"}),
        ("press colour=red 3", {"lamp": 3, "colour": "red"}),
        ("label 1,2 all of these words", {"lamps": [1, 2], "text": "all of these words"}),
        ('label [1] "some words"', {"lamps": [1], "text": "some words"}),
        ('label text="a=b" lamps=7', {"lamps": [7], "text": "a=b"}),
        ("label 1 don't", {"lamps": [1], "text": "don't"}),
        ("label 1", {"lamps": [1]}),
        ("finish", {}),
    ],
)
def test_a_command_line_is_read_as_fields(text, given):
    name, _, rest = text.partition(" ")
    assert form.typed(LAMPS.tool(name), rest) == given


@pytest.mark.parametrize("text", ["press three", "press 1 red 2", "finish now", "press 1.5"])
def test_what_is_no_command_line_is_told(text):
    name, _, rest = text.partition(" ")
    with pytest.raises(BadCall):
        LAMPS.action(name, form.typed(LAMPS.tool(name), rest))


def test_who_has_left_is_not_asked_again(lab):
    class Empty:
        asked = 0

        def ask(self, task, actions, seen):
            self.asked += 1
            raise EOFError

    empty = Empty()
    person = PersonPolicy("p", empty)
    problem = next(registry.skill("reasoning.add")[0].tasks("reasoning.add", seed=0))
    for _ in range(2):
        with pytest.raises(Left):
            person.ask(problem.task, Answer, ())
    assert empty.asked == 1
    assert person.left
    assert canonical(person.actor)
    assert play.PATIENT.seconds > 86_400
