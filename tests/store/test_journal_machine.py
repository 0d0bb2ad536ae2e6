"""The journal against a simple model, whatever is done with it in whatever order.

HYPOTHESIS=long runs thirty times as many examples.
"""

import contextlib
import itertools
import os

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from banbury.episode import Cost, Failure, RunKey, Step
from banbury.errors import InputError, Sealed
from banbury.store.wire import SEGMENT_STEPS

TIMES = 30 if os.environ.get("HYPOTHESIS") == "long" else 1
runs = itertools.count()
payloads = st.binary(max_size=20) | st.just(os.urandom(1500))


class Model:
    """What an episode should hold."""

    def __init__(self, episode, journal, steps=()):
        self.episode = episode
        self.journal = journal
        self.steps = list(steps)
        self.status = "open"
        self.route = episode.route

    def step(self, payload):
        return Step(len(self.steps), "action", 0, "solver", "main", 1, 2, payload)


class Machine(RuleBasedStateMachine):
    """`house`, `lab` and `make` are given by the test."""

    models = Bundle("models")

    @initialize()
    def begin(self):
        self.run = f"machine-{next(runs)}"
        self.held = {}
        self.all = []

    @rule(target=models, task=st.sampled_from("abc"))
    def open(self, task):
        episode = self.make.episode(self.lab, run=self.run, task=task, status="open")
        model = self.held.get(task)
        if model is not None and model.status in ("done", "void"):
            with pytest.raises(Sealed):
                self.lab.journal(episode)
            return model
        journal = self.lab.journal(episode)
        if model is None or model.status == "failed":
            assert journal.episode == episode
            model = self.held[task] = Model(episode, journal)
            self.all.append(model)
        model.journal = journal
        assert journal.episode.id == model.episode.id
        assert list(journal.steps) == model.steps
        return model

    @rule(model=models)
    def open_the_same_episode_again(self, model):
        """As a process does that kept the header it began with, and lost the journal."""
        if model.episode.segments:
            return
        if model.status in ("done", "void"):
            with pytest.raises(Sealed):
                self.lab.journal(model.episode)
        elif model.status == "open":
            model.journal = self.lab.journal(model.episode)
            assert list(model.journal.steps) == model.steps
            assert model.journal.episode.route == model.route

    @rule(model=models, some=st.lists(payloads, min_size=1, max_size=3))
    def append(self, model, some):
        steps = [
            msgspec.structs.replace(model.step(payload), seq=len(model.steps) + n)
            for n, payload in enumerate(some)
        ]
        if model.status == "open":
            model.journal.extend(steps)
            model.steps += steps
        else:
            with pytest.raises(Sealed):
                model.journal.extend(steps)

    @precondition(lambda self: any(m.steps for m in self.all))
    @rule(model=models, at=st.integers(0, 9))
    def append_again(self, model, at):
        if model.steps:
            model.journal.append(model.steps[at % len(model.steps)])

    @rule(model=models, at=st.integers(0, 9), hole=st.integers(1, 3))
    def append_what_does_not_follow(self, model, at, hole):
        wrong = [msgspec.structs.replace(model.step(b"0"), seq=len(model.steps) + hole)]
        if model.steps:
            edited = model.steps[at % len(model.steps)]
            wrong.append(msgspec.structs.replace(edited, payload=edited.payload + b"!"))
        for step in wrong:
            with pytest.raises(InputError):
                model.journal.append(step)

    @rule(model=models, route=st.text("xyz", max_size=2))
    def amend(self, model, route):
        if model.status == "open":
            model.journal.amend(route=route)
            model.route = route
        else:
            with pytest.raises(Sealed):
                model.journal.amend(route=route)

    @rule(model=models)
    def crash_and_resume(self, model):
        if model.status == "open":
            model.journal = self.lab.resume(model.episode.id)
            assert list(model.journal.steps) == model.steps
        else:
            with pytest.raises(Sealed):
                self.lab.resume(model.episode.id)

    @rule(model=models)
    def another_writes_meanwhile(self, model):
        if model.status != "open":
            return
        theirs, ours = model.step(b"theirs"), model.step(b"ours")
        self.lab.resume(model.episode.id).append(theirs)
        with pytest.raises(InputError, match="another process"):
            model.journal.append(ours)
        model.steps.append(theirs)
        model.journal = self.lab.resume(model.episode.id)

    @rule()
    def the_server_drops_all_connections(self):
        with contextlib.closing(self.house._server.connect("postgres")) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [self.lab._database.name],
            )

    @rule(target=models, model=models, at=st.integers(0, 6), named=st.booleans())
    def fork(self, model, at, named):
        if at > len(model.steps):
            with pytest.raises(InputError, match="no step"):
                self.lab.fork(model.episode.id, at)
            return model
        key = RunKey(f"{self.run}/{len(self.all)}", "fork", "a") if named else None
        episode = self.lab.fork(model.episode.id, at, key)
        child = Model(episode, self.lab.resume(episode.id), model.steps[:at])
        assert list(child.journal.steps) == child.steps
        self.all.append(child)
        return child

    @rule(model=models, status=st.sampled_from(["done", "void", "failed"]))
    def close(self, model, status):
        failure = Failure("GymError", "x") if status == "failed" else None
        if model.status in ("open", status):
            model.journal.close(status, 7, Cost(), failure=failure)
            model.status = status
        else:
            with pytest.raises(Sealed):
                model.journal.close(status, 7, Cost(), failure=failure)

    @invariant()
    def all_is_there(self):
        for model in self.all[-2:]:
            self.compare(model)

    def compare(self, model):
        record = self.lab.read(model.episode.id)
        assert list(record.steps) == model.steps
        assert (record.episode.status, record.episode.route) == (model.status, model.route)

    def teardown(self):
        for model in self.all:
            self.compare(model)
        open_ones = {m.episode.id for m in self.all if m.status == "open"}
        query = sa.text("SELECT DISTINCT episode::text FROM journal")
        journaled = set(self.lab._database.run(lambda c: c.execute(query).scalars().all()))
        assert journaled & {m.episode.id for m in self.all} <= open_ones


def test_the_journal_does_what_a_list_would(house, make):
    lab = house.lab("machine")
    machine = type("Given", (Machine,), {"house": house, "lab": lab, "make": make})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=4 * TIMES,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_segments_are_counted_for_every_fork(lab, make):
    journal = lab.journal(make.episode(lab, status="open"))
    journal.extend(make.steps(SEGMENT_STEPS + 5))
    for at in (3, SEGMENT_STEPS, SEGMENT_STEPS + 1):
        lab.fork(journal.episode.id, at)
    journal.close("done", 1, Cost())
    used = [s.sha256 for e in lab.episodes() for s in e.segments]
    query = sa.text("SELECT encode(sha256, 'hex'), refs FROM segment")
    found = dict(lab._database.run(lambda c: [tuple(row) for row in c.execute(query)]))
    assert found == {sha256: used.count(sha256) for sha256 in used}
