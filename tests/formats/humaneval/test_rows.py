import pytest

from banbury.errors import InputError
from banbury.formats.humaneval import HumanEvalRow, MbppRow, read_row

HUMAN = {
    "task_id": "HumanEval/900",
    "prompt": 'def add(a, b):\n    """Add."""\n',
    "entry_point": "add",
    "canonical_solution": "    return a + b\n",
    "test": "def check(candidate):\n    assert candidate(1, 2) == 3\n",
}
MBPP = {
    "text": "Write a function to add.",
    "code": "def add(a, b):\r\n    return a + b",
    "task_id": 2000,
    "test_setup_code": "",
    "test_list": ["assert add(1, 2) == 3"],
    "challenge_test_list": [],
}


def test_rows_are_told_apart_by_their_fields():
    assert isinstance(read_row(HUMAN), HumanEvalRow)
    assert isinstance(read_row(MBPP), MbppRow)


def test_the_sanitized_file_names_the_text_otherwise():
    sanitized = {k: v for k, v in MBPP.items() if k in ("code", "task_id", "test_list")}
    found = read_row(
        {**sanitized, "prompt": "Add.", "test_imports": ["import math"], "source_file": "x"}
    )
    assert found == MbppRow(
        2000, "Add.", MBPP["code"], ("assert add(1, 2) == 3",), test_imports=("import math",)
    )


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"question": "?"}, "neither"),
        ({**HUMAN, "test": None}, "HumanEval"),
        ({**MBPP, "test_list": "assert 1"}, "Mbpp"),
    ],
)
def test_other_rows_are_refused(values, why):
    with pytest.raises(InputError, match=why):
        read_row(values, "a.jsonl, line 1")
