import msgspec
import pytest
from tests.gyms.code_repair.tasks import BROKEN, FIXED, ID, task

from banbury.errors import GymError
from banbury.gyms.code_repair import actions as do
from banbury.gyms.code_repair import environment, left
from banbury.gyms.code_repair.environment import Workshop, cut
from banbury.gyms.code_repair.files import File

CORE = "src/pkg/core.py"


@pytest.fixture
def workshop():
    env = Workshop(task())
    yield env
    env.close()


def shown(env, action):
    turn = env.step("solver", action)
    assert not turn.terminated
    (seen,) = turn.observations["solver"]
    assert seen.role == "tool"
    return seen.text


def changes(env):
    return msgspec.json.decode(env.evidence(), type=left.Left).changes


def test_the_opening_says_what_is_wrong_and_what_there_is(workshop):
    system, said = workshop.opening().observations["solver"]
    assert system.role == "system" and "/work" in system.text
    assert said.text.startswith("double(4) gives 4.")
    assert "README.md" in said.text and "src/pkg/core.py" in said.text


def test_a_repair_by_each_of_the_tools(workshop):
    assert "1 def double(n):" in shown(workshop, do.Read(CORE))
    found = shown(workshop, do.Search(r"return\s+n$"))
    assert found == "src/pkg/core.py:2: return n"
    tests = shown(workshop, do.RunTests())
    assert tests == "3 passed"
    assert shown(workshop, do.Note("double adds nothing")) == "Noted."
    assert "changed" in shown(workshop, do.Edit(CORE, "    return n\n", "    return 2 * n\n"))
    assert (
        shown(workshop, do.Shell("cd src && python -c 'import pkg.core as c; print(c.double(4))'"))
        == "8"
    )
    assert changes(workshop) == {CORE: File(text=FIXED)}
    assert workshop.step("solver", do.Submit()).terminated


def test_what_cannot_be_done_is_said_in_a_sentence(workshop):
    for action, said in {
        do.Read("nothing.py"): "nothing.py",
        do.Read("/etc/passwd"): "only /work and /tmp",
        do.Edit(CORE, "return", "x"): "occurs 2 times",
        do.Edit(CORE, "no such", "x"): "occurs 0 times",
        do.Edit(CORE, "", "x"): "occurs 0 times",
        do.Write("../out.py", "x"): "only /work and /tmp",
        do.Write("README.md/x", "x"): "Error",
        do.Search("("): "missing )",
        do.Shell("a\0b"): "NUL",
    }.items():
        text = shown(workshop, action)
        assert text.startswith("Error: ") and said in text, (action, text)
    assert changes(workshop) == {}


def test_a_shell_says_how_it_ended_and_cannot_run_for_ever(workshop, monkeypatch):
    assert shown(workshop, do.Shell("echo out; echo err >&2; exit 3")) == "out\nerr\n[exit code 3]"
    assert shown(workshop, do.Shell("true")) == "[no output]"
    long = shown(workshop, do.Shell("seq 1 100000"))
    assert len(long) < environment.SHOWN + 100 and "characters left out" in long
    quick = msgspec.structs.replace(environment.rooms.ROOM, cpu_s=1)
    workshop._box.limits = quick
    assert "used more than" in shown(workshop, do.Shell("while :; do :; done"))
    assert shown(workshop, do.Shell("echo " + "x" * 150_000)).startswith("xxx")


def test_tests_that_fail_are_shown_with_their_reasons(workshop):
    workshop.step("solver", do.Write("tests/test_more.py", TEST_MORE))
    text = shown(workshop, do.RunTests(("tests/test_more.py",)))
    assert text.startswith(
        "1 failed\nfailed: tests/test_more.py::More::test_it: AssertionError: 4 != 8"
    )
    again = shown(workshop, do.RunTests(("tests/test_more.py",)))
    assert text == again
    assert "no_such.py" in shown(workshop, do.RunTests(("tests/no_such.py",)))
    assert ID("half")


TEST_MORE = """import unittest

from pkg.core import double


class More(unittest.TestCase):
    def test_it(self):
        self.assertEqual(double(4), 8)
"""


def test_the_evidence_keeps_modes_and_bytes_and_leaves_junk_and_bulk_out(workshop):
    made = (
        "printf 'a\\377' > bytes; printf 'x' > run.sh; chmod +x run.sh; rm README.md;"
        "mkdir -p src/pkg/__pycache__ .git; echo > src/pkg/__pycache__/a.pyc; echo > .git/config;"
        "head -c 1100000 /dev/zero > large; ln -s /etc/passwd link; mkdir empty"
    )
    shown(workshop, do.Shell(made))
    found = msgspec.json.decode(workshop.evidence(), type=left.Left)
    assert found.changes == {
        "bytes": File(data="Yf8="),
        "run.sh": File(text="x", executable=True),
        "README.md": None,
    }
    assert found.links == ("link",)
    assert found.left_out == ("large",)


def test_an_edit_keeps_a_file_executable(workshop):
    shown(workshop, do.Shell("printf 'echo a' > run.sh; chmod +x run.sh"))
    shown(workshop, do.Edit("run.sh", "echo a", "echo b"))
    assert changes(workshop)["run.sh"] == File(text="echo b", executable=True)


def test_a_snapshot_brings_the_files_back(workshop):
    shown(workshop, do.Write(CORE, "first"))
    state = workshop.snapshot()
    shown(workshop, do.Shell("rm -r src; echo x > new"))
    workshop.restore(state)
    assert changes(workshop) == {CORE: File(text="first")}
    shown(workshop, do.Write(CORE, BROKEN))
    workshop.restore(state)
    assert changes(workshop) == {CORE: File(text="first")}
    with pytest.raises(GymError, match="no snapshot"):
        workshop.restore(b"nonsense")


def test_nobody_works_for_ever(workshop, monkeypatch):
    monkeypatch.setattr(environment, "MOVES", 2)
    assert not workshop.step("solver", do.Note("a")).truncated
    assert workshop.step("solver", do.Note("b")).truncated


def test_there_is_neither_history_nor_network(workshop):
    assert shown(workshop, do.Shell("ls -a | grep -c '^.git$'")) == "0\n[exit code 1]"
    network = "python -c \"import socket; socket.create_connection(('192.0.2.1', 80), 3)\""
    assert "OSError" in shown(workshop, do.Shell(network))


def test_long_texts_keep_both_ends():
    assert (
        cut("a" * 50 + "b" * 50, 20) == "a" * 10 + "\n[... 80 characters left out ...]\n" + "b" * 10
    )
    assert cut("short", 20) == "short"
