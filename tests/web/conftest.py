"""Parts of the tests of the workbench: a real server on the run's house, a real browser."""

import shutil

import httpx
import pytest
from playwright.sync_api import sync_playwright

from banbury.accounts.codes import csrf_of
from banbury.accounts.limits import Limit
from banbury.accounts.permissions import ROLES
from banbury.web.app import make
from banbury.web.serve import Served

CHROMIUM = next(
    (p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def served(house):
    """Return the running server of the whole run; `served.origin` is its address."""
    app = make(house)
    # All tests try from one address; tests/accounts has what limits that.
    app.state.accounts.by_address = Limit("too many tries from this address", 1_000_000, 1)
    with Served(app) as running:
        yield running


class Site:
    """The running server with one person of each kind, all in the lab `site`.

    Kinds: the four roles, `stranger` (owns the lab `elsewhere`), `newcomer` (member of none),
    `operator` (member of none, may make labs), `nobody`.
    """

    lab = "site"
    kinds = (*ROLES, "stranger", "newcomer", "operator", "nobody")

    def __init__(self, served, house):
        self.app = served.app
        self.origin = served.origin
        self.house = house
        self.accounts = served.app.state.accounts
        house.lab("elsewhere")
        self.ids = {kind: self._account(kind) for kind in self.kinds if kind != "nobody"}
        self.enrol(house.lab(self.lab).name)
        self.accounts.members.join("elsewhere", self.ids["stranger"], "owner")
        self._codes = {}

    def _account(self, kind):
        # A test elsewhere that borrows these fixtures gets a site of its own, with the same people.
        email = f"{kind}@site.example"
        there = self.accounts.people.by_email(email)
        if there is not None:
            return there.id
        return self.accounts.people.add(email, kind.title(), operator=kind == "operator")

    def enrol(self, lab):
        """Make the four into members of another lab, each in their role."""
        for role in ROLES:
            self.accounts.members.join(lab, self.ids[role], role)

    def free(self):
        """Let nobody be at work anywhere."""
        for id in self.ids.values():
            self.house.grants.end(id)

    def code(self, kind):
        """Return the code of a session, "" for nobody."""
        if kind == "nobody":
            return ""
        code = self._codes.get(kind, "")
        if not code or not self.accounts.sessions.caller(code).signed_in:
            self._codes[kind] = code = self.accounts.sessions.start(self.ids[kind], "a test")
        return code

    def caller(self, kind):
        """Return the caller as handlers see it."""
        return self.accounts.sessions.caller(self.code(kind))

    def as_(self, kind, **headers):
        """Return a client that is logged in and writes as our own pages do."""
        client = httpx.Client(base_url=self.origin, headers={"origin": self.origin, **headers})
        if code := self.code(kind):
            client.cookies.set("banbury", code)
            client.headers["x-csrf-token"] = csrf_of(code)
        return client

    def enter(self, page, kind):
        """Log a browser's page in; return it."""
        cookie = {"name": "banbury", "value": self.code(kind), "url": self.origin}
        page.context.add_cookies([cookie])
        return page


@pytest.fixture(scope="session")
def site(served, house):
    """Return the server of the whole run with people; see `Site`."""
    return Site(served, house)


@pytest.fixture(scope="session")
def chromium():
    """Return a real browser; a machine without one is told how to get it."""
    assert CHROMIUM, "these tests need Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, args=ARGUMENTS
        )
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium):
    """Return a fresh page; an error in its console fails the test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 860})
    page = context.new_page()
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.wrong = wrong
    yield page
    context.close()
    assert not wrong, f"the page's console shows {wrong}"
