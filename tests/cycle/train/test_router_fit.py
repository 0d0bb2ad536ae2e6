"""The router: sends prompts where they belong, and what it does not know to the base."""

import random

import pytest

from banbury.actors.router import BASE, Router
from banbury.cycle.train.router_fit import confusion, fit_router
from banbury.errors import TrainError

MAIL = ["Which queue takes this mail?", "Route this mail.", "Where does this mail go?"]
SUM = ["Add {} and {}.", "What is {} + {}?", "Work out {} plus {}."]
OTHER = ["Name the capital of {}.", "Reverse the word {}.", "Is {} a fruit?", "Spell {} backward."]
NAMES = ["Ana", "Bo", "Cara", "Dov", "Eli", "Fay", "Gus", "Hana"]


def prompts(seed, count=60):
    drawn = random.Random(seed)
    name = lambda: drawn.choice(NAMES)  # noqa: E731
    number = lambda: drawn.randint(10, 99)  # noqa: E731
    return {
        "office.queue": [f"From: {name()}\n{drawn.choice(MAIL)} {number()}" for _ in range(count)],
        "reasoning.add": [drawn.choice(SUM).format(number(), number()) for _ in range(count)],
        BASE: [drawn.choice(OTHER).format(name()) for _ in range(count)],
    }


@pytest.fixture(scope="module")
def router():
    return fit_router(prompts(0), seed=0)


def test_unseen_prompts_go_where_they_belong(router):
    found = confusion(router, prompts(1))
    assert found.labels == ("office.queue", "reasoning.add", BASE)
    for place, row in enumerate(found.counts):
        assert sum(row) == 60
        assert row[place] >= 57, found


def test_what_it_does_not_know_goes_to_the_base(router):
    strange = ["", "π≈3", "def f(x): return x", "Translate 'good day' into French, please"]
    assert router.routes(strange) == [BASE] * 4


def test_it_survives_as_bytes_and_a_seed_gives_the_same_bytes(router):
    data = router.to_bytes()
    again = Router.from_bytes(data)
    texts = [t for rows in prompts(2).values() for t in rows]
    assert again.routes(texts) == router.routes(texts)
    assert again.to_bytes() == data == fit_router(prompts(0), seed=0).to_bytes()


def test_two_classes_are_enough():
    two = {k: v for k, v in prompts(0).items() if k != "office.queue"}
    router = fit_router(two, seed=0)
    assert router.routes(["Add 11 and 12.", "Is Ana a fruit?"]) == ["reasoning.add", BASE]
    shares = router.probabilities(["Add 11 and 12."])
    assert shares.sum() == pytest.approx(1.0)


def test_a_router_needs_the_base_and_an_adapter():
    with pytest.raises(TrainError, match="needs prompts for the base"):
        fit_router({BASE: ["x"]}, seed=0)
    with pytest.raises(TrainError, match="needs prompts for the base"):
        fit_router({"a": ["x"], "b": ["y"]}, seed=0)
