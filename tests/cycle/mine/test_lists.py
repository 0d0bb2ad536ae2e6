"""Which tests tell the fix from the base: only those of which every run says the same."""

from hypothesis import given
from hypothesis import strategies as st

from banbury.cycle.source.mine.lists import Said, files_of, functions_of, lists, unsteady

OUTCOMES = st.sampled_from(["passed", "failed", "error", "skipped", "xfailed"])
IDS = [f"t/test_{f}.py::test_{n}" for f in "ab" for n in range(3)]


def runs():
    return st.lists(st.dictionaries(st.sampled_from(IDS), OUTCOMES), min_size=1, max_size=4)


@given(runs(), runs())
def test_each_list_holds_only_what_every_run_says(before, after):
    then, now = [Said(o) for o in before], [Said(o) for o in after]
    found = lists(then, now)
    for id in found.fail_to_pass:
        assert {run.of(id) for run in then} <= {"failed", "error", "missing", None}
        assert any(run.of(id) for run in then)
        assert {run.of(id) for run in now} <= {"passed", None}
    for id in found.pass_to_pass:
        assert {run.of(id) for run in (*then, *now)} <= {"passed", None}
    assert not set(found.fail_to_pass) & set(found.pass_to_pass)
    assert all(0 < rate < 1 for rate in found.flaky.values())
    assert not set(found.flaky) & {*found.fail_to_pass, *found.pass_to_pass}


def test_a_file_that_cannot_be_collected_fails_all_its_tests():
    before = [Said({"t/test_a.py": "error"})]
    found = lists(before, [Said({IDS[0]: "passed"})])
    assert found.fail_to_pass == (IDS[0],)


def test_a_run_says_nothing_of_what_it_was_not_asked_for():
    some = Said({IDS[0]: "passed"}, frozenset({"t/test_a.py"}))
    assert some.of(IDS[1]) == "missing" and some.of(IDS[3]) is None
    one = Said({}, frozenset({IDS[1]}))
    assert one.of(IDS[1] + "[x]") == "missing" and one.of(IDS[0]) is None
    old = Said({}, but=frozenset({"t/test_a.py"}), sparse=True)
    assert old.of(IDS[0]) is None and old.of(IDS[3]) is None


def test_a_suite_that_leaves_a_file_out_says_nothing_of_it():
    """A project may collect all of its tests through one file, or leave some out."""
    file = frozenset({"t/test_a.py"})
    through = Said({"t/__main__.py::test_0": "passed"})
    before = [Said({IDS[0]: "failed"}, file), through]
    found = lists(before, [Said({IDS[0]: "passed"}, file), through])
    assert found.fail_to_pass == (IDS[0],) and not found.unsure
    assert found.pass_to_pass == ("t/__main__.py::test_0",)


def test_a_test_that_wavers_is_named_with_its_rate_and_counts_in_nothing():
    before = [Said({IDS[0]: "failed", IDS[1]: "passed"})]
    after = [Said({IDS[0]: o, IDS[1]: "passed"}) for o in ("passed", "passed", "passed", "failed")]
    found = lists(before, after)
    assert found.flaky == {IDS[0]: 0.25} and found.unsure == (IDS[0],)
    assert found.fail_to_pass == () and found.pass_to_pass == (IDS[1],)


def test_a_name_that_is_new_in_each_run_is_no_test_that_wavers():
    after = [Said({f"{IDS[0]}[{n}]": "passed"}) for n in range(3)]
    found = lists([Said({})], after)
    assert not found.flaky and not found.fail_to_pass and not found.pass_to_pass


def test_a_test_that_only_the_fix_breaks_is_told():
    found = lists([Said({IDS[0]: "passed"})], [Said({IDS[0]: "failed"})] * 2)
    assert found.broken == (IDS[0],)


def test_shares_files_and_functions():
    assert unsteady([]) == 0.0 and unsteady(["passed"] * 3) == 0.0
    assert files_of(IDS) == ["t/test_a.py", "t/test_b.py"]
    assert functions_of(["a.py::t[1]", "a.py::t[2]"]) == ["a.py::t"]
