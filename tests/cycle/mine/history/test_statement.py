import json

import pytest
from tests.cycle.mine.history.conftest import BUGGY, MORE, RIGHT, TEST

from banbury.cycle.source.mine.gates import unknown
from banbury.cycle.source.mine.history import (
    checked,
    classify,
    diff,
    known,
    leaks,
    rewritten,
    statement,
)
from banbury.cycle.source.mine.history.public import against, drawn_on
from banbury.cycle.source.mine.reasons import Rejected
from banbury.errors import InputError

GUARD = """    result = 0
    if not numbers:
        raise ValueError(
            "no numbers (give one or two)"
        )
"""
LONG = BUGGY.replace("    result = 0\n", GUARD).replace("numbers[1:]", "_every_number(numbers)")
HELPER = "\n\ndef _every_number(numbers):\n    return tuple(number for number in numbers)\n"
RAISES = f"""{MORE}

def test_none():
    with pytest.raises(ValueError, match='no numbers'):
        total([])
"""
MESSAGE = """Fix total ignoring the first number by calling _every_number (#12)

The first number is not counted, so the sum is wrong when there are two.
Use _every_number in sums.py instead. See deadbeef1 and https://example.org/issues/11.

Fixes #11

Co-authored-by: Bob <bob@example.org>
"""


@pytest.fixture
def repair(make, opened):
    made = make()
    made.commit("Begin", {"sums.py": BUGGY, "test_sums.py": TEST})
    made.commit(MESSAGE, {"sums.py": LONG + HELPER, "test_sums.py": "import pytest\n" + RAISES})
    repository = opened(made.path)
    return classify(next(repository.units()), repository)


def test_a_statement_says_the_problem_and_not_the_solution(repair):
    found = statement(repair)
    assert found.source[0].text == "Total ignoring the first number"
    assert "the sum is wrong when there are two." in found.text
    for secret in ("_every_number", "sums.py", "#1", "deadbeef", "Bob", "example.org"):
        assert secret not in found.text
    assert [s.origin for s in found.source] == ["title", "message", "tests"]
    assert '"no numbers"' in found.text and not found.trouble


def test_a_statement_that_gives_away_or_says_too_little_is_complained_of(repair):
    assert "too thin" in checked("Sums are wrong", repair)[0]
    told = "The first number is not counted; let total go over _every_number in sums.py please"
    complaints = " ".join(checked(told, repair, ("mean",)))
    for part in (
        "'_every_number'",
        "'sums.py'",
        "need the text 'no numbers'",
        "need the name 'mean'",
    ):
        assert part in complaints
    line = "numbers are lost: def _every_number(numbers): must be there, no numbers is raised"
    assert "gives away the line" in " ".join(checked(line, repair))


def test_a_thin_message_is_filled_from_what_the_tests_say(make, opened):
    made = make()
    made.commit("Begin", {"sums.py": BUGGY, "test_sums.py": TEST})
    made.commit("Fix #12", {"sums.py": RIGHT, "test_sums.py": MORE})
    repository = opened(made.path)
    repair = classify(next(repository.units()), repository)
    assert "too thin" in statement(repair).trouble[0]
    found = statement(repair, {"test_sums.py::test_first_counts": "AssertionError: assert 2 == 3"})
    assert found.text == (
        'Unexpected behaviour in "first counts"\n\n'
        'What fails now:\n- "first counts": `2 == 3` does not hold.'
    )
    assert found.source[-1].origin == "failure" and not found.trouble


def test_a_model_may_rewrite_but_not_make_it_worse(repair):
    first = statement(repair)
    better = "The sum of two numbers is too small; for none, an error 'no numbers' is expected."
    told = rewritten(first, repair, lambda _: better)
    assert told.text.startswith(better) and [s.origin for s in told.source] == ["model", "tests"]
    assert rewritten(first, repair, lambda _: "Call _every_number") is first
    assert rewritten(first, repair, lambda _: "") is first


def test_the_fix_is_found_wherever_it_lies(repair, tmp_path):
    repository, unit = repair.repository, repair.unit
    repository.tree(unit.base, tmp_path / "tree")
    assert leaks([tmp_path / "tree"], repair) == []
    (tmp_path / "tree" / "notes.patch").write_text(diff(repair)[0])
    (told,) = leaks([tmp_path / "tree"], repair)
    assert told.startswith("notes.patch holds")
    site = tmp_path / "environment" / "site-packages"
    site.mkdir(parents=True)
    (site / "sums.py").write_bytes(repository.read(unit.commit, "sums.py"))
    (site / ".git").mkdir()
    told = leaks([tmp_path / "environment"], repair)
    assert len(told) == 2 and "is a history" in " ".join(told)


@pytest.fixture
def dated(make, opened):
    """Return a repair in a project whose links name a repository of a benchmark."""

    def made_for(number):
        made = make(f"project-{number}")
        links = (
            '[project]\nname = "x"\n[project.urls]\nSource = "https://github.com/Pallets/Flask"\n'
        )
        made.commit("Begin", {"sums.py": BUGGY, "test_sums.py": TEST, "pyproject.toml": links})
        made.commit(f"Fix the sum (#{number})", {"sums.py": RIGHT, "test_sums.py": MORE})
        repository = opened(made.path)
        return classify(next(repository.units()), repository)

    return made_for


def test_a_task_of_a_public_benchmark_is_known(dated):
    assert known(dated(5014)) == "SWE-bench Verified: pallets/flask#5014"
    assert known(dated(1)) == "" and drawn_on("pallets/flask") == ("SWE-bench",)


def test_a_users_benchmark_is_looked_through(dated, tmp_path):
    repair = dated(3)
    text = "The total of two numbers ignores the first of them, whatever it may be in the list"
    path = tmp_path / "mine.jsonl"
    for row in (
        {"instance_id": "a", "base_commit": repair.unit.base},
        {"instance_id": "pallets__flask-3"},
        {"instance_id": "b", "repo": "pallets/flask", "problem_statement": f"Hello. {text}. Bye."},
    ):
        path.write_text(json.dumps(row) + "\n")
        assert against(path).known(repair, text) == f"mine: {row['instance_id']}"
        with pytest.raises(Rejected, match=f"mine: {row['instance_id']}"):
            unknown(repair, [against(path)], text)
    path.write_text(json.dumps({"instance_id": "pallets__flask-4"}) + "\n")
    assert against(path).known(repair, text) == ""
    path.write_text("{}\n")
    with pytest.raises(InputError, match="line 1"):
        against(path)
