import itertools

import msgspec
import pytest
from tests.gyms.code_repair.projects import ID, PLAIN, PYTEST, checked, project

from banbury.gyms.code_repair import ids
from banbury.gyms.code_repair.recipe import Recipe
from banbury.sandbox import Limits

OUTCOMES = {
    ID("two"): "passed",
    ID("wrong"): "failed",
    ID("skipped"): "skipped",
    ID("expected"): "xfailed",
    ID("raises"): "failed",
}


def plain(text):
    """Return a test file with one test of this body."""
    body = "\n".join(f"        {line}" for line in text.split("\n"))
    return f"import unittest\n\n\nclass One(unittest.TestCase):\n    def test_it(self):\n{body}\n"


ONE = "tests/test_a.py::One::test_it"


def test_each_test_has_its_outcome_under_either_runner(tmp_path, with_pytest):
    tree = project(tmp_path / "tree")
    with_plain = checked(tree)
    with_theirs = checked(tree, PYTEST, with_pytest)
    assert with_plain.outcomes == with_theirs.outcomes == OUTCOMES
    assert (with_plain.trouble, with_theirs.trouble) == ("", "")
    assert (with_plain.suspicions, with_theirs.suspicions) == ((), ())
    assert with_plain.runner.startswith("unittest") and with_theirs.runner.startswith("pytest")
    assert "4 != 5" in with_plain.reasons[ID("wrong")] + with_theirs.reasons[ID("wrong")]
    assert "KeyError" in with_theirs.printed
    assert with_theirs.of("tests/test_a.py::Doubles::test_none") == "missing"


def test_what_pytest_alone_can_do(tmp_path, with_pytest):
    text = """
import datetime, os, time
import pytest

@pytest.fixture
def broken():
    raise OSError("no")

@pytest.fixture
def late():
    yield
    raise OSError("late")

def test_setup(broken): pass
def test_teardown(late): pass
@pytest.mark.parametrize("thing", [object(), f"{os.getpid()}"[:0] + str(datetime.datetime.now())])
def test_named(thing): pass
@pytest.mark.xfail
def test_unexpected(): pass
@pytest.mark.xfail(strict=True)
def test_strict(): pass
"""
    alone = checked(project(tmp_path / "alone", {"tests/test_a.py": text}), PYTEST, with_pytest)
    named = {id.removeprefix("tests/test_a.py::"): o for id, o in alone.outcomes.items()}
    assert named == {
        "test_setup": "error",
        "test_teardown": "error",
        "test_named[thing0]": "passed",
        "test_named[now-]": "passed",
        "test_unexpected": "passed",
        "test_strict": "failed",
    }


def test_a_file_that_cannot_be_collected_is_an_error_with_its_cause(tmp_path, with_pytest):
    files = {"tests/test_b.py": "import nothing_of_this_name\n"}
    tree = project(tmp_path / "tree", files)
    found = checked(tree)
    assert found.outcomes == {**OUTCOMES, "tests/test_b.py": "error"}
    assert "nothing_of_this_name" in found.reasons["tests/test_b.py"]
    theirs = checked(tree, PYTEST, with_pytest)
    assert theirs.outcomes == {**OUTCOMES, "tests/test_b.py": "error"}
    alone = checked(tree, PYTEST, with_pytest, files=["tests/test_b.py"])
    assert "tests/test_b.py could not be collected: ModuleNotFoundError" in alone.trouble
    only = checked(tree, PYTEST, with_pytest, files=["tests/test_a.py"])
    assert only.outcomes == OUTCOMES


TROUBLES = {
    "import os\nos._exit(0)": "ended itself (exit code 0) before their end",
    "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)": "watches over the tests was killed",
    "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)": "killed by signal 11",
    "while True: pass": "used more than 1 s of CPU time",
}


@pytest.mark.parametrize("body", TROUBLES)
def test_a_run_that_comes_to_no_end_says_why(tmp_path, body):
    found = checked(
        project(tmp_path / "tree", {"tests/test_a.py": plain(body)}),
        limits=Limits(cpu_s=1, wall_s=60),
    )
    assert TROUBLES[body] in found.trouble
    heard = "getppid" not in body or found.of(ONE) != "missing"
    assert (found.of(ONE), found.cut) == (("failed", ONE) if heard else ("missing", ""))


def test_a_test_without_end_says_nothing_of_those_behind_it(tmp_path, with_pytest):
    text = "def test_a(): pass\ndef test_b():\n    while True: pass\ndef test_c(): pass\n"
    found = checked(
        project(tmp_path / "tree", {"tests/test_a.py": text}),
        PYTEST,
        with_pytest,
        limits=Limits(cpu_s=3, wall_s=60),
    )
    a, b, c = (f"tests/test_a.py::test_{name}" for name in "abc")
    assert (found.outcomes, found.cut) == ({a: "passed", b: "failed"}, b)
    assert "CPU time" in found.trouble and "CPU time" in found.reasons[b]
    assert found.of(c) == "missing"


def test_ids_begin_at_the_project_wherever_its_settings_lie(tmp_path, with_pytest):
    tree = project(tmp_path / "tree", {"tests/pytest.ini": "[pytest]\n"})
    assert checked(tree, PYTEST, with_pytest).outcomes == OUTCOMES
    assert checked(tree, PYTEST, with_pytest, files=["tests/test_a.py"]).outcomes == OUTCOMES


def test_gigabytes_of_output_do_no_harm_and_the_ends_are_kept(tmp_path):
    body = "print('first')\nfor _ in range(3000): print('x' * 100_000)\nprint('last')"
    found = checked(project(tmp_path / "tree", {"tests/test_a.py": plain(body)}))
    assert (found.outcomes, found.trouble) == ({ONE: "passed"}, "")
    assert found.printed.startswith("first") and found.printed.rstrip().endswith("last")
    assert "bytes left out" in found.printed and len(found.printed) < 200_000


def test_no_test_and_no_runner_are_told_apart(tmp_path, with_pytest):
    empty = project(tmp_path / "tree", {"tests/test_a.py": "x = 1\n"})
    assert checked(empty).trouble == "no test was found"
    assert checked(empty, PYTEST, with_pytest).trouble == "no test was found"
    lacking = Recipe("3.11", test=("python", "-m", "pytest"))
    assert "No module named 'pytest'" in checked(empty, lacking).trouble
    refused = msgspec.structs.replace(PYTEST, test=("python", "-m", "pytest", "--no-such-thing"))
    assert "--no-such-thing" in checked(empty, refused, with_pytest).trouble


def test_single_tests_can_be_asked_for_by_id(tmp_path, with_pytest):
    tree = project(tmp_path / "tree", {"tests/test_b.py": plain("pass")})
    asked = [ID("two"), "tests/test_b.py"]
    expected = {ID("two"): "passed", "tests/test_b.py::One::test_it": "passed"}
    assert checked(tree, files=asked).outcomes == expected
    assert checked(tree, PYTEST, with_pytest, files=asked).outcomes == expected
    assert checked(tree, files=["tests/none.py"]).outcomes == {"tests/none.py": "error"}


def test_there_is_no_network(tmp_path):
    body = "import socket\nsocket.create_connection(('192.0.2.1', 80), 5)"
    found = checked(project(tmp_path / "tree", {"tests/test_a.py": plain(body)}))
    assert found.of(ONE) == "failed"
    assert "OSError" in found.reasons[ONE]


def test_a_run_is_perturbed_in_hash_seed_zone_locale_and_clock(tmp_path, with_pytest):
    body = (
        "import datetime, os, sys, time\n"
        "print('said', hash('banbury'), time.tzname[0], os.environ['LC_ALL'],\n"
        "      datetime.datetime.now().year, time.localtime().tm_year, int(time.time()) // 10**8,\n"
        "      type(datetime.datetime.now()) is datetime.datetime, datetime.date.today().year)\n"
        "self.fail()"
    )
    tree = project(tmp_path / "tree", {"tests/test_a.py": plain(body)})

    def said(**asked):
        printed = checked(tree, PYTEST, with_pytest, **asked).printed
        return next(line.split() for line in printed.splitlines() if line.startswith("said"))

    usual, again = said(), said()
    assert usual == again
    other = said(hash_seed=7, zone="Asia/Tokyo", locale="C", clock=10 * 365.25 * 86400)
    assert usual[1] != other[1]
    assert (usual[2:4], other[2:4]) == (["UTC", "C.UTF-8"], ["JST", "C"])
    year = int(usual[4])
    assert [int(other[4]), int(other[5]), int(other[8])] == [year + 10] * 3
    assert int(other[6]) >= int(usual[6]) + 3
    assert other[7] == "True"


def test_the_order_is_shuffled_by_file_and_by_test_and_the_same_for_a_seed(tmp_path, with_pytest):
    many = "\n".join(f"def test_{n}(): pass" for n in range(9))
    files = {f"tests/test_{letter}.py": many for letter in "abcd"}
    tree = project(tmp_path / "tree", files)

    def order(seed):
        return list(checked(tree, PYTEST, with_pytest, order=seed).outcomes)

    usual, first, second = order(None), order(1), order(2)
    assert first == order(1)
    assert sorted(usual) == sorted(first) == sorted(second)
    assert len({tuple(usual), tuple(first), tuple(second)}) == 3
    for found in (first, second):
        files_in_turn = [id.partition("::")[0] for id in found]
        assert sum(a != b for a, b in itertools.pairwise(files_in_turn)) == 3


def test_tests_that_close_all_files_are_still_heard(tmp_path):
    body = "import os\nos.closerange(3, 256)"
    found = checked(project(tmp_path / "tree", {"tests/test_a.py": plain(body)}))
    assert (found.outcomes, found.trouble) == ({ONE: "passed"}, "")


def test_a_fork_of_the_tests_reports_nothing(tmp_path):
    body = "import os\npid = os.fork()\nif pid: os.waitpid(pid, 0)\nelse: raise SystemExit(0)"
    found = checked(project(tmp_path / "tree", {"tests/test_a.py": plain(body)}))
    assert found.of(ONE) == "passed"
    assert found.suspicions == ()


@pytest.mark.parametrize(
    ("name", "steady"),
    [
        ("a.py::test[<object at 0x7f3a5c0de100>]", "a.py::test[<object at 0x->]"),
        ("a.py::test[2026-11-21T10:00:00+00:00]", "a.py::test[now-]"),
        ("a.py::test[1999-01-01]", "a.py::test[1999-01-01]"),
        ("a.py::test[1795255200.25-x]", "a.py::test[now--x]"),
        ("a.py::test[1234567890]", "a.py::test[1234567890]"),
        ("a.py::test[6ba7b810-9dad-11d1-80b4-00c04fd430c8]", "a.py::test[uuid-]"),
        ("a.py::test[/tmp/pytest-of-u/x]", "a.py::test[/tmp/-]"),
        ("a_0x7f3a5c0de100.py::test", "a_0x7f3a5c0de100.py::test"),
    ],
)
def test_ids_lose_what_is_new_in_each_run(name, steady):
    assert ids.steady(name, 1795255200.0) == steady


def test_a_recipe_survives_a_round_trip():
    assert msgspec.json.decode(msgspec.json.encode(PYTEST), type=Recipe) == PYTEST
    assert PLAIN.lock == ()
