"""A candidate's trial: what is proven becomes a task, all else gets a reason to act on."""

import pytest
from tests.cycle.mine.conftest import HEAD, KNOTS, LENGTH, MORE, ROPE, TESTS, Here

from banbury.actors.script import fixed as fixed_actor
from banbury.cli.mine import _release as release_tasks
from banbury.cycle.source.mine.account import account, rewritten
from banbury.cycle.source.mine.asked import Asked, Source
from banbury.cycle.source.mine.attempts import attempt, failed_by, prove, tried
from banbury.cycle.source.mine.mining import mine
from banbury.gyms import registry
from banbury.gyms.code_repair.repair import key_of

RIGHT = ROPE.replace("len(strands) - 1", "len(strands)")

pytestmark = pytest.mark.slow


@pytest.fixture
def mined(lab, tmp_path, monkeypatch):
    """Mine a repository on this Python alone; return its newest fix, explained."""
    monkeypatch.setenv("BANBURY_CACHE", str(tmp_path / "cache"))

    def mine_it(maker, ask=None, **asked):
        made = Asked(**{"jobs": 1, "cpu_s": 10.0, **asked})
        cache = tmp_path / "cache"
        here = Here(lab, cache)
        mine(lab, [Source(str(maker.path))], made, cache, environments=here, ask=ask)
        found = next(c for c in lab.mining.candidates() if c.subject.startswith("Fix"))
        return found, account(found.body)

    return mine_it


def test_a_fix_with_its_tests_becomes_a_task_that_its_reference_solves(lab, mined, fixed):
    candidate, told = mined(fixed(base={"pack.bin": bytes(range(256))}))
    assert candidate.state == "task", (candidate.reason, told.log)
    [task] = candidate.tasks
    problem = lab.problem(task)
    key = key_of(problem)
    assert key.fail_to_pass == ("tests/test_rope.py::Ropes::test_length",)
    assert key.pass_to_pass == ("tests/test_rope.py::Ropes::test_knots",)
    assert key.runs >= 13 and not key.flaky and key.strength.made == key.strength.caught > 0
    assert problem.task.origin.kind == "mined" and problem.task.licence == "LicenseRef-unstated"
    assert "len(strands)" not in problem.task.public.instruction
    assert told.disk < 100_000 and candidate.cpu_s > 0
    other = next(registry.gym("code_repair").tasks("code_repair.planted", seed=1))
    lab.put_tasks([other])
    assert prove(lab, "mined ropes", [task, other.task.id]).passed == 2
    made = release_tasks(lab, "ropes", [other.task.id], 1, True)
    assert made["episodes"] == 1 and not made["rejected"], "of tasks that are asked for alone"
    nothing = fixed_actor("nothing")
    assert attempt(lab, "none", nothing, [task])[0].passed == 0
    assert failed_by(lab, "none") == {task} and tried(lab, "none")[0].attempts == 1


ODD = {
    "kills its parent": (
        "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)",
        ("tests killed",),
    ),
    "ends early": ("import os\nos._exit(0)", ("tests killed",)),
    "never ends": ("while True:\n    pass", ("out of CPU time",)),
    "fills the memory": ("held = [bytearray(1 << 28) for _ in range(64)]", ("out of memory",)),
    "fills the disk": (
        "with open('/work/big', 'wb') as f:\n    for _ in range(4096):\n        "
        "f.write(bytes(1 << 20))",
        ("out of memory", "disk full"),
    ),
    "prints gigabytes": ("while True:\n    print('x' * (1 << 20))", ("out of CPU time",)),
    "needs the network": (
        "import urllib.request\nurllib.request.urlopen('http://192.0.2.1/', timeout=5)",
        ("fix fails",),
    ),
    "changes the clock": (
        "import time\ntime.clock_settime(time.CLOCK_REALTIME, 0)",
        ("fix fails",),
    ),
    "writes outside": ("open('/etc/passwd', 'a').write('x')", ("fix fails",)),
}


@pytest.mark.parametrize("name", list(ODD))
def test_tests_that_do_odd_things_are_a_reason_and_the_run_goes_on(lab, mined, fixed, name):
    code, kinds = ODD[name]
    body = "".join(f"        {line}\n" for line in code.splitlines())
    odd = f"    def test_length(self):\n        self.assertEqual(length([]), 0)\n{body}"
    maker = fixed(fix={"tests/test_rope.py": HEAD + KNOTS + odd})
    candidate, told = mined(maker, memory=512 << 20, cpu_s=2.0)
    assert candidate.kind in kinds, (candidate.reason, told.log)
    assert candidate.state == ("rejected" if candidate.kind else "task")
    assert bool(candidate.reason) == bool(candidate.remedy) == bool(candidate.kind)


def test_tests_that_pass_without_the_fix_or_waver_are_no_tests_of_it(mined, fixed):
    idle = "    def test_length(self):\n        self.assertEqual(length([1, 2]) > 0, True)\n"
    candidate, _ = mined(fixed(fix={"tests/test_rope.py": HEAD + KNOTS + idle}))
    assert candidate.kind == "nothing fails"


def test_a_bug_that_is_a_loop_without_end_is_told_by_the_test_that_meets_it(lab, mined, fixed):
    loop = ROPE.replace("return len", "while not strands:\n        pass\n    return len")
    after = "    def test_more(self):\n        self.assertEqual(knots(3), 6)\n"
    candidate, told = mined(
        fixed(
            base={"rope.py": loop, "tests/test_rope.py": TESTS + after},
            fix={"rope.py": RIGHT, "tests/test_rope.py": MORE + after},
        )
    )
    assert candidate.state == "task", (candidate.reason, told.log)
    key = key_of(lab.problem(candidate.tasks[0]))
    assert key.fail_to_pass == ("tests/test_rope.py::Ropes::test_length",)
    assert "tests/test_rope.py::Ropes::test_knots" in key.pass_to_pass


def test_tests_that_are_skipped_here_say_so(mined, fixed):
    off = "    @unittest.skip('no')\n" + LENGTH
    candidate, _ = mined(fixed(fix={"tests/test_rope.py": HEAD + KNOTS + off}))
    assert candidate.kind == "skipped" and "test_length" in candidate.reason


def test_a_test_that_hangs_on_the_hash_seed_makes_a_candidate_flaky(mined, fixed):
    wavering = LENGTH + "        import os\n        assert os.environ['PYTHONHASHSEED'] != '4'\n"
    candidate, told = mined(fixed(fix={"tests/test_rope.py": HEAD + KNOTS + wavering}))
    assert candidate.kind == "flaky" and "test_length" in candidate.reason
    assert list(told.flaky) == ["tests/test_rope.py::Ropes::test_length"]


def test_a_test_that_fails_without_the_fix_by_chance_alone_is_no_test_of_it(mined, fixed):
    lucky = "import os\n\n\n" + ROPE.replace("- 1", "- (os.environ['PYTHONHASHSEED'] != '12')")
    candidate, _ = mined(fixed(base={"rope.py": lucky}, fix={"rope.py": RIGHT}))
    assert candidate.kind == "flaky" and "by chance" in candidate.reason


def test_a_person_may_rewrite_a_statement_that_says_too_little(lab, mined, fixed):
    maker = fixed(message="Fix length")
    candidate, _ = mined(maker)
    assert candidate.kind in ("no statement", ""), candidate.reason
    words = "An empty rope has the length -1, and all others are one too short. Expected: len()."
    assert lab.mining.note(candidate.id, rewritten(candidate.body, words))
    again, told = mined(maker)
    assert again.state == "task" and told.statement == words, again.reason
    assert lab.task(again.tasks[0]).public.instruction == words


def test_a_model_may_rewrite_what_is_told(lab, mined, fixed):
    words = "An empty rope has the length -1, and all others are one too short. That is wrong."
    asked = []

    def ask(prompt):
        asked.append(prompt)
        return words

    candidate, told = mined(fixed(message="Fix bug"), ask=ask)
    assert candidate.state == "task" and candidate.reason == ""
    assert asked and told.statement.startswith(words) and "What fails now" in told.statement


def test_planted_bugs_are_tasks_under_the_same_judge(lab, mined, fixed):
    mined(fixed(), plant=2)
    [planted] = [c for c in lab.mining.candidates() if c.sort == "planted"]
    assert planted.state == "task" and len(planted.tasks) == 2, planted.reason
    assert prove(lab, "prove", planted.tasks).passed == 2
