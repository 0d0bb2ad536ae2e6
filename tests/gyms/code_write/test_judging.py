"""What a submitted function may do, and what the judge makes of it."""

import msgspec
import pytest

from banbury.episode import Origin
from banbury.gyms.check import act
from banbury.gyms.code_write import cheats, running
from banbury.gyms.code_write.actions import Try
from banbury.gyms.code_write.environment import TRIES
from banbury.gyms.code_write.gym import CodeWriteGym
from banbury.gyms.code_write.inside.values import encode
from banbury.gyms.code_write.problems import Asked, Case, Exam, Key, asked_of, key_of, problem
from banbury.gyms.code_write.running import Marks, called, examined, judged, recorded
from banbury.gyms.contract import Answer

GYM = CodeWriteGym()
ASKED = Asked("f", (("f(1)", "2"), ("f(-1)", "0")))
CASES = tuple(Case([encode(n)], {}, encode(n + 1)) for n in (3, 0, 10**30))
RIGHT = "def f(n):\n    return n + 1\n"


def task(key=None):
    return problem(
        ASKED,
        key or Key(CASES),
        RIGHT,
        "Write f(n), which returns the next number.",
        skill="code_write.tested",
        content={"row": "next"},
        origin=Origin("imported"),
    )


def score(text, of=None):
    of = of or task()
    return GYM.judge(act(GYM, of, [Answer(text)]), of)


@pytest.mark.parametrize(
    "text",
    [
        RIGHT,
        f"Here it is:\n\n```python\n{RIGHT}```\nIt adds one.",
        "```\nprint('first')\n```\nthen\n~~~py\n    def f(n):\n        return n + 1\n~~~",
        f"```python\n{RIGHT}",
        "f = lambda n: n + 1",
        "print('noise')\nimport sys\nsys.stdout.write('[0, \"value\", 9]')\n" + RIGHT,
        RIGHT + "if __name__ == '__main__':\n    raise SystemExit(f(1))\n",
    ],
)
def test_right_code_passes_however_it_is_wrapped(text):
    got = score(text)
    assert (got.score, got.passed, got.components) == (1.0, True, {"cases": 1.0})


def test_a_function_that_is_right_in_some_cases_scores_zero_with_its_share():
    got = score("def f(n):\n    return n + 1 if n < 9 else 7\n")
    assert (got.score, got.passed) == (0.0, False)
    assert got.components == {"cases": pytest.approx(2 / 3)}
    assert "case 2" in got.evidence


@pytest.mark.parametrize("name", cheats.every(task()))
def test_each_cheat_scores_zero(name):
    got = score(cheats.every(task())[name])
    assert got.score == 0.0
    assert got.components["cases"] == 0.0, got.evidence


def test_a_judge_that_compared_in_the_box_would_be_deceived():
    """The cheats are real: each equal-to-all value is equal to what is expected, in Python."""
    space = {}
    exec(cheats.every(task())["an object equal to all"], space)
    assert space["f"](3) == 4


def test_code_that_takes_too_much_is_ended_and_the_rest_still_counts(monkeypatch):
    monkeypatch.setattr(running, "SECONDS", 0.3)
    late = "def f(n):\n    while n == 3:\n        pass\n    return n + 1\n"
    got = judged(late, ASKED, CASES)
    assert (got.held, got.why) == (2, "case 0: took more than 0.3 CPU seconds")
    stubborn = (
        "def f(n):\n    while True:\n        try:\n            while True:\n                pass\n"
    )
    stubborn += "        except BaseException:\n            pass\n"
    limits = msgspec.structs.replace(running.LIMITS, cpu_s=1)
    monkeypatch.setattr(running, "LIMITS", limits)
    assert judged(stubborn, ASKED, CASES) == Marks(0, 3, "case 0: took too much CPU time")


def test_memory_is_bounded_and_processes_end(monkeypatch):
    bomb = "def f(n):\n    return len([bytearray(1 << 20) for _ in range(4096)])\n"
    got = judged(bomb, ASKED, CASES)
    assert got.held == 0
    assert "emory" in got.why
    fork = "import os\ndef f(n):\n    if os.fork() == 0:\n        while 1:\n            pass\n"
    fork += "    return n + 1"
    assert judged(fork, ASKED, CASES).held == 3


def test_a_result_that_is_long_or_deep_is_wrong_and_is_not_read():
    long = "def f(n):\n    return [2 ** 61 * i for i in range(40_000)]\n"
    deep = "def f(n):\n    x = n + 1\n    for _ in range(5000):\n        x = [x]\n    return x\n"
    for code in (long, deep):
        assert judged(code, ASKED, CASES).held == 0


def test_there_is_no_network_and_no_expected_value_in_the_box():
    code = (
        "import gc, socket\n\ndef f(n):\n    try:\n"
        "        socket.create_connection(('1.1.1.1', 53), 1)\n        return 'out'\n"
        "    except OSError:\n        pass\n"
        "    return [o for o in gc.get_objects() if type(o) is int and o == 10 ** 30 + 1]\n"
    )
    assert called(code, ASKED, [([3], {})]) == [("value", [])]


def test_what_stands_before_the_function_is_there():
    asked = Asked("f", preamble="from math import floor\n\ndef half(n):\n    return floor(n / 2)\n")
    assert judged("def f(n):\n    return half(n)", asked, [Case([5], {}, 2)]).held == 1


def test_hostile_records_score_zero():
    of = task()
    for payload in (b"\xff{", b"[null]", msgspec.json.encode(Answer("f" * 100_000))):
        record = act(GYM, of, [Answer("x")])
        broken = msgspec.structs.replace(record.steps[-1], payload=payload)
        record = msgspec.structs.replace(record, steps=(*record.steps[:-1], broken))
        assert GYM.judge(record, of).score == 0.0
    assert GYM.judge(act(GYM, of, [Try(RIGHT)]), of).score == 0.0


def test_tries_show_the_examples_or_one_call_and_end():
    env = GYM.start(task())
    env.opening()
    wrong = "def f(n):\n    return 2"
    (shown,) = env.step("solver", Try(wrong)).observations["solver"]
    assert shown.text == "f(1): returned 2, as it shall\nf(-1): returned 2, not 0"
    (shown,) = env.step("solver", Try(RIGHT, "f(41)")).observations["solver"]
    assert shown.text == "f(41): returned 42"
    (shown,) = env.step("solver", Try("def f(n):\n    raise ValueError(object())")).observations[
        "solver"
    ]
    assert "ValueError: <object object at 0x...>" in shown.text
    (shown,) = env.step("solver", Try(RIGHT, "f(open('/etc/passwd'))")).observations["solver"]
    assert "no call of f with plain values" in shown.text
    turns = [env.step("solver", Try("f = 1", "g(1)")) for _ in range(TRIES - 4)]
    assert [t.truncated for t in turns] == [False] * (TRIES - 5) + [True]


TEST = (
    "def helper(n):\n    return n * 2\n\n"
    "def check(candidate):\n    import random\n    assert candidate(1) == 2\n"
    "    for _ in range(20):\n        n = random.randint(0, 99)\n"
    "        assert abs(candidate(helper(n)) - 2 * n) < 2\n"
)


def exam():
    marks, calls = recorded(TEST, RIGHT, "f")
    assert marks == Marks(2, 2)
    assert len(calls) > 10
    return Exam(TEST, calls)


def test_a_test_that_is_code_judges_from_a_box_of_its_own():
    of = task(Key(exam=exam()))
    assert score(RIGHT, of).score == 1.0
    got = score("def f(n):\n    return n * 2\n", of)
    assert (got.score, got.components["cases"]) == (0.0, 0.5)
    for name in (
        "an object equal to all",
        "a number equal to all",
        "leave at once",
        "patch the judge",
    ):
        assert score(cheats.every(of)[name], of).score == 0.0


def test_an_exam_may_ask_for_what_the_reference_was_never_asked():
    source = "def check(candidate):\n    first = candidate(1)\n"
    source += "    assert candidate(first) == first + 1\n"
    marks, calls = recorded(source, RIGHT, "f")
    assert examined("def f(n):\n    return n + 1", ASKED, Exam(source, calls)).held == marks.all
    odd = "def f(n):\n    return 7 if n == 1 else n + 1"
    assert examined(odd, ASKED, Exam(source, calls)) == Marks(1, 1)


def test_the_secret_of_a_task_is_not_in_its_public_half():
    for skill in GYM.skills():
        of = next(GYM.tasks(skill.name, seed=5))
        shown = {call for call, _ in asked_of(of.task).examples}
        assert len(shown) == 3
        assert len(key_of(of).cases) == 24
        assert (
            "import" in of.task.public.instruction
            or of.secret.solution not in of.task.public.inputs
        )
