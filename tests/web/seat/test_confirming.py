"""Confirming views in a real browser: played in step, nudged, decided."""

import json
import random
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from banbury.episode import Span
from banbury.gyms import registry
from banbury.gyms.capture import confirm, problems, rest
from banbury.gyms.capture.brief import Brief
from banbury.gyms.capture.footage import practice_clip
from banbury.gyms.capture.media import open_take
from banbury.gyms.capture.media.copies import peaks, proxy
from banbury.gyms.capture.samples import scenes
from banbury.gyms.capture.views import Method, Pair, Pairs, Piece, View

pytestmark = pytest.mark.slow
GYM = registry.gym("capture")


def opened(page, site, here):
    site.enter(page, "expert").goto(site.origin + here.path)
    frame = page.frame_locator("iframe.seat-frame")
    expect(frame.get_by_role("button", name="Play", exact=True)).to_be_visible(timeout=15_000)
    return frame


def press(frame, name):
    frame.get_by_role("button", name=name, exact=True).click()


def look(frame):
    """Play each part until it counts as seen."""
    for part in ("Beginning", "Middle", "End"):
        press(frame, part)
        seen = frame.get_by_role("button", name=re.compile(f"^{part}"))
        expect(seen).to_have_class("seen", timeout=10_000)


def sample(related, off):
    """Return an exercise of a kind, and by how many milliseconds its clock is wrong."""
    for made in GYM.tasks("capture.confirm", seed=11):
        truth, shown = confirm.truth_of(made), confirm.pairs_of(made)
        wrong = 1e-3 * truth.offsets_us[1] - 1e3 * shown.views[1].pieces[0].offset_s
        if truth.related == related and (abs(wrong) > 50) == off:
            return made, wrong
    raise AssertionError


SEEN = """async (cases) => {
  const { unseen } = await import("/seats/capture/viewclock.js");
  return cases.map(([looked, shared]) => unseen(looked, shared));
}"""


def test_the_page_and_the_gym_agree_on_what_was_played_where_stretches_overlap(site, tab):
    number = random.Random(3)
    cases = [([[0.0, 1.5], [1.37, 2.25], [2.8, 4.0]], [0.0, 4.1])]
    for _ in range(300):
        low, length = number.uniform(0, 3), number.choice([0.9, 4.1, 60.0])
        played = [number.uniform(low - 1, low + length) for _ in range(number.randint(0, 9))]
        looked = [[start, start + number.uniform(0.2, length / 3)] for start in played]
        cases.append((looked, [low, low + length]))
    site.enter(tab, "expert").goto(site.origin + "/inbox")
    said = tab.evaluate(SEEN, cases)
    held = [unseen(looked, shared) for looked, shared in cases]
    assert [[f"{'in' if p == 'middle' else 'at'} the {p}" for p in one] for one in said] == held
    assert held[0] == ["in the middle"]


def unseen(looked, shared):
    return confirm.unseen(rest.joined([(a, b) for a, b in looked]), tuple(shared))


def verdict(here):
    [record] = here.accepted()
    return record, here.lab.judgements([record.episode.id])[record.episode.id][0]


def test_a_view_that_is_off_is_nudged_into_step_and_confirmed(site, tab, room):
    made, wrong = sample(related=True, off=True)
    here = room(gym="capture", problems=[made])
    frame = opened(tab, site, here)
    expect(frame.get_by_role("button", name="Confirm: they are in step")).to_be_disabled()
    left = round(wrong)
    for size in (100, 10):
        for _ in range(abs(left) // size):
            press(frame, f"Move View 2 by {size if wrong > 0 else -size} ms")
        left = left % size if left > 0 else -(-left % size)
    tab.keyboard.press("]")
    moved = round(wrong) - left + 1
    expect(frame.get_by_label("Nudge View 2")).to_contain_text(f"{moved} ms")
    look(frame)
    press(frame, "Confirm: they are in step")
    expect(tab.locator("#seat-saved")).to_have_text("Saved (1)", timeout=15_000)
    record, got = verdict(here)
    assert got.passed, got.evidence
    assert confirm.found_of(record, confirm.pairs_of(made)).nudges_ms == [0.0, float(moved)]


def test_views_of_two_scenes_are_refused_with_the_reason(site, tab, room):
    made, _ = sample(related=False, off=False)
    here = room(gym="capture", problems=[made])
    frame = opened(tab, site, here)
    frame.get_by_text("They cannot be brought into step").click()
    expect(frame.get_by_role("button", name="Refuse")).to_be_disabled()
    frame.get_by_label("Reason").select_option("not the same scene")
    frame.get_by_label("In your words").fill("other claps")
    press(frame, "Refuse")
    expect(tab.locator("#seat-saved")).to_have_text("Saved (1)", timeout=15_000)
    record, got = verdict(here)
    assert got.passed, got.evidence
    assert confirm.found_of(record, confirm.pairs_of(made)).said == "other claps"


@pytest.fixture
def filmed(room, tmp_path):
    """Return a campaign with one real pair: two playing copies of a clip, one a second later."""
    here = room(gym="capture", problems=[])
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(practice_clip(Brief("", "", practice=scenes.clip(3, 60))))
    take = open_take([clip])
    proxy(take, tmp_path / "copy.mp4")
    peaks(take, tmp_path / "copy.peaks")
    copy = here.lab.blobs.put((tmp_path / "copy.mp4").read_bytes(), "video/mp4")
    wave = here.lab.blobs.put((tmp_path / "copy.peaks").read_bytes())
    length = take.duration_s
    view = View("View 1", duration_s=length, media=copy.sha256, peaks=wave.sha256)
    late = View("View 2", "", length, (Piece(0.0, length, 1.0),), 0.005, copy.sha256)
    method = Method("sound", True, 1.1, 0.005, 0.5, used=True)
    brief = Brief("painter", "roll the first coat onto a wall")
    shown = Pairs((view, late), pairs=(Pair(0, 1, "synchronized", 1.0, methods=(method,)),))
    spans = (Span(copy, "view", 0, int(length * 1e9)), Span(wave, "peaks", 0, 0))
    shown = Pairs(shown.views, pairs=shown.pairs, scene=brief, good_s=100.0)
    problem = problems.confirm(shown, media=spans)
    here.lab.put_tasks([problem])
    here.lab.queue.add(here.name, [problem.task.id])
    return here


def test_a_ticket_that_is_not_good_any_more_is_renewed_by_the_page(site, tab, filmed):
    asked = []

    def first_is_over(route):
        asked.append(route.request.url)
        if len(asked) > 1:
            return route.continue_()
        return route.fulfill(json={"url": "/seats/-/lent/over.over", "hours": 12.0})

    tab.route("**/ticket", first_is_over)
    frame = opened(tab, site, filmed)
    expect(frame.locator(".standing")).to_have_text(["ready", "ready"], timeout=20_000)
    assert len(asked) == 2


def test_films_play_in_step_by_ranges_and_every_methods_answer_is_told(site, tab, filmed):
    ranges = []
    tab.on("response", lambda r: ranges.append(r.status) if "/lent/" in r.url else None)
    frame = opened(tab, site, filmed)
    inner = tab.frames[1]
    standing = frame.locator(".standing")
    expect(standing).to_have_text(["ready", "ready"], timeout=20_000)
    frame.get_by_text("What each method found").click()
    expect(frame.get_by_role("row", name="sound")).to_contain_text("+100.0 ms, disagrees")
    press(frame, "Middle")
    expect(standing).to_have_text(["plays in step", "plays in step"], timeout=20_000)
    press(frame, "Pause")
    assert set(ranges) <= {200, 206} and 206 in ranges
    drawn = "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v)"
    assert inner.locator("canvas").first.evaluate(drawn)
    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme)
        tab.set_viewport_size({"width": 390, "height": 844})
        bad = [
            (v["id"], [n["html"] for n in v["nodes"]][:3])
            for v in Axe().run(inner).response["violations"]
            if v["impact"] in ("serious", "critical")
        ]
        assert not bad, json.dumps(bad, indent=1)
        wide = "document.documentElement.scrollWidth <= window.innerWidth"
        assert inner.evaluate(wide)
