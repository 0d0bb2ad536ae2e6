"""Every kind of episode that the design names comes back byte for byte."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banbury.episode import (
    GYM,
    NO_KEY,
    Actor,
    Blob,
    Cost,
    Episode,
    Failure,
    Judgement,
    Money,
    Parent,
    Record,
    RunKey,
    Sampler,
    Seat,
    Span,
    Step,
    canonical,
    decode_steps,
    digest,
    encode_steps,
    new_id,
    pack,
)
from banbury.store.keyring import work_key

LAB = "kinds"
HOUR_NS = 3_600 * 10**9
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
person, other = Actor("person", "p-1"), Actor("person", "p-2")
model = Actor("model", "small", "sha", '{"temperature":0}')


def header(skill="a.b", **changes):
    parts = {
        "actors": (model,),
        "seats": (Seat("solver", (0,)),),
        "cost": Cost(7, 3, 10**9, (Money(1, "EUR"), Money(2**60, "USD"))),
        "tags": ("probe", "tag two"),
        "status": "done",
    }
    key = RunKey("run " + new_id(), "task", "actor", 3)
    return Episode(
        new_id(), LAB, key, "gym", "1.2", skill, 1_760_000_000_000_000_000, **(parts | changes)
    )


def text(seq, kind, actor, words, at, track="main", seat="solver", **more):
    return Step(seq, kind, actor, seat, track, at, at + 5, canonical({"text": words}), **more)


@st.composite
def one_line(draw):
    answer = draw(words)
    steps = (text(0, "observation", GYM, "2+2?", 0), text(1, "action", 0, answer, 9, reply_to=0))
    return Record(header(), steps)


@st.composite
def agent(draw):
    count = draw(st.sampled_from([2, 100, 4095, 4096, 4097, 10_000]))
    said = draw(words)
    kinds = ("observation", "action", "reward", "note", "control")
    steps = tuple(
        text(i, kinds[i % 5], GYM if i % 5 == 0 else 0, f"{said}{i}", i * 10**6, schema="5c4e")
        for i in range(count)
    )
    return Record(header(truncated=draw(st.booleans())), steps)


@st.composite
def talk(draw):
    """Two people at once: their stretches overlap, and each has a track."""
    steps, at = [], 0
    for seq in range(draw(st.integers(2, 30))):
        who = draw(st.integers(0, 1))
        at += draw(st.integers(0, 10**9))
        end = at + draw(st.integers(0, 10**10))
        seat = ("left", "right")[who]
        steps.append(
            Step(seq, "action", who, seat, f"voice-{seat}", at, end, canonical(draw(words)))
        )
    seats = (Seat("left", (0,)), Seat("right", (1,)))
    return Record(header(actors=(person, other), seats=seats), tuple(steps))


@st.composite
def cameras(draw):
    """Five hours of four cameras, as stretches of blobs in rational time."""
    steps = []
    for camera in range(4):
        sha256 = digest(draw(st.binary(max_size=4)), bytes([camera]))
        blob = Blob(sha256, draw(st.integers(1, 2**45)), "video/mp4", draw(words) or "none")
        den = draw(st.sampled_from([30_000, 60_000, 25, 90_000]))
        for part in range(5):
            span = Span(blob, "video/0", part * 3600 * den, (part + 1) * 3600 * den, 1001, den)
            steps.append(
                Step(
                    len(steps),
                    "observation",
                    0,
                    "wearer",
                    f"camera-{camera}",
                    part * HOUR_NS,
                    (part + 1) * HOUR_NS,
                    spans=(span,),
                )
            )
    return Record(header(actors=(person,), length_ns=5 * HOUR_NS), tuple(steps))


@st.composite
def joints(draw):
    """A robot's seven joints at 50 Hz."""
    count = draw(st.sampled_from([50, 3_000]))
    angles = np.random.default_rng(draw(st.integers(0, 99))).normal(size=(count, 7))
    steps = tuple(
        Step(
            i,
            "action",
            0,
            "robot",
            "joints",
            i * 20_000_000,
            i * 20_000_000,
            msgspec.json.encode(angles[i].tolist()),
        )
        for i in range(count)
    )
    return Record(header(), steps)


@st.composite
def interview(draw):
    steps = []
    for _ in range(draw(st.integers(1, 12))):
        steps.append(text(len(steps), "action", 0, draw(words), 0, seat="asks"))
        steps.append(
            text(len(steps), "action", 1, draw(words), 5, seat="tells", reply_to=len(steps) - 1)
        )
    seats = (Seat("asks", (0,)), Seat("tells", (1,)))
    return Record(header(actors=(model, person), seats=seats), tuple(steps))


@st.composite
def correction(draw):
    """In a stateless gym, a later step corrects an earlier one; the seat was taken over."""
    steps = (
        text(0, "observation", GYM, "label this", 0),
        text(1, "action", 0, draw(words), 1, reply_to=0),
        text(2, "control", 1, "takes over", 2),
        text(3, "action", 1, draw(words), 3, corrects=1),
    )
    seats = (Seat("solver", (0, 1)),)
    return Record(header(actors=(model, person), seats=seats), steps)


@st.composite
def child(draw):
    """An episode that comes from others: forked, corrected, reviewed, synthesised, replayed."""
    relation = draw(st.sampled_from(["forked", "corrected", "reviewed", "synthesised", "replayed"]))
    parents = (
        Parent(new_id(), relation, draw(st.none() | st.integers(0, 9))),
        Parent(new_id(), "reviewed"),
    )
    verdict = canonical({"verdict": "reject", "reasons": [draw(words)]})
    steps = (Step(0, "action", 0, "reviewer", "main", 0, draw(st.integers(0, 2**62)), verdict),)
    return Record(header(actors=(person,), parents=parents), steps)


@st.composite
def failed(draw):
    failure = Failure("ActorError", draw(words))
    steps = (text(0, "observation", GYM, "2+2?", 0),) if draw(st.booleans()) else ()
    return Record(header(status="failed", failure=failure), steps)


@st.composite
def with_tokens(draw):
    ids = st.lists(st.integers(0, 2**32 - 1), max_size=9)
    steps, before = [], np.empty(0, dtype=np.uint32)
    for seq in range(draw(st.integers(1, 6))):
        prompt = [*before.tolist(), *draw(ids)]
        written = draw(ids)
        logprobs = draw(st.lists(st.floats(width=32), min_size=len(written), max_size=len(written)))
        tokens = pack(0, prompt, written, logprobs, before)
        before = np.asarray(prompt + written, dtype=np.uint32)
        steps.append(text(seq, "action", 0, draw(words), seq, tokens=tokens))
    sampler = Sampler("small", "rev", "tok", "tpl", '{"seed":1}')
    return Record(header(samplers=(sampler,), route="adapter/mail"), tuple(steps))


KINDS = {
    "one line": one_line(),
    "agent": agent(),
    "talk": talk(),
    "cameras": cameras(),
    "joints": joints(),
    "interview": interview(),
    "correction": correction(),
    "child": child(),
    "failed": failed(),
    "tokens": with_tokens(),
}


@pytest.fixture(scope="module")
def kinds_lab(house):
    return house.lab(LAB)


def same(stored, given):
    """The stored record is the given one, with its body in segments of the same bytes."""
    assert stored.steps == given.steps
    people = sorted(a.name for a in given.episode.actors if a.kind == "person")
    key = work_key(given.episode.lab, *people) if people else NO_KEY
    theirs = msgspec.structs.replace(given.episode, body_key=key)
    assert msgspec.structs.replace(stored.episode, segments=()) == theirs
    assert msgspec.msgpack.encode(stored.steps) == msgspec.msgpack.encode(given.steps)
    assert sum(s.count for s in stored.episode.segments) == len(given.steps)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_through_the_codec(kind, data):
    record = data.draw(KINDS[kind])
    sha256, body = encode_steps(record.steps)
    assert decode_steps(body, sha256) == record.steps
    assert encode_steps(decode_steps(body, sha256)) == (sha256, body)
    for encode, decode in (
        (msgspec.json.encode, msgspec.json.decode),
        (msgspec.msgpack.encode, msgspec.msgpack.decode),
    ):
        assert decode(encode(record.episode), type=Episode) == record.episode
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(record), type=Record) == record


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_through_the_store_sealed(kinds_lab, kind, data):
    record = data.draw(KINDS[kind])
    score = data.draw(st.floats(0, 1))
    parts = data.draw(st.dictionaries(words.filter(lambda w: "\0" not in w), st.floats(0, 1)))
    evidence = canonical({"said": data.draw(words)}).decode()
    verdict = Judgement(new_id(), record.episode.id, "j", "h", score, score > 0.5, parts, evidence)
    verdicts = () if record.episode.status == "failed" else (verdict,)
    (written,) = kinds_lab.write([record], verdicts)
    assert (written.new, written.same) == (True, True)
    same(kinds_lab.read(record.episode.id), record)
    assert kinds_lab.judgements([record.episode.id]).get(record.episode.id, ()) == verdicts
    again = kinds_lab.write([record])
    assert (again[0].new, again[0].same) == (False, True)


@pytest.mark.parametrize("kind", [k for k in KINDS if k not in ("agent", "joints")])
@settings(max_examples=4, deadline=None)
@given(data=st.data())
def test_through_the_store_journaled(kinds_lab, kind, data):
    record = data.draw(KINDS[kind])
    wanted = record.episode
    plain = {"status": "open", "length_ns": 0, "cost": Cost(), "failure": None, "truncated": False}
    journal = kinds_lab.journal(msgspec.structs.replace(wanted, **plain))
    for step in record.steps:
        journal.append(step)
    assert kinds_lab.read(wanted.id).steps == record.steps
    closed = journal.close(
        wanted.status,
        wanted.length_ns,
        wanted.cost,
        failure=wanted.failure,
        truncated=wanted.truncated,
    )
    stored = kinds_lab.read(wanted.id)
    assert stored.episode == closed
    same(stored, record)


@pytest.mark.slow
def test_more_than_a_segment_through_the_journal(kinds_lab, make):
    steps = make.steps(5_000)
    journal = kinds_lab.journal(header(status="open", cost=Cost()))
    for step in steps:
        journal.append(step)
    episode = journal.close("done", 10**9, Cost(1, 1))
    stored = kinds_lab.read(episode.id)
    assert stored.steps == steps
    assert [s.count for s in stored.episode.segments] == [4096, 904]
