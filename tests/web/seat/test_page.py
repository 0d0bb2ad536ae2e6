"""The seat's page in a real browser."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow


def test_a_person_answers_with_the_keyboard_alone_and_takes_the_last_back(room, site, tab):
    here = room(instructions="Be kind.")
    site.enter(tab, "expert").goto(site.origin + here.path)
    expect(tab.get_by_text("Be kind.")).to_be_visible()
    field = tab.get_by_role("textbox", name="Your answer")
    expect(field).to_be_focused()
    first = tab.locator(".seat-seen").inner_text()
    tab.keyboard.type("Answer: sales")
    tab.keyboard.press("Control+Enter")
    expect(tab.locator(".seat-seen")).not_to_have_text(first)
    expect(tab.locator("#seat-saved")).to_have_text("Saved (1)")
    expect(field).to_have_value("")
    tab.keyboard.type("half an answer")
    tab.keyboard.press("Escape")
    tab.locator("h1").click()
    tab.keyboard.press("u")
    expect(field).to_have_value("Answer: sales")
    tab.keyboard.press("Control+a")
    tab.keyboard.type("Answer: support")
    tab.keyboard.press("Control+Enter")
    expect(tab.locator("#seat-saved")).to_have_text("Saved (2)")
    expect(field).to_have_value("half an answer")
    [record] = here.accepted()
    assert any(b"support" in s.payload for s in record.steps)
