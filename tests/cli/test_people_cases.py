"""`banbury people look|cases|report|calibrate|items`, as a user calls them."""

import json

import pytest
from tests.people.cases.town import Town

from banbury.cli import main
from banbury.gyms.interview.bank import banks


@pytest.fixture(scope="module")
def town(house):
    town = Town(house, house.lab("cli-strange"))
    town.accounts.people.add("ops@cli-strange.org", "Ops", operator=True)
    yield town
    town.accounts.close()


@pytest.fixture
def told(capsys, address):
    """Return a function that runs the command line and returns what it printed."""

    def run(*words, json_=True):
        capsys.readouterr()
        more = ["--json"] if json_ else []
        try:
            main(["people", *words, "--store", address, "--lab", "cli-strange", *more])
        except SystemExit as ended:
            if ended.code:
                return capsys.readouterr().err
        out = capsys.readouterr().out
        return json.loads(out) if json_ else out

    return run


def test_a_look_and_a_decision(town, told):
    done = told("look", "--rate", "0.1")
    assert done["cases"] >= 1 and done["looks"][0]["campaign"] == "work"
    again = told("look", "work", "--rate", "0.1", json_=False)
    assert "campaign" in again
    found = [c for c in told("cases")["cases"] if c["lab"] == "cli-strange"]
    one = found[0]["id"][-12:]
    assert "new" in told("cases", one, json_=False)
    assert "about one case" in told("cases", "--do", "clear", "--by", "ops@cli-strange.org")
    for words in (
        ("--do", "tell"),
        ("--do", "tell", "--by", "nobody@nowhere.org"),
        ("--do", "stand", "--by", "ops@cli-strange.org", "--reason", "Obvious."),
    ):
        assert str(told("cases", one, *words)).startswith("banbury: ")
    assert told("cases", one, "--do", "tell", "--by", "ops@cli-strange.org")["state"] == "told"
    cleared = told("cases", one, "--do", "clear", "--by", "ops@cli-strange.org",
                   "--reason", "A known editor.")  # fmt: skip
    assert cleared["state"] == "cleared"
    assert "no-such" in str(told("cases", "no-such-case"))


def test_the_report_is_written_and_says_what_it_is(told, tmp_path):
    assert "simulation" not in told("report")["report"]["title"].lower()
    file = tmp_path / "report.html"
    assert "predict" in told("report", "--html", str(file), json_=False)
    assert "<h1>Does the interview predict" in file.read_text()
    assert "banbury: " in str(told("report", "--simulate", "--retire"))
    told("report", "--retire")
    assert "No item was retired." in told("report", "--retire", json_=False), "a second time"
    assert "banbury: " in str(told("report", "--html", str(tmp_path / "no" / "such")))


def test_items_and_versions(told):
    skill = "interview.kitchen_video"  # whose interviews no other test takes by the dozen
    assert skill not in str(told("items")["retired"])
    assert "banbury: " in str(told("items", skill, "no-such-item", "--do", "retire"))
    assert "there is no item" in told("items", skill, "no-such-item", json_=False)
    item = banks()[skill].items[0].id
    assert told("items", skill, item, json_=False) == f"{item} is asked.\n"
    assert "30 answers" in str(told("calibrate", skill))
    back = told("calibrate", skill, "--back", "0")
    assert back["versions"][0]["items"] == {}
    assert "banbury: " in str(told("calibrate", "no.such.skill"))
