"""Two people, two cameras: from the brief on the phone to a confirmed pair whose hours count.

A person does only what a person must: films, uploads, hands in, looks and confirms.
"""

import datetime as dt
import re
import time

import pytest
from playwright.sync_api import expect
from tests.cycle.footage import cameras

from banbury.cycle.source.footage.briefs import import_briefs
from banbury.web.jobs.worker import Worker

pytestmark = pytest.mark.slow
LAB = "journey"


@pytest.fixture
def films(tmp_path):
    """Return the two cameras' files of one scene: the second began 1.3 s later, and drifts."""
    sound, pictures = cameras.heard(14), cameras.seen()
    one, other = tmp_path / "GX010007.MP4", tmp_path / "GX010031.MP4"
    cameras.camera(one, sound, pictures, 0.0, 11.0, 0.0, 0.003, 1)
    cameras.camera(other, sound, pictures, 1.3, 10.0, 40.0, 0.003, 2)
    return one, other


@pytest.fixture
def lab(site, tmp_path):
    path = tmp_path / "scenes.csv"
    path.write_text("trade,action,place,light\npainter,roll a wall,hall,daylight\n")
    made = site.house.lab(LAB)
    site.enrol(LAB)
    for kind in ("expert", "reviewer", "owner"):
        site.house.grants.end(site.ids[kind])  # they may have worked elsewhere in a test before
    import_briefs(made, path, "spring")
    site.free()
    yield made
    site.free()


@pytest.fixture
def phones(chromium, site):
    """Return how a person opens a page on a phone of theirs."""
    contexts = []

    def opened(kind, path):
        context = chromium.new_context(
            viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
        )
        contexts.append(context)
        page = context.new_page()
        page.wrong = []
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        site.enter(page, kind).goto(site.origin + path)
        return page

    yield opened
    wrong = [w for c in contexts for page in c.pages for w in page.wrong]
    for context in contexts:
        context.close()
    assert not wrong, wrong


def press(frame, name):
    frame.get_by_role("button", name=name, exact=True).click()


def film(page, path, began, seconds=12):
    """Read the brief, film for so long by the phone's clock, upload, hand in."""
    frame = page.frame_locator("iframe.seat-frame")
    page.clock.set_fixed_time(began)
    press(frame, "I have read it")
    press(frame, "Begin take")
    expect(frame.locator(".state")).to_contain_text("Take 1")
    page.clock.set_fixed_time(began + dt.timedelta(seconds=seconds))
    press(frame, "End take")
    press(frame, "Files")
    page.locator(".uploader input[type=file]").set_input_files([path])
    expect(frame.get_by_role("list", name="Files of the day")).to_contain_text(
        path.name, timeout=30_000
    )
    press(frame, "Hand in the day")
    expect(page.locator("#seat-saved")).to_have_text("Saved (1)", timeout=30_000)


def worked(house, address, lab, over, seconds=240):
    """Let a worker do what is due until something is over."""
    worker = Worker(house, [f"--store={address}"])
    last = time.monotonic() + seconds
    try:
        while (lab.jobs.active() or not over()) and time.monotonic() < last:
            worker.tick()
            time.sleep(0.1)
    finally:
        worker.close()
    assert over(), [lab.jobs.log(job.id) for job in lab.jobs.listed()]


def test_two_cameras_become_a_confirmed_pair_whose_good_hours_count(
    site, house, address, lab, films, phones
):
    seat = f"/labs/{LAB}/seat/spring"
    began = dt.datetime.now(dt.UTC)
    for kind, path in zip(("expert", "reviewer"), films, strict=True):
        film(phones(kind, seat), path, began)
    [task] = [t.id for t in lab.tasks(gym="capture")]

    worked(house, address, lab, lambda: lab.footage.standing("spring", task) is not None)
    standing = lab.footage.standing("spring", task)
    body = lab.artifact("footage", standing.artifact).body
    assert standing.state == "waiting", (standing.reason, body["views"], body["troubles"])
    assert standing.good_ms > 8_000
    own = phones("expert", f"/labs/{LAB}/footage")
    expect(own.locator("main")).to_contain_text("a person has not confirmed it yet")

    page = phones("owner", f"/labs/{LAB}/seat/spring-confirm")
    frame = page.frame_locator("iframe.seat-frame")
    for part in ("Beginning", "Middle", "End"):
        press(frame, part)
        seen = frame.get_by_role("button", name=re.compile(f"^{part}"))
        expect(seen).to_have_class("seen", timeout=30_000)
    press(frame, "Confirm: they are in step")
    expect(page.locator("#seat-saved")).to_have_text("Saved (1)", timeout=30_000)

    def counted():
        return lab.footage.standing("spring", task).state == "confirmed"

    worked(house, address, lab, counted)
    standing = lab.footage.standing("spring", task)
    assert standing.counted_ms == standing.good_ms
    [confirmed] = [lab.episode(id) for id in standing.answers]
    assert {p.episode for p in confirmed.parents} == set(standing.episodes)
    jobs = lab.jobs.listed(verb="capture check")
    assert [job.state for job in jobs] == ["done", "done"]
    own.reload()
    expect(own.locator("main")).to_contain_text("confirmed")
    staff = phones("owner", f"/labs/{LAB}/footage?campaign=spring")
    expect(staff.locator("main")).to_contain_text("of pairs are confirmed")
    assert staff.evaluate("document.documentElement.scrollWidth") <= 390
