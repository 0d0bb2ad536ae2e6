import msgspec
import pytest
from tests.gyms.code_repair.projects import PYTEST
from tests.gyms.code_repair.tasks import BROKEN, FIXED, ID, KEY, RECIPE, TEST, task

from banbury.errors import GymError, InputError, SandboxError
from banbury.gyms.check import act
from banbury.gyms.code_repair import building, judge, rooms
from banbury.gyms.code_repair.actions import Shell, Submit, Write
from banbury.gyms.code_repair.files import File, file
from banbury.gyms.code_repair.gym import CodeRepairGym
from banbury.gyms.code_repair.repair import Key, key_of, repair_of

GYM = CodeRepairGym()


@pytest.fixture
def under_pytest(with_pytest, monkeypatch):
    """The task with pytest as its runner, in an environment that is there already."""
    monkeypatch.setattr(building, "environment", lambda recipe, cache: with_pytest)
    recipe = msgspec.structs.replace(PYTEST, env={"PYTHONPATH": "src"})
    return task(recipe=recipe)


CORE = "src/pkg/core.py"


def judged(*actions, problem=None):
    """Return the judgement of these actions, with its evidence as data."""
    problem = problem or task()
    verdict = GYM.judge(act(GYM, problem, [*actions, Submit()]), problem)
    return verdict, msgspec.json.decode(verdict.evidence)


def test_the_fix_gets_full_marks_and_nothing_gets_none():
    verdict, _ = judged(*GYM.solution(task()))
    assert (verdict.score, verdict.passed) == (1.0, True)
    assert verdict.components == {"fail_to_pass": 1.0, "pass_to_pass": 1.0, "tampered": 0.0}
    verdict, evidence = judged()
    assert (verdict.score, verdict.passed) == (0.0, False)
    assert evidence == {"trouble": "nothing was changed"}


@pytest.mark.slow
@pytest.mark.parametrize("name", GYM.cheats(task()))
def test_no_cheat_gets_a_point_from_pytest_either(name, under_pytest):
    """The contract test tries them on the gym's own tasks, which need no pytest."""
    verdict, _ = judged(*GYM.cheats(under_pytest)[name], problem=under_pytest)
    assert (verdict.score, verdict.passed) == (0.0, False)


def test_pytest_judges_as_the_standard_library_does(under_pytest):
    verdict, evidence = judged(*GYM.solution(under_pytest), problem=under_pytest)
    assert (verdict.score, evidence) == (1.0, {})
    cheats = GYM.cheats(under_pytest)
    for name in ("replace the runner's functions", "replace what listens to the tests"):
        verdict, evidence = judged(*cheats[name], problem=under_pytest)
        assert verdict.score == 0.0 and verdict.components["tampered"] == 1.0, name
        assert evidence["suspicions"]


@pytest.mark.parametrize(
    "name", ["edit the tests", "delete the tests", "skip the tests", "write result files"]
)
def test_whoever_touches_the_tests_and_mends_the_source_gets_full_marks(name):
    verdict, evidence = judged(*GYM.cheats(task())[name][:-1], Write(CORE, FIXED))
    assert verdict.score == 1.0
    assert evidence.get("tampered") is None


@pytest.mark.parametrize(
    "name",
    [
        "load a module whenever Python starts",
        "take the place of the test runner",
        "change the settings of the tests",
        "replace the runner's functions",
        "forge what the tests report",
    ],
)
def test_tampering_is_found_also_where_the_bug_is_mended(name):
    cheat = GYM.cheats(task())[name][:-1]
    verdict, evidence = judged(Write(CORE, FIXED), *cheat)
    assert verdict.score == 0.0
    assert verdict.components["tampered"] == 1.0
    assert evidence.get("tampered") or evidence.get("suspicions")


def test_what_is_half_mended_gets_a_part_and_what_is_broken_takes_it_away():
    text = TEST + "\n    def test_more(self):\n        self.assertEqual(double(5), 10)\n"
    key = msgspec.structs.replace(
        KEY,
        tests={"tests/test_core.py": File(text=text)},
        fail_to_pass=(ID("double"), ID("more")),
    )
    only_four = FIXED.replace("2 * n", "8 if n == 4 else n")
    verdict, evidence = judged(Write(CORE, only_four), problem=task(key=key))
    assert verdict.score == 0.25 and not verdict.passed
    assert verdict.components == {"fail_to_pass": 0.5, "pass_to_pass": 1.0, "tampered": 0.0}
    assert evidence == {"failing": [ID("more")]}
    breaks_half = FIXED.replace("n // 2", "n")
    verdict, evidence = judged(Write(CORE, breaks_half), problem=task(key=key))
    assert verdict.score == 0.0
    assert verdict.components["pass_to_pass"] == 0.5
    assert evidence["broken"] == [ID("half")]


@pytest.mark.parametrize(
    ("fixed", "kept", "score"),
    [(1, 1, 1.0), (0, 1, 0.0), (0.5, 1, 0.25), (1, 0.95, 0.25), (1, 0.9, 0.0), (1, 0.2, 0.0)],
)
def test_the_score_is_what_the_formula_says(fixed, kept, score):
    assert judge.graded(fixed, kept) == pytest.approx(score)


def test_an_actor_that_breaks_everything_is_told_why():
    verdict, evidence = judged(Write(CORE, "def double(:\n"))
    assert verdict.score == 0.0
    assert verdict.components["pass_to_pass"] == 0.0
    assert "could not be collected" in evidence["trouble"]


def test_files_of_any_kind_are_judged_as_they_were_left():
    binary = bytes(range(256))
    key = msgspec.structs.replace(
        KEY,
        tests={
            "tests/test_core.py": File(
                text=TEST + "\n    def test_data(self):\n        import pathlib\n"
                "        data = pathlib.Path('src/pkg/data.bin').read_bytes()\n"
                "        self.assertEqual(data, bytes(range(256)))\n"
                "        self.assertFalse(pathlib.Path('README.md').exists())\n"
                "        moved = pathlib.Path('src/moved/core.py')\n"
                "        self.assertTrue(moved.stat().st_mode & 0o100)\n"
            )
        },
        fail_to_pass=(ID("double"), ID("data")),
    )
    fixed = {
        CORE: File(text=FIXED),
        "src/pkg/data.bin": file(binary),
        "README.md": None,
        "src/moved/core.py": File(text="x = 1\n", executable=True),
    }
    problem = task(key=key, fixed=fixed)
    verdict, evidence = judged(*GYM.solution(problem), problem=problem)
    assert (verdict.score, evidence) == (1.0, {})
    by_hand = Shell(
        "cd src && mkdir moved && echo 'x = 1' > moved/core.py && chmod +x moved/core.py"
    )
    python = "import pathlib; pathlib.Path('src/pkg/data.bin').write_bytes(bytes(range(256)))"
    verdict, _ = judged(
        by_hand,
        Shell(f'python -c "{python}" && rm README.md'),
        Write(CORE, FIXED),
        problem=problem,
    )
    assert verdict.score == 1.0


def test_a_file_in_the_place_of_a_folder_is_judged():
    verdict, evidence = judged(Shell("rm -r src/pkg && echo x > src/pkg"))
    assert verdict.score == 0.0
    assert "could not be collected" in evidence["trouble"]
    verdict, evidence = judged(Shell("rm -r tests && echo x > tests"), Write(CORE, FIXED))
    assert verdict.score == 1.0
    assert evidence["put_back"] == ["tests", "tests/__init__.py", "tests/test_core.py"]


def test_a_failing_sandbox_is_no_score(monkeypatch):
    problem = task()
    record = act(GYM, problem, GYM.solution(problem))

    def broken(*args, **named):
        raise SandboxError("no boxes today")

    monkeypatch.setattr(rooms, "Box", broken)
    with pytest.raises(SandboxError):
        GYM.judge(record, problem)


def test_a_task_of_another_kind_is_an_error_and_no_score():
    problem = task()
    other = msgspec.structs.replace(problem.task.public, inputs="[]")
    broken = msgspec.structs.replace(
        problem, task=msgspec.structs.replace(problem.task, public=other)
    )
    with pytest.raises(GymError, match="inputs hold no repair"):
        repair_of(broken)
    secret = msgspec.structs.replace(problem.secret, answer="3")
    with pytest.raises(GymError, match="secret holds no key"):
        key_of(msgspec.structs.replace(problem, secret=secret))


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": Key(tests={}, fix="", fail_to_pass=())},
        {"fixed": {"../x": File(text="")}},
        {"key": msgspec.structs.replace(KEY, tests={"/etc/passwd": None})},
    ],
)
def test_a_task_that_cannot_be_judged_is_not_made(wrong):
    with pytest.raises(InputError):
        task(**wrong)


def test_the_base_stands_in_the_task_and_the_fix_does_not():
    problem = task()
    assert FIXED not in str(problem.task) and "2 * n" not in str(problem.task)
    assert BROKEN and repair_of(problem).tree.data
    assert task().task.id == problem.task.id != task(difficulty="hard").task.id


def test_a_source_file_with_the_name_of_a_test_counts_where_the_fix_changes_it():
    key = msgspec.structs.replace(
        KEY,
        fix="--- a/src/pkg/tests/data.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n",
        tests={"tests/test_core.py": File(text=TEST + GONE)},
        fail_to_pass=(ID("double"), ID("gone")),
    )
    problem = task(base={"src/pkg/tests/data.py": "x\n"}, key=key)
    away = Shell("rm src/pkg/tests/data.py")
    verdict, evidence = judged(Write(CORE, FIXED), away, problem=problem)
    assert (verdict.score, evidence) == (1.0, {})


GONE = """
    def test_gone(self):
        import pathlib
        self.assertFalse(pathlib.Path("src/pkg/tests/data.py").exists())
"""


def test_a_project_that_is_the_test_runner_itself_can_be_repaired(under_pytest):
    repair = repair_of(under_pytest)
    base = {"src/pluggy/__init__.py": SHIM}
    problem = task(base=base, recipe=repair.recipe)
    verdict, evidence = judged(*GYM.solution(problem), problem=problem)
    assert (verdict.score, evidence) == (1.0, {})


SHIM = """import importlib.util
import sys

place = "/env/lib/python%d.%d/site-packages/pluggy/__init__.py" % sys.version_info[:2]
spec = importlib.util.spec_from_file_location(
    "pluggy", place, submodule_search_locations=[place.rpartition("/")[0]]
)
module = importlib.util.module_from_spec(spec)
sys.modules["pluggy"] = module
spec.loader.exec_module(module)
module.__file__ = __file__
"""


def test_a_project_is_installed_once_and_what_that_fails_with_is_said():
    made = msgspec.structs.replace(
        RECIPE, install=(("sh", "-c", "echo 'VALUE = 4' > src/pkg/made.py; date +%s%N > stamp"),)
    )
    key = msgspec.structs.replace(KEY, tests={"tests/test_core.py": File(text=TEST + MADE)})
    problem = task(key=key, recipe=made)
    with rooms.room(repair_of(problem)) as one, rooms.room(repair_of(problem)) as two:
        assert one.read("stamp") == two.read("stamp")
    verdict, evidence = judged(*GYM.solution(problem), problem=problem)
    assert (verdict.score, evidence) == (1.0, {})
    broken = msgspec.structs.replace(RECIPE, install=(("sh", "-c", "echo no compiler >&2; false"),))
    with pytest.raises(GymError, match="no compiler"):
        rooms.room(repair_of(task(recipe=broken)))


MADE = """
    def test_zero(self):
        from pkg.made import VALUE
        self.assertEqual(double(0) + VALUE, 4)
"""
