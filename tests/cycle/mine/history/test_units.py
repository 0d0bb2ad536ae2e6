import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cycle.mine.history.conftest import BUGGY, MORE, RIGHT, TEST

from banbury.cycle.source.mine.history import Candidate, Dropped, Size, classify, diff
from banbury.cycle.source.mine.history.cases import compare
from banbury.cycle.source.mine.history.surface import bare, idle, surface
from banbury.errors import InputError

TYPED = BUGGY.replace("def total(numbers):", "def total(numbers: list[int]) -> int:")
WORDED = BUGGY.replace("Return the sum.", "Return what the numbers add up to.")
WARNS = RIGHT.replace("    result =", "    warn('none', DeprecationWarning)\n    result =")
MEAN = "\n\ndef mean(numbers):\n    return sum(numbers) / len(numbers)\n"
MEANT = "\n\ndef test_mean():\n    import sums\n\n    assert sums.mean([1, 3]) == 2\n"


def test_a_repair_with_a_test_is_a_candidate(sums, opened):
    repository = opened(sums.path)
    (unit,) = repository.units()
    found = classify(unit, repository)
    assert isinstance(found, Candidate), found
    assert found.tests == ("test_sums.py",) and found.source == ("sums.py",)
    assert found.cases == ("test_first_counts",) and "is called a fix" in found.why


def test_the_two_halves_of_a_repair_are_patches(sums, opened):
    repository = opened(sums.path)
    found = classify(next(repository.units()), repository)
    fix, tests = diff(found)
    assert "+    for number in numbers:" in fix and "test_first" not in fix
    assert "+def test_first_counts():" in tests and "numbers[1:]" not in tests


def judged(made, opened, message, files, **kwargs):
    made.commit(message, files)
    repository = opened(made.path)
    return classify(next(repository.units()), repository, **kwargs)


@pytest.mark.parametrize(
    ("kind", "message", "files"),
    [
        ("docs", "Fix the readme", {"README.md": "More\n"}),
        ("tests only", "Fix a test", {"test_sums.py": MORE}),
        ("no tests", "Fix total", {"sums.py": RIGHT}),
        ("no tests", "Fix total", {"sums.py": RIGHT, "test_sums.py": "# About\n" + TEST}),
        ("typing", "Fix types", {"sums.py": TYPED, "test_sums.py": MORE}),
        ("typing", "Fix wrong words", {"sums.py": WORDED, "test_sums.py": MORE}),
        ("build", "Fix the build", {"setup.py": "", ".github/workflows/a.yml": "a: 1\n"}),
        ("feature", "Add mean", {"sums.py": BUGGY + MEAN, "test_sums.py": TEST + MEANT}),
        ("feature", "feat: allow more", {"sums.py": RIGHT, "test_sums.py": MORE}),
        ("refactoring", "Fix layout", {"sums.py": None, "adds.py": BUGGY, "test_sums.py": MORE}),
        ("deprecation", "Deprecate zero", {"sums.py": RIGHT, "test_sums.py": MORE}),
        ("deprecation", "Prevent zero", {"sums.py": WARNS, "test_sums.py": MORE}),
        ("not a fix", "Something #123", {"sums.py": RIGHT, "test_sums.py": MORE}),
    ],
)
def test_what_is_no_repair_is_dropped_with_its_kind(make, opened, kind, message, files):
    made = make()
    made.commit("Begin", {"sums.py": BUGGY, "test_sums.py": TEST})
    found = judged(made, opened, message, files)
    assert isinstance(found, Dropped) and found.kind == kind and found.reason, found


def test_what_is_too_large_is_dropped(sums, opened):
    more = {"sums.py": BUGGY, "test_sums.py": TEST}
    found = judged(sums, opened, "Fix it back", more, size=Size(lines=1))
    assert isinstance(found, Dropped) and found.kind == "too large"


def test_a_date_in_the_future_is_dropped(sums, opened):
    sums.when = 4_000_000_000
    found = judged(sums, opened, "Fix it back", {"sums.py": BUGGY, "test_sums.py": TEST})
    assert isinstance(found, Dropped) and found.kind == "date"


def test_a_merge_is_one_unit_against_its_first_parent(sums, opened):
    sums.git("checkout", "-q", "-b", "fix-order")
    sums.commit("Begin order", {"sums.py": RIGHT.replace("0\n", "0.0\n")})
    sums.commit(
        "Test order", {"test_sums.py": MORE + "\n\ndef test_x():\n    assert total([]) == 0\n"}
    )
    sums.git("checkout", "-q", "main")
    text = "Merge pull request #7 from ada/fix-order\n\nTotal fails for no numbers"
    sums.git("merge", "-q", "--no-ff", "-m", text, "fix-order")
    repository = opened(sums.path)
    merge, *_ = repository.units()
    assert len(list(repository.units())) == 2
    assert [change.path for change in merge.files] == ["sums.py", "test_sums.py"]
    assert repository.inside(merge) == ("Begin order", "Test order")
    found = classify(merge, repository)
    assert isinstance(found, Candidate) and found.inside == ("Begin order", "Test order")


def test_a_branch_that_is_joined_is_several_changes(sums, opened):
    sums.git("checkout", "-q", "-b", "stable")
    sums.commit("Fix one", {"sums.py": BUGGY})
    sums.commit("Fix two", {"test_sums.py": MORE.replace("== 3", "== 2")})
    sums.git("checkout", "-q", "main")
    sums.git("merge", "-q", "--no-ff", "-m", "Merge branch 'stable' into main", "stable")
    repository = opened(sums.path)
    found = classify(next(repository.units()), repository)
    assert isinstance(found, Dropped) and found.kind == "several changes"


def test_units_are_chosen_by_date(sums, opened):
    sums.commit("Later", {"b.py": "b = 1\n"}, when=1_700_000_000)
    repository = opened(sums.path)
    assert [u.subject for u in repository.units(since="2023-01-01")] == ["Later"]
    assert len(list(repository.units(until="2023-01-01"))) == 1
    with pytest.raises(InputError, match="is no date"):
        list(repository.units(since="soon"))


def test_renamed_and_deleted_tests_are_told_apart(sums, opened):
    files = {"test_sums.py": None, "tests/test_sums.py": MORE + "# moved\n", "sums.py": BUGGY}
    sums.commit("Fix it wrongly", {"test_old.py": TEST})
    found = judged(sums, opened, "Fix what was wrong", files | {"test_old.py": None})
    assert isinstance(found, Candidate)
    assert found.tests == ("tests/test_sums.py",)
    assert found.gone == ("test_old.py", "test_sums.py")


def test_odd_names_do_not_confuse_a_unit(make, opened):
    made = make()
    made.commit("Begin", {"a.py": "a = 1\n"})
    names = ["tab\there.py", "line\nbreak.py", ":colon.py", '"quote".py', "ä.py", "1\t2\tx.py"]
    made.commit("More", dict.fromkeys(names, "b = 2\n"))
    (unit,) = opened(made.path).units()
    assert sorted(c.path for c in unit.files) == sorted(names)
    assert all((c.added, c.removed, c.status) == (1, 0, "A") for c in unit.files)


def test_a_module_nested_too_deep_is_read_as_lines():
    deep = b"a = " + b"(" * 150 + b"1" + b")" * 150
    sums = b"a = " + b"+".join([b"1"] * 5000)
    for source in (deep, sums, b"a = \0", b"def f(:"):
        assert bare(source) == bare(source) and compare(source, source + b"\n\n") is not None


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_two_texts_can_be_compared_as_modules(before, after):
    old, new = (text.encode(errors="replace") for text in (before, after))
    assert idle(old, old)
    compare(old, new)
    surface(new)
