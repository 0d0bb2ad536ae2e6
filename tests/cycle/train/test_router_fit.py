"""The router: fitted on prompts, kept as bytes, tried on prompts that it never saw."""

from itertools import islice

import numpy as np
import pytest

from banbury.actors.policy import BASE
from banbury.actors.router import Router
from banbury.cycle.train.router_fit import confusion, fit_router
from banbury.errors import TrainError
from banbury.gyms import registry

SKILLS = {
    "office.email.queue": "office.email.queue",
    "reasoning.date_format": "reasoning.date_format",
    "reasoning.larger": BASE,
    "reasoning.uppercase": BASE,
}


def prompts(seed, count, phrasing="seen"):
    found = {}
    for skill, label in SKILLS.items():
        gym, _ = registry.skill(skill)
        drawn = islice(gym.tasks(skill, seed=seed, phrasing=phrasing), count)
        found.setdefault(label, []).extend(p.task.public.instruction for p in drawn)
    return found


@pytest.fixture(scope="module")
def router():
    return fit_router(prompts(1, 60), seed=0)


def test_unseen_wordings_find_their_adapter(router):
    found = confusion(router, prompts(2, 30, "unseen"))
    counts = np.array(found.counts)
    assert counts.sum() == 30 * len(SKILLS)
    assert np.trace(counts) / counts.sum() > 0.9
    assert found.labels[-1] == BASE


def test_a_fitted_router_routes_the_same_after_its_bytes(router):
    again = Router.from_bytes(router.to_bytes())
    unseen = [t for texts in prompts(3, 20).values() for t in texts]
    assert again.routes(unseen) == router.routes(unseen)
    assert np.array_equal(again.probabilities(unseen), router.probabilities(unseen))
    assert len(set(again.routes(unseen))) == 3


def test_two_classes_are_told_apart():
    two = {k: v for k, v in prompts(1, 40).items() if k != "reasoning.date_format"}
    router = fit_router(two, seed=0)
    fresh = {k: v for k, v in prompts(2, 20).items() if k in two}
    counts = np.array(confusion(router, fresh).counts)
    assert np.trace(counts) == counts.sum()


def test_a_prompt_like_none_goes_to_the_base(router):
    assert router.route("Écris un poème sur la mer.") == BASE


def test_without_prompts_for_the_base_there_is_no_router():
    with pytest.raises(TrainError, match="base"):
        fit_router({"a": ["x"], "b": ["y"]}, seed=0)
