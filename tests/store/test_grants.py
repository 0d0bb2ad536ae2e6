"""One person's hours count over all labs, and what labs say of them is counted once."""

import uuid

import pytest
import sqlalchemy as sa

from banbury import clock
from banbury.episode import new_id
from banbury.errors import InputError, StoreError
from banbury.store.applying import apply
from banbury.store.database import raw
from banbury.store.grants import DAY_NS, HOUR_NS, Grants


@pytest.fixture
def account(house):
    """Return the id of a new account."""
    id = str(uuid.uuid4())
    made = sa.text(
        "INSERT INTO account (id, operator, closed, created_ns) "
        "VALUES (cast(:id AS uuid), false, false, 0)"
    )
    house.run(lambda c: c.execute(made, {"id": id}))
    return id


@pytest.fixture
def labs(house):
    for name in ("grants-one", "grants-two"):
        house.lab(name)
    return "grants-one", "grants-two"


@pytest.fixture
def time():
    with clock.use(clock.Turned()) as turned:
        yield turned


def worked(house, lab, make, grant, seconds, kind="worked"):
    """Write a row into a lab's outbox as a submission does."""
    record = make.record(house.lab(lab), task=new_id())
    house.lab(lab).write([record])
    said = f'{{"grant":"{grant}","kind":"work","cost":{{"busy_ns":{round(seconds * 1e9)}}}}}'
    row = "INSERT INTO outbox (episode, kind, body, created_ns) VALUES (%s, %s, %s, %s)"
    values = [record.episode.id, kind, said.encode(), clock.wall_ns()]
    house.lab(lab)._database.run(lambda c: raw(c).execute(row, values))


def test_a_person_works_in_one_lab_at_a_time(house, account, labs, time):
    one, two = labs
    first = house.grants.take(account, one, "c")
    assert house.grants.take(account, one, "c") == first
    with pytest.raises(InputError, match=r"at work in another lab.*grants-one.*wait 15 minutes"):
        house.grants.take(account, two, "c")
    time.turn(600)
    longer = house.grants.take(account, one, "c")
    assert (longer.id, longer.until_ns) == (first.id, first.until_ns + 600 * 10**9)
    assert house.grants.take(account, one, "other").id != first.id
    time.turn(1000)
    assert house.grants.current(account) is None
    assert house.grants.take(account, two, "c").lab == two
    house.grants.end(account)
    assert house.grants.take(account, one, "c").lab == one


def test_a_day_has_eight_hours_over_all_labs(house, account, labs, time, make):
    for lab, hours in zip(labs, (5.0, 2.9), strict=True):
        grant = house.grants.take(account, lab, "c")
        worked(house, lab, make, grant.id, hours * 3600)
        house.grants.end(account)
    assert house.apply_outboxes() >= 2
    grant = house.grants.take(account, labs[0], "c")
    assert grant.left_ns == round(0.1 * HOUR_NS)
    assert grant.until_ns == clock.wall_ns() + grant.left_ns
    worked(house, labs[0], make, grant.id, 400)
    house.apply_outboxes()
    house.grants.end(account)
    with pytest.raises(InputError, match="8 hours of work are done today"):
        house.grants.take(account, labs[0], "c")
    today = clock.wall_ns() // DAY_NS
    found = {h.lab: (h.work_ns / 1e9, h.answers) for h in house.grants.hours(account, today)}
    assert found == {labs[0]: (18_400.0, 2), labs[1]: (10_440.0, 1)}
    time.turn(86_400)
    assert house.grants.take(account, labs[0], "c").left_ns == 8 * HOUR_NS


def test_a_row_is_applied_once_though_the_lab_was_not_told(house, account, labs, time, make):
    lab = house.lab(labs[0])
    grant = house.grants.take(account, labs[0], "c")
    worked(house, labs[0], make, grant.id, 60)
    again = "UPDATE outbox SET applied_ns = NULL"
    for _ in range(3):
        apply(house._database, lab.name, lab._database)
        lab._database.run(lambda c: raw(c).execute(again))
    [hours] = house.grants.hours(account)
    assert (hours.work_ns, hours.answers) == (60 * 10**9, 1)
    apply(house._database, lab.name, lab._database)


def test_rows_of_no_grant_or_another_labs_say_nothing_about_hours(house, account, labs, time, make):
    grant = house.grants.take(account, labs[0], "c")
    worked(house, labs[1], make, grant.id, 60)
    worked(house, labs[0], make, "", 60)
    worked(house, labs[0], make, "no id", 60)
    worked(house, labs[0], make, grant.id, 60, kind="closed")
    assert house.apply_outboxes() >= 4
    assert house.apply_outboxes() == 0
    assert house.grants.hours(account) == []


def test_the_hours_of_a_day_are_a_setting(house, account, labs, monkeypatch):
    monkeypatch.setenv("BANBURY_HOURS", "0.1")
    assert Grants(house._database).take(account, labs[0], "c").left_ns == HOUR_NS // 10
    monkeypatch.setenv("BANBURY_HOURS", "always")
    with pytest.raises(InputError, match="'always' are no hours of a day"):
        Grants(house._database)


def test_a_lab_that_is_gone_does_not_hold_up_the_others(house, labs):
    gone = house.lab("grants-gone")._database.name
    with house._server.connect(house._server.house) as admin:
        admin.autocommit = True
        admin.execute(f"DROP DATABASE {gone} WITH (FORCE)")
    with pytest.raises(StoreError):
        house.apply_outbox("grants-gone")
    assert house.apply_outboxes() >= 0
