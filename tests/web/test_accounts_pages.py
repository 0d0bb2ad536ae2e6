"""The pages of log-in, invitation, account and people, in a real browser, by keyboard."""

import itertools

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.slow
_numbers = itertools.count(1)
SERIOUS = ("serious", "critical")


def check(page):
    """Hold a page to axe's rules in light and dark, and to the width of a phone."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page).response["violations"]
        wrong = [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in SERIOUS]
        assert not wrong, (page.url, scheme, wrong)
    page.emulate_media(color_scheme="light")
    size = page.viewport_size
    page.set_viewport_size({"width": 360, "height": 740})
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size(size)
    assert wide <= 360, (page.url, wide)


def typed(page, *texts):
    """Type into one field after the other, then press Enter."""
    for text in texts[:-1]:
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.type(texts[-1])
    page.keyboard.press("Enter")


def test_from_an_invitation_to_an_account_and_out_again_by_keyboard(site, tab, chromium):
    email = f"pia{next(_numbers)}@pages.example"
    site.enter(tab, "owner").goto(site.origin + "/labs/site/people")
    tab.get_by_text("Invite somebody").click()
    tab.get_by_role("button", name="Make a link").click()
    link = tab.locator("#new-links li code")
    link.wait_for()
    check(tab)
    address = link.inner_text()
    assert address.startswith(site.origin + "/join/")

    guest = chromium.new_context().new_page()
    guest.goto(address)
    check(guest)
    typed(guest, "Pia <b>P</b>", email, "four words you know")
    guest.wait_for_url(lambda url: "/join/" not in url)
    guest.goto(site.origin + "/account")
    assert guest.get_by_role("heading", level=1).inner_text() == "Pia <b>P</b>"
    check(guest)
    guest.get_by_label("What for").fill("my script")
    guest.keyboard.press("Enter")
    guest.locator("#new-token code").wait_for()
    assert guest.locator("#new-token code").inner_text().startswith("bby_")
    guest.get_by_role("button", name="Log out", exact=True).press("Enter")
    guest.wait_for_url(site.origin + "/login")
    check(guest)
    typed(guest, email, "four words you know")
    guest.wait_for_url(lambda url: "/login" not in url)
    guest.context.close()

    [pia] = site.accounts.members.page("site", email, whole=True).people
    tab.goto(site.origin + f"/labs/site/people?search={pia.pseudonym}")
    check(tab)
    assert "Pia" not in tab.locator("#people").inner_text()
    tab.locator("summary", has_text="Change").press("Enter")
    tab.get_by_label(f"Role of {pia.pseudonym}").select_option("reviewer")
    tab.get_by_role("button", name="Save").press("Enter")
    tab.get_by_role("cell", name="reviewer", exact=True).wait_for()
    tab.on("dialog", lambda dialog: dialog.accept())
    tab.locator("summary", has_text="Change").press("Enter")
    tab.get_by_role("button", name="Remove").press("Enter")
    tab.get_by_text("Nobody's name").wait_for()


def test_members_are_found_while_one_types(site, tab):
    site.enter(tab, "owner").goto(site.origin + "/labs/site/people")
    tab.get_by_label("Name, e-mail or pseudonym begins with").press_sequentially("res")
    people = tab.locator("#people")
    people.get_by_role("cell", name="Owner", exact=True).wait_for(state="detached")
    assert people.get_by_role("cell", name="Researcher", exact=True).is_visible()
    tab.wait_for_url("**search=res**")


def test_a_link_that_was_used_and_a_lab_of_others_are_told_in_words(site, chromium):
    page = chromium.new_context().new_page()
    for path, words in (("/join/used", "this link was used"), ("/reset/x", "ask whoever sent it")):
        page.goto(site.origin + path)
        assert words in page.get_by_role("main").inner_text().lower()
        check(page)
    site.enter(page, "expert").goto(site.origin + "/labs/elsewhere/people")
    assert "There is no lab" in page.get_by_role("main").inner_text()
    page.context.close()
