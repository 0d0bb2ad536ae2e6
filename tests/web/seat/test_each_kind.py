"""What people play in a real browser: a review, a video, a table's gym, a Gymnasium world."""

import itertools
import json
from importlib.metadata import EntryPoint

import msgspec
import pytest
from playwright.sync_api import expect
from tests.web.seats.test_labelling_seat import video

from banbury.arena import answer, draw
from banbury.cycle.source.importing import import_tasks, read_plan
from banbury.gyms import registry
from banbury.store.queue import Campaign

pytestmark = pytest.mark.slow

_numbers = itertools.count(1)
SETTINGS = """name = "messages"
version = "1"
licence = "CC0-1.0"
tasks = "tasks.csv"
difficulties = ["easy"]

[skills.team]
title = "which team a message is for"
form = "choice"
options = ["billing", "shipping", "returns"]
seen = ["Which team answers this message? {message}"]
unseen = ["Sort this into billing, shipping or returns. {message}"]
"""


@pytest.fixture
def more_gyms(monkeypatch, tmp_path):
    """Add a gym of a folder, and a Gymnasium world."""
    (tmp_path / "messages").mkdir()
    rows = [f"Message {n} about an invoice,billing" for n in range(8)]
    (tmp_path / "messages" / "tasks.csv").write_text("message,answer\n" + "\n".join(rows) + "\n")
    (tmp_path / "messages" / "gym.toml").write_text(SETTINGS)
    monkeypatch.setenv("BANBURY_GYMS", str(tmp_path / "messages"))
    ours = list(registry.entry_points(group=registry.GROUP))
    lake = EntryPoint("frozenlake", "tests.gyms.gymnasium.toy:FrozenLake", registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda group: [*ours, lake])
    registry.refresh()
    yield
    monkeypatch.undo()
    registry.refresh()


def opened(site, gym, skill, count=2, **rules):
    """Make a campaign of drawn tasks; return the lab and the campaign's name."""
    lab, name = site.house.lab(site.lab), f"kinds-{next(_numbers)}"
    lab.queue.put(Campaign(name, gym, title="Each kind", **rules))
    made = draw(lab, skill, count, "train", seed=next(_numbers) + 900)
    lab.queue.add(name, [p.task.id for p in made])
    return lab, name


def test_a_reviewer_accepts_mends_and_returns_by_keys_and_sees_what_a_mend_changes(site, tab):
    lab, name = opened(site, "reasoning", "reasoning.add", 3)
    person = site.caller("expert").pseudonyms[site.lab]
    for lease in lab.queue.claim(name, person, "", 3):
        said = {"do": "answer", "text": "Answer: 1"}
        answer(lab, lease.id, msgspec.json.encode(said), submission=lease.id)
    site.enter(tab, "reviewer").goto(f"{site.origin}/labs/{site.lab}/review/{name}")
    expect(tab.get_by_text("It is right, and counts.")).to_be_visible()
    expect(tab.get_by_text("Answer: 1").first).to_be_visible()
    tab.keyboard.press("a")
    expect(tab.locator("#review-count")).to_have_text("1")
    tab.keyboard.press("m")
    changes = tab.get_by_role("region", name="What you change")
    expect(changes).to_contain_text("Nothing is changed yet")
    tab.get_by_role("textbox", name="Your answer").fill("Answer: 2")
    expect(changes.locator("del")).to_have_text("Answer: 1")
    expect(changes.locator("ins")).to_have_text("Answer: 2")
    tab.keyboard.press("Control+Enter")
    expect(tab.locator("#review-count")).to_have_text("2")
    tab.keyboard.press("r")
    tab.keyboard.type("One and one are two")
    tab.keyboard.press("Control+Enter")
    expect(tab.locator("#review-count")).to_have_text("3")
    [back] = lab.queue.held(person, name)
    assert back.reasons == ("One and one are two",)
    assert lab.queue.progress(name).settled == 2


def test_a_video_is_labelled_in_the_seat(site, tab, tmp_path):
    lab, name = site.house.lab(site.lab), f"kinds-{next(_numbers)}"
    rows = tmp_path / "clips.jsonl"
    rows.write_text(json.dumps({"video": video(), "n": name}) + "\n")
    campaign = Campaign(name, "labelling", title="Clips", review=0.0)
    import_tasks(lab, rows, read_plan("segments cut: start, end"), campaign=campaign)
    site.enter(tab, "expert").goto(f"{site.origin}/labs/{site.lab}/seat/{name}")
    inside = tab.frame_locator("iframe")
    expect(inside.locator(".time")).to_contain_text("/ 0:03.00")
    inside.locator(".strip").focus()
    for key in ("i", *["."] * 10, "o", "Control+Enter"):
        tab.keyboard.press(key)
    expect(tab.locator("#seat-saved")).to_have_text("Saved (1)")
    [episode] = lab.queue.accepted(name)
    [action] = lab.read(episode).actions()
    [cut] = msgspec.json.decode(action.payload)["results"]["cut"]["segments"]
    assert (cut["start"], cut["end"]) == (0.0, 0.4)


def test_a_gym_of_a_table_is_played_by_its_form(site, tab, more_gyms):
    lab, name = opened(site, "messages", "messages.team", 2, review=0.0)
    site.enter(tab, "expert").goto(f"{site.origin}/labs/{site.lab}/seat/{name}")
    expect(tab.locator(".seat-seen")).to_contain_text("Which team answers this message?")
    tab.get_by_role("textbox", name="Your answer").fill("Answer: billing")
    tab.keyboard.press("Control+Enter")
    expect(tab.locator("#seat-saved")).to_have_text("Saved (1)")
    [episode] = lab.queue.accepted(name)
    assert lab.judgements([episode])[episode][-1].passed


def test_a_gymnasium_world_is_walked_by_its_form(site, tab, more_gyms):
    lab, name = opened(site, "frozenlake", "frozenlake.cross", 1, review=0.0)
    person = site.caller("expert").pseudonyms[site.lab]
    site.enter(tab, "expert").goto(f"{site.origin}/labs/{site.lab}/seat/{name}")
    expect(tab.locator(".seat-seen").first).to_contain_text("Walk from S to G")
    [lease] = lab.queue.held(person, name)
    problem = lab.problem(lease.task)
    path = [msgspec.to_builtins(a)["move"] for a in registry.gym("frozenlake").solution(problem)]
    for number, move in enumerate(path, start=1):
        tab.get_by_label(move).check()
        tab.keyboard.press("Control+Enter")
        if number < len(path):
            expect(tab.locator(".seen.did")).to_have_count(number)
    expect(tab.locator("#seat-work .empty")).to_contain_text("the answers that they need")
    [episode] = lab.queue.accepted(name)
    assert lab.judgements([episode])[episode][-1].passed


def test_the_desk_names_a_mail_and_is_whole_in_half_a_window(site, tab):
    _, name = opened(site, "desk", "desk.mail.answer", 1, review=0.0)
    tab.set_viewport_size({"width": 705, "height": 500})
    site.enter(tab, "expert").goto(f"{site.origin}/labs/{site.lab}/seat/{name}")
    inside = tab.frame_locator("iframe")
    inside.get_by_role("button", name="Look into the inbox").click()
    first = inside.locator(".row").first
    subject = first.locator(".subject").inner_text().removeprefix("Unread. ")
    first.click()
    inside.locator(".does").get_by_role("button", name="Forward").click()
    expect(inside.locator(".told").first).to_contain_text(subject)
    cut = "(e => e.scrollHeight - e.clientHeight)(document.querySelector('.scroll'))"
    assert inside.locator("body").evaluate(f"() => {cut}") <= 1
