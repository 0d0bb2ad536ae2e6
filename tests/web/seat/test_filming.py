"""A day of filming on a wearer's phone, in a real browser."""

import base64
import json
from datetime import UTC, datetime, timedelta

import cv2
import msgspec
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from banbury.gyms import registry
from banbury.gyms.capture import film, footage, problems
from banbury.gyms.capture.brief import Brief
from banbury.gyms.capture.samples import scenes
from banbury.gyms.capture.sync import codes

pytestmark = pytest.mark.slow


@pytest.fixture
def phone(chromium):
    """Return a page of a phone's width; an error in its console fails the test."""
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.wrong = []
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.on("console", lambda m: page.wrong.append(m.text) if m.type == "error" else None)
    yield page
    context.close()
    assert not page.wrong, page.wrong


@pytest.fixture
def exercise(room):
    """Return a campaign of one exercise."""
    problem = next(registry.gym("capture").tasks("capture.film", seed=5))
    return room(gym="capture", problems=[problem], lease_seconds=86_400)


def opened(page, site, here):
    site.enter(page, "expert").goto(site.origin + here.path)
    frame = page.frame_locator("iframe.seat-frame")
    expect(frame.get_by_role("button", name="Hours")).to_be_visible(timeout=15_000)
    return frame


def press(frame, name):
    frame.get_by_role("button", name=name, exact=True).click()


def serious(frame):
    found = Axe().run(frame).response["violations"]
    return [
        (v["id"], [n["html"] for n in v["nodes"]][:3])
        for v in found
        if v["impact"] in ("serious", "critical")
    ]


def decoded(picture):
    """Return what the QR code in a picture's data URL says, as a camera would read it."""
    data = np.frombuffer(base64.b64decode(picture.partition(",")[2]), np.uint8)
    image = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(cv2.resize(image, (240, 240)))
    return text


def local_s():
    """Return this machine's local time as the code tells it, in seconds."""
    return datetime.now().replace(tzinfo=UTC).timestamp()


def test_a_day_from_the_brief_to_handing_in(site, phone, exercise):
    frame = opened(phone, site, exercise)
    brief = msgspec.json.decode(exercise.problems[0].task.public.inputs, type=Brief)
    expect(frame.get_by_role("heading", level=2).first).to_have_text(
        brief.action[0].upper() + brief.action[1:]
    )
    press(frame, "I have read it")
    press(frame, "Begin take")
    expect(frame.locator(".state")).to_contain_text("Take 1")
    press(frame, "Show the time code")
    canvas = frame.get_by_role("img", name="Moving time code")
    first = canvas.get_attribute("data-text")
    expect(canvas).not_to_have_attribute("data-text", first)
    text, picture = canvas.evaluate("c => [c.dataset.text, c.toDataURL()]")
    assert decoded(picture) == text
    said, id = codes.read(text)
    assert abs(said - local_s()) < 60.0
    assert len(id) == 5
    press(frame, "Every camera has seen it")
    press(frame, "We clapped")
    press(frame, "My head hurts")
    expect(frame.get_by_role("heading", name="Take the camera off and rest")).to_be_visible()
    expect(frame.locator(".state")).to_contain_text("Resting")
    press(frame, "End the break")
    expect(frame.get_by_role("list", name="Takes")).to_contain_text("1 clap, 1 code")
    press(frame, "Files")
    press(frame, "Add the practice clip")
    expect(frame.get_by_role("list", name="Files of the day")).to_contain_text("practice.mp4")
    press(frame, "Hand in the day")
    expect(phone.locator("#seat-saved")).to_have_text("Saved (1)", timeout=15_000)
    [record] = exercise.accepted()
    day = film.day_of(record, brief)
    assert [t.ended_by for t in day.takes] == ["headache"]
    assert [s.kind for s in day.said] == ["headache"]
    assert len(day.claps) == len(day.codes) == len(day.breaks) == 1
    [verdict] = exercise.lab.judgements([record.episode.id])[record.episode.id]
    assert verdict.passed, verdict.evidence


def test_without_a_connection_the_day_goes_on_and_outlives_the_page(site, phone, exercise):
    frame = opened(phone, site, exercise)
    press(frame, "I have read it")
    expect(frame.get_by_text("Brief read.")).to_be_visible()
    phone.context.set_offline(True)
    press(frame, "Begin take")
    press(frame, "We clapped")
    press(frame, "End take")
    expect(frame.get_by_role("list", name="Takes")).to_contain_text("Take 1")
    expect(frame.get_by_text("3 to be sent")).to_be_visible()
    expect(phone.locator("#seat-saved")).to_contain_text("Kept on this device; no connection")
    phone.context.set_offline(False)
    phone.reload()
    frame = phone.frame_locator("iframe.seat-frame")
    expect(frame.get_by_role("list", name="Takes")).to_contain_text("Take 1", timeout=15_000)
    expect(frame.get_by_text("to be sent")).to_have_count(0, timeout=15_000)
    phone.wrong[:] = [w for w in phone.wrong if "ERR_INTERNET_DISCONNECTED" not in w]


def test_a_phone_whose_clock_is_wrong_is_told_so_and_goes_on_once_it_is_right(
    site, phone, exercise
):
    frame = opened(phone, site, exercise)
    press(frame, "I have read it")
    expect(frame.get_by_text("Brief read.")).to_be_visible()
    now = datetime.now(UTC)
    phone.clock.set_fixed_time(now + timedelta(hours=1))
    press(frame, "Begin take")
    expect(frame.locator(".filmsaid")).to_contain_text("your phone's clock is ahead of ours")
    expect(frame.get_by_role("button", name="Begin take", exact=True)).to_be_visible()
    phone.clock.set_fixed_time(now)
    press(frame, "Begin take")
    expect(frame.get_by_text("Take 1 runs.")).to_be_visible()
    phone.wrong[:] = [w for w in phone.wrong if "400 (Bad Request)" not in w]


def test_every_part_of_the_day_fits_a_phone_and_axe_finds_nothing_serious(site, phone, exercise):
    frame = opened(phone, site, exercise)
    inner = phone.frames[1]
    for scheme in ("light", "dark"):
        phone.emulate_media(color_scheme=scheme)
        for part in ("Brief", "Film", "Files", "Hours"):
            press(frame, part)
            assert not serious(inner), json.dumps(serious(inner), indent=1)
            wide = inner.evaluate("document.documentElement.scrollWidth")
            assert wide <= inner.evaluate("window.innerWidth")
            small = inner.evaluate(
                "[...document.querySelectorAll('button')].filter(b => b.offsetHeight < 40).length"
            )
            assert small == 0


@pytest.fixture
def scene(room):
    """Return a campaign of one real scene."""
    brief = Brief("painter", "roll the first coat onto a wall", "kitchen", "daylight", views=1)
    return room(gym="capture", problems=[problems.film(brief)], lease_seconds=86_400)


def test_a_cameras_files_are_uploaded_and_what_is_no_footage_is_said(site, phone, scene, tmp_path):
    clip = tmp_path / "GX010042.MP4"
    clip.write_bytes(footage.practice_clip(Brief("", "", practice=scenes.clip(7, 3))))
    text = tmp_path / "GX010043.MP4"
    text.write_text("shopping list\n" * 500)
    frame = opened(phone, site, scene)
    press(frame, "I have read it")
    press(frame, "Begin take")
    press(frame, "End take")
    press(frame, "Files")
    phone.locator(".uploader input[type=file]").set_input_files([clip, text])
    files = frame.get_by_role("list", name="Files of the day")
    expect(files).to_contain_text("GX010042.MP4", timeout=20_000)
    expect(files).to_contain_text("It cannot be used", timeout=20_000)
    press(frame, "Take GX010043.MP4 out")
    expect(files).not_to_contain_text("GX010043.MP4")
    press(frame, "Hand in the day")
    expect(phone.locator("#seat-saved")).to_have_text("Saved (1)", timeout=15_000)
    [record] = scene.accepted()
    [verdict] = scene.lab.judgements([record.episode.id])[record.episode.id]
    assert verdict.passed, verdict.evidence


def test_a_day_that_is_taken_back_keeps_its_takes_and_files(site, phone, exercise):
    one = exercise.client()
    lease = one.take(1)["work"][0]["id"]
    one.call(lease, "open", since=0)
    actions = [
        msgspec.to_builtins(a) for a in registry.gym("capture").solution(exercise.problems[0])
    ]
    later = int((datetime.now(UTC) - timedelta(seconds=300)).timestamp() * 1000)
    later -= actions[0]["at_ms"]
    for number, action in enumerate(actions):
        moved = {k: action[k] + later for k in ("at_ms", "until_ms") if k in action}
        said = one.call(lease, "act", number=number, action={**action, **moved})
        assert said.status_code == 200, said.text
    assert said.json()["over"] == "done"
    site.enter(phone, "expert").goto(site.origin + exercise.path)
    phone.get_by_role("button", name="Undo").click()
    frame = phone.frame_locator("iframe.seat-frame")
    press(frame, "Film")
    takes = frame.get_by_role("list", name="Takes")
    expect(takes).to_contain_text("1 clap, 1 code", timeout=15_000)
    press(frame, "Files")
    expect(frame.get_by_role("list", name="Files of the day")).to_contain_text("practice.mp4")
    expect(frame.get_by_text("to be sent")).to_have_count(0, timeout=15_000)
    press(frame, "Hand in the day")
    expect(phone.locator("#seat-saved")).to_have_text("Saved (1)", timeout=15_000)
    [record] = exercise.accepted()
    [verdict] = exercise.lab.judgements([record.episode.id])[record.episode.id]
    assert verdict.passed and record.episode.key.sample == 1, verdict.evidence
    day = film.day_of(record, film.brief_of(exercise.problems[0]))
    begun, ended = (a["at_ms"] + later for a in actions if a["do"] in ("begin_take", "end_take"))
    assert [(t.start_ms, t.end_ms) for t in day.takes] == [(begun, ended)]
