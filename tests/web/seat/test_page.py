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
    tab.keyboard.press("u")
    expect(field).to_have_value("Answer: sales")
    tab.keyboard.press("Control+a")
    tab.keyboard.type("Answer: support")
    tab.keyboard.press("Control+Enter")
    expect(tab.locator("#seat-saved")).to_have_text("Saved (2)")
    expect(field).to_have_value("half an answer")
    [record] = here.accepted()
    assert any(b"support" in s.payload for s in record.steps)


def answer(tab, text):
    """Answer the task at hand; return what it asked."""
    asked = tab.locator(".seat-seen").inner_text()
    tab.get_by_role("textbox", name="Your answer").fill(text)
    tab.keyboard.press("Control+Enter")
    expect(tab.locator(".seat-seen")).not_to_have_text(asked)
    return asked


def test_without_a_connection_work_goes_on_and_all_of_it_arrives_once(room, site, tab):
    here = room(tasks=4)
    site.enter(tab, "expert").goto(site.origin + here.path)
    expect(tab.get_by_role("textbox", name="Your answer")).to_be_visible()
    tab.context.set_offline(True)
    answer(tab, "one")
    answer(tab, "two")
    expect(tab.locator("#seat-saved")).to_contain_text("kept on this device")
    assert here.accepted() == []
    tab.get_by_role("textbox", name="Your answer").fill("a draft")
    expect(tab.locator("#seat-saved")).to_contain_text("no connection")
    tab.context.set_offline(False)
    expect(tab.locator("#seat-saved")).to_have_text("Saved (2)", timeout=15_000)
    expect(tab.get_by_role("textbox", name="Your answer")).to_have_value("a draft")
    assert len(here.accepted()) == 2
    tab.wrong[:] = [w for w in tab.wrong if "ERR_INTERNET_DISCONNECTED" not in w]


def test_a_draft_outlives_the_page_and_a_double_click_submits_once(room, site, tab):
    here = room(tasks=2)
    site.enter(tab, "expert").goto(site.origin + here.path)
    field = tab.get_by_role("textbox", name="Your answer")
    field.fill("half")
    tab.reload()
    expect(field).to_have_value("half")
    tab.get_by_role("button", name="Hand in and go on").dblclick()
    expect(tab.locator("#seat-saved")).to_have_text("Saved (1)")
    assert len(here.accepted()) == 1


def test_a_second_tab_says_where_the_work_is_and_takes_it_over_with_its_draft(room, site, tab):
    here = room(tasks=2)
    site.enter(tab, "expert").goto(site.origin + here.path)
    tab.get_by_role("textbox", name="Your answer").fill("begun here")
    second = tab.context.new_page()
    second.goto(site.origin + here.path)
    second.get_by_role("button", name="Work here instead").click()
    field = second.get_by_role("textbox", name="Your answer")
    expect(field).to_have_value("begun here")
    expect(tab.get_by_text("open in another tab")).to_be_visible()
    answer(second, "done there")
    expect(second.locator("#seat-saved")).to_have_text("Saved (1)")
    tab.get_by_role("button", name="Work here instead").click()
    expect(tab.get_by_role("textbox", name="Your answer")).to_have_value("")
    assert len(here.accepted()) == 1


def test_a_session_that_ends_in_the_middle_costs_nothing(room, site, tab):
    here = room(tasks=3)
    site.enter(tab, "expert").goto(site.origin + here.path)
    expect(tab.get_by_role("textbox", name="Your answer")).to_be_visible()
    tab.context.clear_cookies()
    answer(tab, "while logged out")
    expect(tab.get_by_text("You are logged out.")).to_be_visible()
    site.enter(tab, "expert")
    tab.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(tab.locator("#seat-saved")).to_have_text("Saved (1)", timeout=15_000)
    tab.wrong[:] = [w for w in tab.wrong if "401" not in w and "403" not in w]


def test_the_desk_is_worked_at_in_its_own_seat_with_the_goal_in_sight(room, site, tab):
    here = room(gym="desk", tasks=1)
    site.enter(tab, "expert").goto(site.origin + here.path)
    seat = tab.frame_locator("iframe")
    seat.get_by_role("button", name="Look into the inbox").click()
    expect(seat.locator("button.row").first).to_be_visible()
    seat.locator("button.row").first.click()
    expect(seat.locator(".reading pre")).to_be_visible()
    expect(seat.locator(".goal .what")).to_be_visible()


KEPT = """() => new Promise((done) => {
  const asked = indexedDB.open("banbury-seat");
  asked.onsuccess = () => {
    const work = asked.result.transaction(["drafts", "outbox"]);
    const counts = ["drafts", "outbox"].map((p) => work.objectStore(p).count());
    work.oncomplete = () => { asked.result.close(); done(counts.map((c) => c.result)); };
  };
})"""


def test_who_is_at_work_in_another_lab_leaves_it_by_a_click(room, site, tab, elsewhere):
    here = room()
    elsewhere(2)
    site.enter(tab, "researcher").goto(site.origin + here.path)
    expect(tab.get_by_text("at work in the lab seat-elsewhere")).to_be_visible()
    tab.get_by_role("button", name="Leave it and work here").click()
    expect(tab.get_by_role("textbox", name="Your answer")).to_be_visible()


def test_logging_out_asks_about_unsent_answers_and_leaves_nothing_on_the_device(room, site, tab):
    here = room(tasks=3)
    site.enter(tab, "expert").goto(site.origin + here.path)
    expect(tab.get_by_role("textbox", name="Your answer")).to_be_visible()
    tab.route("**/answer", lambda route: route.abort())
    answer(tab, "never sent")
    tab.get_by_role("textbox", name="Your answer").fill("a draft")
    expect(tab.locator("#seat-saved")).to_contain_text("no connection")
    tab.goto(site.origin + "/account")
    assert tab.evaluate(KEPT)[1] == 1
    asked = []
    tab.on("dialog", lambda box: (asked.append(box.message), box.accept()))
    tab.get_by_role("button", name="Log out", exact=True).click()
    tab.wait_for_url("**/login*")
    assert "One answer was not sent yet" in asked[0]
    assert tab.evaluate(KEPT) == [0, 0]
    assert tab.evaluate("localStorage.length") == 0
    tab.wrong[:] = [w for w in tab.wrong if "ERR_FAILED" not in w]
