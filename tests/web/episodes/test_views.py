"""What pages show is worked out from plain data: steps, differences, graphs, cards."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from banbury.charts.lineage import MOST, Edge, Node, graph
from banbury.charts.timeline import COLUMNS, Beat, timeline
from banbury.episode import GYM, Actor, Episode, RunKey, Step, canonical
from banbury.web.views import card, difference
from banbury.web.views.episodes import Asked
from banbury.web.views.steps import view

EPISODE = Episode(
    "e", "lab", RunKey("r", "t", "a"), "desk", "1", "s", 0, actors=(Actor("model", "m"),)
)


def step(kind, payload, **more):
    return Step(0, kind, more.pop("actor", 0), "solver", more.pop("track", "main"), 0, 1, payload)


def test_a_tool_call_and_its_result_are_readable():
    said = {
        "do": "send_mail",
        "to": ["a", "b"],
        "body": "one\ntwo",
        "urgent": True,
        "meta": {"n": 1},
    }
    shown = view(EPISODE, step("action", canonical(said)))
    assert (shown.title, shown.who, shown.actor) == ("send_mail", "model", "m")
    assert {p.name: (p.text, p.look) for p in shown.parts} == {
        "to": ("a, b", "value"),
        "body": ("one\ntwo", "text"),
        "urgent": ("yes", "value"),
        "meta": ("n: 1", "data"),
    }
    result = canonical({"text": "Sent.", "role": "tool", "data": '{"id":"m1"}'})
    shown = view(EPISODE, step("observation", result, actor=GYM))
    assert (shown.title, shown.who, shown.actor) == ("result", "gym", "desk")
    assert [p.text for p in shown.parts] == ["Sent.", "id: m1"]
    shown = view(EPISODE, step("note", canonical({"fault": "no tool", "raw": "fly"})))
    assert [(p.text, p.look) for p in shown.parts] == [("no tool", "alarm"), ("fly", "text")]
    assert view(EPISODE, step("reward", b"-0.5", actor=GYM)).reward == -0.5


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(
    st.sampled_from(["action", "observation", "reward", "note", "control"]),
    JSON.map(msgspec.json.encode) | st.binary(max_size=40),
)
def test_any_payload_can_be_shown(kind, payload):
    shown = view(EPISODE, step(kind, payload))
    for part in shown.parts:
        assert not set(part.text) & {"\x00", "\x1b", "\u202e", "\ud800"}


def test_a_long_text_is_cut_and_says_how_long_it_is():
    payload = canonical({"do": "answer", "text": "a" * 10_000_000})
    part = view(EPISODE, step("action", payload)).parts[0]
    assert (len(part.text), part.length) == (1_500, 10_000_000)


letters = st.lists(st.sampled_from("abc"), max_size=12)


@given(letters, letters, st.booleans())
def test_each_step_stands_in_the_difference_once_and_in_order(left, right, plain):
    most = difference._ALIGNED
    difference._ALIGNED = 3 if plain else most
    try:
        pairs = difference.aligned(left, right)
    finally:
        difference._ALIGNED = most
    assert [i for i, _ in pairs if i is not None] == list(range(len(left)))
    assert [j for _, j in pairs if j is not None] == list(range(len(right)))
    if left == right:
        assert all(i == j for i, j in pairs)


@given(st.lists(st.sampled_from(["same", "changed", "left"]), max_size=30))
def test_folding_hides_nothing_that_differs(kinds):
    plan = list(difference._folded(kinds))
    assert sum(count for _, count in plan) == len(kinds)
    shown = {place for place, count in plan if count == 1}
    assert all(i in shown for i, kind in enumerate(kinds) if kind != "same")


@pytest.mark.parametrize("count", [3, 300])
def test_a_graph_shows_few_nodes_however_many_there_are(count):
    nodes = [Node(f"r{i}", "run", f"run <{i}>", "1 episode", -1, f"/x?{i}") for i in range(count)]
    nodes.append(Node("release", "release", "made", "", 0, "/r"))
    edges = [Edge(n.id, "release") for n in nodes[:-1]]
    drawn = graph(nodes, edges, "picture", "#table")
    shown = min(count, MOST) + 1
    assert drawn.count("<rect") == drawn.count("<a ") == shown
    assert drawn.count('class="edge"') == shown - 1
    assert "run <" not in drawn and "style=" not in drawn
    assert (f"{count - MOST + 1} more" in drawn) == (count > MOST)


def test_the_strip_has_few_columns_however_long_the_episode_is():
    beats = [Beat("action", "model"), Beat("reward", "gym", 0.5), Beat("note", "person")] * 4000
    drawn = timeline(beats, "x")
    assert drawn.count("beat model") <= COLUMNS
    assert "style=" not in drawn


def test_a_card_can_only_be_read():
    text = (
        "---\nx: 1\n---\n# T\n<script>alert(1)</script> [l](javascript:alert(1)) ![i](http://x/y)\n"
    )
    made = card.html(text + "\n| a | b |\n|---|---:|\n| <b>1</b> | 2 |\n")
    assert "<script" not in made and "<b>" not in made and "<img" not in made
    assert 'href="javascript' not in made and "style=" not in made
    assert '<td class="number">2</td>' in made and "<h2>T</h2>" in made and "x: 1" not in made


def test_wildcards_are_taken_as_people_write_them():
    for said in ("office.*", "office*", "office.", "office"):
        skill = Asked(skill=said).where()["skill"]
        assert skill == ("office.*" if "*" in said else said)
    assert Asked(skill="*").where()["skill"] is None
