"""Small problems of every kind, for hypothesis, and the best plan by trying all."""

from itertools import product

from hypothesis import strategies as st

from banbury.people.matching import Belief, Opening, Person, Rules, broken
from banbury.people.matching.market import Market
from banbury.people.matching.plan import Offer

SKILLS, LABS, TONGUES = ["law", "code", "birds"], ["a", "b", "c"], ["en", "de"]

beliefs = st.dictionaries(
    st.sampled_from(SKILLS),
    st.builds(Belief, st.floats(-3, 3), st.floats(0.05, 2), st.integers(0, 30)),
    min_size=1,
)


def persons(number):
    return st.builds(
        Person,
        st.just(f"p{number}"),
        beliefs,
        st.frozensets(st.sampled_from(TONGUES)),
        st.sampled_from([0.0, 2.0, 5.5, 20.0]),
        st.sampled_from([0.0, 0.7, 1.0]),
        st.frozensets(st.sampled_from(LABS), max_size=1),
        st.integers(0, 3),
        st.frozensets(st.sampled_from(SKILLS), max_size=1),
        st.frozensets(st.sampled_from(["o0", "o1"]), max_size=1),
    )


def openings(number):
    return st.builds(
        Opening,
        st.just(f"o{number}"),
        st.sampled_from(["x", f"y{number}"]),
        st.sampled_from(LABS),
        st.dictionaries(st.sampled_from(SKILLS), st.floats(0.5, 3), min_size=1, max_size=2),
        st.integers(0, 3),
        st.sampled_from([1.0, 5.0, 5.5]),
        st.sampled_from([0.5, 1.0, 3.0]),
        st.frozensets(st.sampled_from(TONGUES), max_size=1),
        st.floats(-1, 1),
        st.sampled_from([0.0, 0.4]),
        st.sampled_from([0.8, 1.0]),
        st.sampled_from([0.5, 1.0, 2.0]),
    )


rules = st.builds(
    Rules,
    st.frozensets(st.sampled_from([("a", "b"), ("c", "b")])),
    st.integers(1, 2),
    st.sampled_from([0.0, 0.3]),
    st.sampled_from([0.0, 0.5]),
    seed=st.integers(0, 5),
)


def several(make, least, most):
    return st.integers(least, most).flatmap(lambda n: st.tuples(*(make(i) for i in range(n))))


problems = st.tuples(several(persons, 0, 5), several(openings, 0, 4), rules)
tiny = st.tuples(several(persons, 1, 3), several(openings, 1, 2), rules)


def goodness(plan, openings, rules):
    """What is maximised: value less what missing newcomers cost."""
    penalty = rules.thrift * max((o.weight for o in openings), default=0)
    return plan.value - penalty * max(0, plan.wanted - plan.newcomers)


def best_of_all(people, openings, rules):
    """The best value less what missing newcomers cost, by trying every plan."""
    market = Market(people, openings, rules)
    lines = [market.line(p) for p in people]
    spots = [(n, c) for n, line in enumerate(lines) for c in range(len(line)) if line[c] > 0]
    best = -market.penalty * market.board.wanted
    for chosen in product((False, True), repeat=len(spots)):
        held = [spot for spot, yes in zip(spots, chosen, strict=True) if yes]
        offers = [
            Offer(people[n].id, openings[market.board.opening[c]].id,
                  bool(market.board.explored[c]), 1.0, float(lines[n][c]))
            for n, c in held
        ]  # fmt: skip
        full = any(sum(c == d for _, d in held) > market.board.places[c] for _, c in held)
        if full or broken(offers, people, openings, rules):
            continue
        new = sum(people[n].results < rules.newcomer_results for n, _ in held)
        missing = max(0, market.board.wanted - new)
        best = max(best, sum(o.value for o in offers) - market.penalty * missing)
    return best
