"""Episodes that a crash must not lose: each step is stored before it is acted on."""

import asyncio
import signal
import subprocess
import sys

import msgspec
import pytest

from banbury.actors.policy import Left, Move
from banbury.arena import Job, Limits, run
from banbury.episode import Actor, Cost
from banbury.errors import InputError, StoreError
from banbury.gyms.contract import Answer, Needs, Observation, Turn

ROUNDS = 3


class Crash(BaseException):
    """What no part of the arena catches: the process is gone at this point."""


class Points:
    """Counts the places where a crash may come, and crashes at one of them."""

    def __init__(self, at=None):
        self.at = at
        self.seen = 0

    def __call__(self, what):
        self.seen += 1
        if self.seen - 1 == self.at:
            raise Crash(what)


class Adder:
    """Shows a sum that the answers add to; ends after three."""

    def __init__(self, gym, problem):
        super().__init__(gym, problem)
        self.sum = 0
        self.steps = 0

    def opening(self):
        return self._turn()

    def _turn(self):
        return Turn({"solver": (Observation(f"{self.gym.word} {self.sum}"),)})

    def step(self, seat, action):
        self.gym.point("before the step")
        if action.text == "none":
            return Turn()
        self.sum += int(action.text)
        self.steps += 1
        self.gym.effects.append(action.text)
        self.gym.point("behind the step")
        if self.steps == ROUNDS:
            return Turn(terminated=True, reward=float(self.sum))
        return self._turn()

    def evidence(self):
        self.gym.point("evidence")
        return f'{{"sum":{self.sum}}}'


@pytest.fixture
def adder(echo, echo_environment):
    """Return a function that makes the gym."""

    def made(point=None, word="sum", needs=None):
        gym = echo(needs, type("Env", (Adder, echo_environment), {}))
        gym.point = point or Points()
        gym.word = word
        gym.effects = []
        gym.judge = lambda record, problem: (
            gym.point("judge") or gym.verdict(record, 1.0, evidence=record.steps[-1].payload)
        )
        return gym

    return made


class Person:
    """A person who answers with the sum shown and one more; may make a fault first, or leave."""

    def __init__(self, point=None, leaves=None, faulty=False, kind="person"):
        self.actor = Actor(kind, f"a {kind}")
        self.point = point or Points()
        self.leaves = leaves
        self.faulty = faulty
        self.shown = []
        self.told = []

    def sit(self, task, seat, actions, sample):
        self.sums = []
        return self

    async def act(self, observations):
        self.point("asked")
        self.shown.append(tuple(seen.text for seen in observations))
        if self.leaves == len(self.shown):
            raise Left("for lunch")
        self.sums += [int(t.split()[1]) for t in self.shown[-1] if t[:3] in ("sum", "tot")]
        if self.faulty and not observations[-1].text.startswith("That was no"):
            return Move(None, raw="eh", fault="no number")
        text = str(self.sums[-1] + 1)
        return Move(Answer(text), notes={"thought": text}, cost=Cost(1, 2))

    async def close(self):
        pass


class Reminded(Person):
    """One who can be told what was done before."""

    def recall(self, observations, move):
        self.told.append(move)
        self.sums += [int(s.text.split()[1]) for s in observations if s.text[:3] in ("sum", "tot")]


def jobs(gym, numbered, person, count=1):
    return [Job(gym, numbered(gym, i), {"solver": person}) for i in range(count)]


def content(lab, name):
    """Return everything in a run but ids and times, by task."""
    return {
        record.episode.key.task: (
            record.episode.status,
            record.episode.truncated,
            record.episode.cost.tokens_out,
            [(s.seq, s.kind, s.actor, s.track, s.payload, s.reply_to) for s in record.steps],
            [(v.score, v.passed, v.evidence) for v in verdicts],
        )
        for record, verdicts in lab.records(run=name)
        if record.episode.status != "failed"
    }


@pytest.mark.parametrize("effects", [False, True])
def test_an_action_is_stored_before_it_is_acted_on(lab, adder, numbered, effects):
    """What it brought is stored at once where it cannot be had again, else with the next action."""
    stored = []

    def look(what):
        [episode] = lab.episodes(run="r")
        journal = lab.resume(episode.id)
        stored.append((what, [s.kind for s in journal.steps], len(journal.pending())))

    person = Person(look)
    tally = run(lab, "r", jobs(adder(look, needs=Needs(effects=effects)), numbered, person))
    assert tally.failure is None
    assert (tally.done, tally.passed, tally.open, tally.cost.tokens_out) == (1, 1, 0, 6)
    opening, turn, seen = ["observation"], ["action", "note", "note"], ["observation"]
    assert stored[0] == ("asked", opening if effects else [], 0)
    assert stored[1] == ("before the step", [*opening, *turn], 1)
    assert stored[3] == ("asked", [*opening, *turn, *(seen if effects else [])], not effects)
    assert stored[4] == ("before the step", [*opening, *turn, *seen, *turn], 1)
    assert stored[-1][0] == "judge"
    record = lab.read(next(lab.episodes(run="r")).id)
    assert [s.kind for s in record.steps][-3:] == ["reward", "control", "note"]
    assert record.steps[-2].payload == b'{"terminated":true,"truncated":false}'
    assert record.episode.status == "done"
    assert all(a.end_ns <= b.end_ns for a, b in zip(record.steps, record.steps[1:], strict=False))


@pytest.mark.parametrize("faulty", [False, True])
@pytest.mark.parametrize("kind", [Person, Reminded])
def test_a_crash_anywhere_loses_nothing_and_repeats_nothing(lab, adder, numbered, kind, faulty):
    count = Points()
    run(lab, "whole", jobs(adder(count), numbered, kind(count, faulty=faulty)))
    expected = content(lab, "whole")
    assert count.seen > 10
    for at in range(count.seen):
        name = f"crash-{at}"
        point = Points(at)
        with pytest.raises(Crash):
            run(lab, name, jobs(adder(point), numbered, kind(point, faulty=faulty)))
        [left] = lab.episodes(run=name)
        assert left.status == "open"
        kept = lab.read(left.id).steps
        person = kind(faulty=faulty)
        tally = run(lab, name, jobs(adder(), numbered, person))
        assert (tally.resumed, tally.done, tally.open, tally.failed) == (0, 1, 0, 0)
        assert content(lab, name) == expected, at
        [done] = lab.episodes(run=name)
        assert done.id == left.id
        assert lab.read(done.id).steps[: len(kept)] == kept
        moves = [s for s in kept if s.kind == "action" or b'"fault"' in s.payload]
        assert len(person.shown) == ROUNDS * (1 + faulty) - len(moves)
        if kind is Reminded:
            assert [m.action for m in person.told if m.action] == [
                msgspec.json.decode(s.payload, type=Answer) for s in kept if s.kind == "action"
            ]


def test_a_person_who_left_goes_on_where_they_were(lab, adder, numbered):
    person = Person(leaves=2)
    three = jobs(adder(), numbered, person, 3)
    tally = run(lab, "r", three)
    assert (tally.total, tally.done, tally.open) == (3, 0, 1)
    assert [e.status for e in lab.episodes(run="r")] == ["open"]
    assert person.shown == [("sum 0",), ("sum 1",)]
    back = Person()
    tally = run(lab, "r", jobs(adder(), numbered, back, 3))
    assert (tally.total, tally.done, tally.open, tally.resumed) == (3, 3, 0, 0)
    assert back.shown[0] == ("sum 0", "sum 1")
    assert {e.status for e in lab.episodes(run="r")} == {"done"}
    assert len(list(lab.episodes(run="r"))) == 3


def test_the_end_of_the_input_is_a_person_who_left(lab, adder, numbered):
    def ends(what):
        raise EOFError

    assert run(lab, "r", jobs(adder(), numbered, Person(ends))).open == 1


def test_what_was_left_open_is_carried_on_before_anything_new(lab, adder, numbered):
    first = jobs(adder(), numbered, Person(leaves=2), 3)
    run(lab, "r", [first[2]])
    back = Person()
    run(lab, "r", jobs(adder(), numbered, back, 3))
    assert back.shown[0] == ("sum 0", "sum 1")


def test_a_person_sits_at_one_task_at_a_time_and_machines_go_on(lab, adder, numbered):
    seen = []

    class Alone(Person):
        async def act(self, observations):
            seen.append(len(list(lab.episodes(run="r", status="open"))))
            return await super().act(observations)

    gym = adder()
    machine = Person(kind="script")
    both = [*jobs(gym, numbered, Alone(), 3), *jobs(gym, numbered, machine, 3)]
    tally = run(lab, "r", both)
    assert tally.done == 6
    assert set(seen) == {1}


def test_a_gym_that_does_not_do_the_same_twice_fails_and_is_played_anew(lab, adder, numbered):
    run(lab, "r", jobs(adder(), numbered, Person(leaves=2)))
    tally = run(lab, "r", jobs(adder(word="total"), numbered, Person()))
    assert (tally.done, tally.failed) == (1, 0)
    failed, done = sorted(lab.episodes(run="r"), key=lambda e: e.status, reverse=True)
    assert (failed.status, done.status) == ("failed", "done")
    assert failed.failure.boundary == "Interrupted"
    assert '"sum 0"' in failed.failure.what
    assert '"total 0"' in failed.failure.what
    assert len(lab.read(failed.id).steps) == 5


def test_another_version_of_the_gym_begins_anew(lab, adder, numbered):
    run(lab, "r", jobs(adder(), numbered, Person(leaves=2)))
    gym = adder()
    gym.version = "2"
    assert run(lab, "r", jobs(gym, numbered, Person())).done == 1
    [failed] = lab.episodes(run="r", status="failed")
    assert "began at version 1, this is 2" in failed.failure.what


def test_one_that_cannot_be_told_what_it_did_begins_anew(lab, adder, numbered):
    needs = Needs(effects=True)
    point = Points(3)
    gym = adder(point, needs=needs)
    gym.rejoin = lambda problem, steps, seed, ask: gym.start(problem)
    machine = Person(point, kind="script")
    with pytest.raises(Crash):
        run(lab, "r", jobs(gym, numbered, machine))
    gym.point = Points()
    assert run(lab, "r", jobs(gym, numbered, Person(kind="script"))).done == 1
    [failed] = lab.episodes(run="r", status="failed")
    assert "cannot be told what it did" in failed.failure.what


@pytest.mark.parametrize("at", range(11))
def test_an_effect_is_never_made_twice_in_one_episode(lab, adder, numbered, at):
    """A gym that can stand where it stood is rejoined; nobody knows about a pending action."""
    needs, world = Needs(effects=True), []
    gym = adder(Points(at), needs=needs)
    gym.effects = world

    def rejoin(problem, steps, seed, ask):
        environment = gym.start(problem)
        environment.sum = sum(map(int, world))
        environment.steps = len(world)
        return environment

    gym.rejoin = rejoin
    person = Reminded(gym.point, kind="script")
    with pytest.raises(Crash):
        run(lab, "r", jobs(gym, numbered, person))
    [left] = lab.episodes(run="r")
    pending = lab.resume(left.id).pending()
    gym.point = Points()
    before = list(world)
    if pending:
        del world[:]
    tally = run(lab, "r", jobs(gym, numbered, Reminded(kind="script")))
    assert tally.done == 1
    statuses = [e.status for e in lab.episodes(run="r")]
    if pending:
        assert statuses == ["failed", "done"]
        [failed] = lab.episodes(run="r", status="failed")
        assert "nobody knows whether action" in failed.failure.what
    else:
        assert statuses == ["done"]
        assert world[: len(before)] == before
    assert world == ["1", "2", "4"]


def test_effects_that_cannot_be_rejoined_begin_anew(lab, adder, numbered):
    gym = adder(Points(6), needs=Needs(effects=True))
    with pytest.raises(Crash):
        run(lab, "r", jobs(gym, numbered, Reminded(gym.point, kind="script")))
    gym.point = Points()
    assert run(lab, "r", jobs(gym, numbered, Reminded(kind="script"))).done == 1
    [failed] = lab.episodes(run="r", status="failed")
    assert "cannot rejoin" in failed.failure.what or "nobody knows" in failed.failure.what


def test_an_open_episode_is_carried_on_though_nobody_sits_there_now(lab, adder, numbered):
    """As where a gym was said to have effects and is not any more."""
    gym = adder(Points(3), needs=Needs(effects=True))
    with pytest.raises(Crash):
        run(lab, "r", jobs(gym, numbered, Reminded(gym.point, kind="script")))
    assert run(lab, "r", jobs(adder(), numbered, Reminded(kind="script"))).done == 1
    assert [e.status for e in lab.episodes(run="r")] == ["done"]


def test_two_processes_at_one_episode_do_not_mix(lab, adder, numbered):
    """The second to write is told; the episode stays as the first wrote it."""

    class Overtaken(Person):
        async def act(self, observations):
            if len(self.shown) == 1:
                other = Person()
                other.actor = self.actor
                assert run(lab, "r", jobs(adder(), numbered, other)).done == 1
            return await super().act(observations)

    with pytest.raises((StoreError, InputError)):
        run(lab, "r", jobs(adder(), numbered, Overtaken()))
    run(lab, "s", jobs(adder(), numbered, Person()))
    assert content(lab, "r") == content(lab, "s")


def test_a_deadline_fails_a_journaled_episode_with_its_steps(lab, adder, numbered):
    class Sleeps(Person):
        async def act(self, observations):
            if self.shown:
                await asyncio.Event().wait()
            return await super().act(observations)

    tally = run(lab, "r", jobs(adder(), numbered, Sleeps()), limits=Limits(seconds=0.5))
    assert tally.failed == 1
    [failed] = lab.episodes(run="r")
    assert failed.failure.boundary == "DeadlineError"
    kinds = ["observation", "action", "note", "note", "observation"]
    kept = [s.kind for s in lab.read(failed.id).steps]
    assert kept == kinds[: len(kept)]


_KILLED = """
import os, signal, sys
from banbury import store
from banbury.actors.policy import Move
from banbury.arena import jobs_of, run
from banbury.episode import Actor, Problem, Public, Secret, SkillWeight, Task
from banbury.gyms.contract import Answer
from banbury.gyms import registry

home, name, fatal = sys.argv[1], sys.argv[2], int(sys.argv[3])
asked = 0

class Person:
    actor = Actor("person", "ann")
    def sit(self, task, seat, actions, sample):
        return self
    async def act(self, observations):
        global asked
        asked += 1
        if asked == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        return Move(Answer("12"))
    async def close(self):
        pass

with store.open(home) as house:
    lab = house.lab("people")
    from banbury.arena import draw
    problems = draw(lab, "reasoning.add", 4, "probe", seed=0)
    tally = run(lab, name, jobs_of(problems, Person()))
    print(asked, tally.resumed, tally.done, tally.open)
"""


def test_a_killed_process_leaves_an_episode_that_the_next_carries_on(house, tmp_path):
    program = tmp_path / "killed.py"
    program.write_text(_KILLED)

    def start(name, fatal):
        command = [sys.executable, str(program), house.where, name, str(fatal)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    lab = house.lab("people")
    assert start("torn", 3).returncode == -signal.SIGKILL
    assert [e.status for e in lab.episodes(run="torn")] == ["done", "done", "open"]
    last = start("torn", 0)
    assert last.stdout.split() == ["2", "2", "4", "0"], last.stderr
    assert len(list(lab.episodes(run="torn", status="done"))) == 4
    start("whole", 0)
    assert content(lab, "torn") == content(lab, "whole")
