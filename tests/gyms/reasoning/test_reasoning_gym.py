import itertools
import subprocess
import sys
import textwrap
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from banbury.errors import GymError, UnknownName
from banbury.gyms.check import act
from banbury.gyms.contract import Answer
from banbury.gyms.reasoning import reasoning_gym as rg
from banbury.gyms.reasoning.frozen import freeze, thaw
from banbury.gyms.reasoning.gym import ReasoningGym
from banbury.gyms.reasoning.rg_families import EXCLUDED, FAMILIES

GYM = ReasoningGym()


def first(family, difficulty=None, seed=1):
    return next(GYM.tasks(f"rg.{family}", seed=seed, difficulty=difficulty))


def scored(problem, text):
    return GYM.judge(act(GYM, problem, [Answer(text)]), problem)


def test_every_family_of_the_library_is_offered_or_left_out_by_name():
    library = rg._library()
    assert set(library.DATASETS) == {*FAMILIES, *EXCLUDED}
    assert not set(FAMILIES) & set(EXCLUDED)
    assert all(len(reason) > 30 for reason in GYM.missing().values())


def in_a_new_process(code):
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_listing_skills_does_not_load_the_library():
    said = in_a_new_process(
        """
        import sys
        from banbury.gyms import registry
        print("rg.chain_sum" in registry.skills(), "reasoning_gym" in sys.modules)
        """
    )
    assert said == ["True", "False"]


def test_without_the_library_only_our_own_families_are_listed():
    said = in_a_new_process(
        """
        import sys
        sys.modules["reasoning_gym"] = None
        from banbury.errors import SetupError
        from banbury.gyms import registry
        gym = registry.gym("reasoning")
        print(any(s.name.startswith("rg.") for s in gym.skills()), len(gym.skills()) > 30)
        print("pip" in gym.missing()["rg.*"])
        try:
            gym.tasks("rg.chain_sum", seed=0)
        except SetupError as error:
            print("not" in str(error))
        """
    )
    assert said == ["False", "True", "True", "True"]


@pytest.mark.parametrize("family", [name for name, entry in FAMILIES.items() if entry.easy])
def test_easier_settings_take_effect(family):
    dataset = rg._dataset(family, FAMILIES[family].easy, seed=3)
    changed = {k for k, v in FAMILIES[family].easy.items() if getattr(dataset.config, k) == v}
    assert changed == set(FAMILIES[family].easy)
    assert FAMILIES[family].easy != {
        k: getattr(rg._dataset(family, {}, seed=3).config, k) for k in FAMILIES[family].easy
    }


def test_a_setting_that_the_library_does_not_know_is_refused():
    with pytest.raises(GymError, match="max_wordz"):
        rg._dataset("word_sorting", {"max_wordz": 3}, seed=0)


def test_left_out_and_unknown_families_say_so():
    with pytest.raises(GymError, match="4\\*6\\*1\\*1"):
        GYM.tasks("rg.puzzle24", seed=0)
    with pytest.raises(UnknownName, match=r"rg\.word_sorting"):
        GYM.tasks("rg.word_sortin", seed=0)
    with pytest.raises(UnknownName, match="easy"):
        GYM.tasks("rg.word_sorting", seed=0, difficulty="eazy")


def test_neighbouring_seeds_share_no_tasks():
    tasks = [
        {p.task.id for p in itertools.islice(GYM.tasks("rg.chain_sum", seed=seed), 40)}
        for seed in (11, 12)
    ]
    assert len(tasks[0] & tasks[1]) <= 2


@pytest.mark.parametrize(
    ("family", "answer"),
    [
        ("binary_matrix", "[open({path!r}, 'w')]"),
        ("spiral_matrix", "[open({path!r}, 'w')]"),
        ("string_insertion", "[str(open({path!r}, 'w'))]"),
        ("n_queens", "[open({path!r}, 'w')]"),
        ("countdown", "open({path!r}, 'w')"),
        ("polynomial_multiplication", "open({path!r}, 'w')"),
        ("simple_integration", "open({path!r}, 'w')"),
        ("intermediate_integration", "open({path!r}, 'w')"),
    ],
)
def test_no_answer_makes_the_scorer_run_code(family, answer, tmp_path):
    path = tmp_path / "made-by-an-answer"
    text = answer.format(path=str(path))
    problem = first(family)
    for said in (text, f"Answer: {text}", f"Answer:\n{text}", f"The answer is {text}"):
        assert scored(problem, said).score == 0.0
    assert not path.exists()


@pytest.mark.parametrize(
    ("family", "text"),
    [
        ("prime_factorization", "it has many factors"),
        ("rubiks_cube", "U9999999999"),
        ("countdown", "9**9**9**9"),
        ("polynomial_multiplication", "((9**99)**99)**99"),
        ("simple_integration", "9**9**9**9 + C"),
        ("game_of_life", '{"a": 1}'),
        ("word_sorting", "a, " * 50_000),
    ],
)
def test_what_breaks_a_scorer_is_a_score_of_zero_with_evidence(family, text):
    found = scored(first(family), f"Answer: {text}")
    assert found.score == 0.0
    evidence = msgspec.json.decode(found.evidence)
    assert evidence["read"] is None or evidence["why"] or evidence["own"] < 1


@pytest.mark.parametrize(
    ("family", "more"),
    [
        ("gsm_symbolic", " 300"),
        ("word_sorting", ", more"),
        ("time_intervals", " or 3 days"),
        ("fraction_simplification", " or 1/2"),
        ("letter_jumble", " more"),
        ("sokoban", " or up"),
        ("quantum_lock", " or A"),
        ("spell_backward", "abc"),
    ],
)
def test_a_right_answer_with_another_beside_it_is_none(family, more):
    problem = first(family)
    gold = rg.gold_of(problem)
    assert scored(problem, f"Answer: {gold}").score == 1.0
    assert scored(problem, f"Answer: {gold}{more}").score == 0.0


def test_the_right_value_in_another_form_is_lenient_not_strict():
    problem = first("chain_sum")
    found = scored(problem, f"It is {rg.gold_of(problem)}.")
    assert found.components == {"strict": 0.0, "lenient": 1.0}


def test_the_origin_says_how_to_make_the_task_again():
    problem = first("chain_sum", "standard")
    name, difficulty, _, seed, _, index = problem.task.origin.revision.replace(",", "").split()
    assert difficulty == "standard"
    again = rg._dataset(name, {}, int(seed))[int(index)]
    assert again["question"].strip() in problem.task.public.instruction


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3) | st.integers(0, 9), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(PLAIN)
def test_metadata_survives_json(value):
    kept = msgspec.json.decode(msgspec.json.encode(freeze(value)))
    assert thaw(kept) == value


@pytest.mark.parametrize(
    ("family", "wrong"),
    [
        ("complex_arithmetic", lambda gold: "nan"),
        ("complex_arithmetic", lambda gold: "nan + nani"),
        ("gsm_symbolic", lambda gold: f"-{gold}"),
        ("gsm_symbolic", lambda gold: f"{gold},000"),
        ("decimal_arithmetic", lambda gold: str(Decimal(gold) + Decimal("0.1"))),
        ("decimal_arithmetic", lambda gold: str(Decimal(gold) + Decimal("0.0001"))),
        ("number_sorting", lambda gold: gold.replace(".0", ".1", 1)),
    ],
)
def test_what_the_librarys_scorer_takes_too_kindly_is_wrong(family, wrong):
    for problem in itertools.islice(GYM.tasks(f"rg.{family}", seed=4), 4):
        gold = rg.gold_of(problem)
        assert rg.score(problem, f"Answer: {gold}")[0] == 1.0
        assert rg.score(problem, f"Answer: {wrong(gold)}")[0] == 0.0, (gold, wrong(gold))


def test_the_integral_of_nothing_is_no_task():
    golds = [
        rg.gold_of(p) for p in itertools.islice(GYM.tasks("rg.simple_integration", seed=20), 60)
    ]
    assert "0 + C" not in golds
