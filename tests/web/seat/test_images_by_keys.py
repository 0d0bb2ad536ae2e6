"""Twenty images labelled in the seat's page with the keyboard alone, and the keys that it takes."""

import itertools
import json
import statistics
import sys

import pytest
from playwright.sync_api import expect

from banbury.gyms import registry

pytestmark = pytest.mark.slow

KINDS = {"boxes": ("shapes", 8), "points": ("dots", 6), "polygons": ("patches", 6)}
ARROWS = (("ArrowLeft", "ArrowRight"), ("ArrowUp", "ArrowDown"))


class Hand:
    """A person at the keyboard: it counts what it presses."""

    def __init__(self, tab):
        self.tab = tab
        self.pressed = 0

    def press(self, key, times=1):
        for _ in range(times):
            self.tab.keyboard.press(key)
        self.pressed += times

    def go(self, steps, axis, room):
        """Move the crosshair by whole steps, ten at a time where that is shorter and has room."""
        tens = (abs(steps) + 5) // 10
        tens -= 10 * tens > room
        large = int(tens) * (1 if steps > 0 else -1)
        rest = steps - 10 * large
        keys = ARROWS[axis]
        self.press(f"Shift+{keys[large > 0]}", abs(large))
        self.press(keys[rest > 0], abs(rest))


def corners(kind, mark):
    """Return where Enter is pressed, in fractions of the image."""
    if kind == "points":
        return [(mark["x"], mark["y"])]
    if kind == "polygons":
        return [*mark["points"], mark["points"][0]]
    x, y = mark["x"], mark["y"]
    return [(x, y), (x + mark["width"], y + mark["height"])]


def label(hand, problem):
    """Draw the gold marks of a problem."""
    inputs = json.loads(problem.task.public.inputs)
    (control,), media = inputs["controls"], inputs["item"]["image"]
    sides = (media["width"], media["height"])
    step = min(sides) / 100
    at = [round(side / 2 / step) for side in sides]
    middle = [side / 2 for side in sides]
    there = [0, 0]
    armed = control["labels"][0]
    for mark in json.loads(problem.secret.answer)["results"][control["name"]][control["kind"]]:
        if mark["label"] != armed:
            armed = mark["label"]
            hand.press(str(control["labels"].index(armed) + 1))
        for place in corners(control["kind"], mark):
            for axis in (0, 1):
                want = round((place[axis] * sides[axis] - middle[axis]) / step)
                want = max(-at[axis], min(at[axis], want))
                way = want - there[axis]
                room = at[axis] - there[axis] if way > 0 else at[axis] + there[axis]
                hand.go(way, axis, room)
                there[axis] = want
            hand.press("Enter")


def drawn():
    gym = registry.gym("labelling")
    for kind, (_, count) in KINDS.items():
        yield from itertools.islice(gym.tasks(f"labelling.{kind}", seed=4), count)


def test_twenty_images_are_labelled_with_the_keyboard_alone(room, site, tab, capsys):
    here = room(gym="labelling", problems=drawn())
    problems = {p.task.id: p for p in here.problems}
    leases = {}

    def known(answer):
        if answer.url.endswith("/take"):
            for work in answer.json()["work"]:
                if "task" in work:  # what the page has already comes without
                    leases[work["id"]] = work

    tab.on("response", known)
    site.enter(tab, "expert").goto(site.origin + here.path)
    hand, keys = Hand(tab), {kind: [] for kind in KINDS}
    inside = tab.frame_locator("iframe")
    done = set()
    for number in range(len(problems)):
        tab.wait_for_function(
            """n => new Set(performance.getEntriesByName("seat-shown").map((m) => m.detail)).size
                    > n""",
            arg=number,
        )
        lease = tab.evaluate("performance.getEntriesByName('seat-shown').at(-1).detail")
        assert lease not in done
        inside.locator(f".bench[data-work='{lease}'] .stage:focus").wait_for()
        before = hand.pressed
        problem = problems[leases[lease]["task"]["id"]]
        label(hand, problem)
        hand.press("Control+Enter")
        done.add(lease)
        keys[problem.task.skill.rsplit(".", 1)[1]].append(hand.pressed - before)
    expect(tab.locator("#seat-saved")).to_have_text(f"Saved ({len(problems)})", timeout=30_000)
    gym = registry.gym("labelling")
    records = here.accepted()
    verdicts = [gym.judge(r, problems[r.episode.key.task]) for r in records]
    assert len(verdicts) == len(problems) == 20
    assert all(v.passed for v in verdicts), [v for v in verdicts if not v.passed]
    lines = [f"{kind}: keys a task {counts}" for kind, counts in keys.items()]
    each = [count for counts in keys.values() for count in counts]
    lines.append(f"20 images, {hand.pressed} keys, median {statistics.median(each):g} a task")
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")


def test_an_image_taken_back_comes_with_its_marks_as_the_person_s_own(room, site, tab):
    made = list(itertools.islice(registry.gym("labelling").tasks("labelling.points", seed=5), 2))
    here = room(gym="labelling", problems=made)
    site.enter(tab, "expert").goto(site.origin + here.path)
    inside = tab.frame_locator("iframe")
    inside.locator(".stage:focus").wait_for()
    first = inside.locator(".bench").get_attribute("data-work")
    for key in ("1", "Shift+ArrowRight", "Enter", "Control+Enter"):
        tab.keyboard.press(key)
    inside.locator(f".bench:not([data-work='{first}']) .stage:focus").wait_for()
    expect(tab.locator("#seat-saved")).to_have_text("Saved (1)", timeout=30_000)
    tab.keyboard.press("u")
    inside.locator(f".bench[data-work='{first}'] .stage:focus").wait_for()
    inside.locator(".shape").wait_for()
    assert inside.locator(".shape.proposed").count() == 0
    for key in ("Tab", "2", "Control+Enter"):
        tab.keyboard.press(key)
    expect(tab.locator("#seat-saved")).to_have_text("Saved (2)", timeout=30_000)
    [record] = here.accepted()
    [payload] = [s.payload for s in record.steps if s.kind == "action"]
    (point,) = json.loads(payload)["results"]["dots"]["points"]
    assert point["label"] == "green" and point["y"] == 0.5
