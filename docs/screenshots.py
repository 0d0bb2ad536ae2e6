"""Take the pictures of every page, light and dark: python docs/screenshots.py [--store FOLDER].

Starts the workbench as a newcomer does, makes the first account in a real browser, invites
people, runs stages of the loop on SmolLM2, lets two experts and a reviewer work at drawn images,
and looks at each page. What the pictures show was done while they were taken.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import msgspec
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from banbury import store
from banbury.gyms import registry

OUT = Path(__file__).parent / "pictures"
NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run")
LAB = "/labs/main"
API = "/api/labs/main"
SKILLS = ("office.email.order", "office.email.queue", "reasoning.add", "reasoning.date_format")
PAGES = {
    "home": f"{LAB}/",
    "skills": f"{LAB}/skills",
    "skill": f"{LAB}/skills/reasoning.add",
    "episodes": f"{LAB}/episodes",
    "tasks": f"{LAB}/tasks",
    "campaigns": f"{LAB}/campaigns",
    "campaign-new": f"{LAB}/campaigns/new",
    "campaign": f"{LAB}/campaigns/shapes",
    "releases": f"{LAB}/releases",
    "stages": f"{LAB}/stages",
    "stage": f"{LAB}/stages/probe",
    "people": f"{LAB}/people",
    "account": "/account",
}
CALL = """async ([method, path, body]) => {
  const at = document.querySelector('script[src*="/static/"]').src.split("/").slice(0, 5).join("/");
  const { call } = await import(`${at}/js/call.js`);
  return await call(method, path, body ?? undefined);
}"""


class Person:
    """Somebody at a browser of their own, who also calls the API as the pages do."""

    def __init__(self, browser: Browser, origin: str) -> None:
        self.origin = origin
        self._context = browser.new_context(viewport={"width": 1280, "height": 800})
        self.page: Page = self._context.new_page()

    def enter(self, link: str, name: str) -> None:
        """Make the account that a link is for."""
        self.page.goto(link)
        self.page.fill("[name=name]", name)
        self.page.fill("[name=email]", f"{name.split()[0].lower()}@example.org")
        self.page.fill("[name=password]", "seven quiet herons at dawn")
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "/first/" not in url and "/join/" not in url)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Call the API from the page that is open."""
        return self.page.evaluate(CALL, [method, path, body])

    def shoot(self, name: str, path: str, *, phone: bool = False) -> None:
        """Take a page's picture in light and in dark, on a phone too if asked."""
        self.page.goto(self.origin + path)
        there = urlsplit(self.page.url).path
        assert there == urlsplit(path).path, f"{path} leads to {there}"
        framed = any(word in path for word in ("/seat/", "/review/", "/tasks/"))
        self.page.wait_for_load_state("networkidle" if framed else "load")
        self.page.wait_for_timeout(2000 if framed else 0)
        sizes = {"": (1280, 800), **({"-phone": (390, 844)} if phone else {})}
        for kind, (width, height) in sizes.items():
            self.page.set_viewport_size({"width": width, "height": height})
            for scheme in ("light", "dark"):
                self.page.emulate_media(color_scheme=scheme)
                self.page.wait_for_timeout(400)
                small(self.page.screenshot(), OUT / f"{name}{kind}-{scheme}.png")
        self.page.set_viewport_size({"width": 1280, "height": 800})


def small(picture: bytes, path: Path) -> None:
    """Keep a picture with a palette of 64 colours, a third of its size."""
    Image.open(BytesIO(picture)).convert("RGB").quantize(64).save(path, optimize=True)


@contextmanager
def workbench(home: str) -> Iterator[dict[str, Any]]:
    """Start the workbench; say where it is and what its first link is."""
    words = [sys.executable, "-m", "banbury", "up", "--json", "--no-browser", "--port", "0"]
    running = subprocess.Popen([*words, "--store", home], stdout=subprocess.PIPE, text=True)
    try:
        text = ""
        assert running.stdout is not None
        for line in running.stdout:
            text += line
            if line.startswith("}"):
                break
        yield json.loads(text)
    finally:
        running.terminate()
        running.wait()


def staged(owner: Person, verb: str, told: dict[str, Any]) -> None:
    """Start a stage from its page's API and wait until it is over."""
    job = owner.call("POST", f"{API}/stages/{verb}", told)
    while True:
        now = owner.call("GET", f"{API}/jobs/{job['id']}")["job"]
        if now["state"] not in ("queued", "running"):
            break
        time.sleep(1)
    if now["state"] != "done":
        raise SystemExit(f"the stage {verb} ended as {now['state']}: {now}")
    sys.stderr.write(f"{verb} done\n")


def loop(owner: Person) -> None:
    """Go round the loop on the real model as far as a release."""
    staged(owner, "probe", {"model": "smollm2", "skills": list(SKILLS), "most": 12})
    staged(owner, "gaps", {"model": "smollm2", "probe": "probe"})
    staged(owner, "source", {"train": 60})
    staged(owner, "review", {})
    staged(owner, "release", {"name": "mails"})


def campaign(owner: Person, name: str, gym: str, skill: str, **rules: Any) -> None:
    """Make a campaign of tasks that the gym draws."""
    owner.call("POST", f"{API}/campaigns", {"name": name, "gym": gym, **rules})
    owner.call("POST", f"{API}/campaigns/{name}/tasks/drawn", {"skill": skill, "count": 24})


def worked(person: Person, home: str, name: str, gym: str, count: int, wrong: int) -> None:
    """Answer tasks with the reference, and some with the reference of another task."""
    with store.open(home) as house:
        lab = house.lab("main")
        held = last = None
        for number in range(count):
            taken = person.call("POST", f"{API}/seat/{name}/take", {"count": 1})
            lease = taken["work"][0]
            problem = lab.problem(lease["task"]["id"])
            [held] = registry.gym(gym).solution(problem)[:1]
            action = last if number < wrong and last is not None else held
            said = {"submission": str(uuid4()), "action": msgspec.to_builtins(action)}
            person.call("POST", f"{API}/seat/leases/{lease['id']}/answer", said)
            last = held


def invited(owner: Person, browser: Browser, role: str, name: str) -> Person:
    """Invite somebody and let them come in by their link."""
    made = owner.call("POST", f"{API}/invitations", {"role": role})
    person = Person(browser, owner.origin)
    person.enter(owner.origin + made["path"], name)
    return person


def people(owner: Person, browser: Browser, origin: str, home: str) -> None:
    """Let two experts and a reviewer work at drawn images, and an expert at a desk."""
    rules = {"overlap": 2, "review": 0.5, "title": "What is in the picture?"}
    campaign(owner, "shapes", "labelling", "labelling.boxes", **rules)
    campaign(owner, "desk", "desk", "desk.mail.answer", title="One day at the desk")
    experts = [invited(owner, browser, "expert", n) for n in ("Grace Hopper", "Mary Jackson")]
    reviewer = invited(owner, browser, "reviewer", "Joan Clarke")
    for number, expert in enumerate(experts):
        worked(expert, home, "shapes", "labelling", 8, 2 * number)
    experts[0].shoot("inbox", "/inbox", phone=True)
    experts[0].shoot("seat-labelling", f"{LAB}/seat/shapes", phone=True)
    experts[0].shoot("seat-desk", f"{LAB}/seat/desk")
    reviewer.shoot("review", f"{LAB}/review/shapes")


def pages(owner: Person) -> None:
    """Take the pictures of what an owner sees."""
    for name, path in PAGES.items():
        owner.shoot(name, path, phone=name in ("home", "skills", "episode"))
    failed = owner.call("GET", f"{API}/episodes?passed=no")["rows"][0]["id"]
    owner.shoot("episode", f"{LAB}/episodes/{failed}", phone=True)
    made = owner.call("GET", f"{API}/releases")["rows"][0]["id"]
    owner.shoot("release", f"{LAB}/releases/{made}")
    task = owner.call("GET", f"{API}/tasks?gym=labelling")["rows"][0]["id"]
    owner.shoot("task", f"{LAB}/tasks/{task}")


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", help="a folder to work in; a fresh one if not given")
    home = parser.parse_args().store or tempfile.mkdtemp()
    OUT.mkdir(exist_ok=True)
    chromium = next(filter(None, map(shutil.which, NAMES)))
    with workbench(home) as told, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        origin = told["address"]
        owner = Person(browser, origin)
        owner.shoot("first", told["first"].removeprefix(origin))
        owner.enter(told["first"], "Ada Lovelace")
        owner.shoot("empty", f"{LAB}/")
        loop(owner)
        people(owner, browser, origin, home)
        pages(owner)
        Person(browser, origin).shoot("login", "/login")


if __name__ == "__main__":
    main()
