import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banbury.errors import InputError
from banbury.statistics.guard import Guard, guard, pairs_needed
from banbury.statistics.paired import non_inferiority


def unchanged(n):
    scores = [i % 2 for i in range(n)]
    return scores, scores


def test_routes_to_the_base_are_safe_together_and_honest_alone():
    few = guard({f"skill.{i}": unchanged(20) for i in range(16)})
    assert few.verdict == few.pooled.verdict == "safe"
    assert {finding.verdict for finding in few.skills} == {"not shown safe"}
    many = guard({f"skill.{i}": unchanged(pairs_needed(skills=16)) for i in range(16)})
    assert {finding.verdict for finding in many.skills} == {"safe"}


def test_too_few_pairs_are_not_shown_safe_even_pooled():
    assert guard({"a": unchanged(28)}).verdict == "not shown safe"
    assert guard({"a": unchanged(29)}).verdict == "safe"
    assert guard({"a": unchanged(1), "b": unchanged(1)}).verdict == "not shown safe"


def test_one_destroyed_skill_refuses_the_release():
    pairs = {f"skill.{i}": unchanged(60) for i in range(10)}
    pairs["last.word"] = ([1] * 39 + [0] * 11, [1] * 2 + [0] * 48)
    result = guard(pairs)
    assert result.pooled.difference > -0.1
    assert result.verdict == "harmed"
    assert [f.skill for f in result.skills if f.verdict == "harmed"] == ["last.word"]
    assert {f.verdict for f in result.skills if f.skill != "last.word"} <= {
        "safe",
        "not shown safe",
    }


def test_a_drop_of_one_item_is_no_finding():
    result = guard({"a": ([1] * 10, [0] + [1] * 9)})
    assert result.verdict == "not shown safe"
    assert not result.pooled.dropped


def test_a_proven_drop_within_the_margin_is_safe_and_named():
    result = guard({"a": ([1] * 600, [0] * 18 + [1] * 582)}, margin=0.10)
    assert (result.verdict, result.pooled.dropped) == ("safe", True)
    assert guard({"a": ([1] * 600, [0] * 18 + [1] * 582)}, margin=0.02).verdict == "harmed"


def test_gains_are_safe():
    assert guard({"a": ([0] * 30, [1] * 30), "b": unchanged(30)}).verdict == "safe"


def test_holm_makes_many_skills_harder_to_call():
    dropped = ([1] * 20, [0] * 6 + [1] * 14)
    assert guard({"a": dropped}).skills[0].verdict == "harmed"
    among = guard({"a": dropped} | {f"b{i}": unchanged(20) for i in range(9)})
    assert among.skills[0].verdict == "not shown safe"
    assert among.skills[0].p_drop > guard({"a": dropped}).skills[0].p_drop


def test_one_skill_pools_to_itself():
    pair = ([1] * 40 + [0] * 10, [1] * 38 + [0] * 12)
    result = guard({"a": pair})
    test = non_inferiority(*pair, margin=0.1)
    assert result.pooled.p_safe == result.skills[0].p_safe == test.p_value
    assert result.pooled.low == result.skills[0].low == test.low


def test_pooled_bound_and_p_value_say_the_same():
    random = np.random.default_rng(2)
    for drop in (0.0, 0.04, 0.06, 0.08):
        pairs = {}
        for skill in "abcd":
            before = random.random(60) < 0.7
            pairs[skill] = (before, before & (random.random(60) > drop))
        pooled = guard(pairs).pooled
        assert (pooled.low >= -0.1) == (pooled.p_safe <= 0.05)


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from("abcdef"),
        st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=25),
        min_size=1,
    )
)
def test_verdicts_follow_their_definition(table):
    result = guard({s: ([b for b, _ in p], [a for _, a in p]) for s, p in table.items()})
    for finding in (*result.skills, result.pooled):
        assert (finding.verdict == "safe") == (finding.p_safe <= 0.05)
        assert finding.dropped == (finding.p_drop <= 0.05)
        assert (finding.verdict == "harmed") == (finding.dropped and finding.p_safe > 0.05)
        assert finding.difference == pytest.approx(finding.after - finding.before)
        # A harm is a finding: without more losses than gains there is none.
        assert finding.verdict != "harmed" or finding.lost > finding.gained
    assert result.pooled.n == sum(finding.n for finding in result.skills)
    assert msgspec.json.decode(msgspec.json.encode(result), type=Guard) == result


def test_pairs_needed_grows_with_skills_and_shrinks_with_margin():
    assert pairs_needed(0.10) == 29
    assert pairs_needed(0.10, skills=16) > pairs_needed(0.10, skills=4) > 29
    assert pairs_needed(0.20) < 29 < pairs_needed(0.05)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: guard({}),
        lambda: guard({"a": ([], [])}),
        lambda: guard({"a": ([1], [1, 0])}),
        lambda: guard({"a": ([1], [0.5])}),
        lambda: guard({"a": ([1], [1])}, margin=0),
        lambda: guard({"a": ([1], [1])}, alpha=1),
    ],
)
def test_refuses_bad_input(wrong):
    with pytest.raises(InputError):
        wrong()


def test_the_error_names_the_skill():
    with pytest.raises(InputError, match=r"code\.repair"):
        guard({"code.repair": ([1, 1], [1])})
