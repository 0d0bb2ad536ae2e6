"""From an invitation through registering and the interview to the first matched task."""

import itertools

import httpx
import pytest
from playwright.sync_api import expect
from tests.web.interviews.conftest import EMAIL
from tests.web.interviews.test_seat import answer, assert_sound, moved_on, shown

from banbury.accounts.codes import csrf_of
from banbury.arena import draw
from banbury.people.interviews import Interviews
from banbury.people.offers import Openings
from banbury.store.queue import Campaign

pytestmark = pytest.mark.slow
_numbers = itertools.count(1)


@pytest.fixture
def asking(site):
    """Return a lab with a campaign of two tasks that asks for a skill, and how to ask."""
    name = f"asking{next(_numbers)}"
    lab = site.house.lab(name)
    site.enrol(name)
    lab.queue.put(Campaign("letters", "reasoning", title="Sums for letters", review=0.0))
    made = draw(lab, "reasoning.add", 2, "train", seed=next(_numbers) + 700)
    lab.queue.add("letters", [p.task.id for p in made])
    yield lab
    openings = Openings(site.house)
    for one in openings.listed(name):
        openings.close(name, one.id)


def test_a_person_comes_by_a_link_and_does_the_first_task_that_was_matched(site, asking, tab):
    with site.as_("owner") as owner:
        made = owner.post(f"/api/labs/{site.lab}/invitations", json={"role": "expert"}).json()
    tab.goto(site.origin + made["path"])
    email = f"new{next(_numbers)}@journey.example"
    tab.get_by_role("textbox", name="Name").fill("New Comer")
    tab.get_by_role("textbox", name="E-mail").fill(email)
    tab.get_by_label("Password").fill("four words are good")
    tab.get_by_role("button", name="Make an account and join").click()
    tab.wait_for_url(lambda url: "/join/" not in url)
    id = site.accounts.people.by_email(email).id
    says(tab, site, looking=True, hours=20, languages=["en"])

    tab.goto(f"{site.origin}/inbox")
    tab.get_by_role("link", name="Interviews", exact=True).click()
    tab.get_by_role("link", name="Judgement in e-mail").click()
    tab.get_by_label("I have read this").check()
    tab.get_by_role("button", name="Begin").click()
    frame = tab.frame_locator("iframe.seat-frame")
    expect(frame.locator(".where strong")).to_have_text("Question 1", timeout=30_000)
    while tab.locator("iframe.seat-frame").count():
        at = shown(tab)
        answer(tab, frame)
        moved_on(tab, frame, at)
    tab.get_by_role("heading", name="What was measured").wait_for()
    assert_sound(tab)
    assert Interviews(site.house).of(id)[0].skill == EMAIL

    with site.as_("owner") as boss:
        where = f"/api/labs/{asking.name}/campaigns/letters/openings"
        asked = boss.post(where, json={"skills": [EMAIL], "hours": 3, "languages": ["en"]})
        assert asked.json()["offered"] == 1, asked.text
        [found] = boss.get(where).json()["people"]
        assert found["told"] == [], "what is believed of somebody is theirs until they accept"
    tab.get_by_role("link", name="See your offers").click()
    tab.get_by_text(f"It needs {EMAIL}").wait_for()
    tab.get_by_role("button", name="Accept letters").click()
    tab.wait_for_url(f"**/labs/{asking.name}/")
    with site.as_("owner") as boss:
        [found] = boss.get(where).json()["people"]
        assert any("done well" in line for line in found["told"])
    tab.get_by_role("link", name="Work on Sums for letters").click()
    field = tab.get_by_role("textbox", name="Your answer")
    field.fill("7")
    tab.keyboard.press("Control+Enter")
    expect(tab.locator("#seat-saved")).to_have_text("Saved (1)", timeout=30_000)
    done = list(asking.episodes(run="campaign:letters", status="done"))
    assert len(done) == 1
    assert "New Comer" not in str(done)


def says(page, site, **profile):
    """Keep what somebody says of themselves, by the API and their own session."""
    code = next(c["value"] for c in page.context.cookies() if c["name"] == "banbury")
    headers = {"origin": site.origin, "x-csrf-token": csrf_of(code)}
    with httpx.Client(base_url=site.origin, headers=headers, cookies={"banbury": code}) as client:
        kept = client.put("/api/profile", json=profile)
        assert kept.status_code == 204, kept.text
