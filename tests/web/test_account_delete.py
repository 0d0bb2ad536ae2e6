"""Deleting one's own account in a browser, on a screen and on a phone."""

import itertools

import httpx
import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe

from banbury.accounts.codes import csrf_of
from banbury.accounts.consent import Consents
from banbury.people.erasing import Erasures

_numbers = itertools.count(1)
SECRET = "four words are good"


@pytest.fixture
def somebody(site):
    """Make a person with a password and a lab of theirs to work in; return id and e-mail."""

    def make(password=SECRET):
        accounts, email = site.accounts, f"leaver{next(_numbers)}@e.org"
        hash = accounts.passwords.hash(password).result() if password else ""
        id = accounts.people.add(email, "Lee Leaver", hash)
        accounts.members.join(site.lab, id, "expert")
        return id, email

    return make


def entered(site, tab, id):
    code = site.accounts.sessions.start(id, "a browser")
    tab.context.add_cookies([{"name": "banbury", "value": code, "url": site.origin}])
    return tab


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 360])
def test_an_account_is_deleted_taken_back_and_deleted_at_once(site, tab, somebody, width):
    id, email = somebody()
    site.house.lab(site.lab).deliveries.note(
        "downloaded", "release moods", (), version=2, people=[pseudonym(site, id)], who="p-owner"
    )
    site.house.lab(site.lab).deliveries.note(
        "trained", "release moods", (), version=2, people=[pseudonym(site, id)],
        place="checkpoint kind",
    )  # fmt: skip
    page = entered(site, tab, id)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(site.origin + "/account")
    page.get_by_text("Your answers stay, without you").first.click()
    page.get_by_role("radio", name="Nothing stays").check()
    page.get_by_role("button", name="Save").last.click()
    page.locator("summary", has_text="Nothing stays. Everything").wait_for()
    assert [c.stays for c in Consents(site.house).of(id)] == ["nothing"]
    page.get_by_role("link", name="Delete my account").click()
    page.get_by_role("heading", name="Are you sure?").wait_for()
    page.get_by_text("2 copies have left this lab").click()
    page.get_by_text("release moods version 2, downloaded").wait_for()
    page.get_by_text("release moods version 2, trained on it: checkpoint kind").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = [v for v in Axe().run(page).response["violations"] if v["impact"] in SERIOUS]
    assert not found, found
    page.get_by_label("Type your e-mail address").fill("another@e.org")
    page.get_by_label("Your password").fill(SECRET)
    page.get_by_role("button", name="Delete my account").click()
    page.get_by_text("This is not your e-mail address").wait_for()
    page.get_by_label("Type your e-mail address").fill(email)
    page.get_by_role("button", name="Delete my account").click()
    page.get_by_role("button", name="Keep my account").click()
    page.wait_for_url("**/account")
    assert Erasures(site.house).of(id) is None
    page.get_by_role("link", name="Delete my account").click()
    page.get_by_label("Type your e-mail address").fill(email)
    page.get_by_label("Your password").fill(SECRET)
    page.get_by_role("radio", name="At once").check()
    page.get_by_role("button", name="Delete my account").click()
    page.wait_for_url("**/login**")
    page.get_by_text("If you deleted your account just now").wait_for()
    assert Erasures(site.house).of(id).state == "begun"
    Erasures(site.house).carry_on()
    assert site.accounts.people.account(id).name == "erased"
    tab.wrong[:] = [w for w in tab.wrong if "400" not in w]


SERIOUS = ("serious", "critical")


def pseudonym(site, id):
    page = site.accounts.members.page(site.lab, limit=500, whole=True).people
    return next(m.pseudonym for m in page if m.account == id)


def test_a_wrong_password_and_a_token_delete_nothing(site, somebody):
    id, email = somebody()
    with client(site, id) as person:
        asked = {"typed": email, "password": "not this one at all", "at_once": True}
        assert person.post("/api/account/erasing", json=asked).status_code == 401
        assert Erasures(site.house).of(id) is None
        shown = person.get("/api/account/erasing").json()
        assert shown["asked"] is None and shown["plan"]["labs"][0]["lab"] == site.lab
    code = site.accounts.sessions.start(id, "a browser")
    made = site.accounts.tokens.make(site.accounts.sessions.caller(code), "all", ["*:*"], 1)
    with site.as_("nobody", authorization=f"Bearer {made.code}") as program:
        asked = {"typed": email, "password": SECRET, "at_once": True}
        assert program.post("/api/account/erasing", json=asked).status_code == 403


def test_without_a_password_a_fresh_log_in_is_enough_and_an_old_one_is_not(site, somebody):
    id, email = somebody(password="")
    with client(site, id) as person:
        assert person.post("/api/account/erasing", json={"typed": email}).status_code == 200
        assert person.post("/api/account/erasing/taken-back").status_code == 204
        older = sa.text("UPDATE session SET created_ns = created_ns - :ns WHERE account = :id")
        given = {"id": id, "ns": 11 * 60 * 10**9}
        site.house.run(lambda c: c.execute(older, given))
        old = person.post("/api/account/erasing", json={"typed": email})
        assert old.status_code == 401 and "ten minutes" in old.text


def client(site, id):
    code = site.accounts.sessions.start(id, "a browser")
    made = httpx.Client(base_url=site.origin, headers={"origin": site.origin})
    made.cookies.set("banbury", code)
    made.headers["x-csrf-token"] = csrf_of(code)
    return made
