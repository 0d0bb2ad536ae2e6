"""The labelling seat for everyone: axe in light and dark, a phone's width, fingers."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe

from banbury.gyms import registry

pytestmark = pytest.mark.slow

KINDS = ("mixed", "relations", "choices", "boxes", "captions", "transcription")
READY = ".text, .stage, .strip"


def works():
    """Yield a piece of work of each kind, with an answer, a proposal or other people's answers."""
    for number, kind in enumerate(KINDS):
        made = next(iter(registry.gym("labelling").tasks(f"labelling.{kind}", seed=2)))
        results = json.loads(made.secret.answer)["results"]
        more = [
            {"draft": {"results": results}},
            {"proposal": {"results": results}},
            {"answers": [{"who": "p-1", "results": results}], "readonly": True},
        ][number % 3]
        public = made.task.public
        task = {"instruction": public.instruction, "inputs": public.inputs}
        yield {"id": f"lease-{number}", "task": task, "observations": [], **more}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_any_tool(hold, tab, scheme):
    tab.emulate_media(color_scheme=scheme)
    page = hold("labelling")
    frame = page.frames[1]
    for work in works():
        page.evaluate("work => host.show(work)", work)
        frame.locator(f".bench[data-work='{work['id']}']").locator(READY).first.wait_for()
        # What a frame of another origin shows is looked at from inside of it.
        found = Axe().run(frame).response["violations"]
        bad = [v for v in found if v["impact"] in ("serious", "critical")]
        assert not bad, json.dumps(
            [(v["id"], [n["html"] for n in v["nodes"]][:3]) for v in bad], indent=1
        )
        if work["id"] == "lease-0":
            page.evaluate("host.command('help')")
            frame.locator("dialog").wait_for()
            found = Axe().run(frame).response["violations"]
            assert not [v["id"] for v in found if v["impact"] in ("serious", "critical")]


@pytest.fixture
def phone(chromium, hold):
    context = chromium.new_context(
        viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    )
    yield hold("labelling", page=context.new_page())
    context.close()


def test_every_tool_fits_a_phone(phone):
    frame = phone.frames[1]
    for work in works():
        phone.evaluate("work => host.show(work)", work)
        frame.locator(f".bench[data-work='{work['id']}']").locator(READY).first.wait_for()
        wide = frame.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, work["task"]["instruction"]


def test_fingers_choose_draw_and_hand_in(phone):
    inside = phone.frame_locator("iframe")
    control = {"name": "p", "kind": "points", "labels": ["eye", "nose"]}
    sky = "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHdpZHRoPSI0MDAiIGhlaWdodD0iMzAwIi8+"  # noqa: E501
    item = {"image": {"mime": "image/svg+xml", "data": sky}}
    inputs = json.dumps({"item": item, "controls": [control]})
    phone.evaluate("work => host.show(work)", {"id": "lease-p", "task": {"inputs": inputs}})
    stage = inside.locator(".stage")
    stage.wait_for()
    # The driver's taps make no click in a frame of another process; they do make pointers.
    inside.get_by_role("button", name="nose").click()
    stage.tap(position={"x": 60, "y": 60})
    inside.get_by_role("button", name="Hand in").click()
    phone.wait_for_function("() => heard.acts.length === 1")
    (point,) = phone.evaluate("heard.acts[0].action.results.p.points")
    box = stage.bounding_box()
    assert point["label"] == "nose"
    assert point["x"] == pytest.approx(60 / box["width"], abs=0.02)
