"""The page of the copies that left a lab: its owners see it, on a screen and on a phone."""

import itertools

import pytest
from axe_playwright_python.sync_playwright import Axe

_numbers = itertools.count(1)
TRAINED = "checkpoint kind"


@pytest.fixture
def left(site):
    """Return a lab out of which copies went with work of two people, of whom one is erased."""
    lab = site.house.lab(f"left-{next(_numbers)}")
    site.enrol(lab.name)
    people = ["p-left-ann", "p-left-ben"]
    note = lab.deliveries.note
    note("built", "release moods", (), version=2, people=people, sha256="ab" * 32)
    note("downloaded", "release moods", (), version=2, format="trl", people=people, who="p-own")
    note("trained", "release moods", (), version=2, people=people, place=TRAINED)
    note("exported", "campaign moods", (), format="jsonl", people=people[1:])
    lab.erase(people[0], "answers")
    return lab


@pytest.mark.parametrize("kind", ["researcher", "reviewer", "expert", "stranger", "nobody"])
def test_none_but_owners_see_it(site, left, kind):
    with site.as_(kind) as client:
        assert client.get(f"/labs/{left.name}/deliveries").status_code in (401, 403, 404)
        assert client.get(f"/labs/{left.name}/releases").text.count("Copies that left") == 0


def test_it_goes_on_page_by_page(site, left):
    for n in range(60):
        left.deliveries.note("exported", f"campaign {n}", (), people=["p-left-ben"])
    with site.as_("owner") as client:
        for path in ("deliveries", "deliveries?person=p-left-ben"):
            first = client.get(f"/labs/{left.name}/{path}").text
            assert ("campaign 59" in first, "campaign 1<" in first) == (True, False)
            [more] = [p for p in first.split('"') if "after=" in p]
            rest = client.get(f"/labs/{left.name}/deliveries{more.replace('&amp;', '&')}").text
            assert ("campaign 59" in rest, "campaign moods" in rest) == (False, True)


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_an_owner_sees_what_left_and_who_was_erased_since(site, chromium, left, width, scheme):
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True
    )
    page = site.enter(context.new_page(), "owner")
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{site.origin}/labs/{left.name}/releases")
    page.get_by_role("link", name="Copies that left").click()
    rows = page.locator("tbody tr")
    rows.first.wait_for()
    assert rows.count() == 4
    assert "the machine" in rows.nth(0).inner_text()
    assert TRAINED in rows.nth(1).inner_text()
    assert "release moods version 2 (trl)" in rows.nth(2).inner_text()
    gone = [rows.nth(n).get_by_role("link", name="p-left-ann").count() for n in range(4)]
    assert gone == [0, 1, 1, 0]
    page.get_by_role("link", name="Show these alone").click()
    page.get_by_text("Each of these copies holds work").wait_for()
    assert rows.count() == 2
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not Axe().run(page).response["violations"]
    page.get_by_label("Pseudonym").fill("p-left-ben")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("columnheader", name="Episodes of theirs").wait_for()
    assert rows.count() == 4
    page.get_by_role("link", name="Show all").click()
    page.get_by_role("link", name="Show these alone").wait_for()
    context.close()
    assert not wrong
