import math

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.people.matching.problems import (
    best_of_all,
    goodness,
    openings,
    persons,
    problems,
    rules,
    several,
    tiny,
)

from banbury.errors import InputError
from banbury.people.matching import Belief, Offer, Opening, Person, Rules, broken, match, reasons
from banbury.people.matching.board import Board
from banbury.people.matching.crowd import draws
from banbury.people.matching.market import Market
from banbury.people.matching.solve import plan_of, solve


@settings(max_examples=20, deadline=None)
@given(problems)
def test_no_rule_is_ever_broken_and_the_bound_holds(problem):
    people, openings, rules = problem
    exact = match(people, openings, rules)
    large = plan_of(solve(people, openings, rules, small=0))
    assert broken(exact.offers, people, openings, rules) == []
    assert broken(large.offers, people, openings, rules) == []
    best = goodness(exact, openings, rules)
    assert goodness(large, openings, rules) <= best + 1e-5
    for plan in (exact, large):
        assert plan.value <= plan.bound
        assert best <= goodness(plan, openings, rules) + plan.bound - plan.value + 1e-5


@settings(max_examples=40, deadline=None)
@given(tiny)
def test_small_problems_are_solved_to_the_optimum(problem):
    people, openings, rules = problem
    spots = sum(int((Market([p], openings, rules).line(p) > 0).sum()) for p in people)
    assume(spots <= 9)
    plan = match(people, openings, rules)
    assert goodness(plan, openings, rules) == pytest.approx(best_of_all(*problem), abs=1e-5)


@settings(max_examples=20, deadline=None)
@given(problems, st.data())
def test_more_capacity_never_lowers_the_optimum(problem, data):
    people, openings, rules = problem
    before = goodness(match(people, openings, rules), openings, rules)
    more = list(people)
    if people:
        at = data.draw(st.integers(0, len(people) - 1))
        known = people[at]
        more[at] = msgspec.structs.replace(
            known,
            hours=known.hours + data.draw(st.sampled_from([0.0, 3.0, 30.0])),
            most=known.most + data.draw(st.integers(0, 2)),
            languages=known.languages | {"en"},
            paused=frozenset(),
        )
    more.append(data.draw(persons(99)))
    after = goodness(match(more, openings, rules), openings, rules)
    assert after >= before - 1e-5


@settings(max_examples=20, deadline=None)
@given(problems, st.data())
def test_refusing_changes_nothing_but_the_one_opening(problem, data):
    """What is offered in any later round is the same, whatever was refused before."""
    people, openings, rules = problem
    assume(people and openings)
    at = data.draw(st.integers(0, len(people) - 1))
    refused = data.draw(st.sampled_from([o.id for o in openings]))
    after = list(people)
    after[at] = msgspec.structs.replace(people[at], away=people[at].away | {refused})
    rest = [o for o in openings if o.id != refused]
    same = [msgspec.structs.replace(o, id=f"later-{o.id}") for o in openings]
    for later in (rest, same):
        one, other = match(people, later, rules), match(after, later, rules)
        assert one.offers == other.offers
    lines = [Market([p], openings, rules).line(p) for p in (people[at], after[at])]
    columns = Market([], openings, rules).board.opening
    others = [c for c, n in enumerate(columns) if openings[n].id != refused]
    assert (lines[0][others] == lines[1][others]).all()


def _pool(count, results, variance=0.1):
    return [Person(f"p{n}", {"code": Belief(1.0, variance, results)}) for n in range(count)]


def test_newcomers_get_their_share_though_others_are_better():
    known = _pool(20, 100)
    new = [Person(f"new{n}", {"code": Belief(0.0, 1.0, 0)}) for n in range(5)]
    plan = match(known + new, [Opening("o", "c", "a", {"code": 1}, 10)], Rules(newcomers=0.3))
    assert plan.newcomers == plan.wanted == 3
    assert sum(o.person.startswith("new") for o in plan.offers) == 3


def test_exploring_is_bounded_and_reaches_those_who_are_little_known():
    known = _pool(50, 100, 0.001)
    vague = [Person(f"v{n}", {"code": Belief(0.5, 2.0, 20)}) for n in range(50)]
    opening = Opening("o", "c", "a", {"code": 1}, 40)
    plan = match(known + vague, [opening], Rules(explore=0.1, newcomers=0))
    explored = [o for o in plan.offers if o.explored]
    assert len(explored) == 4
    assert all(o.person.startswith("v") for o in explored)
    assert all(o.person.startswith("p") for o in plan.offers if not o.explored)


@given(several(openings, 0, 4), rules, st.data())
def test_places_that_were_given_before_count_for_the_shares(wanted, how, data):
    held = [data.draw(st.tuples(st.integers(0, 20), st.integers(0, 5))) for _ in wanted]
    held = [(taken, min(drawn, taken)) for taken, drawn in held]
    asked = [msgspec.structs.replace(o, taken=t, drawn=d, fresh=d)
             for o, (t, d) in zip(wanted, held, strict=True)]  # fmt: skip
    board = Board(asked, how)
    before = sum(o.drawn for o in asked)
    every = sum(o.places + o.taken for o in asked)
    now = int(board.places[board.explored].sum())
    assert before + now <= max(before, math.floor(how.explore * every + 1e-9))
    for n, one in enumerate(asked):
        mine = int(board.places[board.explored & (board.opening == n)].sum())
        share = how.explore * (one.places + one.taken) - one.drawn
        assert 0 <= mine <= max(0, math.ceil(share - 1e-9))
    assert board.total == sum(o.places for o in asked) == board.places.sum()
    assert board.wanted == max(0, math.ceil(how.newcomers * every - 1e-9) - before)


def test_a_single_place_is_not_a_newcomers_where_they_hold_their_share():
    new = [Person("new", {"code": Belief(0.0, 1.0, 0)})]
    opening = Opening("o", "c", "a", {"code": 1})
    assert match(_pool(1, 100) + new, [opening]).offers[0].person == "new"
    later = msgspec.structs.replace(opening, taken=9, fresh=1)
    assert match(_pool(1, 100) + new, [later]).offers[0].person == "p0"


def test_a_draw_depends_on_the_person_and_the_seed_alone():
    assert draws(["x", "y"], 3)[1] == draws(["y"], 3)[0]
    assert draws(["x"], 3)[0] != draws(["x"], 4)[0]
    many = draws([str(n) for n in range(4000)], 0)
    assert abs(many.mean()) < 0.06
    assert abs(many.std() - 1) < 0.06


def test_cheapness_counts_up_to_the_limit_and_never_lowers_the_belief():
    dear = Person("dear", {"code": Belief(1.0, 0.1, 50)}, rate=1.0)
    cheap = Person("cheap", {"code": Belief(1.0, 0.1, 50)}, rate=0.1)
    opening = Opening("o", "c", "a", {"code": 1}, 2)
    plan = match([dear, cheap], [opening], Rules(thrift=1.5, explore=0, newcomers=0))
    by = {o.person: o for o in plan.offers}
    assert by["cheap"].value == pytest.approx(1.5 * by["dear"].value, rel=1e-5)
    assert by["cheap"].quality == by["dear"].quality


def _wrong(**changes):
    person = Person("p", {"code": Belief(0, 1)}, hours=10, most=2)
    openings = {
        "o": Opening("o", "c", "a", {"code": 1}, 1, 5, 1, rate=2.0),
        "o2": Opening("o2", "c2", "b", {"code": 1}, 1, 5, 1, rate=2.0),
        "o3": Opening("o3", "c3", "d", {"code": 1}, 1, 1, 1, rate=2.0),
    }
    fields = {k: v for k, v in changes.items() if k in Person.__struct_fields__}
    openings["o"] = msgspec.structs.replace(
        openings["o"], **{k[2:]: v for k, v in changes.items() if k.startswith("o_")}
    )
    offers = changes.get("offers", ["o"])
    person = msgspec.structs.replace(person, **fields)
    made = [Offer("p", id, changes.get("explored", False), 0.5, 0.5) for id in offers]
    rules = changes.get("rules", Rules())
    return broken(made, [person], list(openings.values()), rules)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"o_skills": {"law": 1.0}}, "skill"),
        ({"paused": frozenset({"code"})}, "paused"),
        ({"o_languages": frozenset({"fr"})}, "language"),
        ({"rate": 3.0}, "pays"),
        ({"away": frozenset({"o"})}, "not to be offered"),
        ({"labs": frozenset({"z"}), "rules": Rules(frozenset({("z", "a")}))}, "conflict"),
        ({"o_least": 0.6}, "asks for"),
        ({"offers": ["o", "o2", "o3"]}, "offers of at most"),
        ({"offers": ["o", "o2"], "o_campaign": "c2"}, "two places"),
        ({"offers": ["o", "o2"], "o_lab": "b", "rules": Rules(per_lab=1)}, "one lab"),
        ({"offers": ["o", "o2"], "rules": Rules(frozenset({("b", "a")}))}, "in conflict"),
        ({"offers": ["o", "o2"], "hours": 9.0}, "hours"),
        ({"offers": ["o", "o"]}, "places of"),
        ({"explored": True}, "explored"),
    ],
)
def test_the_check_finds_each_broken_rule(changes, said):
    assert _wrong() == []
    assert said in " ".join(_wrong(**changes))


@pytest.mark.parametrize(
    "bad",
    [
        lambda: match([Person("p", {"s": Belief(0, 0)})], []),
        lambda: match([Person("p", {"s": Belief(math.nan, 1)})], []),
        lambda: match([Person("p", {}, hours=-1)], []),
        lambda: match([], [Opening("o", "c", "l", {})]),
        lambda: match([], [Opening("o", "c", "l", {"s": 1}, hours=0)]),
        lambda: match([], [Opening("o", "c", "l", {"s": 1}, least=2)]),
        lambda: match([], [], Rules(explore=2)),
        lambda: match([], [], Rules(per_lab=0)),
        lambda: match([Person("p", {})] * 2, []),
        lambda: match([], [Opening("o", "c", "l", {"s": 1})] * 2),
    ],
)
def test_bad_input_is_one_clear_error(bad):
    with pytest.raises(InputError):
        bad()


def test_reasons_say_what_is_believed_and_why():
    person = Person("p", {"code": Belief(1.0, 0.5, 4)}, frozenset({"en", "de"}), hours=12)
    opening = Opening("o", "c", "a", {"code": 1}, 10, 6, 2, frozenset({"de"}), least=0.6)
    plan = match([person], [opening], Rules(explore=0.1))
    [offer] = plan.offers
    said = " ".join(reasons(offer, person, opening, Rules()))
    for part in ("code", "4 results", "de, which you speak", "6 hours", "2 weeks", "new here",
                 "at least 60%", "may refuse"):  # fmt: skip
        assert part in said, part
    explored = msgspec.structs.replace(offer, explored=True)
    assert "10% of places" in " ".join(reasons(explored, person, opening, Rules()))
