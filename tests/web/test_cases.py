"""A case in a real browser: told, answered, decided, appealed; and who may see what of it."""

import re

import pytest
from tests.people.cases.town import Town

from banbury.accounts.codes import csrf_of
from banbury.people.cases import Cases, gathered
from banbury.people.offers import Standings
from banbury.people.signals import Suspicion
from banbury.people.signals.case import APPEAL_NS
from banbury.people.signals.look import Signal
from banbury.web.jobs import due
from banbury.web.rendering import when


@pytest.fixture(scope="module")
def town(site):
    town = Town(site.house, site.house.lab("strange"))
    site.enrol("strange")
    yield town
    town.accounts.close()


@pytest.fixture(scope="module")
def accused(town):
    return next(id for id, pastes in town.people.items() if pastes)


@pytest.fixture(scope="module")
def second(site):
    """Return another operator's account."""
    return site.accounts.people.add("second@site.example", "Second", operator=True)


@pytest.fixture(scope="module")
def case(site, town, accused):
    cases = Cases(site.house)
    cases.look("strange", "work", 0.1)
    return next(c.id for c in cases.of_lab("strange") if c.account == accused)


def entered(site, page, account):
    cookie = {"name": "banbury", "value": site.accounts.sessions.start(account, "a test"),
              "url": site.origin}  # fmt: skip
    page.context.clear_cookies()
    page.context.add_cookies([cookie])
    return page


def as_account(site, account):
    """Return a client of somebody who is none of the site's own."""
    client = site.as_("nobody")
    code = site.accounts.sessions.start(account, "a test")
    client.cookies.set("banbury", code)
    client.headers["x-csrf-token"] = csrf_of(code)
    return client


def strange(site, account):
    """Return how many cases an account is asked to decide."""
    with as_account(site, account) as client:
        page = client.get("/inbox", headers={"accept": "text/html"}).text
    found = re.search(r"(One|[\d,]+) strange records? wait", page)
    if found is None:
        return 0
    return 1 if found[1] == "One" else int(found[1].replace(",", ""))


def decided(site, case):
    """Return when a case was decided."""
    return Cases(site.house).one(case).case.decided.when_ns


def test_who_may_see_and_do_what_before_anybody_is_told(site, case, accused):
    for kind in ("owner", "expert", "newcomer", "stranger"):
        with site.as_(kind) as client:
            assert client.get("/api/cases").status_code == 403
            assert client.get(f"/cases/{case}").status_code == 403
            assert client.get(f"/api/hearings/{case}").status_code == 404
            tell = client.post(f"/api/cases/{case}/tell")
            assert tell.status_code == 403
    with site.as_("nobody") as client:
        assert client.get(f"/api/hearings/{case}").status_code == 401
    with as_account(site, accused) as client:
        assert client.get("/api/hearings").json() == []
        assert client.get(f"/hearings/{case}").status_code == 404
    with site.as_("operator") as client:
        body = {"decision": "stand", "reasons": "Obvious."}
        refused = client.post(f"/api/cases/{case}/decide", json=body)
        assert refused.status_code == 400 and "not been heard" in refused.json()["what"]
        body = {"decision": "clear", "reasons": "No.", "pause": ["reasoning.add"]}
        assert client.post(f"/api/cases/{case}/decide", json=body).status_code == 400
        for wrong in ({"decision": "hang"}, {"decision": "clear"}, {}, [], {"reasons": 3}):
            assert client.post(f"/api/cases/{case}/decide", json=wrong).status_code == 400
        without = {"x-csrf-token": "", "origin": "https://evil.example"}
        assert client.post(f"/api/cases/{case}/tell", headers=without).status_code == 403
        for gone in ("nothing", "0" * 36, "%00"):
            assert client.get(f"/api/cases/{gone}").status_code in (400, 404)


def test_a_case_from_the_look_to_the_appeal(site, tab, town, accused, case, second):
    page = site.enter(tab, "operator")
    page.goto(site.origin + "/inbox")
    page.get_by_role("link", name="Cases to decide").click()
    page.get_by_role("link", name=town.names[accused]).click()
    page.get_by_text("came without typing").wait_for()
    assert page.locator("svg.strip").count() >= 1 and page.locator("svg.scatter").count() == 1
    assert page.get_by_text("Quillon").count() == 0, "whoever decides sees a pseudonym"
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Show it to them").click()
    page.get_by_text("you can only decide that there is nothing").wait_for()
    assert page.get_by_label("It stands").is_disabled()

    entered(site, tab, accused)
    page.goto(site.origin + "/hearings")
    page.get_by_text("your answer is asked for").wait_for()
    page.get_by_role("link", name="work").click()
    page.get_by_text("came without typing").wait_for()
    page.get_by_label("What explains this").fill("I write in an editor & paste <b>it</b>.")
    assert page.get_by_text("what you took").count() == 1
    page.get_by_role("button", name="Answer").click()
    page.get_by_text("Until then you can add to it.").wait_for()
    page.get_by_text("You answered:").wait_for()
    page.get_by_text("I write in an editor & paste <b>it</b>.").wait_for()

    site.enter(tab, "operator")
    page.goto(f"{site.origin}/cases/{case}")
    page.get_by_label("It stands").check()
    page.get_by_label("reasoning.add").check()
    page.get_by_label("Reasons").fill("An editor does not answer in a second.")
    page.get_by_role("button", name="Decide").click()
    page.get_by_text("Work pauses in reasoning.add.").wait_for()
    assert Standings(site.house).get(accused, "reasoning.add").state == "paused"

    entered(site, tab, accused)
    page.goto(f"{site.origin}/hearings/{case}")
    page.get_by_text("An editor does not answer in a second.").wait_for()
    until = when(decided(site, case) + APPEAL_NS)
    page.goto(site.origin + "/inbox")
    told = page.get_by_role("listitem").filter(has_text=f"You can appeal until {until}")
    told.get_by_role("link").click()
    page.get_by_label("Why this is wrong").wait_for()
    page.goto(site.origin + "/standing")
    stand = page.get_by_role("region", name="reasoning.add")
    stand.get_by_text(f"Until {until} you can appeal").wait_for()
    assert stand.get_by_role("button", name="Appeal").count() == 0
    with as_account(site, accused) as client:
        refused = client.post("/api/standings/reasoning.add/appeal", json={"reason": "No."})
        assert refused.status_code == 400 and "About your record" in refused.json()["do"]
    stand.get_by_role("link", name="About your record").click()
    page.get_by_text("An editor does not answer in a second.").wait_for()
    deciders = [site.ids["operator"], second]
    before = [strange(site, who) for who in deciders]
    page.get_by_label("Why this is wrong").fill("My clock is wrong.")
    page.get_by_role("button", name="Appeal").click()
    page.get_by_text("You appealed:").wait_for()
    after = [strange(site, who) for who in deciders]
    assert after == [before[0], before[1] + 1], "whoever decided is not asked again"
    with as_account(site, accused) as client:
        html = {"accept": "text/html"}
        assert "You can appeal until" not in client.get("/inbox", headers=html).text
        assert "You appealed in the case" in client.get("/standing", headers=html).text

    site.enter(tab, "operator")
    page.goto(f"{site.origin}/cases/{case}")
    page.get_by_text("Another person decides on the appeal").wait_for()
    entered(site, tab, second)
    page.goto(f"{site.origin}/cases/{case}")
    page.get_by_label("Nothing against them").check()
    page.get_by_label("Reasons").fill("The clock is wrong indeed.")
    page.get_by_role("button", name="Decide").click()
    page.get_by_text("The clock is wrong indeed.").wait_for()
    assert Standings(site.house).get(accused, "reasoning.add").state == "working"


def test_a_lab_sees_what_stands_by_pseudonym_and_asks_for_a_look(site, tab, town):
    page = site.enter(tab, "owner")
    page.goto(f"{site.origin}/labs/strange/people")
    page.get_by_role("link", name="Strange records").click()
    page.get_by_text("cleared").wait_for()
    assert page.get_by_text("came without typing").count() == 0
    with site.as_("owner") as client:
        made = client.post("/api/labs/strange/looks")
        assert made.status_code == 201 and made.json()["verb"] == due.LOOK
    with site.as_("reviewer") as client:
        assert client.get("/api/labs/strange/cases").status_code == 403
    with site.as_("stranger") as client:
        assert client.get("/api/labs/strange/cases").status_code == 404


def test_a_look_is_due_once_a_day_where_people_work(town, lab):
    assert due.ask(lab) == []
    asked = [job for job in due.ask(town.lab) if job.verb == due.LOOK]
    assert len(asked) <= 1 and due.ask(town.lab) == []


def test_an_operator_hears_of_their_own_case_as_everybody_does(site, town):
    with site.as_("operator") as client:
        site.accounts.members.join("strange", site.ids["operator"], "expert")
        town.people[site.ids["operator"]] = True
        town.named(site.ids["operator"])
        town.works(site.ids["operator"], True)
        Cases(site.house).look("strange", "work", 0.15)
        [own] = [c for c in Cases(site.house).of_lab("strange")
                 if c.account == site.ids["operator"]]  # fmt: skip
        assert own.id not in client.get("/api/cases").text
        assert client.get(f"/api/cases/{own.id}").status_code == 404
        assert client.post(f"/api/cases/{own.id}/tell").status_code == 404


def test_what_one_tells_is_ones_own(site):
    with site.as_("newcomer") as client:
        assert client.put("/api/told", json={"gender": "woman"}).status_code == 204
        assert client.get("/api/told").json() == {"gender": "woman"}
        for wrong in ({"gender": "dragon"}, {"shoes": "42"}, {"age": 3}, []):
            assert client.put("/api/told", json=wrong).status_code == 400
        assert client.put("/api/told", json={}).status_code == 204
        assert client.get("/api/told").json() == {}
    with site.as_("nobody") as client:
        assert client.get("/api/told").status_code == 401


def test_the_accused_reads_nobody_elses_pseudonym(site):
    """Two people with the same answers on the same device, over HTTP and in what they export."""
    town = Town(site.house, site.house.lab("alike-heard"), pasters=0)
    one, two = town.joined(), town.joined()
    other = town.names[two]
    suspicion = Suspicion(town.names[one], 0.001, 20, (
        Signal("alike", 0.001, f"24 of 24 answers are those of {other}, 9 of them wrong", (other,)),
    ))  # fmt: skip
    cases = Cases(site.house)
    found = gathered(town.lab, "work")
    who = {name: id for id, name in town.names.items()}
    cases._filed(town.lab.name, "work", found, [suspicion], 0.01, {}, who)
    [filed] = cases.of_lab(town.lab.name)
    with site.as_("operator") as client:
        shown = client.post(f"/api/cases/{filed.id}/tell").text
        assert other in shown, "whoever decides sees whom it concerns"
    with as_account(site, one) as client:
        said = [
            client.get("/api/hearings").text,
            client.get(f"/api/hearings/{filed.id}").text,
            client.post(f"/api/hearings/{filed.id}/answer", json={"words": "We sat apart."}).text,
            client.get(f"/hearings/{filed.id}", headers={"accept": "text/html"}).text,
        ]
        reasons, pause = f"As {other} did.", filed.evidence.skills
        cases.move(filed.id, "stand", site.ids["operator"], reasons, pause)
        standing = client.get("/standing", headers={"accept": "text/html"}).text
        assert "As somebody else (A) did." in standing
        said += [
            standing,
            client.get("/api/profile/record.json").text,
            client.get("/api/profile/record.html").text,
        ]
    assert all("somebody else (A)" in text for text in said)
    assert not any(other in text for text in said)
    town.accounts.close()
