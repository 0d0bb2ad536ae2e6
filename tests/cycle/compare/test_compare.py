"""Two checkpoints on the same items: nothing run twice, nothing counted that was not judged."""

import msgspec
import pytest

from banbury.actors.policy import Routed, route_of
from banbury.actors.script import Script, fixed
from banbury.cycle.compare.compare import (
    Guarded,
    SkillChange,
    changes,
    compare,
    guard_by_rollout,
    guard_by_route,
    guarded,
)
from banbury.cycle.probe import probe
from banbury.cycle.source import source
from banbury.episode import Actor
from banbury.errors import ActorError, InputError, UnknownName
from banbury.gyms import registry
from banbury.gyms.contract import Answer

ADD, SUBTRACT, QUEUE = "reasoning.add", "reasoning.subtract", "office.email.queue"
SIZES = {"train": 2, "reserve": 40, "unseen": 20}


class Repaired:
    """A base with one adapter, and a router that picks it for some tasks."""

    def __init__(self, base, adapter, picks, name="repaired"):
        self.actor = Actor("script", name)
        self.base = base.actor
        self.asked = []
        self._policies = {"base": base, "adapter": adapter}
        self._picks = picks

    def route(self, task):
        return "adapter" if self._picks(task) else "base"

    def sit(self, task, seat, actions, sample):
        route = self.route(task)
        return _Session(self, route, self._policies[route].sit(task, seat, actions, sample))

    async def close(self):
        pass


class _Session:
    def __init__(self, policy, route, session):
        self._policy, self._route, self._session = policy, route, session

    async def act(self, observations):
        self._policy.asked.append(self._route)
        move = await self._session.act(observations)
        return msgspec.structs.replace(move, route=self._route)


def only(skill):
    return lambda task: task.skill == skill


def found(artifact):
    return {c.skill: c for c in msgspec.convert(artifact.body["skills"], list[SkillChange])}


@pytest.fixture
def setting(lab, student):
    """A source of two skills, a base that can neither, and a checkpoint that repairs the first."""
    sourced = source(lab, [ADD, QUEUE], name="s", **SIZES)
    base = student(lab, {ADD: 0.1, QUEUE: 0.2}, "base")
    adapter = student(lab, {ADD: 0.9}, "adapter")
    return sourced, base, Repaired(base, adapter, only(ADD))


def test_a_gap_that_closed_and_one_that_was_left_alone(lab, setting):
    sourced, base, repaired = setting
    result = found(compare(lab, sourced, base, repaired, name="c"))
    added, queued = result[ADD], result[QUEUE]
    assert added.closed
    assert added.change.low > 0.3
    assert added.change.n == queued.change.n == 60
    assert (added.seen.n, added.unseen.n) == (40, 20)
    assert added.change.difference == pytest.approx(
        (40 * added.seen.difference + 20 * added.unseen.difference) / 60
    )
    assert (added.routes, queued.routes) == ({"adapter": 60}, {"base": 60})
    assert (queued.change.difference, queued.closed) == (0.0, False)
    assert (added.missing, queued.missing) == (0, 0)


def test_what_is_told_again_from_the_store_is_the_same(lab, setting):
    sourced, base, repaired = setting
    artifact = compare(lab, sourced, base, repaired, name="c", before_run="b")
    again = changes(lab, sourced, "b", "c")
    assert msgspec.to_builtins(again) == artifact.body["skills"]
    for change in again:
        items = next(s for s in sourced.body["skills"] if s["skill"] == change.skill)
        ids = items["reserved_seen"] + items["reserved_unseen"]
        for run_name, share in (("b", change.change.before), ("c", change.change.after)):
            passed = [o.passed for o in lab.outcomes(run=run_name) if o.task in ids]
            assert len(passed) == 60
            assert sum(passed) / 60 == pytest.approx(share)


def test_the_bases_own_rollouts_are_taken_over_and_say_so(lab, setting):
    sourced, base, repaired = setting
    compare(lab, sourced, base, repaired, name="c", before_run="b")
    assert repaired.asked == ["adapter"] * 60
    before = {r.episode.key.task: (r, j) for r, j in lab.records(run="b")}
    replayed = list(lab.records(run="c", skill=QUEUE))
    assert len(replayed) == 60
    for record, verdicts in replayed:
        first, judged = before[record.episode.key.task]
        assert record.steps == first.steps
        assert record.episode.actors == (repaired.actor,)
        assert record.episode.key.actor == repaired.actor.key
        assert [(p.episode, p.relation) for p in record.episode.parents] == [
            (first.episode.id, "replayed")
        ]
        assert record.episode.route == "base"
        assert record.episode.cost.busy_ns == 0
        assert (verdicts[-1].score, verdicts[-1].evidence) == (
            judged[-1].score,
            judged[-1].evidence,
        )


def test_what_is_taken_over_is_what_running_it_would_have_given(lab, setting):
    """The same checkpoint with a router that claims another base runs everything itself."""
    sourced, base, repaired = setting
    compare(lab, sourced, base, repaired, name="c", before_run="b")
    honest = Repaired(base, repaired._policies["adapter"], only(ADD))
    honest.base = Actor("script", "another")
    compare(lab, sourced, base, honest, name="d", before_run="b")
    assert honest.asked.count("base") == 60
    taken, ran = (
        {r.episode.key.task: [s.payload for s in r.actions()] for r, _ in lab.records(run=name)}
        for name in ("c", "d")
    )
    assert taken == ran
    assert [o.passed for o in lab.outcomes(run="c", skill=ADD)] == [
        o.passed for o in lab.outcomes(run="d", skill=ADD)
    ]


def test_who_counts_as_the_base(lab, setting, student):
    _, base, repaired = setting
    task = next(lab.tasks(skill=QUEUE))
    assert isinstance(repaired, Routed)
    assert route_of(repaired, task, base) == "base"
    assert route_of(repaired, next(lab.tasks(skill=ADD)), base) == "adapter"
    assert route_of(repaired, task, fixed("x")) != "base"
    assert route_of(base, task, base) != "base"


def test_a_comparison_stopped_midway_ends_as_if_it_had_not_been(lab, house, student):
    def world(name):
        there = house.lab(f"{lab.name}-{name}")
        base = student(there, {ADD: 0.1, QUEUE: 0.2}, "base")
        repaired = Repaired(base, student(there, {}, "adapter"), only(ADD))
        return there, source(there, [ADD, QUEUE], name="s", **SIZES), base, repaired

    def stop(tally):
        if tally.done == 30:
            raise KeyboardInterrupt

    torn, whole = world("torn"), world("whole")
    with pytest.raises(KeyboardInterrupt):
        compare(*torn, name="c", progress=stop)
    torn_again, undisturbed = compare(*torn, name="c"), compare(*whole, name="c")
    assert torn_again.body["skills"] == undisturbed.body["skills"]
    assert len(torn[0].outcomes(run="c")) == 120


def test_two_checkpoints_under_one_name_are_kept_apart(lab, setting, student):
    sourced, base, repaired = setting
    first = compare(lab, sourced, base, repaired, name="c")
    worse = Repaired(base, fixed("I cannot say."), only(ADD), "worse")
    second = compare(lab, sourced, base, worse, name="c")
    again = compare(lab, sourced, base, repaired, name="c")
    assert found(second)[ADD].change.after == 0.0
    assert again.body["skills"] == first.body["skills"]


def test_items_that_failed_count_nowhere_and_are_shown(lab, student):
    """The adapter cannot be asked about a quarter of the items, and passes all others."""
    sourced = source(lab, [ADD], name="s", **SIZES)
    base = fixed("I cannot say.")
    down, up = student(lab, {ADD: "down"}, "x"), student(lab, {}, "x")
    flaky = type(up)(
        "flaky", lambda task: (down if int(task.id[-4:], 16) % 4 == 0 else up)._plan(task)
    )
    change = found(compare(lab, sourced, base, flaky, name="c"))[ADD]
    failed = len({o.task for o in lab.outcomes(run="c", status="failed")})  # each tried again
    assert change.missing == failed > 0
    assert change.change.n == 60 - failed
    assert (change.change.before, change.change.after) == (0.0, 1.0)
    whole = type(up)("flaky", up._plan)
    change = found(compare(lab, sourced, base, whole, name="c"))[ADD]
    assert (change.missing, change.change.n) == (0, 60)


@pytest.mark.parametrize("who", ["before", "after"])
def test_a_checkpoint_that_cannot_be_asked_is_one_error(lab, student, who):
    sourced = source(lab, [ADD], name="s", **SIZES)
    down = student(lab, {ADD: "down"})
    pair = {"before": fixed("x"), "after": fixed("y")} | {who: down}
    with pytest.raises(ActorError, match="nobody answers"):
        compare(lab, sourced, name="c", **pair)
    assert not lab.artifacts("comparison")


def gate(artifact):
    return msgspec.convert(artifact.body["found"], Guarded)


def told_again(lab, artifact):
    return msgspec.json.decode(msgspec.json.encode(guarded(lab, artifact.body)))


def guard_skills(lab, base, after, **more):
    return guard_by_route(lab, base, after, [SUBTRACT, QUEUE], name="g", seed=0, items=100, **more)


def test_a_router_that_leaves_others_alone_is_safe_and_costs_nothing(lab, student):
    base = student(lab, {}, "base")
    repaired = Repaired(base, fixed("x"), only(ADD))
    artifact = guard_skills(lab, base, repaired)
    result = gate(artifact)
    assert result.gate.verdict == "safe"
    assert {f.skill: f.n for f in result.gate.skills} == {SUBTRACT: 100, QUEUE: 100}
    assert result.routed_away == result.missing == {SUBTRACT: 0, QUEUE: 0}
    assert repaired.asked == []
    assert not lab.outcomes(run="g")
    assert {lab.task(t).split for t in artifact.body["items"][QUEUE]} == {"reserved"}


def some(share):
    return lambda task: int(task.id[:8], 16) / 16**8 < share


def test_only_what_goes_astray_is_run(lab, student):
    base = student(lab, {}, "base")
    repaired = Repaired(base, student(lab, {}, "good"), some(0.1))
    artifact = guard_skills(lab, base, repaired)
    result = gate(artifact)
    assert 0 < sum(result.routed_away.values()) == len(repaired.asked) < 60
    assert len(lab.outcomes(run="g")) == len(lab.outcomes(run="g/before")) == len(repaired.asked)
    assert result.gate.verdict == "safe"
    assert told_again(lab, artifact) == artifact.body["found"]


def test_a_checkpoint_that_destroys_a_skill_is_harmed(lab, student):
    base = student(lab, {}, "base")
    result = gate(guard_skills(lab, base, Repaired(base, fixed("x"), only(QUEUE))))
    verdicts = {f.skill: f.verdict for f in result.gate.skills}
    assert result.gate.verdict == "harmed"
    assert verdicts == {SUBTRACT: "safe", QUEUE: "harmed"}
    assert result.gate.skills[0].lost == 100


def test_harm_is_seen_where_the_base_never_uses_the_asked_form(lab):
    gym, _ = registry.skill(QUEUE)

    def bare(task):
        return [Answer(gym.solution(lab.problem(task.id))[0].text.removeprefix("Answer: "))]

    base = Script("bare", bare)
    result = gate(guard_skills(lab, base, Repaired(base, fixed("x"), only(QUEUE))))
    assert not any(o.passed for o in lab.outcomes(run="g/before"))
    assert {f.skill: f.verdict for f in result.gate.skills} == {SUBTRACT: "safe", QUEUE: "harmed"}


def test_a_plain_checkpoint_without_a_router_is_run_on_everything(lab, student):
    base, after = student(lab, {}, "base"), student(lab, {}, "joint")
    result = gate(guard_by_route(lab, base, after, [ADD], name="g", seed=0, items=20))
    assert result.routed_away == {ADD: 20}
    assert result.gate.verdict == "not shown safe"


def test_items_that_failed_never_make_a_checkpoint_safe(lab, student):
    """A fifth goes astray and passes, or cannot be asked at all: had those all been lost, ..."""
    base = student(lab, {}, "base")
    up, down = student(lab, {}, "x"), student(lab, {SUBTRACT: "down", QUEUE: "down"}, "x")
    flaky = type(up)("flaky", lambda task: (up if some(0.1)(task) else down)._plan(task))
    repaired = Repaired(base, flaky, some(0.2))
    result = gate(guard_skills(lab, base, repaired))
    assert sum(result.missing.values()) > 10
    assert sum(f.n for f in result.gate.skills) == 200 - sum(result.missing.values())
    assert result.gate.pooled.lost == 0
    assert result.gate.verdict == "not shown safe"
    mended = Repaired(base, up, some(0.2))
    result = gate(guard_skills(lab, base, mended))
    assert result.gate.verdict == "safe"
    assert not any(result.missing.values())


def test_guarding_on_the_probes_own_items(lab, student):
    base = student(lab, {SUBTRACT: 0.8}, "base")
    probed = probe(lab, base, [ADD, SUBTRACT, QUEUE], name="p")
    probe(lab, fixed("another"), [SUBTRACT], name="p")
    broken = student(lab, {QUEUE: 0.0}, "joint")
    artifact = guard_by_rollout(lab, broken, probed, [SUBTRACT, QUEUE], name="g", items=12)
    result = gate(artifact)
    tasks = {r["skill"]: r["tasks"] for r in probed.body["skills"]}
    assert artifact.body["items"] == {s: tasks[s][:12] for s in (SUBTRACT, QUEUE)}
    queue, subtract = result.gate.skills
    assert subtract.before == pytest.approx(
        sum(
            o.passed
            for o in lab.outcomes(run="p", actor=base.actor.key)
            if o.task in tasks[SUBTRACT][:12]
        )
        / 12
    )
    assert (queue.before, queue.after, queue.lost) == (1.0, 0.0, 12)
    assert result.gate.verdict == "harmed"
    assert told_again(lab, artifact) == artifact.body["found"]


def test_nothing_to_guard_is_refused(lab, student):
    base = student(lab, {}, "base")
    probed = probe(lab, base, [ADD], name="p")
    with pytest.raises(InputError, match="no skill to guard"):
        guard_by_route(lab, base, base, [], name="g", seed=0)
    with pytest.raises(InputError, match="no skill to guard"):
        guard_by_rollout(lab, base, probed, [], name="g", items=3)
    with pytest.raises(UnknownName, match=r"reasoning\.add"):
        guard_by_rollout(lab, base, probed, ["reasoning.ad"], name="g", items=3)
    with pytest.raises(ActorError):
        down = student(lab, {QUEUE: "down"})
        guard_by_route(lab, base, down, [QUEUE], name="g", seed=0, items=5)
