"""The database goes away and comes back: nothing is lost, nothing is there twice."""

import contextlib
import json
import os
import signal

import pytest
from tests.cycle.review.episodes import QUEUE, tasks
from tests.faults import state

from banbury import store
from banbury.actors.script import fixed
from banbury.arena import Job, run
from banbury.gyms import registry
from banbury.store.embedded import Embedded


@pytest.fixture
def own(tmp_path):
    """A store of one's own, whose server may be killed."""
    with store.open(f"banbury://{tmp_path}/home?durable=no") as house:
        yield house


def strike(house, how):
    """Stop the server quickly, at once or dead; or drop all connections."""
    if how is None:
        with contextlib.closing(house._server.connect("postgres")) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        return
    server = json.loads((house._server.home / "server.json").read_bytes())["postmaster"]
    os.kill(server, how)


WAYS = [None, signal.SIGINT, signal.SIGQUIT, signal.SIGKILL]


@pytest.mark.slow
def test_a_run_goes_on(own):
    lab = own.lab("run")
    problems = tasks(lab, QUEUE, 20, "train")
    gym, policy = registry.gym(problems[0].task.gym), fixed("billing")
    jobs = [Job(gym, p, dict.fromkeys(gym.seats, policy), k) for p in problems for k in range(110)]
    # Just before a full batch is written, and while the last one waits.
    moments = dict(zip((300, 999, 1_999, 2_150), WAYS, strict=True))

    def progress(tally):
        if tally.done in moments:
            strike(own, moments.pop(tally.done))

    tally = run(lab, "r", jobs, progress=progress)
    assert not moments
    assert (tally.done, tally.failed) == (2_200, 0)
    assert len(lab.known("r")) == 2_200
    assert state.doubles(lab) == 0


@pytest.mark.slow
def test_a_journal_goes_on(own, make_steps):
    lab = own.lab("journal")
    journal, steps = make_steps(lab)
    for step in steps:
        if step.seq % 5 == 4:
            strike(own, WAYS[step.seq // 5])
        journal.append(step)
    assert lab.read(journal.episode.id).steps == steps
    assert state.doubles(lab) == 0


class Unlucky(Embedded):
    """Its server drops the first connection that it is asked for."""

    lucky = False

    def connect(self, database, user="", secret=""):
        link = super().connect(database, user, secret)
        if not self.lucky:
            self.lucky = True
            os.kill(link.info.backend_pid, signal.SIGKILL)
        return link


def test_a_connection_lost_while_the_store_is_opened(own):
    server = Unlucky(own._server.home, durable=False)
    try:
        assert server.lucky
        server.connect("postgres").close()
    finally:
        server.close()
