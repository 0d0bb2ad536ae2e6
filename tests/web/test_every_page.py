"""Every page that links lead to: no serious finding of axe, no error, none wide or heavy."""

import re
from collections import Counter
from urllib.parse import urlsplit

import msgspec
import pytest
from axe_playwright_python.sync_playwright import Axe
from litestar.handlers import HTTPRouteHandler

from banbury.actors.script import fixed
from banbury.arena import answer
from banbury.cycle.probe import probe
from banbury.cycle.release import release
from banbury.cycle.review import review
from banbury.cycle.source import source
from banbury.gyms import registry
from banbury.store.queue import Campaign

pytestmark = pytest.mark.slow

HEAVIEST = 150_000
"""Bytes at the first load of a page: no page may take more."""
EACH = 2
"""Pages of one kind that are looked at."""
NO_PAGES = ("/api/", "/static/", "/seats/", "/oidc/")
MUST = {
    "/labs/{lab_name}",
    "/labs/{lab_name}/skills",
    "/labs/{lab_name}/episodes",
    "/labs/{lab_name}/episodes/{episode}",
    "/labs/{lab_name}/tasks",
    "/labs/{lab_name}/tasks/{task}",
    "/labs/{lab_name}/campaigns",
    "/labs/{lab_name}/campaigns/new",
    "/labs/{lab_name}/campaigns/{name}",
    "/labs/{lab_name}/campaigns/{name}/asked",
    "/labs/{lab_name}/seat/{campaign}",
    "/labs/{lab_name}/review/{campaign}",
    "/labs/{lab_name}/releases",
    "/labs/{lab_name}/releases/{release}",
    "/labs/{lab_name}/stages",
    "/labs/{lab_name}/stages/{slug}",
    "/labs/{lab_name}/people",
    "/inbox",
    "/offers",
    "/hearings",
    "/prediction",
    "/labs/{lab_name}/cases",
    "/labs/{lab_name}/deliveries",
    "/account",
}
"""Pages to which links must lead from the first one."""


@pytest.fixture(scope="module")
def lived(site):
    """Yield a lab in which the loop has gone round and people are at work."""
    lab = site.house.lab("lived")
    site.enrol("lived")
    probe(lab, fixed("41"), ["reasoning.add", "reasoning.date_format"], name="probe", most=6)
    source(lab, ["reasoning.add"], name="source", train=12, reserve=4, unseen=2)
    review(lab, run="source")
    release(lab, "sums", run="source")
    gym = registry.gym("labelling")
    for name, skill in (("mood", "labelling.choice"), ("boxes", "labelling.boxes")):
        lab.queue.put(Campaign(name, "labelling", title=name, instructions="Look.\n\nThen say."))
        drawn = [p for p, _ in zip(gym.tasks(skill, seed=1), range(6), strict=False)]
        lab.put_tasks(drawn)
        lab.queue.add(name, [p.task.id for p in drawn])
        person = site.caller("expert").pseudonyms["lived"]
        for lease in lab.queue.claim(name, person, "", 2):
            [said] = gym.solution(lab.problem(lease.task))
            answer(lab, lease.id, msgspec.json.encode(said), submission=lease.id)
    yield lab
    with site.as_("owner") as boss:  # whoever looks at the seat's page is at work there
        assert boss.post("/api/work/leave").status_code == 204


@pytest.fixture(scope="module")
def patterns(served):
    """Return the addresses of pages, each with what matches it, the most particular first."""
    found = {}
    for route in served.app.routes:
        for handler in getattr(route, "route_handlers", ()):
            page = isinstance(handler, HTTPRouteHandler) and "GET" in handler.http_methods
            if page and not route.path_format.startswith(NO_PAGES):
                shape = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(route.path_format.rstrip("/")))
                found[route.path_format] = re.compile(shape + "/?")
    return dict(sorted(found.items(), key=lambda row: row[0].count("{")))


def pattern_of(patterns, path):
    return next((p for p, shape in patterns.items() if shape.fullmatch(path)), path)


def crawled(page, origin, patterns, first):
    """Visit what links lead to, a few of each kind: address, kind, status, bytes."""
    seen, counts, ahead = set(first), Counter(), list(first)
    while ahead:
        path = ahead.pop(0)
        kind = pattern_of(patterns, urlsplit(path).path)
        if counts[kind] >= EACH:
            continue
        counts[kind] += 1
        loaded = []

        def note(request, loaded=loaded):
            loaded.append(request)

        page.on("requestfinished", note)
        response = page.goto(origin + path)
        page.wait_for_load_state("load")
        page.remove_listener("requestfinished", note)
        size = sum(r.sizes()["responseBodySize"] for r in loaded)
        yield path, kind, response.status, size
        links = page.eval_on_selector_all(
            "a[href]", 'all => all.map(a => new URL(a.getAttribute("href"), location.href).href)'
        )
        for link in links:
            parts = urlsplit(link)
            there = parts.path + (f"?{parts.query}" if parts.query else "")
            ours = link.startswith(origin) and not parts.path.startswith(NO_PAGES)
            if ours and there not in seen and "download" not in there:
                seen.add(there)
                ahead.append(there)


def findings(page):
    """Return what axe finds that is serious or worse, and whether the page is wider than it."""
    found = [
        f"{row['id']}: {row['nodes'][0]['html'][:120]}"
        for row in Axe().run(page).response["violations"]
        if row["impact"] in ("serious", "critical")
    ]
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return found + ([f"{wide} pixels wider than the window"] if wide > 0 else [])


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_every_page_is_sound(lived, site, chromium, patterns, scheme, width):
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True
    )
    page = site.enter(context.new_page(), "owner")
    wrong, visited = [], set()
    page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda said: wrong.append(f"{page.url}: {said.text}") if said.type == "error" else None,
    )
    first = ["/labs/lived/", "/inbox"]
    for path, kind, status, size in crawled(page, site.origin, patterns, first):
        visited.add(kind)
        if status != 200:
            wrong.append(f"{path} answers {status}")
        wrong += [f"{path}: {text}" for text in findings(page)]
        if size > HEAVIEST:
            wrong.append(f"{path}: {size:,} bytes at its first load")
    context.close()
    assert not wrong, "\n" + "\n".join(wrong)
    assert visited >= MUST, f"no link leads to {sorted(MUST - visited)}"


@pytest.mark.parametrize("path", ["/login", "/join/gone", "/first/gone", "/reset/gone", "/nowhere"])
def test_pages_for_whoever_is_outside_are_sound(site, chromium, path):
    context = chromium.new_context(viewport={"width": 360, "height": 800}, bypass_csp=True)
    page = context.new_page()
    page.goto(site.origin + path)
    assert findings(page) == []
    context.close()
