"""`banbury accounts`: the way in from the machine itself."""

import json

import pytest

from banbury.accounts import Accounts
from banbury.cli import main


@pytest.fixture
def run(house, address, monkeypatch, capsys):
    monkeypatch.setenv("BANBURY_URL", address)
    monkeypatch.delenv("BANBURY_ORIGIN", raising=False)

    def call(*words):
        with pytest.raises(SystemExit) as ended:
            main(["accounts", *words])
            raise SystemExit(0)
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, said.err

    return call


def test_an_owner_who_lost_the_password_comes_in_from_the_machine(run, house, lab):
    accounts = Accounts(house)
    code, out, _ = run("invite", "owner", "--lab", lab.name, "--json")
    assert code == 0
    path = json.loads(out)["path"]
    assert json.loads(out)["link"] == "http://localhost:8080" + path
    email = f"olga@{lab.name}.org"
    olga = accounts.links.join(path.removeprefix("/join/"), email, "Olga", "lost")
    code, out, _ = run("reset-link", email.upper(), "--json", "--address", "https://b.example/")
    link = json.loads(out)["link"]
    assert link.startswith("https://b.example/reset/")
    assert accounts.links.use_reset(link.rpartition("/")[2], "new") == olga

    code, _, err = run("revoke", email)
    assert (code, "without an owner" in err) == (2, True)
    bob = accounts.people.add(f"bob@{lab.name}.org", "Bob")
    accounts.members.join(lab.name, bob, "owner")
    assert "closed" in run("revoke", email)[1]
    code, _, err = run("reset-link", email)
    assert (code, "is closed" in err) == (2, True)
    assert json.loads(run("reopen", email, "--json")[1])["state"] == "open"
    listed = json.loads(run("list", "--json", "--limit", "1000")[1])["accounts"]
    (row,) = [a for a in listed if a["email"] == email]
    assert (row["labs"], row["closed"]) == ({}, False)
    assert f"bob@{lab.name}.org" in run("list", "--limit", "1000")[1].replace("\n", "")
    accounts.close()


def test_what_is_not_there_is_said(run):
    code, _, err = run("reset-link", "nobody@nowhere.example")
    assert (code, "there is no account" in err) == (2, True)
    code, _, err = run("invite", "owner", "--lab", "no-such-lab")
    assert (code, "there is no lab" in err) == (2, True)
    assert run("invite", "king", "--lab", "x")[0] != 0
    assert run("list", "--limit", "0")[0] == 2
