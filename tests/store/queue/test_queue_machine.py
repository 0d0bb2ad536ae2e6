"""The queue, whatever people do in whatever order: its promises hold after every call.

HYPOTHESIS=long runs thirty times as many examples.
"""

import itertools
import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from banbury import clock
from banbury.errors import InputError

TIMES = 30 if os.environ.get("HYPOTHESIS") == "long" else 1
numbers = itertools.count()
people = st.sampled_from(["p-a", "p-b", "p-c", "p-d", "p-e"])
kinds = st.permutations(["work", "review", "third"]).map(tuple)
which = st.integers(0, 30)
words = st.sampled_from(["yes", "no"])


class Machine(RuleBasedStateMachine):
    """`desk` is given by the test."""

    @initialize(
        tasks=st.integers(1, 4),
        overlap=st.integers(1, 3),
        review=st.sampled_from([0.0, 0.5, 1.0]),
    )
    def begin(self, tasks, overlap, review):
        self.time = clock.Turned()
        self.using = clock.use(self.time)
        self.using.__enter__()
        self.name = f"c{next(numbers)}"
        self.overlap = overlap
        self.desk.open(tasks, self.name, overlap=overlap, review=review, hold=3)
        self.leases, self.sent = [], []

    def teardown(self):
        if hasattr(self, "using"):
            self.using.__exit__(None, None, None)

    def chosen(self, number):
        """Return one of the leases ever given, as its holder remembers it."""
        return self.leases[number % len(self.leases)] if self.leases else None

    @rule(person=people, count=st.integers(1, 4), kinds=kinds)
    def claim(self, person, count, kinds):
        got = self.desk.claim(person, count, kinds, self.name)
        assert len(got) <= count
        held = Counter(lease.kind for lease in self.desk.queue.held(person, self.name))
        assert max(held.values(), default=0) <= 3 + count
        self.leases += got

    @rule(number=which, word=words)
    def answer(self, number, word):
        if (lease := self.chosen(number)) is None:
            return
        now = self.desk.queue.lease(lease.id)
        submission = f"s{next(numbers)}"
        if now.kind == "work":
            done = self.desk.submit(now, word, submission=submission)
            self.sent.append((now, word, submission, done.episode))
        else:
            verdict = {"yes": "accept", "no": "mend"}[word]
            self.desk.review(now, verdict, submission=submission)

    @rule(number=which)
    def send_again(self, number):
        if not self.sent:
            return
        lease, word, submission, episode = self.sent[number % len(self.sent)]
        if self.desk.queue.lease(lease.id).kind == "work":
            again = self.desk.submit(lease, word, submission=submission)
            assert (again.how, again.episode) == ("again", episode)

    @rule(number=which)
    def return_to_author(self, number):
        lease = self.chosen(number)
        if lease is not None and lease.kind == "review":
            now = self.desk.queue.lease(lease.id)
            if now.kind == "review":
                self.desk.review(now, "return", reasons=("look again",))

    @rule(number=which, what=st.sampled_from(["give_back", "undo", "broken", "dispute"]))
    def let_go(self, number, what):
        if (lease := self.chosen(number)) is None:
            return
        more = {"broken": ("it is",), "dispute": (["no"],)}.get(what, ())
        try:
            getattr(self.desk.queue, what)(lease.id, *more)
        except InputError as error:
            assert what in ("undo", "dispute"), error

    @rule(seconds=st.sampled_from([1, 2000, 300_000]))
    def wait(self, seconds):
        self.time.turn(seconds)
        self.desk.queue.expire()

    @rule()
    def look_at_what_is_broken(self):
        for trouble in self.desk.queue.sight.waiting(self.name, "broken"):
            self.desk.queue.reopen(self.name, trouble.task, "p-owner")

    @invariant()
    def promises(self):
        if not hasattr(self, "name"):
            return
        id = self.desk.queue.campaign(self.name).id
        tasks = self.desk.rows("SELECT * FROM work WHERE campaign = %s", id)
        leases = self.desk.rows("SELECT * FROM lease WHERE campaign = %s", id)
        for task in tasks:
            self.one(task, [lease for lease in leases if lease["task"] == task["task"]])
        self.counted(tasks, leases)
        kept = {episode for *_, episode in self.sent}
        found = {e.id for e in self.desk.lab.episodes(run=f"campaign:{self.name}")}
        assert kept <= found
        assert len(kept) == len(self.sent)

    def one(self, task, leases):
        """No place is held twice, none is lost, and what was accepted is somebody's answer."""
        state = Counter((lease["kind"], lease["state"]) for lease in leases)
        assert len({lease["person"] for lease in leases}) == len(leases)
        assert (task["active"], task["done"]) == (state["work", "active"], state["work", "done"])
        assert task["active"] + task["done"] <= self.overlap
        looking = state["review", "active"], state["third", "active"]
        match task["stage"]:
            case "work":
                assert task["open"] + task["active"] + task["done"] == self.overlap
                assert looking == (0, 0)
            case "review":
                assert (task["open"] + looking[0], task["active"], looking[1]) == (1, 0, 0)
            case "third":
                assert (task["open"] + looking[1], task["active"], looking[0]) == (1, 0, 0)
            case "settled":
                assert (task["open"], task["active"], *looking) == (0, 0, 0, 0)
        assert (task["accepted"] is not None) == (task["stage"] == "settled")
        if task["stage"] in ("review", "third"):
            assert task["subject"] is not None

    def counted(self, tasks, leases):
        """What is counted as it happens is what a count finds."""
        stage = Counter(task["stage"] for task in tasks)
        state = Counter(lease["state"] for lease in leases)
        progress = self.desk.queue.progress(self.name)
        assert progress.tasks == len(tasks)
        assert progress.active == state["active"]
        for name in ("review", "third", "settled", "broken"):
            assert getattr(progress, name) == stage[name], name
        assert progress.waiting == stage["work"]
        done = [x for x in leases if x["kind"] == "work" and x["state"] == "done"]
        assert progress.answers == len(done)

    @invariant()
    def everything_open_is_found(self):
        """Whoever may have an open task is given it, though they looked before in vain."""
        if not hasattr(self, "name"):
            return
        id = self.desk.queue.campaign(self.name).id
        open = self.desk.rows(
            "SELECT task, stage FROM work WHERE campaign = %s AND open > 0 AND stage <> 'broken'",
            id,
        )
        if not open or next(numbers) % 4:
            return
        kinds = ("work", "review", "third")
        [lease] = self.desk.claim(f"p-{next(numbers)}", 1, kinds, self.name)
        self.leases.append(lease)


@pytest.mark.slow
def test_whatever_people_do_the_queue_keeps_its_promises(desk):
    machine = type("Machine", (Machine,), {"desk": desk})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25 * TIMES,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
