"""Nobody confirms what they filmed themselves, unless operations say that they may."""

import itertools

import msgspec
import pytest

from banbury.cycle.source.footage.briefs import import_briefs
from banbury.episode import Origin, new_id
from banbury.gyms.capture import problems
from banbury.gyms.capture.views import Pairs, View
from banbury.store.footage import Scene, Share, Standing
from banbury.store.queue import Campaign

_numbers = itertools.count(1)


@pytest.fixture
def pair(site, tmp_path):
    """Return a lab in which `expert` and `reviewer` filmed a scene that waits to be confirmed."""
    lab = site.house.lab(f"own-views-{next(_numbers)}")
    site.enrol(lab.name)
    for kind in ("expert", "owner"):
        site.house.grants.end(site.ids[kind])
    path = tmp_path / "scenes.csv"
    path.write_text("trade,action\npainter,roll a wall\n")
    import_briefs(lab, path, "spring")
    [task] = [t.id for t in lab.tasks(gym="capture", skill="capture.film")]
    shown = Pairs((View("View 1", duration_s=9.0), View("View 2", duration_s=9.0)))
    made = problems.confirm(shown)
    lab.put_tasks([made])
    settings = {"confirms": "spring"}
    lab.queue.put(Campaign("spring-confirm", "capture", review=0.0, settings=settings))
    lab.queue.add("spring-confirm", [made.task.id])
    people = [site.caller(kind).pseudonyms[lab.name] for kind in ("expert", "reviewer")]
    artifact = lab.put_artifact("footage", f"spring/{task[:16]}", {})
    lab.footage.put(
        Standing(
            *("spring", task, "waiting", (), artifact.id, Scene("painter", "roll a wall")),
            confirm_campaign="spring-confirm", confirms=(made.task.id,), answers=("",),
        ),
        [Share(p, new_id(), 20_400, 60_000, 50_000, 0, {}) for p in people],
    )  # fmt: skip
    return lab


def taken(site, lab, kind):
    with site.as_(kind) as client:
        said = client.post(f"/api/labs/{lab.name}/seat/spring-confirm/take", json={"count": 1})
        return said.json()


def test_the_queue_gives_a_pair_to_somebody_who_did_not_film_it(site, pair, tab):
    said = taken(site, pair, "expert")
    assert said["work"] == [] and "footage that you filmed yourself" in said["why"]
    tab.set_viewport_size({"width": 390, "height": 780})
    site.enter(tab, "expert").goto(f"{site.origin}/labs/{pair.name}/")
    assert "1 recording of yours waits for somebody who did not film it" in (tab.inner_text("main"))
    with site.as_("owner") as boss:
        change = {"settings": {"confirms": "spring", "own_views": True}}
        boss.patch(f"/api/labs/{pair.name}/campaigns/spring-confirm", json=change)
    assert len(taken(site, pair, "expert")["work"]) == 1
    pair.queue.give_back(taken(site, pair, "expert")["work"][0]["id"])
    pair.queue.change("spring-confirm", settings={"confirms": "spring"})
    assert taken(site, pair, "expert")["work"] == []
    [held] = taken(site, pair, "owner")["work"]
    pair.queue.give_back(held["id"])


def test_operations_switch_the_rule_off_and_on(site, pair, tab):
    site.enter(tab, "owner").goto(f"{site.origin}/labs/{pair.name}/campaigns/spring-confirm")
    assert "Whoever filmed a view of a scene does not confirm it." in tab.inner_text("main")
    tab.on("dialog", lambda dialog: dialog.accept())
    tab.click("text=Let them, since nobody else is here")
    tab.wait_for_selector("text=Wearers may confirm what they filmed themselves.")
    settings = pair.queue.campaign("spring-confirm").settings
    assert settings == {"confirms": "spring", "own_views": True}
    tab.click("text=Ask somebody else again")
    tab.wait_for_selector("text=Whoever filmed a view of a scene does not confirm it.")


def test_a_task_taken_before_anybody_knew_who_filmed_it_goes_back(site, pair):
    lab, me = pair, site.caller("expert").pseudonyms[pair.name]
    [film] = lab.tasks(gym="capture", skill="capture.film")
    [lease] = lab.queue.claim("spring", me)
    with site.as_("expert") as client:
        base = f"/api/labs/{pair.name}/seat/leases"
        client.post(f"{base}/{lease.id}/open", json={})
        [episode] = [e.id for e in lab.episodes(gym="capture")]
        made = problems.confirm(Pairs((View("View 1", duration_s=8.0), View("View 2"))))
        origin = Origin("generated", "footage", film.id, (episode,))
        task = msgspec.structs.replace(made.task, origin=origin)
        lab.put_tasks([msgspec.structs.replace(made, task=task)])
        lab.queue.add("spring-confirm", [task.id])
        [held] = lab.queue.claim(
            "spring-confirm", me, barred=lab.footage.filmed(me, "spring-confirm")
        )
        said = client.post(f"{base}/{held.id}/open", json={})
        assert said.status_code == 400 and "you filmed a view of this scene" in said.text
    assert lab.queue.lease(held.id).state == "returned"
    lab.queue.give_back(lease.id)


def test_whoever_confirmed_goes_to_the_hours_from_there(site, pair, tab):
    site.free()
    tab.set_viewport_size({"width": 390, "height": 780})
    site.enter(tab, "reviewer").goto(f"{site.origin}/labs/{pair.name}/seat/spring-confirm")
    tab.get_by_role("link", name="Hours of footage").last.wait_for()
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    tab.locator(".empty").get_by_role("link", name="Hours of footage").click()
    tab.wait_for_url(f"**/labs/{pair.name}/footage?campaign=spring")
    site.free()
