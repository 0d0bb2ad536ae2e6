"""Chat messages of episodes, and back."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from banbury.episode import (
    GYM,
    Actor,
    Episode,
    Record,
    RunKey,
    Seat,
    Step,
    new_id,
)
from banbury.errors import InputError
from banbury.formats.chat import Function, Message, ToolCall, dump, load, messages, steps

WORDS = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)


def record(made: tuple[Step, ...], seats: tuple[str, ...] = ("solver",)) -> Record:
    actors = tuple(Actor("script", name) for name in seats)
    episode = Episode(
        new_id(),
        "lab",
        RunKey("run", "task", "script"),
        "gym",
        "1",
        "a.skill",
        0,
        status="done",
        actors=actors,
        seats=tuple(Seat(name, (i,)) for i, name in enumerate(seats)),
    )
    return Record(episode, made)


def step(seq: int, kind: str, payload: object, **more: object) -> Step:
    actor = 0 if kind == "action" else GYM
    plain = Step(seq, kind, actor, "solver", "main", seq, seq, msgspec.json.encode(payload))
    return msgspec.structs.replace(plain, **more)


def test_a_one_line_answer_is_a_user_and_an_assistant_message() -> None:
    made = (
        step(0, "observation", {"text": "What is 2 + 2?"}),
        step(1, "action", {"do": "answer", "text": "Answer: 4"}),
        step(2, "reward", 1.0),
        step(3, "note", {"seen": "it"}, track="state"),
    )
    assert dump(messages(record(made))) == [
        {"role": "user", "content": "What is 2 + 2?"},
        {"role": "assistant", "content": "Answer: 4"},
    ]


def test_an_action_with_arguments_is_a_tool_call_and_its_result_answers_it() -> None:
    made = (
        step(0, "observation", {"text": "Be brief.", "role": "system"}),
        step(1, "action", {"do": "shell", "command": "ls"}),
        step(2, "observation", {"text": "a.txt", "role": "tool"}, reply_to=1),
        step(3, "action", {"do": "answer", "text": "a.txt"}),
        step(4, "observation", {"text": "late", "role": "tool"}),
    )
    rows = dump(messages(record(made)))
    call = {"id": "call_1", "type": "function"}
    call["function"] = {"name": "shell", "arguments": '{"command":"ls"}'}
    assert rows == [
        {"role": "system", "content": "Be brief."},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "content": "a.txt", "tool_call_id": "call_1"},
        {"role": "assistant", "content": "a.txt"},
        {"role": "user", "content": "late"},
    ]
    assert load(rows) == messages(record(made))


def test_a_correction_stands_where_the_corrected_action_stood() -> None:
    made = (
        step(0, "action", {"do": "answer", "text": "wrong"}),
        step(1, "observation", {"text": "Next?"}),
        step(2, "action", {"do": "answer", "text": "better"}, corrects=0),
        step(3, "action", {"do": "answer", "text": "right"}, corrects=2),
    )
    assert [m.content for m in messages(record(made))] == ["right", "Next?"]


def test_two_seats_each_have_their_own_view_and_one_must_be_named() -> None:
    made = (
        step(0, "observation", {"text": "You ask."}, seat="host"),
        step(1, "action", {"do": "answer", "text": "Who are you?"}, seat="host"),
        step(2, "observation", {"text": "Who are you?"}, seat="guest"),
        step(3, "action", {"do": "answer", "text": "Nobody."}, seat="guest", actor=1),
        step(4, "observation", {"text": "Nobody."}, seat="host"),
    )
    two = record(made, ("host", "guest"))
    assert [m.role for m in messages(two, "host")] == ["user", "assistant", "user"]
    assert [m.role for m in messages(two, "guest")] == ["user", "assistant"]
    with pytest.raises(InputError, match="several seats"):
        messages(two)
    with pytest.raises(InputError, match="no seat 'judge'"):
        messages(two, "judge")


@pytest.mark.parametrize(
    "payload", [b"\xff\xfe", b"null", b'"plain"', b"[1, 2]", b'{"do": 7}', b'{"do": "answer"}']
)
def test_any_payload_of_an_action_becomes_some_message(payload: bytes) -> None:
    made = msgspec.structs.replace(step(0, "action", None), payload=payload)
    (message,) = messages(record((made,)))
    assert message.role == "assistant"


CALL = st.builds(
    lambda name, arguments: ToolCall("x", Function(name, msgspec.json.encode(arguments).decode())),
    WORDS,
    st.dictionaries(WORDS, st.one_of(WORDS, st.integers(-5, 5)), max_size=3),
)


@given(
    st.lists(
        st.one_of(
            st.builds(lambda r, t: Message(r, t), st.sampled_from(["system", "user"]), WORDS),
            st.builds(lambda t: Message("assistant", t), WORDS),
        ),
        max_size=12,
    )
)
def test_a_conversation_survives_the_round_trip(conversation: list[Message]) -> None:
    assert messages(record(steps(conversation))) == tuple(conversation)
    assert load(dump(conversation)) == tuple(conversation)


@given(CALL, WORDS)
def test_a_tool_call_survives_the_round_trip(call: ToolCall, result: str) -> None:
    conversation = [Message("assistant", "", (call,)), Message("tool", result, (), "x")]
    back = messages(record(steps(conversation)))
    if call.function.name == "answer":
        return
    (again,) = back[0].tool_calls
    assert again.function.name == call.function.name
    ours = msgspec.json.decode(again.function.arguments)
    theirs = msgspec.json.decode(call.function.arguments)
    assert ours == ({"arguments": theirs} if "do" in theirs else theirs)
    assert back[1] == Message("tool", result, (), again.id)


def test_what_is_no_message_says_which() -> None:
    with pytest.raises(InputError, match="message 1"):
        load([{"role": "user", "content": "x"}, {"role": "emperor", "content": "x"}])
    with pytest.raises(InputError, match="JSON object"):
        steps([Message("assistant", "", (ToolCall("x", Function("f", "[1]")),))])
