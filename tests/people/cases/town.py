"""A lab with people who answer: most by their own hands, some not."""

import itertools
import json
import random

import sqlalchemy as sa

from banbury.accounts import Accounts
from banbury.actors.policy import Move
from banbury.arena.answering import SEAT, Evidence, timed
from banbury.arena.player import PLAYER
from banbury.episode import Actor
from banbury.gyms import registry
from banbury.gyms.contract import Answer
from banbury.store.queue import Campaign

_numbers = itertools.count()
CLOSED, OPEN = 18, 6


class Town:
    """People of one campaign; `pasters` bring long texts without a key, in no time."""

    def __init__(self, house, lab, honest=22, pasters=1):
        self.house, self.lab, self.rng = house, lab, random.Random(4)
        self.accounts = Accounts(house)
        self.gym = registry.gym("reasoning")
        drawn = self.gym.tasks("reasoning.add", seed=next(_numbers))
        self.problems = [p for p, _ in zip(drawn, range(CLOSED + OPEN), strict=False)]
        lab.queue.put(Campaign("work", "reasoning"))
        lab.put_tasks(self.problems)
        self.people, self.names = {}, {}
        for n in range(honest + pasters):
            self.joined(n >= honest)

    def joined(self, pastes=False):
        """Let one more person in, with answers to everything; return the account."""
        n = next(_numbers)
        id = self.accounts.people.add(f"c{n}@{self.lab.name}.org", "Quillon Zeb")
        self.accounts.members.join(self.lab.name, id, "expert")
        self.named(id)
        self.people[id] = pastes
        self.works(id, pastes)
        return id

    def named(self, id):
        """Learn the pseudonym of a person who is a member."""
        query = sa.text("SELECT name FROM pseudonym WHERE lab = :l AND account::text = :a")
        given = {"l": self.lab.name, "a": id}
        self.names[id] = self.house.run(lambda c: c.execute(query, given).scalar_one())

    def works(self, id, pastes, sample=0):
        """Let a person answer all tasks (again)."""
        count, who = len(self.problems), self.names[id]
        made = [self._answered(who, n, pastes, sample) for n in range(count)]
        self.lab.write([record for record, _ in made], [verdict for _, verdict in made])

    def _answered(self, who, n, pastes, sample):
        rng, problem = self.rng, self.problems[n]
        text = str(rng.randrange(100))
        if rng.random() < 0.7:
            text = self.gym.solution(problem)[0].text.splitlines()[-1]
        if n >= CLOSED:
            text = " ".join(rng.choice(["ash", "birch", "cedar", "elm", "fir"]) for _ in range(14))
        keys = 0 if pastes and n >= CLOSED else len(text) + rng.randrange(4)
        took = (4000 + 500 * n + rng.randrange(3000)) // (8 if pastes else 1)
        seen = {"active_ms": took, "keys": keys}
        move = Move(Answer(text), notes={SEAT: json.dumps(seen)})
        record, verdict = PLAYER.play(
            self.gym, problem, Actor("person", who), move, lab=self.lab.name,
            run="campaign:work", sample=sample, tags=("person",),
        )  # fmt: skip
        opened = record.episode.anchor_ns - seen["active_ms"] * 10**6
        evidence = Evidence(opened, seen["active_ms"], keys)
        return timed(record, evidence), verdict
