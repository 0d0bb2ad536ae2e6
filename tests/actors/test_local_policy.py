"""Where the route is the base, the repaired checkpoint says what the base says, token for token."""

import asyncio
from itertools import islice

import numpy as np
import pytest

from banbury.actors.chat import Sampling
from banbury.actors.checkpoint import find_model, revision
from banbury.actors.local_policy import LocalPolicy
from banbury.actors.policy import BASE, route_of
from banbury.actors.pool import Pool
from banbury.actors.router import Router
from banbury.actors.weights import Weights
from banbury.cycle.train.lora import Example, sft
from banbury.errors import ActorError, UnknownName
from banbury.gyms import registry
from banbury.gyms.contract import Answer, Observation


@pytest.fixture(scope="module")
def pool(tiny_folder):
    pool = Pool(tiny_folder, workers=2)
    yield pool
    pool.close()


@pytest.fixture(scope="module")
def adapter(tiny_folder):
    asked = [[{"role": "user", "content": f"{n} + {n}?"}] for n in range(4)]
    examples = [Example(m, "the queue") for m in asked]
    settings = {"steps": 3, "batch": 2, "rate": 5e-2, "seed": 0, "name": "reasoning.add"}
    return sft(Weights(tiny_folder), lambda message: None, examples, **settings).adapter


def tasks(count):
    gym, _ = registry.skill("reasoning.larger")
    return [p.task for p in islice(gym.tasks("reasoning.larger", seed=5), count)]


def answers(policy, asked):
    async def one(task):
        session = policy.sit(task, "solver", Answer, 0)
        return await session.act([Observation(task.public.instruction)])

    async def everything():
        return await asyncio.gather(*map(one, asked))

    return asyncio.run(everything())


def always(label):
    """Return a router that sends everything to one label."""
    labels = sorted({BASE, "reasoning.add"})
    bias = np.where([x == label for x in labels], 9.0, 0.0).astype(np.float32)
    return Router(labels, np.zeros((2, 2 << 15), dtype=np.float32), bias, 0.5)


def test_a_route_to_the_base_gives_the_bases_tokens(pool, tiny_folder, adapter):
    greedy = Sampling(max_tokens=12)
    asked = tasks(7)
    held = revision(tiny_folder)
    base = LocalPolicy(pool, "tiny", held, greedy)
    alone = answers(base, asked)
    pool.add_adapter("reasoning.add", adapter)
    options = {"base_revision": held}
    routed = LocalPolicy(pool, "tiny+x", "r", greedy, router=always(BASE), **options)
    repaired = LocalPolicy(pool, "tiny+x", "r", greedy, router=always("reasoning.add"), **options)
    changed = answers(repaired, asked)
    beside = answers(routed, asked[:2]) + answers(routed, asked[2:])
    assert all(route_of(routed, t, base) == BASE for t in asked)
    for first, second in zip(alone, beside, strict=True):
        assert np.array_equal(first.call.completion, second.call.completion)
        assert np.array_equal(first.call.logprobs, second.call.logprobs)
    assert {m.route for m in beside} == {BASE}
    assert {m.route for m in changed} == {"reasoning.add"}
    assert any(
        not np.array_equal(a.call.completion, c.call.completion)
        for a, c in zip(alone, changed, strict=True)
    )


def test_sampled_answers_are_never_taken_over(pool, tiny_folder):
    warm = Sampling(temperature=1.0)
    base = LocalPolicy(pool, "tiny", revision(tiny_folder), warm)
    routed = LocalPolicy(
        pool, "tiny+x", "r", warm, router=always(BASE), base_revision=revision(tiny_folder)
    )
    assert route_of(routed, tasks(1)[0], base) != BASE


def test_a_router_survives_its_bytes():
    router = always("reasoning.add")
    again = Router.from_bytes(router.to_bytes())
    assert again.labels == router.labels
    assert again.threshold == router.threshold
    assert again.route("anything") == "reasoning.add"


def test_a_model_that_is_none_is_named(tmp_path):
    with pytest.raises(UnknownName, match="smollm2"):
        find_model(str(tmp_path / "none"))
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ActorError, match="no model can be loaded"):
        Weights(tmp_path)
