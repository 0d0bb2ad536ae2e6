"""ATIF: the strict schema, what we write, what we read."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.test_chat import WORDS, record, step

from banbury.episode import (
    GYM,
    Actor,
    Blob,
    Cost,
    Judgement,
    Money,
    Public,
    Record,
    Sampler,
    SkillWeight,
    Span,
    Step,
    Task,
    new_id,
    pack,
)
from banbury.errors import InputError
from banbury.formats import atif
from banbury.formats.chat import messages

IDS = st.lists(st.integers(0, 2**32 - 1), max_size=6)


def like(a: Record, b: Record) -> None:
    """Hold two records equal, payloads as JSON values and not as bytes."""
    assert a.episode == b.episode
    assert len(a.steps) == len(b.steps)
    for x, y in zip(a.steps, b.steps, strict=True):
        assert msgspec.json.decode(x.payload) == msgspec.json.decode(y.payload)
        assert msgspec.structs.replace(x, payload=b"") == msgspec.structs.replace(y, payload=b"")


def rich() -> Record:
    """Return an agent's run with tools, tokens, a fault, a reward, media and a correction."""
    first = pack(0, [1, 2, 3], [4, 5], [-0.5, -1.25])
    whole = np.asarray([1, 2, 3, 4, 5], dtype="<u4")
    second = pack(0, [1, 2, 3, 4, 5, 6], [7], [-0.125], whole)
    picture = Span(Blob("ab" * 32, 10, "image/png"), "screen", 0, 1)
    made = (
        step(0, "control", {"camera": "on"}, seat="", track="state"),
        step(1, "observation", {"text": "Be brief.", "role": "system"}),
        step(2, "observation", {"text": "List files.", "data": "{}"}, spans=(picture,)),
        step(3, "note", {"fault": "no JSON", "raw": "ls"}, actor=0, tokens=first),
        step(4, "action", {"do": "shell", "command": "ls"}, tokens=second, schema="ff"),
        step(5, "observation", {"text": "a.txt", "role": "tool"}, reply_to=4),
        step(6, "reward", 0.5, seat=""),
        step(7, "action", {"do": "answer", "text": "b.txt"}, end_ns=1234567890123),
        step(8, "action", {"do": "answer", "text": "a.txt"}, actor=1, corrects=7),
        step(9, "observation", [0.1, 0.2], track="joints"),
    )
    base = record(made)
    episode = msgspec.structs.replace(
        base.episode,
        anchor_ns=1_760_000_000_123_456_789,
        actors=(Actor("model", "small", "rev"), Actor("person", "p1")),
        samplers=(Sampler("small", "rev"),),
        cost=Cost(9, 3, 77, (Money(5, "USD"),)),
    )
    return Record(episode, made)


def test_a_rich_episode_comes_back_whole() -> None:
    before = rich()
    verdict = Judgement(new_id(), before.episode.id, "gym/judge", "h", 1.0, True)
    public = Public("List files.")
    task = Task("t", "gym", "ls", "1", "{}", public, (SkillWeight("a.skill"),))
    data = atif.dump(atif.write(before, task=task, judgements=(verdict,)))
    trajectory = atif.load(data)
    like(atif.read(trajectory, lab="x", run="y"), before)
    sources = [s.source for s in trajectory.steps]
    assert sources == ["system", "user", "agent", "agent", "agent"]
    assert trajectory.steps[2].metrics.prompt_token_ids == [1, 2, 3, 4, 5, 6]
    assert trajectory.steps[2].metrics.logprobs == [-0.125]
    assert trajectory.steps[2].observation.results[0].content == "a.txt"
    assert trajectory.steps[1].message[1].source.media_type == "image/png"
    assert trajectory.steps[4].llm_call_count == 0
    assert trajectory.final_metrics.total_cost_usd == 5e-9
    assert trajectory.extra["banbury"]["judgements"][0]["score"] == 1.0
    assert b'"answer"' not in data.split(b'"task"')[1]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("observation"), st.fixed_dictionaries({"text": WORDS})),
            st.tuples(
                st.just("observation"),
                st.fixed_dictionaries(
                    {"text": WORDS, "role": st.sampled_from(["system", "tool", "user"])}
                ),
            ),
            st.tuples(st.just("action"), st.fixed_dictionaries({"do": WORDS, "text": WORDS})),
            st.tuples(st.just("action"), WORDS),
            st.tuples(st.sampled_from(["note", "reward", "control"]), st.integers(-9, 9)),
        ),
        max_size=10,
    ),
    IDS,
)
def test_every_episode_comes_back(said: list[tuple[str, object]], ids: list[int]) -> None:
    tokens = pack(0, ids, ids[:2])
    made = tuple(
        step(i, kind, payload, tokens=tokens if i == 0 else None)
        for i, (kind, payload) in enumerate(said)
    )
    before = record((step(0, "observation", {"text": "Begin."}), *made))
    before = Record(
        before.episode,
        tuple(msgspec.structs.replace(s, seq=i) for i, s in enumerate(before.steps)),
    )
    data = atif.dump(atif.write(before))
    like(atif.read(atif.load(data), lab="x", run="y"), before)


def foreign(**more: object) -> dict[str, object]:
    call = {"tool_call_id": "c", "function_name": "shell", "arguments": {"do": 1}}
    agent = {
        "step_id": 2,
        "source": "agent",
        "message": "Looking.",
        "timestamp": "2026-01-01T00:00:01.5Z",
        "reasoning_content": "Hm.",
        "tool_calls": [call],
        "observation": {"results": [{"source_call_id": "c", "content": "a.txt"}]},
        "metrics": {"prompt_token_ids": [1], "completion_token_ids": [2], "logprobs": [-1.0]},
    }
    user = {
        "step_id": 1,
        "source": "user",
        "message": "List files.",
        "timestamp": "2026-01-01T00:00:00Z",
    }
    return {
        "schema_version": "ATIF-v1.7",
        "session_id": "s",
        "agent": {"name": "mini", "version": "1", "model_name": "small"},
        "steps": [user, agent],
        **more,
    }


def test_a_foreign_trajectory_becomes_an_episode() -> None:
    made = atif.read(atif.load(msgspec.json.encode(foreign())), lab="lab", run="import")
    assert made.episode.status == "done"
    assert made.episode.key.run == "import"
    assert made.episode.actors == (Actor("model", "small", "1"),)
    kinds = [s.kind for s in made.steps]
    assert kinds == ["observation", "note", "action", "action", "observation"]
    assert made.steps[1].start_ns == 1_500_000_000
    assert made.steps[2].tokens.completion_ids.tolist() == [2]
    assert made.steps[4].reply_to == 3
    assert [m.role for m in messages(made)] == ["user", "assistant", "assistant", "tool"]
    assert made.steps[0].actor == GYM


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("reward",), 1.0),
        (("schema_version",), "ATIF-v2.0"),
        (("steps",), []),
        (("steps", 0, "source"), "robot"),
        (("steps", 0, "actor"), "me"),
        (("steps", 0, "step_id"), 7),
        (("steps", 0, "metrics"), {}),
        (("steps", 0, "timestamp"), "yesterday"),
        (("steps", 0, "message"), [{"type": "text"}]),
        (
            ("steps", 0, "message"),
            [{"type": "image", "source": {"media_type": "audio/wav", "path": "x"}}],
        ),
        (("steps", 1, "llm_call_count"), 0),
        (("steps", 1, "observation", "results", 0, "source_call_id"), "other"),
        (("agent", "mood"), "fine"),
        (("subagent_trajectories",), [foreign()]),
    ],
)
def test_what_the_format_forbids_is_refused(path: tuple[object, ...], value: object) -> None:
    document = foreign()
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(InputError):
        atif.load(msgspec.json.encode(document))


def test_an_altered_export_is_named_and_an_episode_without_words_refused() -> None:
    trajectory = atif.write(rich())
    del trajectory.steps[2].extra["banbury"]["seq"]
    with pytest.raises(InputError, match="holds no episode"):
        atif.read(trajectory, lab="x", run="y")
    silent = record((Step(0, "note", GYM, "", "state", 0, 0),))
    with pytest.raises(InputError, match="without words"):
        atif.write(silent)
