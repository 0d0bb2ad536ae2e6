"""An endpoint that misbehaves: what is its failure, and what is the model's answer?"""

import asyncio
import base64
import json

import pytest
from tests.actors.server import Server, completion

from banbury.actors.chat import Sampling
from banbury.actors.endpoint import EndpointPolicy, Price
from banbury.arena import Job, play, run
from banbury.episode import Money
from banbury.errors import ActorError, InputError
from banbury.gyms import registry

SKILL = "office.email.queue"


def played(server, policy=None, **settings):
    """Play one task of a real gym with the endpoint."""
    settings = {"retries": 0, "backoff": 0.0, "key": ""} | settings
    policy = policy or EndpointPolicy(server.url, "m", **settings)
    gym, _ = registry.skill(SKILL)
    problem = next(gym.tasks(SKILL, seed=0))

    async def main():
        try:
            return await play(gym, problem, {"solver": policy}, lab="lab", run="run")
        finally:
            await policy.close()

    return *asyncio.run(main()), problem


def said(record):
    return json.loads(record.actions()[0].payload)["text"]


def notes(record):
    found = {}
    for step in record.steps:
        if step.kind == "note" and step.seat:
            found |= json.loads(step.payload)
    return found


def test_a_right_answer_passes_with_its_cost():
    gym, _ = registry.skill(SKILL)
    right = gym.solution(next(gym.tasks(SKILL, seed=0)))[0].text
    with Server(lambda body, n: (200, completion(right))) as server:
        record, verdict, problem = played(
            server, price=Price(2.0, 10.0, "EUR"), key="sk-1", sampling=Sampling(max_tokens=9)
        )
    assert verdict.passed
    cost = record.episode.cost
    assert (cost.tokens_in, cost.tokens_out) == (30, 4)
    assert cost.money == (Money(30 * 2_000 + 4 * 10_000, "EUR"),)
    (line, head, body) = server.requests[0]
    assert line == "POST /v1/chat/completions HTTP/1.1"
    assert head["authorization"] == "Bearer sk-1"
    assert body["messages"] == [{"role": "user", "content": problem.task.public.instruction}]
    assert (body["model"], body["max_tokens"], body["temperature"]) == ("m", 9, 0.0)


def test_the_same_attempt_has_the_same_seed_and_another_has_another():
    with Server(lambda body, n: (200, completion("x"))) as server:
        gym, _ = registry.skill(SKILL)
        problem = next(gym.tasks(SKILL, seed=0))
        policy = EndpointPolicy(server.url, "m", Sampling(temperature=1.0), key="")

        async def main():
            for sample in (0, 0, 1):
                await play(gym, problem, {"solver": policy}, lab="l", run="r", sample=sample)
            await policy.close()

        asyncio.run(main())
    first, again, other = (body["seed"] for _, _, body in server.requests)
    assert first == again != other


def test_without_a_key_none_is_sent(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with Server(lambda body, n: (200, completion("x"))) as server:
        played(server, key=None)
        monkeypatch.setenv("OPENAI_API_KEY", " sk-env\n")
        played(server, key=None)
    assert "authorization" not in server.requests[0][1]
    assert server.requests[1][1]["authorization"] == "Bearer sk-env"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("", ""),
        (None, ""),
        ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}, {"type": "image"}], "ab"),
        ("word " * 100_000, "word " * 100_000),
        ("\x00\u2028\U0001f600", "\x00\u2028\U0001f600"),
        ("broken \ud800 here", "broken \ufffd here"),
    ],
)
def test_whatever_the_model_says_is_its_answer(content, text):
    with Server(lambda body, n: (200, completion(content))) as server:
        record, verdict, _ = played(server)
    assert (record.episode.status, verdict.score) == ("done", 0.0)
    assert said(record) == text
    assert ("surrogates" in notes(record)) == ("\ufffd" in text)


def test_a_million_tokens_are_read_off_the_loop_and_cut_with_a_note():
    with Server(lambda body, n: (200, completion("word " * 1_000_000))) as server:
        record, verdict, _ = played(server)
    assert (record.episode.status, verdict.score) == ("done", 0.0)
    assert len(said(record)) == 4_000_000
    assert "5000000 characters" in notes(record)["cut"]


def test_broken_utf8_within_the_content_is_an_answer_with_its_bytes_as_evidence():
    body = completion("padding " * 500 + "BROKEN").replace(b"BROKEN", b"caf\xff\xc3")
    with Server(lambda _, n: (200, body)) as server:
        record, verdict, _ = played(server)
    assert (record.episode.status, verdict.score) == ("done", 0.0)
    assert said(record).endswith("caf\ufffd\ufffd")
    around = notes(record)["invalid_utf8"].rsplit(": ", 1)[1]
    assert b"caf\xff\xc3" in base64.b64decode(around)


@pytest.mark.parametrize(
    "usage", [None, {}, {"prompt_tokens": None}, {"prompt_tokens": "many"}, [1], {"total": -3}]
)
def test_an_endpoint_that_does_not_count_tokens_still_answers(usage):
    body = json.loads(completion("hello"))
    body["usage"] = usage
    with Server(lambda _, n: (200, json.dumps(body).encode())) as server:
        record, verdict, _ = played(server, price=Price(1.0, 1.0))
    assert (record.episode.status, verdict.score) == ("done", 0.0)
    assert record.episode.cost.tokens_in == 0
    assert ("usage" in notes(record)) == (not isinstance(usage, dict) or not usage)


def test_how_an_answer_ended_and_what_stood_beside_it_is_evidence():
    body = json.loads(completion(None, finish_reason="length"))
    body["choices"][0]["message"] |= {"refusal": "I may not.", "reasoning_content": "Hm."}
    with Server(lambda _, n: (200, json.dumps(body).encode())) as server:
        record, _, _ = played(server)
    kept = notes(record)
    assert (kept["finish"], kept["refusal"], kept["reasoning_content"]) == (
        "length",
        "I may not.",
        "Hm.",
    )


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((500, b"oops"), "HTTP 500: oops"),
        ((429, b"slow down"), "HTTP 429: slow down"),
        ((404, b'{"error": "no model m"}'), "no model m"),
        ((401, b"bad key sk-secret-1"), "bad key (the key)"),
        ((307, b"", [("location", "http://127.0.0.1:1/")]), "HTTP 307"),
        ((200, b"<html>not this</html>"), "<html>not this"),
        ((200, b'{"choices": [{"mess'), "no chat completion"),
        ((200, b""), "no chat completion"),
        ((200, b'{"error": {"message": "overloaded"}}'), "overloaded"),
        ((200, b'{"choices": []}'), "no choices"),
        ((200, b'{"choices": [{"message": {"content": 7}}]}'), "no chat completion"),
        ((200, b"[" * 100_000), "no chat completion"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{", "did not answer"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "did not answer"),
        (None, "did not answer"),
    ],
)
def test_an_endpoint_that_fails_is_no_score_of_zero(answer, words):
    with Server(lambda body, n: answer) as server:
        record, verdict, _ = played(server, key="sk-secret-1", timeout=1.0)
    assert verdict is None
    assert record.episode.status == "failed"
    assert record.episode.failure.boundary == "ActorError"
    assert words in record.episode.failure.what
    assert "sk-secret-1" not in record.episode.failure.what


def test_nobody_listens():
    with Server(lambda body, n: None) as server:
        url = server.url
    record, verdict, _ = played(None, EndpointPolicy(url, "m", retries=1, backoff=0.0, key=""))
    assert verdict is None
    assert record.episode.failure.boundary == "ActorError"
    assert url in record.episode.failure.what


def test_an_endpoint_that_hangs_is_left_at_its_timeout():
    async def hang():
        await asyncio.Event().wait()

    with Server(lambda body, n: hang()) as server:
        record, verdict, _ = played(server, timeout=0.1)
    assert verdict is None
    assert record.episode.failure.boundary == "ActorError"
    assert "Timeout" in record.episode.failure.what


def test_one_that_drips_is_left_at_its_timeout_too():
    """Each byte is quick; the whole answer is not."""

    class Drips(Server):
        async def _connected(self, reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.01)

    with Drips(None) as server:
        record, _, _ = played(server, timeout=0.3)
    assert record.episode.failure.boundary == "ActorError"
    assert "Timeout" in record.episode.failure.what


@pytest.mark.parametrize(
    "first",
    [(500, b""), (429, b""), (503, b""), (408, b""), None, (429, b"", [("retry-after", "0")])],
)
def test_a_passing_failure_is_tried_again(first):
    with Server(lambda body, n: first if n < 3 else (200, completion("x"))) as server:
        record, verdict, _ = played(server, retries=2)
    assert (record.episode.status, len(server.requests)) == ("done", 3)
    assert verdict is not None


def test_what_will_not_pass_is_not_tried_again():
    with Server(lambda body, n: (400, b"too long")) as server:
        played(server, retries=5)
    assert len(server.requests) == 1


def test_an_endless_answer_is_cut_off():
    """The server never stops sending; neither memory nor time may follow it."""

    class Floods(Server):
        async def _connected(self, reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
            block = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
            while True:
                writer.write(block)
                await writer.drain()

    with Floods(None) as server:
        record, _, _ = played(server)
    assert "more than 64 MB" in record.episode.failure.what


@pytest.mark.parametrize(
    "url",
    [
        "",
        "host:8000/v1",
        "ftp://host/v1",
        "http://",
        "http://[::1/v1",
        "http://host:99999/v1",
        "http://user:secret@host/v1",
        "http://host/v1?key=secret",
        "http://host/v1#m",
    ],
)
def test_an_address_that_is_none_or_holds_a_secret_is_refused(url):
    with pytest.raises(InputError):
        EndpointPolicy(url, "m", key="")


@pytest.mark.parametrize("key", ["a\nb", "schl\u00fcssel", "a\x00"])
def test_a_key_that_no_header_can_carry_is_refused(key):
    with pytest.raises(InputError) as caught:
        EndpointPolicy("http://host/v1", "m", key=key)
    assert key not in str(caught.value)


def test_the_key_is_no_part_of_who_acts():
    one, two = (EndpointPolicy("http://host/v1/", "m", key=key) for key in ("sk-a", "sk-b"))
    assert one.actor == two.actor
    assert "sk-a" not in repr(one.actor)


def test_a_thousand_at_once_all_finish_and_no_more_are_in_flight_than_allowed(lab):
    """And each run closes its connections, so that the next one opens its own."""

    async def soon(body, number):
        await asyncio.sleep(0)
        return 200, completion("Answer: oak")

    gym, _ = registry.skill(SKILL)
    problem = next(gym.tasks(SKILL, seed=0))
    with Server(soon) as server:
        policy = EndpointPolicy(server.url, "m", connections=100, key="", retries=0)
        for name in ("one", "two"):
            jobs = [Job(gym, problem, {"solver": policy}, sample) for sample in range(1000)]
            tally = run(lab, name, jobs, concurrency=1000)
            assert (tally.done, tally.failed) == (1000, 0)
            assert tally.cost.tokens_in == 30_000
    assert len(server.requests) == 2000
    assert server.most <= 100


def test_an_endpoint_that_is_down_says_so_once_for_a_whole_run(lab):
    with Server(lambda body, n: (503, b"starting")) as server:
        policy = EndpointPolicy(server.url, "m", key="", retries=0)
        gym, _ = registry.skill(SKILL)
        problem = next(gym.tasks(SKILL, seed=0))
        jobs = [Job(gym, problem, {"solver": policy}, sample) for sample in range(5)]
        tally = run(lab, "r", jobs)
        with pytest.raises(ActorError, match=r"all 5 episodes failed.*HTTP 503: starting"):
            tally.check("r")
