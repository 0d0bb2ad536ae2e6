"""A real OpenAI-compatible server: llama.cpp in this process, with SmolLM2-135M."""

import asyncio
import json

import pytest
from tests.actors.lamps import SKILL, Lamps, Press
from tests.arena.test_ask import jobs as letters_jobs
from tests.arena.test_ask import letters  # noqa: F401

from banbury.actors.chat import Sampling
from banbury.actors.endpoint import EndpointPolicy
from banbury.actors.gguf import gguf
from banbury.actors.policy import Move
from banbury.arena import Job, Limits, Models, jobs_of, results, run
from banbury.gyms import registry
from banbury.gyms.contract import Observation
from banbury.gyms.tools import toolbox

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server():
    xllamacpp = pytest.importorskip("xllamacpp", exc_type=ImportError)
    params = xllamacpp.CommonParams()
    params.model.path = str(gguf())
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.n_ctx, params.n_parallel = 4_096, 2
    # More threads wait for one another in a loop, which a busy machine pays for dearly.
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.warmup = False
    params.use_jinja = True
    running = xllamacpp.Server(params)
    yield running.listening_address + "/v1"
    del running


def policy(server, tokens, **more):
    return EndpointPolicy(server, "smollm2", Sampling(max_tokens=tokens), key="", **more)


def test_it_plays_real_episodes(server, lab):
    gym, _ = registry.skill("reasoning.add")
    problems = [p for _, p in zip(range(2), gym.tasks("reasoning.add", seed=0), strict=False)]
    jobs = jobs_of(problems, policy(server, 12))
    tally = run(lab, "text", jobs)
    assert (tally.done, tally.failed) == (2, 0)
    found = results(lab, "text", jobs).values()
    assert all(o.score is not None for o in found)
    for outcome in found:
        record = lab.read(outcome.episode)
        assert json.loads(record.actions()[0].payload)["text"]
        assert record.episode.cost.tokens_in > 20
        assert 0 < record.episode.cost.tokens_out <= 12


def test_it_acts_with_tools_in_text_held_to_the_schema(server, lab):
    """The server's grammar lets even a small model write nothing but actions."""
    gym = Lamps()
    (press,) = toolbox(Press).tools
    fields = {"do": {"enum": ["press"]}, "lamp": press.fields["lamp"]}
    schema = {"type": "object", "properties": fields, "required": list(fields)}
    shape = {"type": "json_schema", "json_schema": {"name": "action", "schema": schema}}
    problem = next(gym.tasks(SKILL, seed=0))
    small = policy(server, 24, tools="text", extra={"response_format": shape})
    tally = run(lab, "tools", [Job(gym, problem, {"solver": small})], limits=Limits(moves=2))
    assert (tally.done, tally.failed) == (1, 0)
    (record, _) = next(iter(lab.records(run="tools")))
    doing = [json.loads(s.payload)["do"] for s in record.actions()]
    assert doing == ["press", "press"]
    assert [s for s in record.steps if s.kind == "observation" and b"lamp" in s.payload]


def test_it_takes_tools_and_a_history_of_calls(server):
    """Whether so small a model calls a tool is its own affair; the protocol is ours."""
    gym = Lamps()
    problem = next(gym.tasks(SKILL, seed=0))
    small = policy(server, 8, retries=0)
    session = small.sit(problem.task, "solver", gym.actions, 0)
    session.recall((Observation(problem.task.public.instruction),), Move(Press(1)))

    async def main():
        try:
            return await session.act((Observation("lamp 1 is white now", role="tool"),))
        finally:
            await small.close()

    move = asyncio.run(main())
    assert move.cost.tokens_in > 0
    assert move.action is not None or move.fault


def test_it_grades_a_rubric_or_is_honest_that_it_did_not(server, lab, letters):  # noqa: F811
    """So small a model grades badly; that it was asked, recorded and read rightly is ours."""
    judge = policy(server, 6)
    tally = run(lab, "graded", letters_jobs(letters), ask=Models({}, judge), retries=0)
    assert tally.done == 2
    for record, judgements in lab.records(run="graded"):
        (note,) = [s for s in record.steps if s.track == "ask"]
        told = json.loads(note.payload)
        assert told["by"] == judge.actor.key
        assert record.episode.cost.tokens_in > 20
        yes, no = (told["answer"].strip().lower().startswith(word) for word in ("yes", "no"))
        if record.episode.status == "failed":
            assert "neither yes nor no" in record.episode.failure.what
            assert not judgements
            continue
        (verdict,) = judgements
        assert (verdict.passed, not verdict.passed) == (yes, no)
        assert json.loads(verdict.evidence)["graded_by"] == [judge.actor.key]
