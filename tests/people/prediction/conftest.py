"""A house with people who were interviewed, told their groups, and worked."""

import itertools

import msgspec
import numpy as np
import pytest
import sqlalchemy as sa

from banbury import clock
from banbury.accounts import Accounts
from banbury.episode import Actor, Episode, Judgement, Record, RunKey, canonical, new_id
from banbury.gyms.interview.bank import VERIFIABLE, banks, parameters
from banbury.people.cases import Tellings, Told
from banbury.people.cases.evidence import Evidence
from banbury.people.cases.sealed import sealed
from banbury.people.signals import Suspicion
from banbury.store.evidence import Body

_numbers = itertools.count()


class Hall:
    """Interviews of one skill, of `count` people; half of them then work."""

    def __init__(self, house, lab, count, skill="interview.python_repair"):
        self.house, self.lab, self.bank = house, lab, banks()[skill]
        self.rng = np.random.default_rng(5)
        self.accounts, self.people = Accounts(house), []
        self.asked = [item for item in self.bank.items if item.kind in VERIFIABLE]
        self.records, self.verdicts = [], []
        for _ in range(count):
            self.person()
        lab.write(self.records, self.verdicts)

    def person(self):
        """Let one person be interviewed, tell a group and work if they did well."""
        id = self.accounts.people.add(f"h{next(_numbers)}@{self.lab.name}.org", "Somebody")
        self.accounts.members.join(self.lab.name, id, "expert")
        query = sa.text("SELECT name FROM pseudonym WHERE lab = :l AND account::text = :a")
        given = {"l": self.lab.name, "a": id}
        who = self.house.run(lambda c: c.execute(query, given).scalar_one())
        ability = float(self.rng.standard_normal())
        self.people.append(id)
        chance = parameters(self.asked).chance(ability)[:, 0]
        right = {
            item.id: bool(self.rng.random() < p)
            for item, p in zip(self.asked, chance, strict=True)
            if self.rng.random() < 0.5
        }
        self.interviewed(who, ability, right)
        Tellings(self.house).put(id, Told(gender="woman" if len(self.people) % 2 else "man"))
        if ability > -0.2:
            self.worked(id, 1 / (1 + np.exp(-1 - ability)))

    def interviewed(self, who, ability, right):
        id, score = new_id(), ability + 0.3 * float(self.rng.standard_normal())
        key = RunKey("interviews", f"task-{id}", who)
        now = clock.wall_ns()
        episode = Episode(id, self.lab.name, key, "interview", "1", self.bank.skill, now,
                          status="done", actors=(Actor("person", who),))  # fmt: skip
        evidence = {
            "ability": {"mean": score, "error": 0.3, "answers": len(right)},
            "asked": [{"item": item, "right": ok} for item, ok in right.items()],
            "rubric": self.bank.hash, "try": "first",
        }  # fmt: skip
        self.records.append(Record(episode, ()))
        self.verdicts.append(
            Judgement(new_id(), id, "interview", "h", 0.5, score > 0, {},
                      canonical(evidence).decode(), now)
        )  # fmt: skip

    def worked(self, account, chance):
        query = sa.text(
            "INSERT INTO evidence (account, skill, source, lab, piece, body, at_ns, weighed) "
            "VALUES (CAST(:a AS uuid), 'code_repair.bugs', :s, :l, :p, :b, :t, true)"
        )
        rows = [
            {"a": account, "s": source, "l": self.lab.name, "p": new_id(), "t": 1,
             "b": msgspec.json.encode(Body(good=float(self.rng.random() < chance)))}
            for source in ("gold", "reviews") for _ in range(12)
        ]  # fmt: skip
        self.house.run(lambda c: c.execute(query, rows))

    def suspected(self, account):
        query = sa.text(
            "INSERT INTO signal_case (id, account, lab, campaign, who, state, made_ns, body) "
            "VALUES (CAST(:id AS uuid), CAST(:a AS uuid), :l, 'c', 'w', 'told', 1, :body)"
        )
        id, none = new_id(), Suspicion(account, 0.01, 100, ())
        kept = msgspec.json.encode(Evidence(none, (), 0, 0.01, ()))
        body = sealed(self.house, account, f"case/{id}", kept)
        given = {"id": id, "a": account, "l": self.lab.name, "body": body}
        self.house.run(lambda c: c.execute(query, given))


@pytest.fixture(scope="module")
def hall(house):
    hall = Hall(house, house.lab(f"hall{next(_numbers)}"), 80)
    yield hall
    hall.accounts.close()
