"""All labs at once: what there is, and bringing each to this version."""

import json
import signal
import subprocess
import sys

import pytest
import sqlalchemy as sa
from tests.store.test_migrate import at_revision

from banbury import store
from banbury.errors import InputError, UnknownName
from banbury.store import lab_tables, migrating

OLD = "lab_0002"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    return f"banbury://{tmp_path_factory.mktemp('fleet')}?durable=no"


@pytest.fixture(scope="module")
def house(address):
    with store.open(address) as opened:
        yield opened


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Let four labs be worth two processes."""
    monkeypatch.setattr(migrating, "FEW", 3)


@pytest.fixture
def old(house, make):
    """Return the names of labs that hold an episode in tables of an older revision."""
    names = [f"old-{n}" for n in range(4)]
    for name in names:
        lab = house.lab(name)
        house.upgrade(name)
        lab.write([make.record(lab)])
        at_revision(house, name, OLD)
        lab.close()
    return names


def revisions(house):
    return {s.name: s.revision for s in house.states() if s.name.startswith("old-")}


def command(address, *words):
    return [sys.executable, "-m", "banbury", "labs", *words, "--store", address, "--json"]


def test_states_say_what_lies_there_and_change_nothing(house, old):
    states = {s.name: s for s in house.states()}
    for name in old:
        state = states[name]
        assert (state.revision, state.current, state.episodes) == (OLD, False, 1)
        assert state.bytes > 1_000_000
    assert revisions(house) == dict.fromkeys(old, OLD)


def test_all_are_migrated_by_one_call_and_a_second_finds_nothing(address, house, old):
    seen = []
    done = store.migrate_labs(
        address, workers=2, progress=lambda lab, total: seen.append((lab.name, total))
    )
    assert [(m.name, m.before, m.after, m.error) for m in done if m.name in old] == [
        (name, OLD, lab_tables.HEAD, "") for name in old
    ]
    assert sorted(seen) == [(m.name, len(done)) for m in done]
    again = store.migrate_labs(address, workers=1)
    assert all(m.before == m.after == lab_tables.HEAD and not m.error for m in again)
    assert [house.lab(name).count() for name in old] == [1] * len(old)


def test_one_that_fails_stays_as_it_was_and_the_others_go_on(address, house, old):
    broken = house._row(old[1]).database
    with house._server.connect(broken) as admin:
        admin.execute("ALTER TABLE episode ADD COLUMN body text")
    done = {m.name: m for m in store.migrate_labs(address, workers=1)}
    assert "already exists" in done[old[1]].error
    assert done[old[1]].after == OLD
    assert revisions(house) == dict.fromkeys(old, lab_tables.HEAD) | {old[1]: OLD}
    told = subprocess.run(command(address, "migrate"), capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert json.loads(told.stdout)["failed"] == 1
    with house._server.connect(broken) as admin:
        admin.execute("ALTER TABLE episode DROP COLUMN body")
    assert not any(m.error for m in store.migrate_labs(address, workers=1))


def test_stopped_in_the_middle_each_is_migrated_or_untouched(address, house, old):
    def stop(lab, total):
        if lab.before != lab.after:
            raise KeyboardInterrupt

    for workers in (1, 2):
        with pytest.raises(KeyboardInterrupt):
            store.migrate_labs(address, workers=workers, progress=stop)
        assert set(revisions(house).values()) <= {OLD, lab_tables.HEAD}
        assert lab_tables.HEAD in revisions(house).values()
        if workers == 1:
            assert OLD in revisions(house).values()
    store.migrate_labs(address, workers=1)
    assert revisions(house) == dict.fromkeys(old, lab_tables.HEAD)
    assert [house.lab(name).count() for name in old] == [1] * len(old)


def test_killed_in_the_middle_of_a_lab_it_is_untouched(address, house, old):
    row = house._row(old[0])
    with house._server.connect(row.database) as admin:
        # The migration waits for this lock, in its own transaction, and is killed there.
        admin.execute("LOCK TABLE episode IN ACCESS SHARE MODE")
        process = subprocess.Popen(
            command(address, "migrate", "--workers", "1"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event = %s"
        with house._server.connect("postgres") as other:
            other.autocommit = True
            while not other.execute(waiting, [row.database, "relation"]).fetchone()[0]:
                assert process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert house.revision(old[0]) == OLD
    store.migrate_labs(address, workers=1)
    assert revisions(house) == dict.fromkeys(old, lab_tables.HEAD)


def test_no_workers_migrate_nothing(address):
    with pytest.raises(InputError, match="at least 1"):
        store.migrate_labs(address, workers=0)


def test_an_unknown_lab_has_no_revision(house, old):
    with pytest.raises(UnknownName, match="old-0"):
        house.revision("old-00")


def test_labs_are_made_and_listed(address, house):
    for new in (True, False):
        told = subprocess.run(
            command(address, "create", "fresh"), capture_output=True, text=True, check=True
        )
        assert json.loads(told.stdout)["new"] is new
    told = subprocess.run(command(address, "list"), capture_output=True, text=True, check=True)
    assert "fresh" in [lab["name"] for lab in json.loads(told.stdout)]
    assert house.lab("fresh", create=False)._database.run(
        lambda c: c.execute(sa.text("SELECT 1")).scalar_one()
    )
