"""Offers in a real browser: a lab asks for people, one sees why, accepts, and is at work there."""

import itertools

import pytest

from banbury.gyms import registry
from banbury.people.matching import Belief
from banbury.people.offers import Openings, Profile, Profiles, Standings
from banbury.people.standing import Result
from banbury.store.queue import Campaign

_numbers = itertools.count(1)


@pytest.fixture
def called(site):
    """Return a campaign's name and a skill that the newcomer alone has."""
    lab, name = site.house.lab(site.lab), f"people {next(_numbers)}"
    lab.queue.put(Campaign(name, "labelling"))
    skill = f"web.skill{next(_numbers)}"
    profiles = Profiles(site.house)
    profiles.put(site.ids["newcomer"], Profile(hours=20, most=10))
    profiles.believe(site.ids["newcomer"], {skill: Belief(1.5, 0.1, 50)})
    yield name, skill
    openings = Openings(site.house)
    for one in openings.listed(site.lab):
        openings.close(site.lab, one.id)


def asked(site, called, **more):
    name, skill = called
    with site.as_("owner") as boss:
        body = {"skills": [skill], **more}
        return boss.post(f"/api/labs/{site.lab}/campaigns/{name}/openings", json=body)


def test_from_a_lab_that_asks_to_somebody_at_work(site, called, tab):
    name, skill = called
    page = site.enter(tab, "owner")
    page.goto(f"{site.origin}/labs/{site.lab}/campaigns/{name}")
    page.get_by_role("link", name="ask for people by skill").click()
    page.get_by_label("Skills").fill(skill)
    page.get_by_role("button", name="Ask").click()
    page.get_by_text("1 offered").wait_for()
    page.get_by_text("Somebody offered").wait_for()
    assert page.get_by_text("expected to be good").count() == 0, "not before they accept"

    site.enter(tab, "newcomer")
    page.goto(site.origin + "/inbox")
    page.get_by_role("link", name="Offers of work").click()
    page.get_by_text(f"It needs {skill}. From 50 results").wait_for()
    page.get_by_text("You may refuse it").wait_for()
    page.get_by_role("button", name=f"Accept {name}").click()
    page.wait_for_url(f"{site.origin}/labs/{site.lab}/")

    site.enter(tab, "owner")
    page.goto(f"{site.origin}/labs/{site.lab}/campaigns/{name}/asked")
    page.get_by_text("1 taken").wait_for()
    page.locator("summary", has_text="accepted").click()
    page.get_by_text("of the work here is expected to be good").wait_for()
    assert page.get_by_text("Newcomer").count() == 0, "the lab sees a pseudonym, never a name"
    site.accounts.members.remove(site.lab, site.ids["newcomer"])


def test_refusing_leaves_no_trace_at_the_lab(site, called):
    name, _ = called
    assert asked(site, called).json()["offered"] == 1
    with site.as_("newcomer") as person:
        [offer] = [o for o in person.get("/api/offers").json()["offers"] if o["campaign"] == name]
        inbox = person.get("/inbox", headers={"accept": "text/html"}).text
        assert "You are offered work" in inbox and "Nothing waits for you" not in inbox
        assert person.post(f"/api/offers/{offer['id']}/refuse").status_code == 204
        assert person.post(f"/api/offers/{offer['id']}/accept").status_code == 400
    with site.as_("owner") as boss:
        seen = boss.get(f"/api/labs/{site.lab}/campaigns/{name}/openings").json()
        assert seen["people"] == []
        assert "refused" not in str(seen)
        [opening] = seen["openings"]
        gone = boss.delete(f"/api/labs/{site.lab}/openings/{opening['id']}")
        assert gone.status_code == 204
        assert boss.delete(f"/api/labs/{site.lab}/openings/{opening['id']}").status_code == 404


def test_the_page_says_how_to_ask_and_why_nobody_is_found(site, called):
    name, _ = called
    where = f"/labs/{site.lab}/campaigns/{name}/asked"
    with site.as_("owner") as boss:
        said = boss.get(where, headers={"accept": "text/html"}).text
        assert "interview.email_judgement" in said, "what interviews measure can be asked for"
        body = {"skills": [f"Nobody has {name}"], "languages": ["portuguese"], "least": 0.25}
        asked = boss.post(f"/api{where.replace('asked', 'openings')}", json=body)
        assert asked.json()["offered"] == 0, asked.text
        said = boss.get(where, headers={"accept": "text/html"}).text
    assert "in Portuguese" in said and "at least 25" in said
    assert "Nobody who looks for work fits yet" in said


def test_a_campaign_says_which_skill_its_work_shows(site, called):
    name, skill = called
    lab = site.house.lab(site.lab)
    [made] = itertools.islice(registry.gym("labelling").tasks("labelling.choice", seed=29), 1)
    lab.put_tasks([made])
    lab.queue.add(name, [made.task.id])
    where = f"/labs/{site.lab}/campaigns/{name}"
    with site.as_("owner") as boss:
        assert asked(site, called).status_code == 201
        said = boss.get(f"{where}/asked", headers={"accept": "text/html"}).text
        assert f"tells nothing of <code>{skill}</code>" in said
        refused = boss.patch(f"/api{where}", json={"shows": "no/skill"})
        assert refused.status_code == 400 and "skill's name" in refused.text
        told = boss.patch(f"/api{where}", json={"shows": skill.upper()})
        assert told.json()["shows"] == skill
        said = boss.get(f"{where}/asked", headers={"accept": "text/html"}).text
        assert "tells nothing of" not in said
        assert f'value="{skill}"' in boss.get(where, headers={"accept": "text/html"}).text


def test_an_offer_is_called_what_the_campaign_is_called(site, called):
    name, skill = f"titled {next(_numbers)}", called[1]
    site.house.lab(site.lab).queue.put(Campaign(name, "labelling", title=f"Sort the {name}"))
    assert asked(site, (name, skill)).json()["offered"] == 1
    with site.as_("newcomer") as person:
        said = person.get("/offers", headers={"accept": "text/html"}).text
    assert f"<b>Sort the {name}</b>" in said


def test_nobody_answers_for_another(site, called):
    name, _ = called
    asked(site, called)
    with site.as_("newcomer") as person:
        [offer] = [o for o in person.get("/api/offers").json()["offers"] if o["campaign"] == name]
    with site.as_("expert") as other:
        assert other.post(f"/api/offers/{offer['id']}/accept").status_code == 404
        assert other.post(f"/api/offers/{offer['id']}/refuse").status_code == 404


def test_who_has_no_hours_reads_why_nothing_is_offered(site, called, tab):
    Profiles(site.house).put(site.ids["newcomer"], Profile(hours=0))
    assert asked(site, called).json()["offered"] == 0
    page = site.enter(tab, "newcomer")
    page.goto(site.origin + "/offers")
    page.get_by_text("Of your hours 0.0 are free in the week from now").wait_for()
    page.get_by_text("Refusing plays no part").wait_for()


def test_a_pause_is_shown_and_appealed(site, tab):
    skill = f"web.paused{next(_numbers)}"
    bad = [Result(f"g{n}", "gold", 0.0, 0.8) for n in range(20)]
    Standings(site.house).add(site.ids["newcomer"], skill, bad)
    page = site.enter(tab, "newcomer")
    page.goto(site.origin + "/offers")
    page.get_by_text(f"Your work in {skill} is paused").wait_for()
    page.get_by_role("link", name="The numbers, and what you can do").click()
    page.get_by_label("Why this is wrong").fill("The key was wrong.")
    page.get_by_role("button", name="Appeal").click()
    page.get_by_text("You appealed").wait_for()


@pytest.mark.parametrize(
    "body", [{"skills": []}, {"skills": ["a=b"]}, {"skills": ["a"], "places": 0}, {"skill": ["a"]}]
)
def test_what_cannot_be_asked_is_refused(site, called, body):
    with site.as_("owner") as boss:
        answer = boss.post(f"/api/labs/{site.lab}/campaigns/{called[0]}/openings", json=body)
        assert answer.status_code == 400, answer.text
