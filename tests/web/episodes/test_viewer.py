"""The viewer in a real browser: ten thousand steps, by keyboard, without a script of a stranger."""

from __future__ import annotations

import pytest

from banbury.episode import GYM, Actor, Episode, Record, RunKey, Seat, Step, canonical, new_id

pytestmark = pytest.mark.slow
STEPS = 10_000


def step(i):
    if i % 2 == 0:
        seen = canonical({"text": f"saw {i}\n" * (i % 5)})
        return Step(i, "observation", GYM, "solver", "main", i, i, seen)
    said = "needle <img src=x onerror=alert(1)>" if i == 7_777 else f"said {i}"
    return Step(i, "action", 0, "solver", "main", i, i, canonical({"do": "say", "text": said}))


@pytest.fixture(scope="module")
def long(site):
    """Return the id of an episode with ten thousand steps; words in one of them."""
    lab = site.house.lab("long")
    site.enrol("long")
    steps = tuple(step(i) for i in range(STEPS))
    id = new_id()
    episode = Episode(
        id,
        "long",
        RunKey("r", "t", "a"),
        "desk",
        "1",
        "s",
        1,
        2,
        "done",
        (Actor("model", "m"),),
        (Seat("solver", (0,)),),
    )
    lab.write([Record(episode, steps)])
    return id


def shown(tab, seq):
    """Wait until a step is the one that is looked at, and in view."""
    tab.wait_for_function(
        "(id) => { const s = document.getElementById(id);"
        "if (!s?.classList.contains('here')) return false;"
        "const b = s.getBoundingClientRect(); return b.bottom > 0 && b.top < innerHeight; }",
        arg=f"step-{seq}",
    )


def test_ten_thousand_steps_by_keyboard_slider_link_and_search(site, tab, long):
    site.enter(tab, "owner")
    tab.goto(f"{site.origin}/labs/long/episodes/{long}")
    for key, seq in (("j", 1), ("ArrowRight", 2), ("k", 1)):
        tab.keyboard.press(key)
        shown(tab, seq)
    tab.locator("#at").focus()
    tab.keyboard.press("End")
    shown(tab, STEPS - 1)
    assert tab.evaluate("document.querySelectorAll('.step').length") <= 500
    tab.fill("#q", "NEEDLE")
    tab.locator("#hits a", has_text="7777").click()
    shown(tab, 7_777)
    assert tab.url.endswith("#step-7777")
    assert "onerror=alert(1)" in tab.locator("#step-7777").inner_text()
    tab.goto(f"{site.origin}/labs/long/episodes/{long}#step-4321")
    shown(tab, 4_321)
    assert tab.locator("#place").inner_text() == "step 4321, the last is 9999"


def test_without_a_script_the_steps_are_pages(site, chromium, long):
    context = chromium.new_context(java_script_enabled=False)
    page = site.enter(context.new_page(), "owner")
    page.goto(f"{site.origin}/labs/long/episodes/{long}?at=5010")
    assert page.locator("#step-5010").count() == 1
    page.locator(".paging a[rel=next]").click()
    page.locator("#step-5050").wait_for()
    context.close()
