import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.people.matching.problems import goodness, openings, persons, problems, rules, several

from banbury.errors import UnknownName
from banbury.people.matching import Belief, Matching, Opening, Person, Rules, broken, match


def _kept(matching, people, problem_openings, problem_rules):
    plan = matching.plan
    assert broken(plan.offers, people.values(), problem_openings, problem_rules) == []
    best = match(list(people.values()), problem_openings, problem_rules)
    reached = goodness(plan, problem_openings, problem_rules)
    top = goodness(best, problem_openings, problem_rules)
    assert reached <= top + 1e-5
    assert top <= reached + plan.bound - plan.value + 1e-5, "the bound is no bound"
    return plan


@settings(max_examples=25, deadline=None)
@given(problems, st.data())
def test_changes_break_no_rule_and_the_bound_stays_one(problem, data):
    first, wanted, how = problem
    people = {p.id: p for p in first}
    matching = Matching(first, wanted, how)
    for _ in range(3):
        number = data.draw(st.integers(0, 6))
        if f"p{number}" in people and data.draw(st.booleans()):
            del people[f"p{number}"]
            matching.drop(f"p{number}")
        else:
            people[f"p{number}"] = data.draw(persons(number))
            matching.put(people[f"p{number}"])
        _kept(matching, people, wanted, how)
    matching.again()
    _kept(matching, people, wanted, how)


@settings(max_examples=25, deadline=None)
@given(several(persons, 1, 5), several(openings, 1, 4), rules)
def test_who_refuses_keeps_everything_else(people, wanted, how):
    matching = Matching(people, wanted, how)
    for person in people:
        held = matching.openings_of(person.id)
        if held:
            matching.refuse(person.id, held[0])
            after = matching.openings_of(person.id)
            assert set(held[1:]) <= set(after)
            assert held[0] not in after


def test_a_place_that_is_refused_goes_to_the_next_best():
    people = [Person(f"p{n}", {"code": Belief(n / 10, 0.1, 50)}) for n in range(5)]
    matching = Matching(people, [Opening("o", "c", "a", {"code": 1})], Rules(explore=0))
    assert matching.openings_of("p4") == ["o"]
    matching.refuse("p4", "o")
    assert matching.openings_of("p3") == ["o"]
    matching.put(msgspec.structs.replace(people[0], beliefs={"code": Belief(3.0, 0.1, 50)}))
    assert matching.openings_of("p0") == ["o"]
    assert matching.openings_of("p3") == []


def test_somebody_unknown_is_said():
    with pytest.raises(UnknownName):
        Matching([], []).drop("nobody")
