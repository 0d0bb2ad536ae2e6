"""The connections of a process: one cap over all databases."""

import os
import threading

import pytest
import sqlalchemy as sa

from banbury import clock
from banbury.episode import Cost, new_id
from banbury.errors import StoreError, StoreUnavailable, UnknownName
from banbury.store import pool
from banbury.store.database import Database
from banbury.store.pool import Cap, Pool


def capped(house, lab, cap):
    """Return another way to a lab's database, under a cap of its own."""
    database = Database(house._server, house._row(lab.name).database)
    database._engine.pool.cap = cap
    return database


def one(connection):
    return connection.execute(sa.text("SELECT 1")).scalar_one()


def pid(connection):
    return connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()


@pytest.fixture(scope="module")
def labs(house):
    return [house.lab(f"pooled-{n}") for n in range(4)]


def test_many_threads_over_many_labs_stay_below_the_cap(house, labs):
    cap = Cap(idle=2, warm=3, most=4)
    databases = [capped(house, lab, cap) for lab in labs]
    most, errors = [], []

    def work(first):
        try:
            for n in range(25):
                assert databases[(first + n) % len(databases)].run(one) == 1
                most.append((cap.open, cap.resting))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert max(count for count, _ in most) <= 4
    assert max(resting for _, resting in most) <= 3
    assert cap.open == cap.resting <= 3
    for database in databases:
        database.close()
    assert cap.open == 0


def test_the_coldest_is_closed_first(house, labs):
    cap = Cap(idle=2, warm=2, most=4)
    databases = [capped(house, lab, cap) for lab in labs]
    first = [database.run(pid) for database in databases]
    assert databases[-1].run(pid) == first[-1]
    assert databases[0].run(pid) != first[0]
    assert cap.resting == 2
    for database in databases:
        database.close()


def test_a_wave_that_comes_again_soon_finds_its_connections(house, labs):
    cap = Cap(idle=1, warm=1, most=4, linger=10.0)
    database = capped(house, labs[0], cap)

    def wave(depth=3):
        def work(connection):
            return {pid(connection), *(wave(depth - 1) if depth > 1 else ())}

        return database.run(work)

    turned = clock.Turned()
    with clock.use(turned):
        first = wave()
        assert len(first) == 3
        assert wave() == first
        turned.turn(11.0)
        for _ in range(3):
            database.run(one)
        assert cap.resting == 1
    database.close()


def test_one_who_waits_too_long_is_told(house, labs):
    cap = Cap(most=1, patience=0.05)
    database = capped(house, labs[0], cap)
    with pytest.raises(StoreError, match="at work"):
        database.run(lambda _: capped(house, labs[1], cap).run(one))
    assert database.run(one) == 1
    database.close()
    assert cap.open == 0


def test_no_call_of_a_lab_needs_two_connections(lab, make):
    cap = Cap(most=1, patience=1.0)
    lab.close()
    lab._database._engine.pool.cap = cap
    lab.put_tasks([make.problem()])
    records = [make.record(lab, sample=n) for n in range(3)]
    lab.write(records, [make.judgement(r) for r in records])
    lab.judge([make.judgement(records[0])])
    assert len(list(lab.records())) == len(lab.outcomes()) == lab.count() == 3
    child = lab.fork(records[0].episode.id, 1)
    lab.resume(child.id).close("done", 1, Cost())
    lab.put_artifact("k", "n", {"a": 1}, {"b": lab.blobs.put(b"x")})
    with pytest.raises(UnknownName):
        lab.read(new_id())
    assert cap.open == 1
    lab.close()
    assert cap.open == 0


def test_a_lost_connection_gives_its_place_back(house, labs):
    cap = Cap(most=2)
    database = capped(house, labs[0], cap)
    for _ in range(4):
        lost = database.run(pid)
        with house._server.connect("postgres") as admin:
            admin.execute("SELECT pg_terminate_backend(%s)", [lost])
    assert database.run(one) == 1
    assert cap.open == cap.resting == 1
    database.close()


def test_one_that_idled_in_a_transaction_is_run_again(house, labs):
    database = capped(house, labs[0], Cap(most=2))
    tries = []

    def work(connection):
        tries.append(one(connection))
        if len(tries) == 1:
            mine = pid(connection)
            connection.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = 1"))
            with house._server.connect("postgres") as admin:
                there = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"
                while admin.execute(there, [mine]).fetchone()[0]:
                    admin.rollback()
        return one(connection)

    assert database.run(work) == 1
    assert len(tries) == 2
    database.close()


@pytest.mark.parametrize("setting", ["statement_timeout", "lock_timeout"])
def test_a_timeout_of_the_database_is_one_clear_error(house, labs, setting):
    database = capped(house, labs[0], Cap(most=2))

    def work(connection):
        connection.execute(sa.text(f"SET LOCAL {setting} = 20"))
        slow = "LOCK TABLE episode" if setting == "lock_timeout" else "SELECT pg_sleep(60)"
        connection.execute(sa.text(slow))

    with house._server.connect(database.name) as other:
        other.execute("LOCK TABLE episode IN ACCESS SHARE MODE")
        with pytest.raises(StoreUnavailable, match=f"raise {setting}|Raise {setting}"):
            database.run(work)
    assert database.run(one) == 1
    database.close()


def test_a_place_comes_back_where_no_connection_could_be_made():
    def refuse():
        raise OSError("no")

    cap = Cap(most=1, patience=0.05)
    broken = Pool(refuse, cap)
    for _ in range(3):
        with pytest.raises(OSError, match="no"):
            broken.connect()
    assert cap.open == 0


def test_a_child_process_starts_from_nothing(labs):
    labs[0].count()
    parent = pool.CAP.open
    assert parent > 0
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        fresh = pool.CAP.open == 0 and labs[0].count() == 0 and pool.CAP.open == 1
        os.write(writer, b"fresh" if fresh else b"stale")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 9) == b"fresh"
    assert labs[0].count() == 0
    # Earlier tests' connections that rest too long are closed as this one comes back.
    assert pool.CAP.resting <= pool.CAP.open <= parent


def test_labs_that_rest_hold_few_connections(labs):
    for lab in labs:
        assert lab.count() == 0
    assert pool.CAP.resting <= pool.MOST
    before = pool.CAP.open
    for lab in labs:
        lab.close()
    assert pool.CAP.open == before - len(labs)
