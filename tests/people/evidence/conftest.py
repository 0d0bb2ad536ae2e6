"""People of a lab who answer gold tasks and review one another, told to the house for real."""

import itertools

import msgspec
import pytest
from tests.store.conftest import make
from tests.store.queue.conftest import Desk

from banbury.accounts import Accounts
from banbury.episode import Judgement, SkillWeight, new_id
from banbury.people.evidence import Ledger
from banbury.people.offers import Profiles, Standings
from banbury.store.queue import Campaign

__all__ = ["make"]

_numbers = itertools.count(1)


class Shop(Desk):
    """A lab's campaign of one skill that only this test knows, and members who work in it."""

    def __init__(self, house, lab, make):
        super().__init__(lab, make)
        self.house, self.skill = house, f"shop.skill{next(_numbers)}"
        self.accounts = Accounts(house)
        self.ledger, self.standings, self.profiles = (
            Ledger(house),
            Standings(house),
            Profiles(house),
        )

    def fill(self, tasks, gold=True, name="c", first=0, **rules):
        skills = (SkillWeight(self.skill),)
        problems = [self.make.problem(n, skills=skills) for n in range(first, first + tasks)]
        self.lab.put_tasks(problems)
        self.queue.put(Campaign(name, "gym", hold=1000, **{"review": 0.0, **rules}))
        self.queue.add(name, [p.task.id for p in problems])
        if gold:
            self.queue.gold.mark(name, [p.task.id for p in problems])
        return self

    def hire(self, lab=None):
        """Return the account of a new member, and their pseudonym."""
        lab = lab or self.lab
        id = self.accounts.people.add(f"e{next(_numbers)}@{lab.name}.org", "Somebody")
        self.accounts.members.join(lab.name, id, "expert")
        caller = self.accounts.sessions.caller(self.accounts.sessions.start(id, "a test"))
        return id, caller.pseudonyms[lab.name]

    def answer(self, lease, score, **changes):
        record = self.record(lease, f"scored {score}", skill=self.skill, **changes)
        verdict = Judgement(new_id(), record.episode.id, "gym/judge", "1", score, score >= 0.5)
        return self.queue.submit(lease.id, record, [verdict], submission=new_id())

    def do(self, person, scores, name="c"):
        """Let a person answer as many tasks, with these scores."""
        done = []
        for score in scores:
            [lease] = self.claim(person, name=name)
            done.append(self.answer(lease, score))
        return done

    def told(self):
        """Bring what the lab says to the house and weigh it."""
        self.house.apply_outbox(self.lab.name)
        return self.ledger.take_in()

    def bodies(self, kind):
        rows = self.rows("SELECT body FROM outbox WHERE kind = %s ORDER BY id", kind)
        return [msgspec.json.decode(bytes(r["body"])) for r in rows]


@pytest.fixture
def shop(house, lab, make):
    shop = Shop(house, lab, make)
    yield shop
    shop.accounts.close()
