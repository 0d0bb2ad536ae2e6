"""Erasing somebody: asked for, taken back, begun, cut off anywhere, and done for good."""

import itertools
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from banbury import clock, store
from banbury.accounts import Accounts
from banbury.accounts.consent import Consents
from banbury.arena import answer
from banbury.cycle.source.importing import import_tasks, read_plan
from banbury.errors import InputError, UnknownName
from banbury.people.erasing import DAYS, Erasures
from banbury.people.erasing.rows import GONE, KEPT
from banbury.people.interviews import Interviews
from banbury.people.offers import Profile, Profiles
from banbury.store.backup import back_up
from banbury.store.keyring import work_key
from banbury.store.personal import person_key
from banbury.store.queue import Campaign
from banbury.store.restoring import restore

_numbers = itertools.count(1)
DAY_NS = 86_400 * 10**9


class Town:
    """A house with a lab whose owner stays, and experts who answer."""

    def __init__(self, house, lab, folder):
        self.house, self.lab = house, lab
        self.accounts, self.erasures = Accounts(house), Erasures(house)
        self.owner = self.joined("owner", "Owner")
        rows = folder / "rows.jsonl"
        rows.write_text("".join(f'{{"text":"line {n}"}}\n' for n in range(4)))
        into = Campaign("c", "labelling", "c", review=0.0)
        import_tasks(lab, rows, read_plan("choice mood: good, bad"), campaign=into)

    def joined(self, role="expert", name="Ann"):
        id = self.accounts.people.add(f"{name.lower()}{next(_numbers)}@e.org", name)
        self.accounts.members.join(self.lab.name, id, role)
        return id

    def named(self, account):
        people = self.accounts.members.page(self.lab.name, limit=500, whole=True).people
        [found] = [m for m in people if m.account == account]
        return found.pseudonym

    def answers(self, account, count=2):
        who = self.named(account)
        said = {"do": "label", "results": {"mood": {"choices": ["good"]}}}
        for lease in self.lab.queue.claim("c", who, "", count):
            answer(self.lab, lease.id, msgspec.json.encode(said), submission=lease.id)
        return who

    def rows(self, account):
        """Return the tables of the house that still name an account."""
        query = "SELECT count(*) FROM {} WHERE account = CAST(:id AS uuid)"
        return {
            t for t in (*GONE, "erasure")
            if self.house.run(lambda c, t=t: c.execute(sa.text(query.format(t)), {"id": account})
                              .scalar_one())
        }  # fmt: skip


@pytest.fixture
def town(house, lab, tmp_path):
    made = Town(house, lab, tmp_path)
    yield made
    made.accounts.close()


def test_every_table_that_names_an_account_is_known(house):
    query = sa.text(
        "SELECT c.conrelid::regclass::text, f.relname FROM pg_constraint c "
        "JOIN pg_class f ON f.oid = c.confrelid WHERE c.contype = 'f'"
    )
    found = house.run(lambda c: c.execute(query).all())
    known = {"account", *GONE, *KEPT}
    named = {table for table, to in found if to == "account"}
    assert named <= known
    below = {table for table, to in found if to in named - {"account"} and table not in known}
    assert below == {"signal_move", "interview_appeal"}


def test_nothing_of_a_person_is_left_and_the_work_that_may_stay_does(town):
    ann = town.joined()
    Consents(town.house).say(ann, town.lab.name, "answers")
    Profiles(town.house).put(ann, Profile())
    who = town.answers(ann)
    email = town.accounts.people.account(ann).email
    session = town.accounts.sessions.start(ann, "a browser")
    done = town.erasures.erase(ann)
    assert (done.done, done.labs, done.waits) == (True, (town.lab.name,), {})
    assert town.accounts.people.by_email(email) is None
    assert not town.accounts.sessions.caller(session).signed_in
    held = town.accounts.people.account(ann)
    assert (held.name, held.email, held.password, held.closed) == ("erased", "", "", True)
    assert town.rows(ann) == {"erasure"}
    keyring = town.house.keyring
    assert keyring.destroyed(person_key(ann)) and keyring.destroyed(work_key(town.lab.name, who))
    kept = [e for e in town.lab.episodes() if any(a.name == who for a in e.actors)]
    assert len(kept) == 2 and all(town.lab.read(e.id).actions() for e in kept)
    assert town.erasures.erase(ann).done
    assert town.accounts.people.add(email, "Somebody else") != ann


def test_what_may_not_stay_is_void(town):
    ann = town.joined()
    Consents(town.house).say(ann, town.lab.name, "nothing")
    who = town.answers(ann)
    town.erasures.erase(ann)
    made = [e for e in town.lab.episodes() if any(a.name == who for a in e.actors)]
    assert made and all(e.status == "void" for e in made)


def test_leases_come_back_and_offers_end(town):
    ann, ben = town.joined(), town.joined(name="Ben")
    held = town.lab.queue.claim("c", town.named(ann), "", 4)
    town.erasures.erase(ann)
    assert len(town.lab.queue.claim("c", town.named(ben), "", 4)) == len(held) == 4


def test_the_last_owner_is_told_what_to_do_first(town):
    with pytest.raises(InputError, match=f"{town.lab.name} would be left without an owner"):
        town.erasures.erase(town.owner)
    assert "make somebody else its owner" in town.erasures.plan(town.owner).first[0]
    other = town.joined("owner", "Other")
    assert town.erasures.plan(town.owner).first == ()
    assert town.erasures.erase(town.owner).done
    assert town.named(other)


def test_the_last_operator_is_told_what_to_do_first(tmp_path):
    with store.open(f"banbury://{tmp_path / 'home'}?durable=no") as house:
        accounts, erasures = Accounts(house), Erasures(house)
        ann = accounts.people.add("ann@o.org", "Ann", operator=True)
        with pytest.raises(InputError, match="without an operator"):
            erasures.erase(ann)
        accounts.people.add("ben@o.org", "Ben", operator=True)
        assert erasures.erase(ann).done
        accounts.close()


def test_it_is_taken_back_within_days_and_begins_after_them(town):
    ann = town.joined()
    with clock.use(clock.Turned()) as time:
        asked = town.erasures.ask(ann)
        assert asked.state == "asked" and asked.due_ns - asked.asked_ns == DAYS * DAY_NS
        assert town.erasures.carry_on() == []
        town.erasures.take_back(ann)
        with pytest.raises(InputError, match="nothing to take back"):
            town.erasures.take_back(ann)
        town.erasures.ask(ann)
        time.turn(DAYS * 86_400 + 1)
        assert [e.account for e in town.erasures.carry_on()] == [ann]
        with pytest.raises(InputError, match="nothing to take back"):
            town.erasures.take_back(ann)
    assert town.rows(ann) == {"erasure"}


def test_an_unknown_account_cannot_be_erased(town):
    with pytest.raises(UnknownName):
        town.erasures.erase("00000000-0000-0000-0000-000000000000")


def test_a_lab_that_does_not_answer_is_done_later(town):
    ann = town.joined()
    who = town.answers(ann)
    database = town.lab._database.name
    town.lab._database.close()
    with town.house._server.connect(town.house._server.house) as admin:
        admin.autocommit = True
        admin.execute(f"ALTER ROLE {database} NOLOGIN")
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                      [database])  # fmt: skip
        try:
            done = town.erasures.erase(ann)
        finally:
            admin.execute(f"ALTER ROLE {database} LOGIN")
    assert not done.done and list(done.waits) == [town.lab.name]
    assert town.accounts.people.account(ann).closed
    assert town.house.keyring.has(person_key(ann))
    assert [e.done for e in town.erasures.carry_on() if e.account == ann] == [True]
    assert town.house.keyring.destroyed(work_key(town.lab.name, who))


_DIES = """
import os, sys
from banbury import store
from banbury.people.erasing import Erasures
from banbury.store import keyring
home, account, after = sys.argv[1], sys.argv[2], int(sys.argv[3])
whole, count = keyring.Keyring.destroy, [0]
def destroy(self, id):
    if count[0] == after:
        os.kill(os.getpid(), 9)
    count[0] += 1
    whole(self, id)
keyring.Keyring.destroy = destroy
with store.open(home) as house:
    Erasures(house).erase(account)
"""


@pytest.mark.slow
@pytest.mark.parametrize("after", [0, 1, 2])
def test_killed_anywhere_it_goes_on_where_it_was(town, address, after):
    ann = town.joined()
    who = town.answers(ann)
    words = [sys.executable, "-c", _DIES, address, ann, str(after)]
    assert subprocess.run(words, check=False).returncode == -9
    assert town.erasures.of(ann).state == "begun"
    assert [e.done for e in town.erasures.carry_on() if e.account == ann] == [True]
    assert town.rows(ann) == {"erasure"}
    assert town.house.keyring.destroyed(person_key(ann))
    assert town.house.keyring.destroyed(work_key(town.lab.name, who))
    kept = [e for e in town.lab.episodes() if any(a.name == who for a in e.actors)]
    assert kept and all(town.lab.read(e.id).actions() for e in kept)


@pytest.mark.slow
def test_back_ups_of_rows_and_of_keys_bring_nobody_back(tmp_path, monkeypatch):
    home, keys = tmp_path / "home", tmp_path / "keys"
    monkeypatch.setenv("BANBURY_KEYS", str(keys))
    with store.open(f"banbury://{home}?durable=no") as house:
        town = Town(house, house.lab("one"), tmp_path)
        ann = town.joined()
        town.answers(ann)
        back_up(house, tmp_path / "before")
        shutil.copytree(keys, tmp_path / "old keys")
        assert town.erasures.erase(ann).done
        # A key that comes back alone is destroyed again.
        for file in Path(tmp_path / "old keys").iterdir():
            if not (keys / file.name).exists():
                shutil.copy(file, keys / file.name)
        assert house.keyring.has(person_key(ann))
        assert town.erasures.replay() == 2
        assert not house.keyring.has(person_key(ann))
        town.accounts.close()
    # Rows that come back alone, with the keys of today.
    url = f"banbury://{tmp_path / 'again'}?durable=no"
    restore(tmp_path / "before", url)
    with store.open(url) as house:
        assert Accounts(house).people.account(ann).name == "erased"
        assert Erasures(house).replay() == 1
        assert Erasures(house).of(ann).state == "done"
        assert Erasures(house).replay() == 0


def test_nothing_said_in_an_interview_stays_of_whoever_was_never_asked(town):
    account = town.joined()
    interviews = Interviews(town.house)
    interviews.begin(account, "interview.python_repair", agreed="yes")
    [there] = [i.lab for i in interviews.of(account)]
    stays = {c.lab: c.stays for c in Consents(town.house).of(account)}
    assert stays == {town.lab.name: "answers", there: "nothing"}
    town.erasures.begin(account)
    query = "SELECT body FROM erasure WHERE account = CAST(:id AS uuid)"
    body = town.house.run(lambda c: c.execute(sa.text(query), {"id": account}).scalar_one())
    parts = {p["lab"]: p["stays"] for p in msgspec.json.decode(bytes(body))["parts"]}
    assert parts == stays
