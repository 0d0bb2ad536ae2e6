"""Hours of footage: a wearer sees their own with the reasons, operations see all."""

from datetime import UTC, datetime

import msgspec
import pytest

from banbury.cycle.source.footage.briefs import import_briefs
from banbury.episode import Actor, new_id
from banbury.gyms import registry
from banbury.gyms.check import act
from banbury.store.footage import Due, Scene, Share, Standing
from banbury.web.jobs import due

DAY = 20_400


@pytest.fixture(scope="module")
def filmed(site, tmp_path_factory):
    """Return a lab with two scenes: one confirmed, one with a file that cannot be read."""
    lab = site.house.lab("filmed")
    site.enrol("filmed")
    path = tmp_path_factory.mktemp("briefs") / "scenes.csv"
    path.write_text("trade,action\npainter,roll a <b>wall</b>\ncook,fry\n")
    import_briefs(lab, path, "spring")
    tasks = [t.id for t in lab.tasks(gym="capture")]
    me = site.caller("expert").pseudonyms["filmed"]
    trouble = {"view": 0, "file": "GX01.MP4", "what": "it is cut off", "do": "copy it again"}
    views = [{"person": p, "episode": "", "filmed_s": 3600.0, "good_s": 0.0, "lost_s": {}}
             for p in (me, "ben")]  # fmt: skip
    body = {"good_s": 3000.0, "views": views, "recordings": []}
    for task, state, good, more in (
        (tasks[0], "confirmed", 3_000_000, {"groups": [], "troubles": []}),
        (tasks[1], "unreadable", 0, {"groups": [], "troubles": [trouble]}),
    ):
        made = lab.put_artifact("footage", f"spring/{task[:16]}", {**body, **more})
        scene = Scene("painter", "roll a <b>wall</b>")
        standing = Standing(
            "spring", task, state, (), made.id, scene, good, good, reason="why it stands so"
        )
        lost = {"too dark <i>": 600_000}
        lab.footage.put(
            standing,
            [
                Share(me, new_id(), DAY, 3_600_000, good, good, lost),
                Share("ben", new_id(), DAY, 3_600_000, good, good, {}),
            ],
        )
    return lab, tasks, me


def test_a_wearer_sees_their_own_hours_and_what_to_do(site, filmed, tab):
    _, _, me = filmed
    tab.set_viewport_size({"width": 390, "height": 780})
    site.enter(tab, "expert").goto(f"{site.origin}/labs/filmed/footage")
    text = tab.inner_text("main")
    assert "50 min" in text and "Copy it again." in text and "too dark <i>" in text
    assert "ben" not in text
    with site.as_("expert") as client:
        mine = client.get("/api/labs/filmed/footage/own").json()
        assert mine["hours"]["all"] == {
            "filmed_ms": 7_200_000, "good_ms": 3_000_000, "counted_ms": 3_000_000,
        }  # fmt: skip
        assert [o["share"]["person"] for o in mine["tasks"]] == [me, me]
        assert client.get("/api/labs/filmed/footage").status_code == 403
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_wearers_inbox_and_home_lead_to_their_hours(site, filmed, tab):
    tab.set_viewport_size({"width": 390, "height": 780})
    for path in ("/inbox", "/labs/filmed/"):
        site.enter(tab, "expert").goto(site.origin + path)
        tab.click("a[href='/labs/filmed/footage/own']")
        tab.get_by_role("heading", name="Your hours", exact=True, level=1).wait_for()


def test_operations_see_which_part_of_the_work_a_job_is_at(site, filmed, tab):
    lab, tasks, _ = filmed
    lab.jobs.add("capture check", {"campaign": "spring", "task": tasks[0]})
    job = lab.jobs.claim("worker")
    lab.jobs.beat(job.id, "worker", done=45, total=100, note="check 1 of 1, synchronizing")
    site.enter(tab, "researcher").goto(f"{site.origin}/labs/filmed/footage")
    assert "check 1 of 1, synchronizing, 45 %" in tab.inner_text("main")
    lab.jobs.finish(job.id, "worker", "done")


def test_a_job_names_the_scene_and_whose_footage_it_looks_at(site, filmed, tab):
    lab, tasks, _ = filmed
    problem = lab.problem(tasks[1])
    made = act(registry.gym("capture"), problem, [])
    held = msgspec.structs.replace(
        made.episode, lab=lab.name, actors=(Actor("person", "kind-otter"),), length_ns=3600 * 10**9
    )
    lab.write([msgspec.structs.replace(made, episode=held)])
    gone = new_id()
    told = {"campaign": "spring", "task": tasks[1], "answers": [held.id, gone]}
    job = lab.jobs.add("capture check", told)
    when = datetime.fromtimestamp((held.anchor_ns + held.length_ns) / 1e9, UTC)
    said = f"scene fry, cook footage of kind-otter, {when:%Y-%m-%d %H:%M} UTC; {gone[:12]}"
    tab.set_viewport_size({"width": 390, "height": 780})
    site.enter(tab, "owner")
    for path in ("stages", "stages/capture-check", f"jobs/{job.id}"):
        tab.goto(f"{site.origin}/labs/filmed/{path}")
        assert said in " ".join(tab.inner_text("main").split()), path
        assert held.id not in tab.inner_text("main")
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    lab.jobs.cancel(job.id)


def test_operations_see_all_hours_scenes_and_how_each_stands(site, filmed, tab):
    _, tasks, _ = filmed
    site.enter(tab, "researcher").goto(f"{site.origin}/labs/filmed/footage?campaign=spring")
    text = tab.inner_text("main")
    assert "50 min of pairs are confirmed" in text and "roll a <b>wall</b>" in text
    tab.click(f"a[href$='{tasks[1]}']")
    tab.locator("main").get_by_text("it is cut off").first.wait_for()
    with site.as_("reviewer") as client:
        said = client.get(f"/api/labs/filmed/footage/spring/{tasks[1]}/sidecar").json()
        assert said["troubles"][0]["file"] == "GX01.MP4"
        none = client.get(f"/api/labs/filmed/footage/spring/{'0' * 64}/sidecar")
        assert none.status_code == 404


def test_a_job_is_asked_for_once_for_the_same_answers(lab, monkeypatch):
    given = [Due("spring", "t" * 64, ("a", "b"))]
    monkeypatch.setattr(lab.footage, "due", lambda: given)
    [job] = due.ask(lab)
    assert job.arguments == {"campaign": "spring", "task": "t" * 64, "answers": ["a", "b"]}
    assert due.ask(lab) == []
    held = lab.jobs.claim("worker")
    lab.jobs.finish(held.id, "worker", "failed", exit=1)
    assert due.ask(lab) == []
    given[0] = Due("spring", "t" * 64, ("a", "c"))
    assert len(due.ask(lab)) == 1


def test_whoever_runs_a_campaign_bounds_what_one_wearer_has_on_the_way(site, filmed, tab):
    lab, _, _ = filmed
    other = {"notes": ["a \"b\" <i>'c'</i> & d"]}
    lab.queue.change("spring", settings=other)
    site.enter(tab, "owner").goto(f"{site.origin}/labs/filmed/campaigns/spring")
    assert "36 h for a task" in tab.inner_text("main")
    tab.get_by_text("Change title, instructions and rules").click()
    field = tab.get_by_label("GB that one person may have on the way, at most")
    assert field.input_value() == "50"
    field.fill("80")
    with tab.expect_navigation():
        tab.get_by_role("button", name="Save").click()
    assert lab.queue.campaign("spring").settings == {**other, "upload_gb": 80}
    lab.queue.change("spring", settings={})
