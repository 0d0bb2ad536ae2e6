import gzip
import json

import pytest

from banbury.cycle.source.importing.coding import code_format, import_code
from banbury.errors import InputError
from banbury.gyms.check import act
from banbury.gyms.code_write import cheats
from banbury.gyms.code_write.gym import CodeWriteGym
from banbury.gyms.code_write.problems import asked_of, key_of
from banbury.gyms.contract import Answer

GYM = CodeWriteGym()
PLAIN = {
    "task_id": "HumanEval/900",
    "prompt": 'from math import floor\n\n\ndef low(x: float) -> int:\n    """Round down.\n'
    '    >>> low(2.5)\n    2\n    """\n',
    "entry_point": "low",
    "canonical_solution": "    return floor(x)\n",
    "test": "METADATA = {}\n\n\ndef check(candidate):\n    assert candidate(2.5) == 2\n"
    "    assert candidate(-0.5) == -1, 'negative'\n    assert True\n",
}
LOOP = {
    **PLAIN,
    "task_id": "HumanEval/901",
    "test": "def check(candidate):\n    import random\n    for _ in range(9):\n"
    "        x = random.random() * 9\n        assert 0 <= x - candidate(x) < 1\n",
}
MBPP = {
    "text": "Write a function to add.",
    "code": "def helper(a):\r\n    return a\r\ndef add(a, b):\r\n    return helper(a) + b",
    "task_id": 2000,
    "test_setup_code": "",
    "test_list": ["assert add(1, 2) == 3", "assert add(-1, 5)==4", "assert add(2,2) == 4"],
    "challenge_test_list": [],
}
CLASS = {
    **MBPP,
    "task_id": 2001,
    "code": "class P:\n    def __init__(self, a):\n        self.a = a\ndef get(p):\n    return p.a",
    "test_list": ["assert get(P(1)) == 1"],
}
WRONG = {**MBPP, "task_id": 2002, "code": "def add(a, b):\n    return a - b"}


def written(path, *rows):
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def score(problem, text):
    return GYM.judge(act(GYM, problem, [Answer(text)]), problem).score


def test_humaneval_rows_become_tasks_that_judge(lab, tmp_path):
    path = written(tmp_path / "HumanEval.jsonl.gz", PLAIN, LOOP)
    assert code_format(path) == "humaneval"
    got = import_code(lab, path, licence="MIT")
    assert (got.rows, got.new, got.there, got.broken) == (2, 2, 0, 0)
    assert import_code(lab, path).there == 2
    tasks = {t.origin.revision: lab.problem(t.id) for t in lab.tasks(gym="code_write")}
    plain, loop = tasks["HumanEval/900"], tasks["HumanEval/901"]
    assert plain.task.licence == "MIT"
    assert asked_of(plain.task).examples == (("low(2.5)", "2"),)
    assert len(key_of(plain).cases) == 2
    assert key_of(loop).exam is not None
    for problem in (plain, loop):
        assert score(problem, "def low(x):\n    return floor(x)") == 1.0
        assert score(problem, "def low(x):\n    return round(x)") == 0.0
        assert score(problem, cheats.every(problem)["an object equal to all"]) == 0.0
    assert score(loop, cheats.every(loop)["the examples by heart"]) == 0.0


def test_mbpp_shows_one_assert_and_judges_by_all(lab, tmp_path):
    import_code(lab, written(tmp_path / "mbpp.jsonl", MBPP))
    (task,) = lab.tasks(gym="code_write")
    problem = lab.problem(task.id)
    assert "add(1, 2) == 3" in task.public.instruction
    assert "add(2, 2)" not in task.public.instruction + task.public.inputs
    assert score(problem, "def add(a, b):\n    return a + b") == 1.0
    assert score(problem, cheats.every(problem)["the examples by heart"]) == 0.0


def test_broken_rows_take_nothing_or_are_left_out_with_their_reasons(lab, tmp_path):
    path = written(tmp_path / "mbpp.jsonl", MBPP, CLASS, WRONG, {"test_list": [1]}, PLAIN)
    with pytest.raises(InputError, match="4 of 5 rows are broken, and nothing was taken"):
        import_code(lab, path, "mbpp")
    assert list(lab.tasks(gym="code_write")) == []
    got = import_code(lab, path, "mbpp", skip_broken=True)
    assert (got.new, got.broken) == (1, 4)
    said = (tmp_path / "mbpp.jsonl.broken.jsonl").read_text()
    for why in (
        "classes of its own",
        "its own reference fails",
        "no row of Mbpp",
        "row of humaneval",
    ):
        assert why in said


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("x.jsonl", b"", "no code"),
        ("x.csv", b"a,b\n", "no code"),
        ("x.jsonl.gz", b"no gzip", "no code"),
    ],
)
def test_other_files_are_refused(lab, tmp_path, name, data, why):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=why):
        import_code(lab, tmp_path / name)
    with pytest.raises(InputError, match="no such file"):
        import_code(lab, tmp_path / "none.jsonl")
