"""By whose fault: loops, retries, a fuse for what is down, models that a gym asks, the tally."""

import asyncio
import contextlib
import threading

import msgspec
import pytest

from banbury.actors.policy import GaveUp, Move
from banbury.actors.script import Script, fixed
from banbury.arena import Job, Limits, Models, Tally, play, run
from banbury.arena.fuse import FUSE
from banbury.episode import Actor, Cost, Judgement, Money
from banbury.errors import ActorError, GymError, InputError
from banbury.gyms.contract import Answer, Needs, Observation, Turn
from banbury.statistics.intervals import wilson


class Acts:
    """A policy and its session in one, which answers with what a function returns."""

    def __init__(self, act, name="acts"):
        self.actor = Actor("script", name)
        self._act = act

    def sit(self, task, seat, actions, sample):
        return self

    async def act(self, observations):
        return self._act(observations)

    async def close(self):
        pass


def played(gym, problem, act, **more):
    policies = {"solver": Acts(act)}
    return asyncio.run(play(gym, problem, policies, lab="l", run="r", **more))


def endless(echo, environment, words=None):
    """Return a gym without an end, which says one word after the other, or always the same."""

    class Endless(environment):
        def step(self, seat, action):
            return Turn({seat: (Observation(next(words) if words else "no"),)})

    return echo(environment=Endless)


def cuts(record):
    return [msgspec.json.decode(s.payload) for s in record.steps if s.kind == "control"]


def test_the_same_call_over_and_over_is_cut_and_judged_as_it_stands(
    echo, echo_environment, numbered
):
    gym = endless(echo, echo_environment)
    record, verdict = played(gym, numbered(gym), lambda seen: Move(Answer("again")))
    assert len(record.actions()) == 8
    assert cuts(record) == [{"truncated": "repeats"}]
    assert record.episode.truncated
    assert verdict.score == 0
    limits = Limits(repeats=3)
    record, _ = played(gym, numbered(gym), lambda seen: Move(Answer("again")), limits=limits)
    assert len(record.actions()) == 3


def test_what_changes_is_no_loop(echo, echo_environment, numbered):
    said = iter(range(100))
    gym = endless(echo, echo_environment)
    limits = Limits(moves=20)
    record, _ = played(
        gym, numbered(gym), lambda seen: Move(Answer(str(next(said)))), limits=limits
    )
    assert cuts(record) == [{"truncated": "moves"}]
    assert len(record.actions()) == 20
    gym = endless(echo, echo_environment, map(str, range(100)))
    record, _ = played(gym, numbered(gym), lambda seen: Move(Answer("wait")), limits=limits)
    assert len(record.actions()) == 20


def test_who_gives_up_is_judged_as_it_stands(echo, numbered):
    def gives_up(seen):
        raise GaveUp

    gym = echo()
    record, verdict = played(gym, numbered(gym), gives_up)
    assert (record.episode.status, record.episode.truncated, verdict.score) == ("done", True, 0)
    assert cuts(record) == [{"truncated": "gave up"}]


@pytest.mark.parametrize("action", [Answer(7), Answer(None)])
def test_an_argument_of_the_wrong_type_is_the_actors_fault(echo, numbered, action):
    gym = echo()
    told = []
    record, verdict = played(gym, numbered(gym), lambda seen: told.append(seen) or Move(action))
    assert (record.episode.status, verdict.score) == ("done", 0)
    assert "Expected `str`" in told[1][0].text
    assert not record.actions()


def test_a_judgement_without_a_proper_id_is_the_gyms_fault(echo, numbered):
    def judge(record, problem):
        return Judgement("mine", record.episode.id, "j", "h", 1.0, True)

    gym = echo(judge=judge)
    record, verdict = played(gym, numbered(gym), lambda seen: Move(Answer("0")))
    assert verdict is None
    assert "no UUID" in record.episode.failure.what


def test_a_deadline_says_what_it_was_last_at(echo, numbered):
    go = threading.Event()
    gym = echo(Needs(slow=True), judge=lambda record, problem: go.wait(60))
    limits = Limits(seconds=0.2)
    record, _ = played(gym, numbered(gym), lambda seen: Move(Answer("0")), limits=limits)
    [thread] = [t for t in threading.enumerate() if t.name in record.episode.failure.what]
    assert f"judge, whose thread {thread.name!r} was left behind" in record.episode.failure.what
    go.set()
    thread.join(60)


class Flaky:
    """Fails the first times that it is asked about each task."""

    def __init__(self, times, error=ActorError):
        self.actor = Actor("script", f"flaky-{times}-{error.__name__}")
        self._times, self._error, self._seen = times, error, {}

    def sit(self, task, seat, actions, sample):
        return Acts(lambda seen: self._answer(task.id))

    def _answer(self, task):
        self._seen[task] = self._seen.get(task, 0) + 1
        if self._seen[task] <= self._times:
            raise self._error("down")
        return Move(Answer("0"))

    async def close(self):
        pass


def jobs(gym, numbered, policy, count):
    return [Job(gym, numbered(gym, i), {"solver": policy}) for i in range(count)]


@pytest.mark.parametrize(
    ("times", "retries", "failed"), [(1, 1, 0), (2, 1, 3), (2, 2, 0), (1, 0, 3)]
)
def test_an_infrastructure_failure_is_tried_again_and_kept(
    lab, echo, numbered, times, retries, failed
):
    tally = run(lab, "r", jobs(echo(), numbered, Flaky(times), 3), retries=retries)
    assert (tally.done, tally.failed, tally.total) == (3, failed, 3)
    attempts = min(times, retries + (1 if failed else 0))
    assert tally.failures == {"ActorError": 3 * max(attempts, 1)}
    statuses = [e.status for e in lab.episodes(run="r")]
    assert statuses.count("failed") == tally.failures["ActorError"]
    assert statuses.count("done") == 3 - failed
    assert run(lab, "r", jobs(echo(), numbered, Flaky(0), 3), retries=0).failed == 0


def test_what_an_actor_did_badly_is_never_tried_again(lab, echo, numbered):
    gym = echo()
    tally = run(lab, "r", jobs(gym, numbered, fixed("wrong"), 3), retries=5)
    assert (tally.retried, len(gym.environments)) == (0, 3)


def test_what_is_down_is_not_asked_for_ever_and_the_rest_goes_on(lab, echo, numbered):
    down, gym = Flaky(9), echo()
    count = FUSE + 50
    both = [*jobs(gym, numbered, down, count), *jobs(gym, numbered, fixed("0"), 100)]
    tally = run(lab, "r", both, concurrency=4, retries=0)
    assert FUSE <= tally.failed < FUSE + 4
    assert tally.skipped == count - tally.failed
    assert tally.judged == 100
    with pytest.raises(ActorError, match=rf"{tally.skipped} were not tried after them.*down"):
        tally.check("r")
    again = run(lab, "r", [*jobs(gym, numbered, Flaky(9), count)[:3]], retries=0)
    assert again.failed == 3


def test_a_gym_that_is_broken_is_left_and_the_others_go_on(lab, echo, numbered):
    def start(problem, seed, ask):
        raise ValueError("broken")

    broken = echo(start=start)
    broken.name = "broken"
    both = [*jobs(broken, numbered, fixed("0"), FUSE + 9), *jobs(echo(), numbered, fixed("0"), 5)]
    tally = run(lab, "r", both, concurrency=1, retries=0)
    assert (tally.failed, tally.skipped, tally.judged) == (FUSE, 9, 5)
    with pytest.raises(GymError, match="broken"):
        tally.check("r")


def test_retries_below_none_are_refused(lab):
    with pytest.raises(InputError):
        run(lab, "r", [], retries=-1)


def asking(echo, environment):
    """Return a gym whose environment has a model mark the answer."""

    def start(problem, seed, ask):
        made = environment(gym, problem)
        made.ask = ask
        return made

    class Marks(environment):
        def step(self, seat, action):
            mark = self.ask("marker", f"mark {action.text}")
            return Turn({seat: (Observation(mark),)}, terminated=True)

    gym = echo(Needs(model=True), start=start)
    environment = Marks
    return gym


class Marker:
    def __init__(self):
        self.actor = Actor("model", "m")
        self.asked = []

    def sit(self, task, seat, actions, sample):
        assert (seat, actions) == ("asked", Answer)
        return self

    async def act(self, observations):
        await asyncio.sleep(0)
        self.asked.append(observations[0].text)
        return Move(Answer("good"), cost=Cost(3, 4, 0, (Money(5, "EUR"),)))

    async def close(self):
        pass


def test_a_model_that_a_gym_asks_is_recorded_with_its_cost(lab, echo, echo_environment, numbered):
    gym, marker = asking(echo, echo_environment), Marker()
    tally = run(lab, "r", jobs(gym, numbered, fixed("0"), 3), ask=Models({"marker": marker}))
    assert marker.asked == ["mark 0"] * 3
    assert (tally.failure, tally.cost.tokens_in, tally.cost.money) == (None, 9, (Money(15, "EUR"),))
    for record, _ in lab.records(run="r"):
        assert [s.kind for s in record.steps][:4] == [
            "observation",
            "action",
            "note",
            "observation",
        ]
        note = record.steps[2]
        assert (note.track, note.actor) == ("ask", -1)
        assert b'"answer":"good"' in note.payload


def test_a_model_that_nobody_gave_is_named(lab, echo, echo_environment, numbered):
    gym = asking(echo, echo_environment)
    tally = run(lab, "r", jobs(gym, numbered, fixed("0"), 1), ask=Models({"other": Marker()}))
    assert "there is no model to ask 'marker'" in tally.failure.what


def test_a_model_is_not_asked_twice_when_an_episode_is_carried_on(
    lab, echo, echo_environment, numbered
):
    class Crash(BaseException):
        pass

    def judge(record, problem):
        if len(marker.asked) == 1 and not again:
            raise Crash
        return gym.verdict(record, 1.0)

    again = []
    gym, marker = asking(echo, echo_environment), Marker()
    gym.judge = judge
    person = Script("ann", lambda task: [Answer("0")])
    person._actor = Actor("person", "ann")
    models = Models({"marker": marker})
    with pytest.raises(Crash):
        run(lab, "r", jobs(gym, numbered, person, 1), ask=models)
    again.append(True)
    tally = run(lab, "r", jobs(gym, numbered, person, 1), ask=models)
    assert (tally.failure, tally.passed, tally.cost.tokens_out) == (None, 1, 4)
    assert marker.asked == ["mark 0"]


def test_the_tally_counts_and_adds_up(lab, echo, numbered):
    gym = echo()
    tally = run(lab, "r", jobs(gym, numbered, fixed("0"), 4))
    assert tally.steps == 16
    rate, low, high = tally.pass_rate()
    found = wilson(1, 4)
    assert (rate, low, high) == pytest.approx((0.25, found.low, found.high))
    assert sum(tally.waiting.values()) == pytest.approx(1)
    assert min(tally.waiting.values()) >= 0
    assert Tally().pass_rate() is None
    assert Tally().waiting == {"actor": 0, "gym": 0, "store": 0}
    both = tally + tally
    assert (both.done, both.steps, both.store_s) == (8, 32, 2 * tally.store_s)
    assert (Tally(failures={"a": 1}) + Tally(failures={"a": 2, "b": 1})).failures == {
        "a": 3,
        "b": 1,
    }


def turning(*args, **more):
    while True:
        pass


@pytest.mark.parametrize("verb", ["start", "opening", "step", "evidence", "judge", "close"])
def test_a_quick_gym_that_hangs_fails_its_own_episode_and_no_other(echo, numbered, verb):
    hung, sound = echo(), echo()
    if verb in ("start", "judge"):
        setattr(hung, verb, turning)
    else:
        start = hung.start

        def started(problem, **more):
            environment = start(problem, **more)
            setattr(environment, verb, turning)
            return environment

        hung.start = started

    async def both():
        limits = Limits(hang=0.2)
        return await asyncio.gather(
            play(hung, numbered(hung, 7), {"solver": fixed("7")}, lab="l", run="r", limits=limits),
            play(sound, numbered(sound, 8), {"solver": fixed("8")}, lab="l", run="r"),
        )

    (record, _), (other, verdict) = asyncio.run(both())
    assert record.episode.failure.boundary == "GymError"
    assert f"{verb} held up everything" in record.episode.failure.what
    assert other.episode.status == "done"
    assert verdict.passed


def test_a_gym_that_swallows_the_end_of_a_hung_call_is_ended_again(echo, numbered):
    gym = echo()

    def stubborn(record, problem):
        for _ in range(2):
            with contextlib.suppress(BaseException):
                turning()
        turning()

    gym.judge = stubborn
    record, _ = asyncio.run(
        play(
            gym,
            numbered(gym, 7),
            {"solver": fixed("7")},
            lab="l",
            run="r",
            limits=Limits(hang=0.1),
        )
    )
    assert record.episode.failure.boundary == "GymError"
