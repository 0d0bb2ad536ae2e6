"""Items that mean harm, in the labelling seat: each shows as itself or says why it cannot."""

import base64
import io
import json
import struct
import zlib

import pytest
from PIL import Image

pytestmark = pytest.mark.slow

SVG = """<svg xmlns="http://www.w3.org/2000/svg" width="120" height="80"
 onload="parent.postMessage({banbury: 1, type: 'nonsense'}, '*')">
<script>parent.postMessage({banbury: 1, type: 'nonsense'}, '*'); top.title = 'mine';</script>
<image href="/health?leak" width="9" height="9"/>
<foreignObject width="9" height="9"><iframe xmlns="http://www.w3.org/1999/xhtml"
 src="/health?leak"/></foreignObject>
<rect width="120" height="80" fill="teal"/></svg>"""
TAGS = (
    "<img src=x onerror=\"parent.postMessage({banbury:1,type:'nonsense'},'*')\"><script>1</script>"
)
BOXES = {"name": "b", "kind": "boxes", "labels": ["cat"]}
SPANS = {"name": "n", "kind": "spans", "labels": ["a"]}
SOUNDS = {"name": "s", "kind": "segments", "labels": ["a"]}


def data(mime, content, **more):
    return {
        "mime": mime,
        "data": f"data:{mime};base64,{base64.b64encode(content).decode()}",
        **more,
    }


def png_head(width, height):
    """Return a PNG that says it is this large, and holds next to nothing."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 64)), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def large_png(width, height):
    file = io.BytesIO()
    Image.new("1", (width, height)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def page(hold):
    return hold("labelling")


def show(page, controls, **item):
    inputs = json.dumps({"item": item, "controls": controls})
    work = {"id": "lease-own", "task": {"inputs": inputs, "instruction": "Do it."}}
    page.evaluate("work => host.show(work)", work)
    return page.frame_locator("iframe")


def unharmed(page):
    assert page.evaluate("heard.troubles") == []
    assert page.evaluate("document.getElementById('title').textContent") == "Host"


def test_a_drawing_with_script_is_an_image_and_nothing_more(page):
    asked = []
    page.context.on("response", lambda answer: asked.append(answer.url))
    inside = show(page, [BOXES], image=data("image/svg+xml", SVG.encode()))
    inside.locator(".stage image").wait_for()
    assert inside.get_by_text("120 x 80").is_visible()
    page.wait_for_timeout(200)
    assert not [url for url in asked if "leak" in url]
    unharmed(page)


def test_a_page_that_calls_itself_an_image_is_not_run(page):
    text = f"<html><body>{TAGS}</body></html>".encode()
    inside = show(page, [BOXES], image=data("image/png", text))
    inside.get_by_text("This image cannot be shown").wait_for()
    show(page, [{"name": "t", "kind": "transcription"}], file=data("text/html", text)).locator(
        ".text"
    ).wait_for()
    assert inside.locator(".text img, .text script").count() == 0
    unharmed(page)


@pytest.mark.parametrize("size", [(60_000, 60_000), (2_000_000_000, 2), (0, 0)])
def test_an_image_of_a_mad_size_is_refused_before_it_is_decoded(page, size):
    inside = show(page, [BOXES], image=data("image/png", png_head(*size)))
    inside.get_by_text("more than a browser can show").wait_for()
    inside.get_by_role("button", name="Report this task as broken").click()
    page.wait_for_function("() => heard.broken.length === 1")
    assert "more than a browser can show" in page.evaluate("heard.broken[0].reason")
    unharmed(page)


def test_a_very_large_image_is_shown_smaller_and_marked_in_its_own_size(page):
    inside = show(page, [BOXES], image=data("image/png", large_png(9_000, 5_000)))
    inside.get_by_text("9000 x 5000 · Shown smaller than it is.").wait_for(timeout=60_000)
    unharmed(page)


@pytest.mark.parametrize("mime", ["audio/wav", "audio/mpeg", "video/mp4", "video/webm"])
def test_broken_sound_and_video_say_so_and_can_be_reported(page, mime):
    inside = show(page, [SOUNDS], clip=data(mime, b"RIFF" + bytes(range(200))))
    inside.get_by_text("cannot be played").wait_for()
    inside.get_by_role("button", name="Report this task as broken").click()
    page.wait_for_function("() => heard.broken.length === 1")
    unharmed(page)


def test_a_file_that_nobody_has_and_a_torn_data_address_say_so(page):
    inside = show(page, [BOXES], image={"mime": "image/png", "media": "f" * 64})
    inside.get_by_text("the task has no such file").wait_for()
    inside = show(page, [BOXES], image={"mime": "image/png", "data": "javascript:alert(1)"})
    inside.get_by_text("cannot be read").wait_for()
    unharmed(page)


def test_hostile_words_are_shown_as_they_stand_wherever_they_come(page):
    control = {"name": TAGS, "kind": "choice", "labels": [TAGS, "__proto__", "constructor"]}
    spans = {**SPANS, "labels": [TAGS], "title": TAGS, "colours": {TAGS: "red;}*{display:none"}}
    words = {"name": "constructor", "kind": "transcription", "title": TAGS}
    inputs = {"item": {TAGS: TAGS, "b": "x"}, "controls": [control, spans, words]}
    inputs["meta"] = {TAGS: TAGS}
    work = {
        "id": "lease-own",
        "task": {"inputs": json.dumps(inputs), "instruction": TAGS},
        "draft": {"results": {"n": {"spans": [{"start": 0, "end": 4, "label": TAGS}]}}},
        "answers": [{"who": TAGS, "results": {TAGS: {"choices": [TAGS]}}}],
    }
    page.evaluate("work => host.show(work)", work)
    inside = page.frame_locator("iframe")
    inside.locator(".text", has_text=TAGS).first.wait_for()
    assert inside.locator("#seat img, #seat script").count() == 0
    assert inside.locator("label.option").first.is_visible()
    inside.get_by_role("radio").nth(1).check()
    inside.locator("textarea").fill(TAGS)
    page.evaluate("host.command('submit')")
    page.wait_for_function("() => heard.acts.length === 1")
    results = page.evaluate("heard.acts[0].action.results")
    assert results[TAGS] == {"choices": ["__proto__"]}
    assert results["constructor"] == {"text": TAGS}
    unharmed(page)


@pytest.mark.parametrize(
    "inputs",
    ["nonsense", "[]", '{"item": 5, "controls": 7}', '{"controls": [{"name": "__proto__"}]}'],
)
def test_a_task_that_makes_no_sense_says_so(page, inputs):
    work = {"id": "lease-own", "task": {"inputs": inputs, "instruction": "Do it."}}
    page.evaluate("work => host.show(work)", work)
    inside = page.frame_locator("iframe")
    inside.get_by_text("This task cannot be shown").wait_for()
    assert inside.get_by_role("button", name="Report this task as broken").is_visible()
    unharmed(page)


def test_ten_megabytes_of_text_open_and_are_marked_at_their_end(page):
    line = "Ten megabytes of text, שלום and 👋 in every line of it.\n"
    text = line * (10_000_000 // len(line.encode()))
    inside = show(page, [SPANS], text=text + "the last words")
    inside.locator(".text").focus(timeout=60_000)
    page.keyboard.press("End")
    page.keyboard.press("1")
    page.evaluate("host.command('submit')")
    page.wait_for_function("() => heard.acts.length === 1", timeout=60_000)
    (span,) = page.evaluate("heard.acts[0].action.results.n.spans")
    assert (text + "the last words")[span["start"] : span["end"]] == "words"
    unharmed(page)


def test_a_single_line_without_an_end_is_shown_too(page):
    inside = show(page, [SPANS], text="x" * 2_000_000 + "👋" * 10)
    inside.locator(".text").focus(timeout=60_000)
    page.keyboard.press("End")
    page.keyboard.press("1")
    page.evaluate("host.command('submit')")
    page.wait_for_function("() => heard.acts.length === 1", timeout=60_000)
    (span,) = page.evaluate("heard.acts[0].action.results.n.spans")
    assert span["end"] == 2_000_010
    unharmed(page)
