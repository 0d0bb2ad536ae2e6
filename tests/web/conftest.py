"""Parts of the tests of the workbench: a real server on the run's house, a real browser."""

import shutil

import pytest
from playwright.sync_api import sync_playwright

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
    with Served(make(house)) as running:
        yield running


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
