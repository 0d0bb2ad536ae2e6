"""Gyms that fail, and texts that are too much: the person is told, and nothing is lost."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.usefixtures("strange")


def test_a_gym_that_raises_fails_the_episode_without_a_score_and_the_task_goes_back(room):
    here = room(gym="shaky")
    one, two = here.client("expert"), here.client("reviewer")
    lease = one.take(1)["work"][0]
    kept = one.answer(lease["id"], "raise").json()
    assert kept["how"] == "failed" and "the judge is broken" in kept["why"]
    record = here.lab.read(kept["episode"])
    assert record.episode.status == "failed"
    assert any(b"raise" in s.payload for s in record.steps)
    assert here.lab.judgements([kept["episode"]]).get(kept["episode"], ()) == ()
    assert lease["task"]["id"] in [w["task"]["id"] for w in two.take()["work"]]


@pytest.mark.slow
def test_a_gym_that_hangs_is_ended_and_the_others_go_on(room):
    here = room(gym="shaky")
    one = here.client("expert")
    one.http.timeout = 60
    lease = one.take(1)["work"][0]["id"]
    kept = one.answer(lease, "hang").json()
    assert kept["how"] == "failed" and "too long" in kept["why"]


def test_a_task_that_cannot_be_shown_is_held_back_with_the_reason(room):
    here = room(gym="blank")
    shown = here.client("expert").take(1)["work"][0]
    assert "nothing can be seen" in shown["trouble"]
    [trouble] = here.lab.queue.sight.waiting(here.name, "broken")
    assert "could not show it" in str(trouble)


@pytest.mark.slow
def test_ten_million_hostile_characters_are_shown_in_parts_and_harm_nothing(room, site, tab):
    here = room(gym="huge", tasks=1)
    site.enter(tab, "expert").goto(site.origin + here.path)
    more = tab.get_by_role("button", name="Show more")
    expect(more).to_be_visible(timeout=15_000)
    more.click()
    assert tab.locator(".seat-seen .said").inner_text().startswith("<img src=x")
    assert tab.locator(".said img").count() == 0


@pytest.mark.slow
def test_every_kind_of_field_is_filled_in_and_refusals_stand_beside_them(room, site, tab):
    here = room(gym="fields", tasks=1)
    site.enter(tab, "expert").goto(site.origin + here.path)
    expect(tab.get_by_label("Describe")).to_be_checked()
    expect(tab.get_by_text("Describe what you see.")).to_be_visible()
    tab.keyboard.press("Control+Enter")
    expect(tab.get_by_text("Choose one.")).to_be_visible()
    tab.get_by_label("green").check()
    tab.get_by_label("Size").fill("11")
    tab.get_by_label("Round").check()
    tab.get_by_label("Words 1", exact=True).fill("old")
    tab.get_by_role("button", name="Add words").click()
    tab.get_by_label("Words 2", exact=True).fill("worn")
    tab.get_by_label("Street").fill("High Street")
    tab.get_by_label("Number").fill("12")
    tab.get_by_label("tool").check()
    tab.keyboard.press("Control+Enter")
    expect(tab.get_by_text("This must be at most 10.")).to_be_visible()
    expect(tab.get_by_label("Size")).to_be_focused()
    tab.keyboard.press("Control+a")
    tab.keyboard.type("7,5")
    tab.keyboard.press("Enter")
    expect(tab.locator("#seat-saved")).to_have_text("Saved (1)")
    [record] = here.accepted()
    assert record.answer == (
        b'{"colour":"green","do":"describe","kinds":["tool"],"note":null,'
        b'"place":{"number":12,"street":"High Street"},"round":true,"size":7.5,'
        b'"words":["old","worn"]}'
    )


@pytest.mark.slow
def test_an_answer_that_the_server_refuses_comes_back_with_the_reason(room, site, tab):
    here = room(gym="fields", tasks=2)
    site.enter(tab, "expert").goto(site.origin + here.path)
    tab.get_by_label("Pass on").check()
    why = tab.get_by_label("Why")
    why.evaluate("e => e.removeAttribute('maxlength')")
    why.fill("x" * 90)
    tab.keyboard.press("Control+Enter")
    expect(tab.get_by_text("length <= 80")).to_be_visible()
    expect(why).to_have_value("x" * 90)
    why.fill("short")
    tab.keyboard.press("Control+Enter")
    expect(tab.locator("#seat-saved")).to_have_text("Saved (1)")
    tab.wrong[:] = [w for w in tab.wrong if "400" not in w]
