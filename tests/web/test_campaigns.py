"""Campaigns: made from the page, filled by the gym, watched while people work."""

import itertools
import re

import msgspec
import pytest

from banbury.arena import answer
from banbury.gyms import registry
from banbury.web.views.bands import strip
from banbury.web.views.campaigns import Bands

_numbers = itertools.count(1)
CONTROLS = [{"name": "mood", "kind": "choice", "labels": ["good", "bad"]}]


@pytest.fixture
def boss(site):
    with site.as_("owner") as client:
        yield client


@pytest.fixture
def campaign(boss):
    """Return the address of a fresh labelling campaign under `/labs/site`."""
    name = f"moods {next(_numbers)} ü"
    body = {"name": name, "gym": "labelling", "overlap": 2, "settings": {"controls": CONTROLS}}
    made = boss.post("/api/labs/site/campaigns", json=body)
    assert made.status_code == 201, made.text
    return f"/labs/site/campaigns/{name}"


def draw(boss, campaign, count=3, skill="labelling.choice"):
    body = {"skill": skill, "count": count}
    return boss.post(f"/api{campaign}/tasks/drawn", json=body)


def test_a_campaign_is_made_once_and_shown_with_its_progress(boss, campaign):
    assert draw(boss, campaign, 3).json() == {"added": 3}
    assert draw(boss, campaign, 2).json() == {"added": 2}
    sight = boss.get(f"/api{campaign}").json()
    assert sight["campaign"]["tasks"] == 5
    assert sight["bands"] == {
        "accepted": 0,
        "review": 0,
        "third": 0,
        "out": 0,
        "open": 5,
        "broken": 0,
    }
    listed = boss.get("/api/labs/site/campaigns").json()["campaigns"]
    assert sight["campaign"] in [line["campaign"] for line in listed]


def test_the_strip_shows_each_part_and_says_it_in_words():
    drawn = strip(Bands(accepted=999, review=0, third=0, out=0, open=0, broken=1))
    assert 'aria-label="Of 1,000 tasks: 999 accepted, 1 broken"' in drawn
    assert drawn.count("<rect") == 2
    assert 'width="1"' in drawn  # one in a thousand is still seen


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"name": "x", "gym": "nothing"}, "no gym 'nothing'"),
        ({"name": "new", "gym": "labelling"}, "cannot be a campaign's name"),
        ({"name": "a/b", "gym": "labelling"}, "cannot be a campaign's name"),
        ({"name": "x", "gym": "labelling", "overlap": 0}, "overlap from 1 to 100"),
        (
            {"name": "x", "gym": "labelling", "settings": {"controls": [{"name": "a"}]}},
            "these are no questions",
        ),
        (
            {
                "name": "x",
                "gym": "labelling",
                "settings": {"controls": [CONTROLS[0] | {"labels": []}]},
            },
            "question 'mood': a question of kind choice needs labels",
        ),
        ({"name": "x", "gym": "labelling", "more": 1}, "more"),
    ],
)
def test_what_cannot_be_a_campaign_is_refused_in_words(boss, body, said):
    refused = boss.post("/api/labs/site/campaigns", json=body)
    assert refused.status_code in (400, 404)
    assert said in refused.json()["what"]


def test_only_the_gyms_own_skills_are_drawn_and_not_too_many(boss, campaign):
    wrong = draw(boss, campaign, skill="reasoning.add")
    assert wrong.status_code == 400
    assert "makes no tasks of" in wrong.json()["what"]
    assert draw(boss, campaign, count=10**6).status_code == 400
    assert boss.get(f"/api{campaign}").json()["progress"]["tasks"] == 0


def test_a_campaign_is_paused_and_closed_and_its_rules_change(boss, campaign):
    for state in ("paused", "closed", "open"):
        changed = boss.patch(f"/api{campaign}", json={"state": state, "title": "Moods"})
        assert changed.status_code == 200, changed.text
    assert boss.get(f"/api{campaign}").json()["campaign"]["title"] == "Moods"
    assert boss.patch(f"/api{campaign}", json={"state": "gone"}).status_code == 400


def test_rules_are_changed_in_the_units_in_which_they_were_made(boss, campaign):
    boss.patch(f"/api{campaign}", json={"review": 0.29, "lease_seconds": 90})
    shown = boss.get(campaign, headers={"accept": "text/html"}).text
    fields = {
        n: re.search(f'<input[^>]* name="{n}"[^>]*>', shown)[0] for n in ("review", "lease_seconds")
    }
    assert 'value="29"' in fields["review"] and 'data-times="0.01"' in fields["review"]
    assert 'value="1.5"' in fields["lease_seconds"] and 'data-times="60"' in fields["lease_seconds"]
    made = boss.get("/labs/site/campaigns/new", headers={"accept": "text/html"}).text
    for label in ("Share that a second person looks at, %", "Minutes to finish a task"):
        assert label in shown and label in made


def test_the_pages_show_what_was_done_and_what_waits(site, boss, campaign):
    draw(boss, campaign)
    lab = site.house.lab("site")
    name = campaign.rpartition("/")[2]
    first, second = lab.queue.claim(name, "p-a", "", 2)
    lab.queue.broken(first.id, "no text & <script>")
    shown = boss.get(campaign, headers={"accept": "text/html"})
    assert shown.status_code == 200
    assert "1 broken" in shown.text
    assert "1 being worked on" in shown.text
    waits = boss.get(f"{campaign}/waiting/broken").text
    assert "no text &amp; &lt;script&gt;" in waits
    assert "p-a" in boss.get(f"{campaign}/people").text
    assert "came late" in boss.get(f"{campaign}/late").text
    assert boss.get(f"{campaign}/waiting/nothing").status_code == 400
    assert second.state == "active"


def test_an_expert_sees_the_campaign_but_not_who_works(site, boss, campaign):
    with site.as_("expert") as expert:
        shown = expert.get(campaign, headers={"accept": "text/html"})
        assert shown.status_code == 200
        assert "Who works" not in shown.text
        assert expert.get(f"{campaign}/people").status_code == 403
        assert draw(expert, campaign).status_code == 403


@pytest.mark.slow
def test_a_newcomer_makes_a_labelling_campaign_without_a_document(site, tab):
    site.enter(tab, "owner").goto(f"{site.origin}/labs/site/campaigns/new")
    tab.get_by_label("Name", exact=True).first.fill("by hand")
    tab.get_by_label("Title").fill("By hand")
    tab.get_by_label("Labels, one a line").fill("yes\nno")
    tab.get_by_role("button", name="Add a question").click()
    second = tab.get_by_role("group", name="Question 2")
    second.get_by_label("Kind").select_option("transcription")
    second.get_by_label("Name").fill("why")
    tab.get_by_label("Share that a second person looks at, %").fill("25")
    tab.get_by_role("button", name="Make the campaign").click()
    tab.wait_for_url("**/labs/site/campaigns/by%20hand")
    tab.get_by_role("button", name="Make them").click()
    tab.get_by_text("20", exact=True).first.wait_for()
    held = site.house.lab("site").queue.campaign("by hand")
    assert held.review == 0.25
    assert held.tasks == 20
    assert held.settings["controls"] == [
        {"name": "answer", "kind": "choice", "labels": ["yes", "no"]},
        {"name": "why", "kind": "transcription"},
    ]


def test_the_page_shows_how_far_people_agree(site, boss, campaign):
    draw(boss, campaign)
    lab, name = site.house.lab("site"), campaign.rpartition("/")[2]
    gym = registry.gym("labelling")
    for person in ("p-a", "p-b"):
        for lease in lab.queue.claim(name, person, count=3):
            gold = msgspec.json.encode(gym.solution(lab.problem(lease.task))[0])
            answer(lab, lease.id, gold, submission=lease.id)
    found = boss.get(f"/api{campaign}/agreement").json()
    assert (found["tasks"], found["measure"], found["alike"]) == (3, "gym", 1.0)
    assert found["people"] == {"p-a": 1.0, "p-b": 1.0}
    assert "two answers to one task agree by 100" in boss.get(f"{campaign}/people").text


def test_with_several_people_a_task_an_expert_is_told_what_is_left_for_them(site, boss, campaign):
    draw(boss, campaign, 2)
    name = campaign.rpartition("/")[2]
    lab = site.house.lab("site")
    gym = registry.gym("labelling")
    for lease in lab.queue.claim(name, site.caller("expert").pseudonyms["site"], "", 2):
        [said] = gym.solution(lab.problem(lease.task))
        answer(lab, lease.id, msgspec.json.encode(said), submission=lease.id)
    with site.as_("expert") as expert:
        box = expert.get("/api/inbox").json()
        why = expert.post(f"/api/labs/site/seat/{name}/take", json={}).json()["why"]
    assert name not in {line["campaign"] for line in box["open"]}
    assert "2 tasks still wait for other people, since each is done by 2" in why
    with site.as_("reviewer") as other:
        [line] = [o for o in other.get("/api/inbox").json()["open"] if o["campaign"] == name]
    assert line["tasks"] == 2
    shown = " ".join(boss.get(f"{campaign}/live").text.split())
    assert "of 4 answers, 2 a task" in shown and "not yet answered by 2" in shown


def test_a_review_in_hand_is_no_task_being_worked_on(site, boss, campaign):
    draw(boss, campaign, 3)
    name = campaign.rpartition("/")[2]
    lab, gym = site.house.lab("site"), registry.gym("labelling")
    for kind in ("expert", "owner"):
        [lease] = lab.queue.claim(name, site.caller(kind).pseudonyms["site"], "", 1)
        [said] = gym.solution(lab.problem(lease.task))
        answer(lab, lease.id, msgspec.json.encode(said), submission=lease.id)
    reviewer = site.caller("reviewer").pseudonyms["site"]
    held = lab.queue.claim(name, reviewer, "", 1, ("review",))
    shown = boss.get("/labs/site/campaigns", params={"after": name[:-1]}).text
    [row] = [r for r in shown.split("<tr>") if f">{name}<" in r or name in r]
    assert len(held) == 1 and "1 in review" in row and "being worked on" not in row
