"""A replay of a stored episode: everything comes out the same, or the first difference is named."""

import msgspec
import pytest

from banbury.actors.policy import Move
from banbury.actors.script import Script, fixed
from banbury.arena import Job, Models, draw, jobs_of, replay, run
from banbury.episode import Actor
from banbury.errors import InputError, UnknownName
from banbury.gyms import registry
from banbury.gyms.contract import Answer, Needs, Observation, Turn


class Clumsy:
    """Makes a fault, then answers, with a note."""

    def __init__(self, faults=1):
        self.actor = Actor("model", "clumsy")
        self.faults = faults

    def sit(self, task, seat, actions, sample):
        self.said = 0
        return self

    async def act(self, observations):
        self.said += 1
        if self.said <= self.faults:
            return Move(None, raw="{", fault="no JSON")
        return Move(Answer("0"), notes={"thought": "zero"})

    async def close(self):
        pass


def stored(lab, gym, problem, policy, **more):
    lab.put_tasks([problem])
    run(lab, "r", [Job(gym, problem, {"solver": policy})], retries=0, **more)
    return next(lab.episodes(run="r")).id


@pytest.mark.parametrize("skill", ["reasoning.add", "office.email.queue"])
def test_a_real_episode_replays_to_the_byte(lab, skill):
    problems = draw(lab, skill, 2, "probe", seed=0)
    gym, _ = registry.skill(skill)
    known = {p.task.id: p for p in problems}
    reference = Script("reference", lambda task: gym.solution(known[task.id]))
    run(lab, "r", [*jobs_of(problems, reference), *jobs_of(problems, fixed("no"))])
    for episode in list(lab.episodes(run="r")):
        found = replay(lab, episode.id)
        assert (found.same, found.difference, found.judge_changed) == (True, None, False)
        child = lab.episode(found.episode)
        assert [(p.episode, p.relation) for p in child.parents] == [(episode.id, "replayed")]
        first, proof = lab.judgements([child.id])[child.id]
        assert first.score == lab.judgements([episode.id])[episode.id][0].score
        assert (proof.judge, proof.passed) == ("arena/replay", True)


@pytest.mark.parametrize("faults", [1, 3])
@pytest.mark.parametrize("kind", ["model", "person"])
def test_faults_and_notes_are_replayed_too(lab, echo, numbered, faults, kind):
    gym, policy = echo(), Clumsy(faults)
    policy.actor = Actor(kind, "clumsy")
    id = stored(lab, gym, numbered(gym), policy)
    found = replay(lab, id, gym=gym)
    assert found.difference is None
    assert found.steps >= 3
    assert replay(lab, id, gym=gym).episode != found.episode


def changed(echo, environment, **verbs):
    return echo(environment=type("Changed", (environment,), verbs))


@pytest.mark.parametrize(
    ("verbs", "what", "seq"),
    [
        ({"opening": lambda self: Turn({"solver": (Observation("Say 1."),)})}, "observation", 0),
        ({"step": lambda self, seat, action: Turn(terminated=True, reward=0.7)}, "reward", 2),
        ({"step": lambda self, seat, action: Turn(reward=0.5)}, "end", None),
        ({"step": lambda self, s, a: Turn(reward=0.5, truncated=True)}, "end", None),
        ({"step": lambda self, seat, action: Turn(terminated=True)}, "evidence", 2),
        ({"evidence": lambda self: '{"closed": true}'}, "evidence", 3),
        ({"evidence": lambda self: ""}, "evidence", 3),
        ({"step": lambda self, seat, action: 1 / 0}, "failure", 2),
    ],
)
def test_the_first_difference_is_named(lab, echo, echo_environment, numbered, verbs, what, seq):
    gym = echo()
    id = stored(lab, gym, numbered(gym), fixed("0"))
    found = replay(lab, id, gym=changed(echo, echo_environment, **verbs))
    assert not found.same
    if what == "evidence" and seq == 2:
        what = "reward"
    assert (found.difference.what, found.difference.seq) == (what, seq)
    child = lab.episode(found.episode)
    if what != "failure":
        proof = lab.judgements([child.id])[child.id][-1]
        assert (proof.score, proof.passed) == (0, False)
        assert msgspec.json.decode(proof.evidence)["difference"]["what"] == what


def test_another_judgement_is_named(lab, echo, numbered):
    gym = echo()
    id = stored(lab, gym, numbered(gym), fixed("0"))
    other = echo()
    other.judge = lambda record, problem: other.verdict(record, 0.25, components={"a": 0.5})
    other.judge_hash = "other"
    found = replay(lab, id, gym=other)
    assert (found.difference.what, found.judge_changed) == ("judgement", True)
    assert '"score":1.0' in found.difference.before
    assert '"score":0.25' in found.difference.now


def test_a_failed_episode_is_replayed_as_far_as_it_went(lab, echo, numbered):
    def judge(record, problem):
        raise ValueError("broken")

    gym = echo(judge=judge)
    id = stored(lab, gym, numbered(gym), fixed("0"))
    assert lab.episode(id).status == "failed"
    assert replay(lab, id, gym=echo()).same


def test_what_a_model_said_is_told_from_the_record(lab, echo, echo_environment, numbered):
    class Marks(echo_environment):
        def step(self, seat, action):
            return Turn({seat: (Observation(self.gym.ask("m", action.text)),)}, terminated=True)

    def start(problem, seed, ask):
        gym.ask = ask
        return Marks(gym, problem)

    gym = echo(Needs(model=True), start=start)
    id = stored(lab, gym, numbered(gym), fixed("0"), ask=Models({"m": fixed("good")}))
    assert replay(lab, id, gym=gym).same


def test_what_cannot_be_replayed_says_why(lab, echo, numbered):
    gym = echo()
    id = stored(lab, gym, numbered(gym), fixed("0"))
    newer, careful = echo(), echo(Needs(effects=True))
    newer.version = "2"
    with pytest.raises(InputError, match=r"recorded at version 1 .* version 2 is installed"):
        replay(lab, id, gym=newer)
    with pytest.raises(InputError, match="effects outside"):
        replay(lab, id, gym=careful)
    with pytest.raises(UnknownName):
        replay(lab, id)
    with pytest.raises(UnknownName):
        replay(lab, "01a1fd6a-0db0-7dde-89c2-2a9af3da597c")
