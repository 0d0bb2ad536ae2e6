"""Tool calls of an endpoint: moves, faults that teach, and a history that servers take back."""

import asyncio
import json

import pytest
from tests.actors.lamps import Finish, Label, Lamps, Press
from tests.actors.server import Server, completion

from banbury.actors.chat import Sampling
from banbury.actors.endpoint import EndpointPolicy
from banbury.arena import Limits, play


def calls(*called, content=None, finish="tool_calls"):
    """A completion that calls tools; each is (name, arguments) or a whole call."""
    made = []
    for i, one in enumerate(called):
        if isinstance(one, tuple):
            name, arguments = one
            text = arguments if isinstance(arguments, str) else json.dumps(arguments)
            function = {"name": name, "arguments": text}
            one = {"id": f"id{i}", "type": "function", "function": function}
        made.append(one)
    message = {"role": "assistant", "content": content, "tool_calls": made}
    return 200, completion(content, message=message, finish_reason=finish)


def played(server, *, limits=None, **settings):
    gym = Lamps()
    problem = next(gym.tasks("lamps.light", seed=0))  # lamps 1 and 4
    policy = EndpointPolicy(server.url, "m", key="", retries=0, **settings)

    async def main():
        try:
            return await play(
                gym, problem, {"solver": policy}, lab="l", run="r", limits=limits or Limits(moves=6)
            )
        finally:
            await policy.close()

    return asyncio.run(main())


def done(record):
    return [json.loads(s.payload) for s in record.actions()]


def faults(record):
    noted = [json.loads(s.payload) for s in record.steps if s.kind == "note" and s.seat]
    return [note["fault"] for note in noted if "fault" in note]


def scripted(*answers):
    return Server(lambda body, number: answers[min(number, len(answers)) - 1])


FINISH = calls(("finish", {}))


def test_tools_are_offered_called_and_answered():
    with scripted(calls(("press", {"lamp": 1})), calls(("press", {"lamp": 4})), FINISH) as server:
        record, verdict = played(server)
    assert verdict.passed
    assert [d["do"] for d in done(record)] == ["press", "press", "finish"]
    first, second, third = (body for _, _, body in server.requests)
    assert [t["function"]["name"] for t in first["tools"]] == ["press", "label", "finish"]
    press = first["tools"][0]["function"]
    assert press["description"] == "Press the button of a lamp."
    assert press["parameters"]["properties"]["lamp"]["description"] == "the lamp's number"
    assert press["parameters"]["required"] == ["lamp"]
    assert "do" not in press["parameters"]["properties"]
    assert [m["role"] for m in first["messages"]] == ["user"]
    asked, answered = second["messages"][1:]
    assert asked["tool_calls"][0]["function"] == {"name": "press", "arguments": '{"lamp": 1}'}
    assert answered == {"role": "tool", "tool_call_id": "id0", "content": "lamp 1 is white now"}
    assert third["messages"][:3] == second["messages"]


def test_calls_in_parallel_are_moves_one_after_the_other():
    both = calls(("press", {"lamp": 1}), ("press", {"lamp": 4}), content="Both at once.")
    with scripted(both, FINISH) as server:
        record, verdict = played(server)
    assert verdict.passed
    assert len(server.requests) == 2
    assert record.episode.cost.tokens_in == 60, "a message is paid for once"
    answers = [m for m in server.requests[1][2]["messages"] if m["role"] == "tool"]
    assert [(m["tool_call_id"], m["content"]) for m in answers] == [
        ("id0", "lamp 1 is white now"),
        ("id1", "lamp 4 is white now"),
    ]
    assert any(b"Both at once." in s.payload for s in record.steps if s.kind == "note")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (("fly", {}), "no tool 'fly'; the tools are: press, label, finish"),
        (("press", {}), "press lacks lamp; use it as press(lamp: integer, colour?: "),
        (("press", {"lamp": "one"}), "Expected `int`, got `str` - at `$.lamp`"),
        (("press", {"lamp": 99}), "<= 9"),
        (("press", {"lamp": 1, "colour": "blue"}), "Invalid enum value 'blue'"),
        (("press", {"lamp": 1, "loud": True}), "no argument 'loud'"),
        (("press", '{"lamp": 1'), "broken JSON"),
        (("press", "[1]"), "no JSON object"),
        (("press", "[" * 50_000), "broken JSON"),
        (("press", {"do": "finish", "lamp": 1}), "another tool"),
        (("", ""), "no tool ''"),
        ({"id": "x"}, "no tool ''"),
        ({"id": 7, "function": {"name": ["press"], "arguments": None}}, "no tool ''"),
        (7, "no tool ''"),
        ({"id": "x", "function": {"name": "pre\ud800ss", "arguments": "{}"}}, "no tool"),
    ],
)
def test_a_broken_call_is_told_what_was_wrong(call, words):
    with scripted(calls(call), calls(("press", {"lamp": 1})), FINISH) as server:
        record, verdict = played(server)
    assert record.episode.status == "done"
    assert verdict is not None
    assert words in faults(record)[0]
    second = server.requests[1][2]["messages"]
    assert [m["role"] for m in second] == ["user", "assistant", "tool"]
    sent = second[1]["tool_calls"][0]
    assert isinstance(json.loads(sent["function"]["arguments"]), dict)
    assert sent["function"]["name"].isascii()
    assert second[2]["tool_call_id"] == sent["id"]
    assert words[:20] in second[2]["content"] or "no action" in second[2]["content"]
    assert done(record)[0] == {"do": "press", "lamp": 1, "colour": "white"}


def test_arguments_that_come_as_an_object_are_taken():
    call = {"id": "x", "function": {"name": "press", "arguments": {"lamp": 1}}}
    with scripted(calls(call), FINISH) as server:
        record, _ = played(server)
    assert done(record)[0]["lamp"] == 1


def test_what_stands_behind_a_broken_call_is_not_run():
    three = calls(("press", {"lamp": 1}), ("press", {}), ("press", {"lamp": 4}))
    with scripted(three, FINISH) as server:
        record, verdict = played(server)
    assert [d["do"] for d in done(record)] == ["press", "finish"]
    assert not verdict.passed
    answers = [m["content"] for m in server.requests[1][2]["messages"] if m["role"] == "tool"]
    assert answers[0] == "lamp 1 is white now"
    assert "press lacks lamp" in answers[1]
    assert answers[2].startswith("not run")


def test_calls_without_ids_or_with_one_twice_get_ids_of_their_own():
    same = {"id": "a", "function": {"name": "press", "arguments": '{"lamp": 1}'}}
    none = {"function": {"name": "press", "arguments": '{"lamp": 4}'}}
    with scripted(calls(same, same, none), FINISH) as server:
        played(server)
    message = server.requests[1][2]["messages"][1]
    ids = [c["id"] for c in message["tool_calls"]]
    assert len(set(ids)) == 3
    answers = [m["tool_call_id"] for m in server.requests[1][2]["messages"] if m["role"] == "tool"]
    assert answers == ids


def test_a_thousand_calls_in_one_message_are_cut_with_a_note():
    many = calls(*[("press", {"lamp": i % 9 + 1}) for i in range(1_000)])
    with scripted(many, FINISH) as server:
        record, _ = played(server, limits=Limits(moves=100))
    assert len(done(record)) == 65
    assert any(b"936 calls behind the first 64" in s.payload for s in record.steps)


def test_words_without_a_call_are_a_fault_and_after_three_the_episode_is_cut():
    with scripted((200, completion("I would press lamp 1."))) as server:
        record, verdict = played(server)
    assert record.episode.truncated
    assert verdict.score == 0
    assert faults(record) == ["you called no tool; the tools are: press, label, finish"] * 3
    assert [m["role"] for m in server.requests[2][2]["messages"]] == [
        "user",
        "assistant",
        "user",
        "assistant",
        "user",
    ]


def test_a_cut_call_says_that_it_was_cut():
    with scripted(calls(("press", '{"la'), finish="length"), FINISH) as server:
        record, _ = played(server)
    assert "cut at its length" in faults(record)[0]


def test_a_model_without_tool_calls_writes_one_object():
    with scripted(
        (200, completion('I begin.\n```json\n{"do": "press", "lamp": 1}\n```')),
        (200, completion('{"do": "press", "lamp": 4}')),
        (200, completion('{"do": "finish"}')),
    ) as server:
        record, verdict = played(server, tools="text", system="Be brief.")
    assert verdict.passed
    system, *_ = server.requests[0][2]["messages"]
    assert system["role"] == "system"
    assert system["content"].startswith("Be brief.\n\nYou act with tools.")
    assert "- press(lamp: integer, colour?: " in system["content"]
    assert "tools" not in server.requests[0][2]
    assert [m["role"] for m in server.requests[2][2]["messages"][1:]] == [
        "user",
        "assistant",
    ] * 2 + ["user"]
    assert json.loads(record.episode.actors[0].settings)["tools"] == "text"


def test_tools_in_text_are_another_actor_and_stop_texts_are_sent():
    native = EndpointPolicy("http://host/v1", "m", key="")
    assert native.actor != EndpointPolicy("http://host/v1", "m", key="", tools="text").actor
    other = EndpointPolicy("http://host/v1", "m", key="", extra={"reasoning_effort": "low"})
    assert native.actor != other.actor
    with scripted(FINISH) as server:
        played(server, sampling=Sampling(stop=("END",)), extra={"seed": None, "top_k": 3})
    body = server.requests[0][2]
    assert body["stop"] == ["END"]
    assert body["top_k"] == 3
    assert "seed" not in body


def test_actions_of_the_gym_come_back_whole():
    label = {"lamps": [1, 2], "text": 'a "b"'}
    with scripted(calls(("label", label)), FINISH) as server:
        record, _ = played(server)
    assert done(record)[0] == {"do": "label", "lamps": [1, 2], "text": 'a "b"'}
    assert {Press, Label, Finish}
