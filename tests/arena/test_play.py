"""One episode: whose fault was it, what is kept of it, and is everything closed?"""

import asyncio
import threading

import msgspec
import pytest

from banbury.actors.policy import Move
from banbury.actors.script import Script, fixed
from banbury.arena import Limits, play
from banbury.episode import Actor
from banbury.errors import ActorError, InputError
from banbury.gyms import registry
from banbury.gyms.contract import Answer, Needs, Observation, Turn


def played(gym, problem, policy, seats=None, **more):
    policies = dict.fromkeys(gym.seats, policy) if seats is None else seats
    return asyncio.run(play(gym, problem, policies, lab="lab", run="run", **more))


class Session:
    """A policy and its session in one: answers with what a function returns."""

    def __init__(self, act):
        self.actor = Actor("script", "session")
        self._act = act

    def sit(self, task, seat, actions, sample):
        return self

    async def act(self, observations):
        answer = self._act(observations)
        return await answer if asyncio.iscoroutine(answer) else answer

    async def close(self):
        pass


def broken(error):
    def raises(*args, **more):
        raise error

    return raises


def test_a_right_answer_passes_and_the_record_says_what_happened(echo, numbered):
    gym = echo()
    record, verdict = played(gym, numbered(gym, 7), fixed("7"))
    assert verdict.passed
    assert [(s.seq, s.kind, s.seat, s.reply_to) for s in record.steps] == [
        (0, "observation", "solver", None),
        (1, "action", "solver", None),
        (2, "reward", "", 1),
        (3, "note", "", None),
    ]
    assert record.episode.status == "done"
    assert not record.episode.truncated
    assert gym.environments[0].closed == 1


def test_the_reference_passes_and_a_constant_does_not_at_a_real_gym():
    gym, _ = registry.skill("office.email.queue")
    problem = next(gym.tasks("office.email.queue", seed=0))
    reference = Script("reference", lambda task: gym.solution(problem))
    assert played(gym, problem, reference)[1].score == 1.0
    record, verdict = played(gym, problem, fixed("no idea"))
    assert (record.episode.status, verdict.score) == ("done", 0.0)


@pytest.mark.parametrize("slow", [False, True])
@pytest.mark.parametrize("verb", ["start", "judge", "opening", "step", "evidence", "close"])
@pytest.mark.parametrize(
    "error", [TimeoutError("mine"), ValueError("\ud800"), StopIteration(), SystemExit(3)]
)
def test_what_a_gym_raises_fails_the_episode(echo, echo_environment, numbered, verb, error, slow):
    if verb in ("start", "judge"):
        gym = echo(Needs(slow=slow), **{verb: broken(error)})
    else:
        rude = type("Rude", (echo_environment,), {verb: broken(error)})
        gym = echo(Needs(slow=slow), rude)
    record, verdict = played(gym, numbered(gym), fixed("0"))
    assert verdict is None
    assert record.episode.status == "failed"
    assert record.episode.failure.boundary == "GymError"
    assert type(error).__name__ in record.episode.failure.what
    assert verb in record.episode.failure.what
    msgspec.msgpack.encode(record)
    if verb not in ("start", "close"):
        assert gym.environments[0].closed == 1


@pytest.mark.parametrize(
    "verdict",
    [
        lambda gym, record: None,
        lambda gym, record: gym.verdict(record, 1.0, components={"strict": float("nan")}),
        lambda gym, record: gym.verdict(record, 1.0, components={"strict": 2.0}),
        lambda gym, record: gym.verdict(record, 1.0, components={"strict": "high"}),
        lambda gym, record: msgspec.structs.replace(gym.verdict(record, 1.0), episode="other"),
        lambda gym, record: msgspec.structs.replace(gym.verdict(record, 1.0), evidence="\ud800"),
        lambda gym, record: gym.verdict(record, 7.0),
    ],
)
def test_a_judgement_that_cannot_be_kept_fails_the_episode(echo, numbered, verdict):
    gym = echo(judge=lambda record, problem: verdict(gym, record))
    record, kept = played(gym, numbered(gym), fixed("0"))
    assert kept is None
    assert record.episode.failure.boundary == "GymError"
    assert len(record.actions()) == 1


@pytest.mark.parametrize(
    "turn",
    [
        None,
        Turn({"nobody": (Observation("hello"),)}),
        Turn({"solver": (Observation("\ud800"),)}),
        Turn({"solver": ("text",)}),
        Turn(reward=float("nan")),
    ],
)
def test_a_turn_that_breaks_the_contract_fails_the_episode(echo, echo_environment, numbered, turn):
    odd = type("Odd", (echo_environment,), {"step": lambda self, seat, action: turn})
    gym = echo(environment=odd)
    record, verdict = played(gym, numbered(gym), fixed("0"))
    assert verdict is None
    assert record.episode.failure.boundary == "GymError"


@pytest.mark.parametrize("evidence", ["{", "\ud800", None, "[" * 100_000])
def test_evidence_that_is_no_json_fails_the_episode(echo, echo_environment, numbered, evidence):
    odd = type("Odd", (echo_environment,), {"evidence": lambda self: evidence})
    gym = echo(environment=odd)
    record, _ = played(gym, numbered(gym), fixed("0"))
    assert (record.episode.failure is None) == (evidence is None)


def test_start_that_returns_no_environment_fails_the_episode(echo, numbered):
    gym = echo(start=lambda problem, seed, ask: None)
    record, _ = played(gym, numbered(gym), fixed("0"))
    assert "NoneType, not an Environment" in record.episode.failure.what


@pytest.mark.parametrize("error", [TimeoutError("mine"), KeyError("x"), ActorError("down")])
def test_what_an_actor_raises_fails_the_episode(echo, numbered, error):
    gym = echo()
    record, verdict = played(gym, numbered(gym), Session(broken(error)))
    assert verdict is None
    assert record.episode.failure.boundary == "ActorError"
    assert gym.environments[0].closed == 1
    record, _ = played(gym, numbered(gym), Script("plans", broken(error)))
    assert record.episode.failure.boundary == "ActorError"


def test_an_actor_that_returns_no_move_fails_the_episode(echo, numbered):
    gym = echo()
    record, _ = played(gym, numbered(gym), Session(lambda seen: "7"))
    assert record.episode.failure.boundary == "ActorError"


@pytest.mark.parametrize(
    ("text", "kept"), [("", '""'), ("word " * 100_000, "word word"), ("\x00\u202e", "\\u0000")]
)
def test_any_text_is_a_score_with_its_evidence(echo, numbered, text, kept):
    gym = echo()
    record, verdict = played(gym, numbered(gym), fixed(text))
    assert (record.episode.status, verdict.score) == ("done", 0.0)
    assert kept in record.actions()[0].payload.decode()


def test_text_that_no_encoding_holds_is_a_fault_with_its_evidence(echo, numbered):
    gym = echo()
    odd = Session(lambda seen: Move(Answer("broken \ud800"), notes={"seen\udfff": "\udfff"}))
    record, verdict = played(gym, numbered(gym), odd)
    assert (record.episode.status, verdict.score) == ("done", 0.0)
    assert record.episode.truncated
    notes = [s.payload.decode() for s in record.steps if s.kind == "note"]
    assert "broken" in notes[0]
    msgspec.msgpack.encode(record)


def test_an_actor_is_told_of_its_fault_and_may_mend_it(echo, numbered):
    gym = echo()
    said = iter([Move(None, raw="{", fault="no JSON"), Move(Answer("7"))])
    shown = []
    record, verdict = played(
        gym, numbered(gym, 7), Session(lambda seen: shown.append(seen) or next(said))
    )
    assert verdict.passed
    assert [seen[0].text for seen in shown] == ["Say 7.", "That was no action: no JSON"]
    assert [s.kind for s in record.steps][:4] == ["observation", "note", "observation", "action"]


def test_who_answers_nothing_is_truncated_and_scores_zero(echo, numbered):
    gym = echo()
    asked = []
    silent = Session(lambda seen: asked.append(seen) or Move(None, fault="silence"))
    record, verdict = played(gym, numbered(gym), silent, limits=Limits(faults=2))
    assert (record.episode.truncated, verdict.score, len(asked)) == (True, 0.0, 2)


class _Endless:
    """An environment without an end, which counts its steps."""

    def step(self, seat, action):
        self.steps = getattr(self, "steps", 0) + 1
        return Turn({seat: (Observation("go on"),)})


def test_moves_are_limited(echo, echo_environment, numbered):
    gym = echo(environment=type("Endless", (_Endless, echo_environment), {}))
    endless = Session(lambda seen: Move(Answer("0")))
    record, verdict = played(gym, numbered(gym), endless, limits=Limits(moves=5))
    assert record.episode.truncated
    assert len(record.actions()) == gym.environments[0].steps == 5
    assert verdict is not None


@pytest.mark.parametrize("limits", [{"seconds": 0}, {"moves": 0}, {"faults": 0}])
def test_limits_leave_room(limits):
    with pytest.raises(InputError):
        Limits(**limits)


async def _for_ever():
    await asyncio.Event().wait()


def test_an_actor_past_the_deadline_fails_the_episode(echo, numbered):
    gym = echo()
    record, verdict = played(
        gym, numbered(gym), Session(lambda seen: _for_ever()), limits=Limits(seconds=0.05)
    )
    assert verdict is None
    assert record.episode.failure.boundary == "DeadlineError"
    assert gym.environments[0].closed == 1


def test_a_quick_gym_without_end_meets_its_deadline(echo, echo_environment, numbered):
    gym = echo(environment=type("Endless", (_Endless, echo_environment), {}))
    endless = Session(lambda seen: Move(Answer("0")))
    limits = Limits(seconds=0.05, moves=100_000_000, repeats=0)
    record, _ = played(gym, numbered(gym), endless, limits=limits)
    assert record.episode.failure.boundary == "DeadlineError"
    assert gym.environments[0].closed == 1


@pytest.mark.parametrize("verb", ["opening", "step", "evidence"])
def test_a_slow_gym_past_the_deadline_fails_and_is_closed(echo, echo_environment, numbered, verb):
    """The close must come while the call still hangs: it is what ends a box."""
    box_gone = threading.Event()

    class Hangs(echo_environment):
        def close(self):
            super().close()
            box_gone.set()

    setattr(Hangs, verb, lambda self, *args: box_gone.wait(60) and None)
    gym = echo(Needs(box=True), Hangs)
    record, _ = played(gym, numbered(gym), fixed("0"), limits=Limits(seconds=0.1))
    assert record.episode.failure.boundary == "DeadlineError"
    assert gym.environments[0].closed == 1


def test_an_environment_that_starts_too_late_is_closed_all_the_same(
    echo, echo_environment, numbered
):
    go, closed = threading.Event(), threading.Event()

    class Late(echo_environment):
        def close(self):
            closed.set()

    def start(problem, seed, ask):
        go.wait(60)
        return Late(gym, problem)

    gym = echo(Needs(slow=True), start=start)
    record, _ = played(gym, numbered(gym), fixed("0"), limits=Limits(seconds=0.1))
    assert record.episode.failure.boundary == "DeadlineError"
    assert not closed.is_set()
    go.set()
    assert closed.wait(60)


def test_a_judge_past_the_deadline_fails_the_episode(echo, numbered):
    go = threading.Event()
    gym = echo(Needs(slow=True), judge=lambda record, problem: go.wait(60))
    record, _ = played(gym, numbered(gym), fixed("0"), limits=Limits(seconds=0.1))
    go.set()
    assert record.episode.failure.boundary == "DeadlineError"
    assert len(record.actions()) == 1


def test_a_cancelled_episode_is_closed_and_stays_cancelled(echo, echo_environment, numbered):
    """Even where close raises: a swallowed cancellation would keep a stopped run alive."""

    class Rude(echo_environment):
        def close(self):
            super().close()
            raise ValueError("no")

    gym = echo(environment=Rude)

    async def main():
        acting = asyncio.Event()

        async def act():
            acting.set()
            await _for_ever()

        policies = {"solver": Session(lambda seen: act())}
        task = asyncio.create_task(play(gym, numbered(gym), policies, lab="lab", run="run"))
        await acting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert gym.environments[0].closed == 1


def test_slow_gyms_do_not_wait_for_one_another(echo, echo_environment, numbered):
    """All of them are in a step at once, however few cores there are."""
    together = threading.Barrier(40, timeout=60)

    class Meets(echo_environment):
        def step(self, seat, action):
            together.wait()
            return Turn(terminated=True)

    gym = echo(Needs(slow=True), Meets)

    async def main():
        policies = {"solver": fixed("0")}
        return await asyncio.gather(
            *(play(gym, numbered(gym, i), policies, lab="l", run="r") for i in range(40))
        )

    assert {record.episode.status for record, _ in asyncio.run(main())} == {"done"}


def test_a_gym_that_asks_a_model_gets_one_or_fails(echo, echo_environment, numbered):
    def start(problem, seed, ask):
        environment = echo_environment(gym, problem)
        environment.said = ask("judge", "hello")
        return environment

    gym = echo(Needs(model=True), start=start)
    record, _ = played(gym, numbered(gym), fixed("0"))
    assert "needs a model" in record.episode.failure.what
    record, _ = played(gym, numbered(gym), fixed("0"), ask=lambda model, prompt: prompt)
    assert record.episode.status == "done"
    assert gym.environments[0].said == "hello"


def test_an_empty_seat_is_named(echo, numbered):
    gym = echo()
    with pytest.raises(InputError, match="'solver'"):
        played(gym, numbered(gym), None, seats={})


def test_waiting_in_line_is_not_the_episodes_time(echo, numbered):
    gym = echo()
    limits = Limits(seconds=0.05)

    async def late(observations):
        await asyncio.to_thread(threading.Event().wait, 0.2)
        return Move(Answer("7"))

    policy = Session(lambda seen: late(seen))
    record, _ = played(gym, numbered(gym, 7), policy, limits=limits)
    assert record.episode.failure.boundary == "DeadlineError"
    policy.in_line = True
    record, verdict = played(gym, numbered(gym, 7), policy, limits=limits)
    assert record.episode.status == "done"
    assert verdict.passed
