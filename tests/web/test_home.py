"""A lab's home and its map of skills: what stands there is what the stages left."""

import itertools

import msgspec
import pytest

from banbury.actors.open import open_policy
from banbury.arena import draw
from banbury.cycle.diagnose import Gap, SkillMap
from banbury.cycle.probe import probe
from banbury.store import Artifact
from banbury.store.queue import Campaign
from banbury.web.views import skills as view
from banbury.web.views import stages

NUMBERS = itertools.count(1)
SKILLS = ["reasoning.add", "reasoning.even"]


@pytest.fixture
def lab(site, house):
    """Return a lab of its own in which the four roles are members."""
    made = house.lab(f"home-{next(NUMBERS)}")
    site.enrol(made.name)
    return made


@pytest.fixture
def probed(lab):
    """Return the lab after a probe of an actor that always answers the same, with one gap."""
    with open_policy("script:Answer: yes", lab) as policy:
        made = probe(lab, policy, SKILLS, name="first", most=12, batch=6)
    [row] = [r for r in made.body["skills"] if r["skill"] == "reasoning.add"]
    failure = next(lab.episodes(skill="reasoning.add", passed=False))
    example = {"episode": failure.id, "asked": "<b>1 + 1</b>", "right": "2", "said": "yes"}
    gap = msgspec.convert(
        {
            **{k: row[k] for k in ("skill", "gym", "title", "source", "n", "low", "high")},
            "kind": "skill",
            "strict": 0.0,
            "lenient": 0.0,
            "few_shot": 0.0,
            "few_shot_n": 4,
            "signal": 0.5,
            "rank": 0.2,
            "examples": [example],
        },
        Gap,
    )
    found = SkillMap(
        made.id, msgspec.convert(made.body["actor"], type(policy.actor)), 0.5, 1.0, (gap,)
    )
    lab.put_artifact("map", "first", msgspec.to_builtins(found), parents=[made.id])
    return lab


def test_an_empty_lab_says_how_to_begin_and_leads_on(site, lab, tab):
    site.enter(tab, "owner")
    tab.goto(f"{site.origin}/labs/{lab.name}/")
    assert "Nothing here yet" in tab.inner_text("main")
    assert tab.get_by_role("link", name="Make a campaign").is_visible()
    tab.get_by_role("link", name="Probe a model").click()
    tab.wait_for_url("**/stages/probe")


def test_an_expert_is_led_to_the_inbox(site, lab):
    with site.as_("expert") as client:
        said = client.get(f"/labs/{lab.name}/", headers={"accept": "text/html"}).text
        assert "Nothing waits for you in this lab" in said
        lab.queue.put(Campaign("mails", "office", title="Mails"))
        drawn = draw(lab, "office.email.order", 2, "train", seed=1)
        lab.queue.add("mails", [p.task.id for p in drawn])
        said = client.get(f"/labs/{lab.name}/", headers={"accept": "text/html"}).text
        assert f"/labs/{lab.name}/seat/mails" in said and "2 tasks for you" in said
        assert 'href="/inbox"' in said and "stages/probe" not in said
        assert client.get(f"/labs/{lab.name}/now").status_code == 403


def test_home_says_where_the_loop_stands_and_what_comes_next(site, probed):
    with site.as_("researcher") as client:
        standing = client.get(f"/api/labs/{probed.name}/loop").json()
        page = client.get(f"/labs/{probed.name}/").text
    by_slug = {row["stage"]["slug"]: row for row in standing["stages"]}
    assert by_slug["gaps"]["headline"] == "1 gap: 1 of skill"
    assert " of 2 skills below 50%" in by_slug["probe"]["headline"]
    assert standing["next"] == "source" and not standing["empty"]
    assert f"/labs/{probed.name}/stages/probe/{by_slug['probe']['made']['id']}" in page
    assert "after release" in page


def test_where_only_people_work_home_begins_with_what_waits(site, lab):
    lab.queue.put(Campaign("mails", "office"))
    with site.as_("owner") as client:
        standing = client.get(f"/api/labs/{lab.name}/loop").json()
        page = client.get(f"/labs/{lab.name}/").text
    assert standing["folk"] and standing["next"] == ""
    assert "What waits" in page and "after source" not in page
    assert "No model has been probed here yet" in page


def test_a_reviewers_home_begins_with_what_waits(site, probed):
    probed.queue.put(Campaign("mails", "office"))
    pages = {}
    for kind in ("owner", "reviewer"):
        with site.as_(kind) as client:
            pages[kind] = client.get(f"/labs/{probed.name}/").text
    assert pages["owner"].index("The loop") < pages["owner"].index("What waits")
    assert pages["reviewer"].index("What waits") < pages["reviewer"].index("The loop")


def test_a_comparison_says_whom_it_is_about():
    body = {"skills": [], "after": {"name": "m+demo/joint"}}
    assert stages.headline(Artifact("a", "comparison", "c", 1, body, {}, (), 0)) == (
        "0 of 0 gaps closed by m+demo/joint"
    )


def test_what_a_newer_result_makes_old_comes_next(lab):
    first = lab.put_artifact("release", "r", {"rows": 1, "splits": {"train": 1}})
    lab.put_artifact("checkpoint", "c", {"adapters": [], "base": {"name": "m"}}, parents=[first.id])
    assert not next(x for x in stages.lines(lab) if x.stage.slug == "train").stale
    lab.put_artifact("release", "r", {"rows": 2, "splits": {"train": 2}})
    assert next(x for x in stages.lines(lab) if x.stage.slug == "train").stale


def test_home_shows_open_campaigns_and_what_waits_in_them(site, lab):
    lab.queue.put(Campaign("mails", "office", title="<i>Mails</i>"))
    with site.as_("reviewer") as client:
        page = client.get(f"/labs/{lab.name}/").text
    assert "&lt;i&gt;Mails&lt;/i&gt;" in page and "<i>Mails" not in page


def test_the_map_shows_each_skill_with_its_interval_and_marks_gaps(site, probed):
    with site.as_("reviewer") as client:
        found = client.get(f"/api/labs/{probed.name}/skills").json()
        page = client.get(f"/labs/{probed.name}/skills").text
    first = found["domains"][0]
    assert first["name"] == "reasoning" and found["measured"] == 2 and found["gaps"] == 1
    rows = {r["skill"]: r for r in first["rows"]}
    assert rows["reasoning.add"]["kind"] == "skill" and not rows["reasoning.even"]["kind"]
    [rate] = rows["reasoning.add"]["rates"]
    assert rate["passes"] == 0 and rate["low"] == 0.0 and 0 < rate["high"] < 1
    assert page.count('class="harm whisker"') == 1 and "style=" not in page
    assert len(page) < 150_000


def test_a_skill_is_one_page_with_its_failures(site, probed):
    with site.as_("reviewer") as client:
        page = client.get(f"/labs/{probed.name}/skills/reasoning.add").text
        assert client.get(f"/labs/{probed.name}/skills/reasoning.ad").status_code == 404
        sight = client.get(f"/api/labs/{probed.name}/skills/reasoning.add").json()
    assert "A skill gap" in page and "&lt;b&gt;1 + 1&lt;/b&gt;" in page
    assert f"/labs/{probed.name}/episodes/{sight['gap']['examples'][0]['episode']}" in page
    assert sight["rates"][0]["of"]["name"] == "first" and sight["tasks"]


def test_what_was_read_of_an_artifact_is_one_labs_only(site, house, probed):
    other = house.lab(f"home-{next(NUMBERS)}")
    assert view.picture(probed).measured == 2
    assert view.picture(other).measured == 0


def test_what_a_stage_left_is_shown_in_full(site, probed):
    head = probed.artifact_headers("map")[0]
    with site.as_("owner") as client:
        page = client.get(f"/labs/{probed.name}/stages/gaps/{head.id}").text
        assert client.get(f"/labs/{probed.name}/stages/gaps/{head.id[:-4]}0000").status_code == 404
    assert "Gaps, the most worthwhile first" in page and "probe first" in page


def test_the_map_is_walked_by_keyboard(site, probed, tab):
    site.enter(tab, "reviewer")
    tab.goto(f"{site.origin}/labs/{probed.name}/skills")
    tab.locator(".map a").first.focus()
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/skills/reasoning.even")


def test_an_operator_makes_a_lab_from_the_page(site, tab):
    site.enter(tab, "operator")
    tab.goto(f"{site.origin}/labs")
    tab.get_by_label("Name").fill("made-here")
    tab.get_by_role("button", name="Make the lab").click()
    tab.wait_for_url("**/labs/made-here/")
    assert "Nothing here yet" in tab.inner_text("main")
