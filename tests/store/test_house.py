"""Labs are apart: no role reaches another lab, or the house."""

import threading
import uuid

import pytest
import sqlalchemy as sa

from banbury import store
from banbury.errors import InputError, StoreUnavailable, UnknownName
from banbury.store import lab_tables
from banbury.store.tenancy import migrator, rows


def secret_of(house, name):
    return house._row(name)


def run(lab, statement, **values):
    return lab._database.run(lambda c: c.execute(sa.text(statement), values).all())


@pytest.fixture(scope="module")
def two(house):
    return house.lab("apart-one"), house.lab("apart-two")


def test_a_role_reaches_its_own_lab_and_no_other(house, two):
    one, other = secret_of(house, "apart-one"), secret_of(house, "apart-two")
    server = house._server
    server.connect(one.database, one.database, one.secret).close()
    for database in (other.database, server.house, "postgres", "template1"):
        with pytest.raises(StoreUnavailable, match="permission denied for database"):
            server.connect(database, one.database, one.secret)
    with pytest.raises(StoreUnavailable, match="password authentication failed"):
        server.connect(other.database, other.database, one.secret)


def test_the_template_and_group_roles_let_nobody_in(house, two):
    one = secret_of(house, "apart-one")
    install = house._install
    with pytest.raises(StoreUnavailable):
        house._server.connect(f"bb{install}_template_{lab_tables.HEAD}", one.database, one.secret)
    for role in (migrator(install), rows(install)):
        with pytest.raises(StoreUnavailable):
            house._server.connect(one.database, role, one.secret)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT datname FROM pg_database",
        "SELECT rolname FROM pg_roles",
        "SELECT query FROM pg_stat_activity",
        "SELECT * FROM pg_authid",
        "SELECT * FROM pg_stat_get_activity(NULL)",
        "SELECT * FROM pg_locks",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY task TO '/tmp/x'",
        "CREATE ROLE x",
        "CREATE TABLE x (y int)",
        "CREATE EXTENSION vector",
        "SET ROLE banbury",
    ],
)
def test_a_lab_sees_nothing_of_the_server(two, query):
    with pytest.raises(StoreUnavailable, match=r"permission denied|must be"):
        run(two[0], query)


def test_a_lab_cannot_become_the_owner_of_its_tables(house, two):
    with pytest.raises(StoreUnavailable, match="permission denied"):
        run(two[0], f"SET ROLE {migrator(house._install)}")


def test_names_on_the_server_say_nothing(house, two):
    row = secret_of(house, "apart-one")
    assert "apart" not in row.database
    assert row.database.startswith(f"bb{house._install}_")
    assert two[0].blobs.root.name == row.database


def test_two_labs_hold_different_things(two, make):
    one, other = two
    record = make.record(one)
    one.write([record])
    with pytest.raises(UnknownName):
        other.read(record.episode.id)
    blob = one.blobs.put(b"of one lab only")
    assert other.blobs.find(blob.sha256) is None


def test_an_unknown_lab_names_the_nearest(house, two):
    with pytest.raises(UnknownName, match="apart-one"):
        house.lab("apart-on", create=False)
    assert "apart-on" not in house.labs()


@pytest.mark.parametrize("name", ["", "a b", "-a", "x" * 64, "a/b", "ä", "a'b", "a\0"])
def test_a_bad_name_is_refused(house, name):
    with pytest.raises(InputError, match="cannot be a lab's name"):
        house.lab(name)


def test_one_lab_made_by_many_at_once_is_one(house):
    made, errors = [], []

    def work():
        try:
            with store.open(f"banbury://{house.where}") as mine:
                made.append(mine.lab("at-once")._database.name)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(made) == 4
    assert len(set(made)) == 1


def test_what_a_killed_process_left_of_a_lab_is_removed(house):
    left = f"bb{house._install}_{uuid.uuid4().hex[:16]}"
    with house._server.connect("postgres") as admin:
        admin.autocommit = True
        admin.execute(f"CREATE ROLE {left}")
        admin.execute(f"CREATE DATABASE {left} ALLOW_CONNECTIONS false")
    house.lab("after-a-kill")
    with house._server.connect("postgres") as admin:
        for query in (
            "SELECT FROM pg_database WHERE datname = %s",
            "SELECT FROM pg_roles WHERE rolname = %s",
        ):
            assert admin.execute(query, [left]).fetchone() is None


def test_many_labs_keep_few_connections(house):
    for number in range(20):
        assert list(house.lab(f"many-{number}").episodes()) == []
    with house._server.connect("postgres") as admin:
        query = "SELECT count(*) FROM pg_stat_activity WHERE usename LIKE 'bb%'"
        (count,) = admin.execute(query).fetchone()
    assert count <= 16 * 2


def test_an_address_says_no_secret(house):
    lab = house.lab("apart-one")
    assert secret_of(house, "apart-one").secret not in repr(house) + repr(lab) + repr(lab._database)


def test_what_runs_on_the_house_is_done_whole_or_not_at_all(house):
    made = "CREATE TABLE kept_apart (n integer)"

    def broken(connection):
        connection.execute(sa.text(made))
        raise InputError("stop")

    with pytest.raises(InputError, match="stop"):
        house.run(broken)
    assert house.run(lambda c: c.scalar(sa.text("SELECT to_regclass('kept_apart')"))) is None
