"""`banbury people`: from an opening to an offer with its reasons, and a pause that is lifted."""

import json

import pytest

from banbury.accounts import Accounts
from banbury.cli import main
from banbury.people.offers import Standings
from banbury.people.standing import Result
from banbury.store.queue import Campaign


@pytest.fixture
def run(house, address, monkeypatch, capsys):
    monkeypatch.setenv("BANBURY_URL", address)

    def call(*words):
        with pytest.raises(SystemExit) as ended:
            main(["people", *words])
            raise SystemExit(0)
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, said.err

    return call


def test_from_an_opening_to_an_offer(run, house, lab):
    lab.queue.put(Campaign("birds", "labelling"))
    accounts = Accounts(house)
    email = f"ada@{lab.name}.org"
    ada = accounts.people.add(email, "Ada")
    skill = f"birds.{lab.name}"
    at = ("--lab", lab.name)
    code, out, _ = run("profile", email, "--hours", "12", "--skill", f"{skill}=1.5,0.2,40")
    assert (code, "12 hours a week" in out) == (0, True)
    code, out, _ = run("ask", "birds", "--skill", skill, "--places", "2", *at)
    assert (code, "2 places are open" in out) == (0, True)
    code, out, _ = run("match", "--json")
    assert json.loads(out)["offers"] >= 1
    assert f"It needs {skill}" in run("offers", email)[1]
    assert "somebody, birds: offered" in run("offers", *at)[1]
    seen = json.loads(run("offers", *at, "--json")[1])
    assert email not in json.dumps(seen)
    assert seen["openings"][0]["offered"] == 1

    assert "no account yet" not in run("offers", "zzzz@x.org")[2], "there are some, before z"
    assert "never paused" in run("standing", email)[1]
    bad = [Result(f"g{n}", "gold", 0.0, 0.8) for n in range(20)]
    Standings(house).add(ada, skill, bad)
    assert "is paused" in run("standing", email)[1]
    code, _, err = run("standing", email, skill, "--do", "lift")
    assert (code, "needs who and why" in err) == (2, True)
    lifted = run("standing", email, skill, "--do", "lift", "--reason", "wrong gold")[1]
    assert "wrong gold" in " ".join(lifted.split())
    accounts.close()


def test_what_cannot_be_read_is_one_error(run, lab):
    at = ("--lab", lab.name)
    assert run("ask", "none", "--skill", "a", *at)[0] == 2
    assert "no skill" in run("ask", "none", "--skill", "a=b", *at)[2]
    assert "no account" in run("offers", "nobody@x.org")[2]
    assert "no belief" in run("profile", "nobody@x.org", "--skill", "a=1")[2]


def test_a_record_is_shown_changed_and_taken_along(run, house, lab, tmp_path):
    accounts = Accounts(house)
    email = f"grace@{lab.name}.org"
    accounts.people.add(email, "Grace")
    assert "said nothing" in run("profile", email)[1]
    run("profile", email, "--languages", "German", "--hours", "12", "--skill", "tax law")
    told = " ".join(run("profile", email, "--where", "Lisbon")[1].split())
    assert "12 hours a week, German, Lisbon says: tax_law" in told, "what is not named stays"
    for name in ("record.json", "record.html", "record.zip"):
        code, out, _ = run("export", email, "--to", str(tmp_path / name))
        assert (code, "bytes" in out) == (0, True)
    held = json.loads((tmp_path / "record.json").read_text())
    assert held["profile"]["place"] == "Lisbon"
    assert run("export", email, "--to", str(tmp_path / "record.pdf"))[0] == 2
    run("weigh")  # what other tests left
    assert json.loads(run("weigh", "--json")[1])["skills"] == 0
    accounts.close()
