"""A server that somebody else runs: here the embedded one of the tests, by its URL."""

import json
import secrets
from pathlib import Path

import pytest

from banbury import store
from banbury.errors import InputError, StoreUnavailable


@pytest.fixture
def server(house, tmp_path):
    """A role with a database of its own that may make more, and is no superuser."""
    name = f"ours_{secrets.token_hex(4)}"
    with house._server.connect("postgres") as admin:
        admin.autocommit = True
        admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'pass' CREATEDB CREATEROLE")
        admin.execute(f"CREATE DATABASE {name} OWNER {name}")
    sockets = json.loads((Path(house.where) / "server.json").read_text())["sockets"]
    return f"postgresql://{name}:pass@/{name}?host={sockets}"


def test_everything_works_on_any_server(server, tmp_path, make):
    with store.open(f"{server}&blobs={tmp_path}/blobs") as house:
        lab = house.lab("one")
        record = make.record(lab)
        lab.write([record], [make.judgement(record)])
        journal = lab.journal(make.episode(lab, run="live", status="open"))
        journal.append(make.steps(1)[0])
        blob = lab.blobs.put(b"x")
        house.lab("two")
        assert "pass" not in house.where
    assert list((tmp_path / "blobs").rglob(blob.sha256)) != []
    with store.open(f"{server}&blobs={tmp_path}/blobs") as house:
        lab = house.lab("one", create=False)
        assert house.labs() == ["one", "two"]
        assert lab.read(record.episode.id).steps == record.steps
        assert lab.resume(journal.episode.id).steps == make.steps(1)
        assert lab.blobs.read(blob.sha256) == b"x"
        one, two = house._row("one"), house._row("two")
        with pytest.raises(StoreUnavailable, match="permission denied for database"):
            house._server.connect(two.database, one.database, one.secret)
        with pytest.raises(StoreUnavailable, match="permission denied for database"):
            house._server.connect(house._server.house, one.database, one.secret)


def test_two_houses_share_one_server(house, server, tmp_path):
    with store.open(f"{server}&blobs={tmp_path}") as other:
        other.lab("mine")
        assert "mine" not in house.labs()
        assert other._install != house._install


def test_the_folder_for_blobs_may_come_from_the_environment(server, tmp_path, monkeypatch):
    with pytest.raises(InputError, match="needs a folder for its blobs"):
        store.open(server)
    monkeypatch.setenv("BANBURY_BLOBS", str(tmp_path / "b"))
    with store.open(server) as house:
        assert house.lab("x").blobs.root.parent == tmp_path / "b"


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("postgresql://nobody@127.0.0.1:1/x?blobs=/tmp/b&connect_timeout=2", StoreUnavailable),
        ("postgresql://nobody@127.0.0.1:1/?blobs=/tmp/b", InputError),
        ("postgresql://a@/x?no_such_option=1&blobs=/tmp/b", InputError),
    ],
)
def test_a_server_that_is_not_there(url, error):
    with pytest.raises(error):
        store.open(url)


def test_a_role_that_may_not_create_labs(house, server, tmp_path):
    name = server.split("//")[1].split(":")[0]
    with house._server.connect("postgres") as admin:
        admin.execute(f"ALTER ROLE {name} NOCREATEDB")
    with store.open(f"{server}&blobs={tmp_path}") as opened:
        with pytest.raises(StoreUnavailable, match="Give it CREATEDB and CREATEROLE"):
            opened.lab("x")
