"""An interview in a real browser: by keys alone, offline, with the server killed in the middle."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from tests.web.interviews.conftest import KEYS, PYTHON, right
from tests.web.seat.test_killed import port, server  # noqa: F401

from banbury.people.interviews import Interviews

pytestmark = pytest.mark.slow


def standing(frame):
    """Return the question on the screen, as its item and what the page shows."""
    number = frame.locator(".where strong").inner_text()
    ask = frame.locator(".asks").inner_text()
    return number, ask


def item_of(frame):
    """Return the item that the screen asks; None for the defence."""
    if frame.locator(".before").count():
        return None
    shown = " ".join(frame.locator(".asks").inner_text().split())
    plain = {" ".join(a.replace("```python", " ").replace("`", "").split()): i
             for a, i in KEYS.items()}  # fmt: skip
    return plain[shown]


def answer(page, frame):
    """Answer the question that stands, rightly, by keys alone; return its kind."""
    item = item_of(frame)
    options = [o.inner_text() for o in frame.locator(".option span").all()]
    asked = {"ask": item.ask.strip() if item else "", "options": options}
    text = right(asked)
    before = frame.locator(".where strong").inner_text()
    if options:
        page.keyboard.press(text)
    else:
        field = frame.locator("#answer")
        expect(field).to_be_focused(timeout=30_000)
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(text)
    page.keyboard.press("Control+Enter")
    return before, item.kind if item else "open"


def moved_on(page, frame, before):
    page.wait_for_function(
        "b => !document.querySelector('iframe.seat-frame') || "
        "performance.getEntriesByName('interview-shown').length > b",
        arg=before,
    )


def shown(page):
    return page.evaluate("performance.getEntriesByName('interview-shown').length")


def test_by_keys_alone_offline_and_through_the_death_of_the_server(
    site,
    candidate,
    tab,
    address,
    port,  # noqa: F811
):
    origin = f"http://127.0.0.1:{port}"
    tab.context.add_cookies([{"name": "banbury", "value": candidate.code, "url": origin}])
    frame = tab.frame_locator("iframe.seat-frame")
    with server(address, port):
        tab.goto(f"{origin}/interviews")
        tab.get_by_role("link", name="Repairing Python").click()
        assert_sound(tab)
        tab.get_by_label("I have read this").check()
        tab.get_by_role("button", name="Begin").click()
        expect(frame.locator(".where strong")).to_have_text("Question 1", timeout=30_000)
        assert_sound(tab)
        at = shown(tab)
        answer(tab, frame)
        moved_on(tab, frame, at)
        # Offline: what is answered stays in the page, and goes by itself afterwards.
        at = shown(tab)
        tab.context.set_offline(True)
        answer(tab, frame)
        expect(tab.locator("#seat-saved")).to_contain_text("no connection", timeout=30_000)
        tab.context.set_offline(False)
        moved_on(tab, frame, at)
        expect(frame.locator(".where strong")).to_have_text("Question 3", timeout=30_000)
        draft = frame.locator("#answer")
        if draft.count():
            draft.fill("half an answ")
            tab.wait_for_function(KEPT, arg="half an answ")
        url = tab.url
    with server(address, port):  # Another process: the journal has it.
        tab.goto(url)
        expect(frame.locator(".where strong")).to_have_text("Question 3", timeout=30_000)
        if draft.count():
            expect(draft).to_have_value("half an answ", timeout=30_000)
        kinds = set()
        while tab.locator("iframe.seat-frame").count():
            at = shown(tab)
            kinds.add(answer(tab, frame)[1])
            moved_on(tab, frame, at)
        tab.get_by_role("heading", name="What was measured").wait_for()
        assert "code" in kinds
        assert_sound(tab)
        tab.set_viewport_size({"width": 390, "height": 844})
        wide = tab.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390
        tab.wrong[:] = [w for w in tab.wrong if "net::ERR" not in w]
        tab.close()
    [held] = Interviews(site.house).of(candidate.id)
    record = site.house.lab(held.lab).read(held.episode)
    assert held.skill == PYTHON
    assert len(record.actions()) >= 7


KEPT = "text => performance.getEntriesByName('interview-kept').some(e => e.detail === text)"


def assert_sound(page):
    found = Axe().run(page).response["violations"]
    serious = [v["id"] for v in found if v["impact"] in ("serious", "critical")]
    assert not serious, serious
