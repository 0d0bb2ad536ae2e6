"""The labelling seat in a real browser: each kind of label by keys alone, judged by the gym."""

import base64
import io
import json

import av
import msgspec
import numpy as np
import pytest

from banbury.gyms import registry
from banbury.gyms.check import act
from banbury.gyms.labelling.actions import Label

pytestmark = pytest.mark.slow


def problem(kind, seed=1):
    return next(iter(registry.gym("labelling").tasks(f"labelling.{kind}", seed=seed)))


def work(task, **more):
    public = task.public
    said = {"id": task.id, "gym": task.gym, "skill": task.skill}
    return {
        "id": f"lease-{task.id[:12]}",
        "task": {**said, "instruction": public.instruction, "inputs": public.inputs},
        "observations": [{"text": public.instruction}],
        **more,
    }


def gold(problem):
    return json.loads(problem.secret.answer)["results"]


def item(controls, **fields):
    """Return a piece of work with this item."""
    inputs = json.dumps({"item": fields, "controls": controls})
    return {"id": "lease-own", "task": {"inputs": inputs, "instruction": "Do it."}}


class Seat:
    """The page with the seat on it, its keys counted."""

    def __init__(self, page):
        self.page = page
        self.inside = page.frame_locator("iframe")
        self.keys = 0

    def show(self, work, ready=".bench"):
        self.page.evaluate("work => host.show(work)", work)
        self.inside.locator(ready).first.wait_for()
        self.page.evaluate("host.command('focus')")
        self.page.frames[1].evaluate("() => new Promise(requestAnimationFrame)")

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1

    def handed(self, count=1):
        """Return the newest action, once so many were handed in."""
        self.page.wait_for_function("n => heard.acts.length >= n", arg=count)
        return self.page.evaluate("heard.acts.at(-1).action")

    def draft(self):
        """Return the results as they stand."""
        self.page.wait_for_timeout(300)
        return self.page.evaluate("heard.drafts.at(-1)?.value.results")


@pytest.fixture
def seat(hold):
    return Seat(hold("labelling"))


def judged(problem, action):
    """Return the judgement of an action as the seat sent it."""
    label = msgspec.convert(action, Label)
    gym = registry.gym("labelling")
    return gym.judge(act(gym, problem, [label]), problem)


def words_to(text, span):
    """Return how many words stand before a span, and how many it has."""
    return len(text[: span["start"]].split()), len(text[span["start"] : span["end"]].split())


def steps(keys, distance, step, least):
    """Return arrow presses for a distance: large steps, small ones, pixels with Alt."""
    key = keys[distance > 0]
    pixels = round(abs(distance))
    large, rest = divmod(pixels, step * 10)
    small, fine = divmod(rest, step)
    return [f"Shift+{key}"] * large + [key] * small + [f"Alt+{key}"] * (fine if least else 0)


def test_one_key_chooses_and_enter_hands_in(seat):
    one, many = problem("choice"), problem("choices")
    seat.show(work(one.task))
    labels = json.loads(one.task.public.inputs)["controls"][0]["labels"]
    seat.press(str(labels.index(gold(one)["intent"]["choices"][0]) + 1), "Enter")
    assert judged(one, seat.handed()).score == 1
    assert seat.keys == 2
    seat.show(work(many.task))
    labels = json.loads(many.task.public.inputs)["controls"][0]["labels"]
    seat.press("1", "1")
    seat.press(*(str(labels.index(one) + 1) for one in gold(many)["topics"]["choices"]), "Enter")
    assert judged(many, seat.handed(2)).score == 1


def test_a_choice_that_is_missing_is_asked_for(seat):
    seat.show(work(problem("choice").task))
    seat.press("Enter")
    seat.inside.locator(".note", has_text="Not answered yet").wait_for()
    assert seat.page.evaluate("heard.acts.length") == 0
    seat.press("1", "Control+Enter")
    seat.handed()


def test_spans_and_relations_are_marked_by_words(seat):
    made = problem("relations")
    inputs = json.loads(made.task.public.inputs)
    text, (spans, facts) = inputs["item"]["text"], inputs["controls"]
    right = gold(made)
    seat.show(work(made.task), ".text")
    seat.press("Home")
    at = 0
    for span in right["entities"]["spans"]:
        before, count = words_to(text, span)
        seat.press(*["ArrowRight"] * (before - at), *["Shift+ArrowRight"] * (count - 1))
        seat.press(str(spans["labels"].index(span["label"]) + 1))
        at = before + count - 1
    order = [span["id"] for span in right["entities"]["spans"]]
    for relation in right["facts"]["relations"]:
        seat.press("Escape", *["Tab"] * (order.index(relation["head"]) + 1))
        seat.press(str(len(spans["labels"]) + facts["labels"].index(relation["label"]) + 1))
        by = order.index(relation["tail"]) - order.index(relation["head"])
        seat.press(*["Tab" if by > 0 else "Shift+Tab"] * abs(by), "Enter")
    seat.press("Control+Enter")
    verdict = judged(made, seat.handed())
    assert verdict.score == 1, verdict.evidence


def test_boxes_polygons_and_points_by_a_crosshair(seat):
    for count, (kind, name) in enumerate(
        [("boxes", "shapes"), ("polygons", "patches"), ("points", "dots")], start=1
    ):
        made = problem(kind)
        seat.show(work(made.task), ".stage")
        draw(seat, made, kind, name)
        seat.press("Control+Enter")
        verdict = judged(made, seat.handed(count))
        assert verdict.score > 0.8, (kind, verdict.evidence)


def corners(kind, mark):
    """Return the places at which Enter is pressed, in fractions."""
    if kind == "points":
        return [(mark["x"], mark["y"])]
    if kind == "polygons":
        return [*mark["points"], mark["points"][0]]
    x, y = mark["x"], mark["y"]
    return [(x, y), (x + mark["width"], y + mark["height"])]


def draw(seat, made, kind, name):
    """Draw the gold marks of an image by keys alone."""
    inputs = json.loads(made.task.public.inputs)
    labels = inputs["controls"][0]["labels"]
    media = inputs["item"]["image"]
    wide, high = media["width"], media["height"]
    step = min(wide, high) / 100
    at = [wide / 2, high / 2]
    for mark in gold(made)[name][kind]:
        seat.press(str(labels.index(mark["label"]) + 1))
        for x, y in corners(kind, mark):
            for axis, (place, size, keys) in enumerate(
                [
                    (x, wide, ("ArrowLeft", "ArrowRight")),
                    (y, high, ("ArrowUp", "ArrowDown")),
                ]
            ):
                go = place * size - at[axis]
                sign = 1 if go > 0 else -1
                large, rest = divmod(abs(go), step * 10)
                small = round(rest / step)
                seat.press(*[f"Shift+{keys[go > 0]}"] * int(large), *[keys[go > 0]] * small)
                at[axis] += sign * (int(large) * 10 + small) * step
            seat.press("Enter")


def test_segments_by_in_and_out_while_it_plays_or_stands(seat):
    made = problem("segments")
    labels = json.loads(made.task.public.inputs)["controls"][0]["labels"]
    seat.show(work(made.task), ".strip")
    seat.inside.locator(".time", has_text="/ 0:03.8").wait_for()
    now = 0.0
    for mark in gold(made)["tones"]["segments"]:
        seat.press(str(labels.index(mark["label"]) + 1))
        for edge, key in ((mark["start"], "i"), (mark["end"], "o")):
            large, rest = divmod(edge - now, 1.0)
            frames = round(rest / 0.04)
            seat.press(*["ArrowRight"] * int(large), *["."] * frames, key)
            now += int(large) + frames * 0.04
    seat.press("Control+Enter")
    verdict = judged(made, seat.handed())
    assert verdict.score > 0.8, verdict.evidence


def video():
    """Return three seconds of video at 25 frames a second as a data address."""
    file = io.BytesIO()
    with av.open(file, "w", format="webm") as container:
        stream = container.add_stream("libvpx", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for shade in range(75):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), shade, np.uint8), "rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return "data:video/webm;base64," + base64.b64encode(file.getvalue()).decode()


def test_a_video_is_stepped_by_frames_and_its_segments_nudged_by_their_ends(seat):
    control = {"name": "s", "kind": "segments", "labels": ["a", "b"], "text": True}
    clip = {"mime": "video/webm", "data": video(), "seconds": 3.0}
    seat.show(item([control], clip=clip), ".strip")
    seat.inside.locator(".time", has_text="/ 0:03.00").wait_for()
    seat.press("i", *["."] * 10, "o", "2", "ArrowRight", "i", "Shift+ArrowRight", "o")
    first, second = seat.draft()["s"]["segments"]
    assert first == {"start": 0.0, "end": 0.4, "label": "a"}
    assert (second["start"], second["end"], second["label"]) == (1.4, 3.0, "b")
    seat.press("Tab", "Enter", "Enter", "ArrowRight")
    assert seat.draft()["s"]["segments"][0]["end"] == 0.45
    seat.inside.get_by_label("Words from 0:00.00 to 0:00.45").fill("шалом 👋")
    seat.press("Control+Enter")
    assert seat.handed()["results"]["s"]["segments"][0]["text"] == "шалом 👋"


def test_transcription_is_written_and_handed_in_from_the_field(seat):
    made = problem("transcription")
    seat.show(work(made.task), "textarea")
    seat.page.keyboard.type(gold(made)["words"]["text"])
    seat.press("Control+Enter")
    assert judged(made, seat.handed()).score == 1


def test_what_is_selected_moves_grows_and_goes_by_keys_and_all_can_be_undone(seat):
    made = problem("boxes")
    right = {"shapes": gold(made)["shapes"]}
    seat.show(work(made.task, draft={"results": right}), ".shape")
    first = right["shapes"]["boxes"][0]
    seat.press("Tab", "ArrowRight", "Alt+ArrowDown")
    box = seat.draft()["shapes"]["boxes"][0]
    assert box["x"] > first["x"] and box["height"] > first["height"]
    seat.press("Enter", "ArrowLeft")
    assert seat.draft()["shapes"]["boxes"][0]["width"] > box["width"]
    seat.press("1", "Delete")
    assert len(seat.draft()["shapes"]["boxes"]) == len(right["shapes"]["boxes"]) - 1
    seat.press(*["Control+z"] * 8)
    assert seat.draft()["shapes"] == right["shapes"]
    seat.press(*["Control+Shift+z"] * 8)
    assert len(seat.draft()["shapes"]["boxes"]) == len(right["shapes"]["boxes"]) - 1


def test_tab_goes_through_the_shapes_and_then_on(seat):
    made = problem("boxes")
    count = len(gold(made)["shapes"]["boxes"])
    seat.show(work(made.task, draft={"results": gold(made)}), ".shape")
    seat.press(*["Tab"] * count)
    assert seat.inside.locator(".shape.on").count() == 1
    seat.press("Tab")
    assert seat.inside.locator(".shape.on").count() == 0
    assert seat.inside.locator(".viewbar button").first.evaluate(
        "n => n === document.activeElement"
    )


def test_proposals_are_dashed_until_confirmed_and_handed_in_only_knowingly(seat):
    made = problem("spans")
    seat.show(work(made.task, proposal={"do": "label", "results": gold(made)}), ".span.proposed")
    seat.press("Control+Enter")
    seat.inside.locator(".note", has_text="proposed and not confirmed").wait_for()
    assert seat.page.evaluate("heard.acts.length") == 0
    seat.press("y")
    seat.inside.locator(".span:not(.proposed)").first.wait_for()
    assert seat.inside.locator(".span.proposed").count() == 0
    seat.press("Enter")
    assert judged(made, seat.handed()).score == 1


def test_offsets_count_code_points_whatever_the_script(seat):
    text = "👩‍👩‍👧 met 𝒳avier; שלום עולם\nand 🇫🇮 again"
    control = {"name": "n", "kind": "spans", "labels": ["a", "b"]}
    seat.show(item([control], text=text), ".text")
    for word, key in (("𝒳avier", "1"), ("עולם", "2"), ("again", "1")):
        seat.inside.locator(".text").evaluate(
            """(node, word) => {
              const walk = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
              for (let n = walk.nextNode(); n; n = walk.nextNode()) {
                const at = n.data.indexOf(word);
                if (at < 0) continue;
                getSelection().setBaseAndExtent(n, at, n, at + word.length);
                node.dispatchEvent(new PointerEvent("pointerup", { bubbles: true }));
                return;
              }
              throw new Error("no " + word);
            }""",
            word,
        )
        seat.page.wait_for_timeout(50)
        seat.press(key)
    seat.press("Control+Enter")
    spans = seat.handed()["results"]["n"]["spans"]
    assert [text[s["start"] : s["end"]] for s in spans] == ["𝒳avier", "עולם", "again"]


def test_overlapping_spans_are_both_shown_and_marked_again_is_taken_away(seat):
    control = {"name": "n", "kind": "spans", "labels": ["a", "b"]}
    seat.show(item([control], text="one two three"), ".text")
    seat.press("Shift+ArrowRight", "1", "2", "ArrowRight", "2")
    spans = seat.draft()["n"]["spans"]
    assert [(s["start"], s["end"], s["label"]) for s in spans] == [
        (0, 7, "a"),
        (0, 7, "b"),
        (8, 13, "b"),
    ]
    both = seat.inside.locator(".span").first
    assert both.evaluate("n => n.style.backgroundImage.split('gradient').length") == 3
    seat.press("2")
    assert len(seat.draft()["n"]["spans"]) == 2


def test_other_people_s_answers_are_shown_in_colour_and_can_be_taken(seat):
    made = problem("spans")
    answers = [{"who": "p-1", "results": gold(made)}, {"who": "p-2", "results": {}}]
    seat.show(work(made.task, answers=answers), "[data-label^='p-1: ']")
    seat.inside.get_by_role("button", name="Take p-1's").click()
    seat.press("Control+Enter")
    assert judged(made, seat.handed()).score == 1


def test_a_task_that_is_only_shown_cannot_be_changed(seat):
    made = problem("choice")
    seat.show(work(made.task, readonly=True, draft={"results": gold(made)}))
    seat.press("1", "2", "Enter")
    assert seat.inside.locator("input:disabled").count() == 4
    assert seat.inside.get_by_role("button", name="Hand in").count() == 0
    assert seat.page.evaluate("[heard.acts.length, heard.drafts.length]") == [0, 0]


def test_all_keys_are_one_key_away(seat):
    seat.show(work(problem("boxes").task), ".stage")
    seat.press("?")
    shown = seat.inside.get_by_role("dialog", name="Keys")
    shown.wait_for()
    assert shown.get_by_text("Shapes: triangle").is_visible()
    seat.press("Escape")
    assert seat.inside.get_by_role("dialog").count() == 0


def test_a_box_is_drawn_moved_and_deleted_by_mouse(seat):
    made = problem("boxes")
    seat.show(work(made.task), ".stage")
    box = seat.inside.locator(".stage").bounding_box()
    mouse, (x, y) = seat.page.mouse, (box["x"] + 200, box["y"] + 100)
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 60, y + 50)
    mouse.move(x + 120, y + 90)
    mouse.up()
    drawn = seat.draft()["shapes"]["boxes"]
    assert len(drawn) == 1 and drawn[0]["label"] == "circle"
    mouse.move(x + 60, y + 45)
    mouse.down()
    mouse.move(x + 100, y + 45, steps=3)
    mouse.up()
    moved = seat.draft()["shapes"]["boxes"][0]
    assert moved["x"] > drawn[0]["x"] and moved["y"] == drawn[0]["y"]
    seat.inside.get_by_role("button", name="Delete circle").click()
    assert seat.draft() == {"shapes": {}}
