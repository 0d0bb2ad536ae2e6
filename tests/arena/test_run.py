"""Many episodes: bounded, resumed, stored as they go, and failures kept apart from scores."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading

import pytest

from banbury.actors.policy import Move
from banbury.actors.script import Script, fixed
from banbury.arena import Job, Limits, results, run
from banbury.episode import Actor
from banbury.errors import ActorError, DeadlineError, GymError, InputError, StoreError
from banbury.gyms.contract import Answer, Needs, Turn


def jobs_of(gym, numbered, count, policy=None, samples=1):
    policies = {"solver": policy or fixed("0")}
    return [
        Job(gym, numbered(gym, i), policies, sample)
        for i in range(count)
        for sample in range(samples)
    ]


def held(lab, name):
    return sorted((o.task, o.actor, o.sample, o.status) for o in lab.outcomes(run=name))


class Down:
    """An endpoint that is down until it is mended."""

    def __init__(self):
        self.actor = Actor("script", "down")
        self.up = False
        self.closed = 0

    def sit(self, task, seat, actions, sample):
        return self

    async def act(self, observations):
        if not self.up:
            raise ActorError("nobody answers")
        return Move(Answer("0"))

    async def close(self):
        self.closed += 1


def test_a_run_is_stored_and_counted(lab, echo, numbered):
    gym = echo()
    shown = []
    jobs = jobs_of(gym, numbered, 20, samples=2)
    tally = run(lab, "r", jobs, tags=("t",), progress=lambda t: shown.append(t.done))
    assert (tally.total, tally.done, tally.passed, tally.failed, tally.resumed) == (40, 40, 2, 0, 0)
    assert shown == list(range(1, 41))
    outcomes = lab.outcomes(run="r")
    assert sum(o.passed for o in outcomes) == 2
    assert {o.tags for o in outcomes} == {("t",)}
    assert {(o.task, o.actor, o.sample) for o in outcomes} == {job.key for job in jobs}


def test_nothing_is_played_twice(lab, echo, numbered):
    gym = echo()
    jobs = jobs_of(gym, numbered, 10)
    run(lab, "r", jobs[:6])
    tally = run(lab, "r", [*jobs, *jobs])
    assert (tally.total, tally.done, tally.resumed, tally.passed) == (10, 10, 6, 1)
    assert len(gym.environments) == 10
    assert run(lab, "r", jobs).resumed == 10
    assert len(gym.environments) == 10
    assert len(lab.outcomes(run="r")) == 10


def test_another_run_or_actor_plays_again(lab, echo, numbered):
    gym = echo()
    run(lab, "r", jobs_of(gym, numbered, 3))
    assert run(lab, "r", jobs_of(gym, numbered, 3, fixed("1"))).resumed == 0
    assert run(lab, "s", jobs_of(gym, numbered, 3)).resumed == 0


def test_what_failed_is_tried_again_and_counts_in_no_rate(lab, echo, numbered):
    gym, policy = echo(), Down()
    jobs = jobs_of(gym, numbered, 4, policy)
    tally = run(lab, "r", jobs)
    assert (tally.done, tally.failed, tally.passed) == (4, 4, 0)
    assert tally.failure.boundary == "ActorError"
    with pytest.raises(ActorError, match=r"all 4 episodes failed; the first: nobody answers"):
        tally.check("r")
    assert {(o.status, o.passed, o.score) for o in lab.outcomes(run="r")} == {
        ("failed", None, None)
    }
    policy.up = True
    tally = run(lab, "r", jobs)
    assert (tally.done, tally.failed, tally.passed, tally.resumed) == (4, 0, 1, 0)
    tally.check("r")
    found = results(lab, "r", jobs)
    assert {o.status for o in found.values()} == {"done"}
    assert list(found) == [job.problem.task.id for job in jobs]
    assert run(lab, "r", jobs).resumed == 4
    assert policy.closed == 2


@pytest.mark.parametrize(
    ("gym", "policy", "limits", "error"),
    [
        ({"judge": lambda record, problem: None}, None, None, GymError),
        ({}, Down(), None, ActorError),
        (
            {
                "needs": Needs(slow=True),
                "start": lambda problem, seed, ask: threading.Event().wait(9),
            },
            None,
            Limits(seconds=0.05),
            DeadlineError,
        ),
    ],
)
def test_a_run_in_which_all_failed_says_why(lab, echo, numbered, gym, policy, limits, error):
    tally = run(lab, "r", jobs_of(echo(**gym), numbered, 2, policy), limits=limits)
    with pytest.raises(error, match="run 'r'"):
        tally.check("r")


def test_one_judgement_is_enough_to_go_on(lab, echo, numbered):
    gym, policy = echo(), Down()
    run(lab, "r", jobs_of(gym, numbered, 1))
    policies = {"solver": policy}
    both = [*jobs_of(gym, numbered, 1), Job(gym, numbered(gym, 1), policies)]
    tally = run(lab, "r", both)
    assert (tally.resumed, tally.failed) == (1, 1)
    tally.check("r")


@pytest.mark.parametrize("concurrency", [1, 7])
def test_no_more_play_at_once_than_asked_for(lab, echo, numbered, concurrency):
    now, most = 0, 0

    class Counts(Down):
        async def act(self, observations):
            nonlocal now, most
            now += 1
            most = max(most, now)
            for _ in range(10):
                await asyncio.sleep(0)
            now -= 1
            return Move(Answer("0"))

    run(lab, "r", jobs_of(echo(), numbered, 30, Counts()), concurrency=concurrency)
    assert most == concurrency


def test_no_concurrency_is_refused(lab, echo, numbered):
    with pytest.raises(InputError):
        run(lab, "r", jobs_of(echo(), numbered, 1), concurrency=0)


def test_an_empty_run_is_over_at_once(lab):
    tally = run(lab, "r", [])
    tally.check("r")
    assert (tally.total, tally.done) == (0, 0)


def test_an_empty_seat_is_refused_before_anything_is_played(lab, echo, numbered):
    gym = echo()
    jobs = [*jobs_of(gym, numbered, 1), Job(gym, numbered(gym, 1), {})]
    with pytest.raises(InputError, match="'solver'"):
        run(lab, "r", jobs)
    assert not gym.environments


def test_a_run_within_a_running_loop(lab, echo, numbered):
    """As in a notebook."""

    async def cell():
        return run(lab, "r", jobs_of(echo(), numbered, 5))

    assert asyncio.run(cell()).done == 5
    assert len(lab.outcomes(run="r")) == 5


def test_a_finished_episode_is_stored_while_another_still_runs(
    lab, echo, echo_environment, numbered
):
    class Waits(echo_environment):
        def step(self, seat, action):
            while not lab.outcomes(run="r"):
                pass
            return Turn(terminated=True)

    slow = echo(Needs(slow=True), Waits)
    slow.name = "slow"
    jobs = [*jobs_of(slow, numbered, 1), *jobs_of(echo(), numbered, 1)]
    tally = run(lab, "r", jobs, limits=Limits(seconds=60))
    assert tally.failed == 0


@pytest.mark.parametrize("stop", ["interrupt", "signal", "error"])
def test_a_stopped_run_keeps_what_it_played_and_carries_on(lab, echo, numbered, stop):
    gym = echo()
    jobs = jobs_of(gym, numbered, 40)

    def halt(tally):
        if tally.done == 17:
            if stop == "interrupt":
                raise KeyboardInterrupt
            if stop == "signal":
                os.kill(os.getpid(), signal.SIGINT)
            else:
                raise RuntimeError("the caller's own")

    with pytest.raises(RuntimeError if stop == "error" else KeyboardInterrupt):
        run(lab, "r", jobs, concurrency=3, progress=halt)
    kept = held(lab, "r")
    assert 17 <= len(kept) < 40
    assert {status for *_, status in kept} == {"done"}
    assert all(e.closed == 1 for e in gym.environments)
    tally = run(lab, "r", jobs)
    assert tally.resumed == len(kept)
    run(lab, "whole", jobs)
    assert held(lab, "r") == held(lab, "whole")


def test_a_run_in_a_notebook_is_stopped_by_an_interrupt(lab, echo, numbered):
    """It runs in a thread of its own there; ten of its actors wait for ever."""

    class Waits(Down):
        async def act(self, observations):
            if not self.up and int(observations[0].text.split()[1].strip(".")) >= 20:
                await asyncio.Event().wait()
            return Move(Answer("0"))

    policy = Waits()
    jobs = jobs_of(echo(), numbered, 30, policy)

    async def cell():
        run(lab, "r", jobs, progress=lambda t: t.done == 20 and os.kill(os.getpid(), signal.SIGINT))

    with contextlib.closing(asyncio.new_event_loop()) as loop, pytest.raises(KeyboardInterrupt):
        loop.run_until_complete(cell())
    assert len(held(lab, "r")) == 20
    policy.up = True
    assert run(lab, "r", jobs).resumed == 20


_KILLED = """
import os, signal, sys
from banbury import store
from banbury.actors.script import Script
from banbury.arena import Job, draw, run
from banbury.gyms import registry

home, name, fatal = sys.argv[1], sys.argv[2], sys.argv[3] == "fatal"
gym, _ = registry.skill("office.email.queue")

def progress(tally):
    if fatal and tally.done - tally.resumed == 1050:
        while len(lab.known(name)) == tally.resumed:
            pass
        os.kill(os.getpid(), signal.SIGKILL)

with store.open(home) as house:
    lab = house.lab("killed")
    problems = draw(lab, "office.email.queue", 60, "probe", seed=3)
    known = {p.task.id: p for p in problems}
    script = Script("reference", lambda task: gym.solution(known[task.id]))
    jobs = [Job(gym, p, {"solver": script}, k) for p in problems for k in range(50)]
    tally = run(lab, name, jobs, progress=progress)
    print(tally.resumed, tally.done, tally.passed)
"""


@pytest.mark.slow
def test_a_killed_run_carries_on_where_it_was(house, tmp_path):
    """3,000 episodes, killed twice behind a batch; each start plays only what is missing."""
    program = tmp_path / "killed.py"
    program.write_text(_KILLED)

    def start(name, fatal):
        command = [sys.executable, str(program), house.where, name, fatal]
        return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)

    lab = house.lab("killed")
    kept = []
    for _ in range(2):
        assert start("torn", "fatal").returncode == -signal.SIGKILL
        kept.append(len(held(lab, "torn")))
    assert 1000 <= kept[0] <= kept[1] - 1000 < 2000
    last = start("torn", "whole")
    assert last.stdout.split() == [str(kept[1]), "3000", "3000"], last.stderr
    assert start("undisturbed", "whole").stdout.split() == ["0", "3000", "3000"]
    assert held(lab, "torn") == held(lab, "undisturbed")
    assert len(held(lab, "torn")) == 3000


def test_a_store_that_fails_stops_the_run_with_its_error(house, echo, numbered):
    lab = house.lab("goes-away")
    database = lab._database.name
    jobs = jobs_of(echo(), numbered, 5)

    def drop(tally):
        if tally.done == 1:
            with house._server.connect(house._server.house) as admin:
                admin.autocommit = True
                admin.execute(f"DROP DATABASE {database} WITH (FORCE)")

    with pytest.raises(StoreError):
        run(lab, "r", jobs, progress=drop)


def test_scripts_have_names_of_their_own(echo, numbered):
    """Two constants that begin alike are two actors, or one would take the other's episodes."""
    assert fixed("a" * 100 + "b").actor.key != fixed("a" * 100 + "c").actor.key
    assert fixed("\ud800").actor.key != fixed("\ud801").actor.key
    assert Script("x", lambda task: []).actor.key == Script("x", lambda task: []).actor.key
