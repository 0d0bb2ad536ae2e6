"""Records of any content: the same bytes back, once, however often and in whatever order written.

HYPOTHESIS=long runs thirty times as many examples.
"""

import itertools
import os

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from banbury.episode import (
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
    Tokens,
    new_id,
)
from banbury.errors import InputError
from banbury.store import boxes, wire

TIMES = 30 if os.environ.get("HYPOTHESIS") == "long" else 1
frugal = settings(deadline=None, suppress_health_check=list(HealthCheck))
runs = itertools.count()
LAB = "any"

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
stored = words.map(lambda text: text.replace("\0", ""))  # PostgreSQL's text has no zero
whole = st.integers(-(2**63), 2**64 - 1) | st.sampled_from([0, -(2**63), 2**63, 2**64 - 1])
small = st.integers(0, 2**31 - 1)
ids = st.builds(new_id)
spans = st.builds(Span, st.builds(Blob, words, whole, words, words), words, whole, whole)
tokens = st.builds(Tokens, small, small, *[st.binary(max_size=9)] * 3)
step = st.builds(
    Step,
    st.just(0),
    st.sampled_from(["action", "observation", "reward", "note", "control"]),
    whole,
    words,
    words,
    whole,
    whole,
    st.binary(max_size=30),
    words,
    st.none() | whole,
    st.none() | whole,
    st.lists(spans, max_size=2).map(tuple),
    st.none() | tokens,
)


def several(of):
    return st.lists(of, max_size=2).map(tuple)


@st.composite
def records(draw, run):
    status = draw(st.sampled_from(["done", "void", "failed"]))
    episode = Episode(
        new_id(),
        LAB,
        RunKey(run, draw(stored), draw(stored), draw(small)),
        draw(stored),
        draw(words),
        draw(stored),
        draw(whole),
        draw(whole),
        status,
        draw(several(st.builds(Actor, st.just("person"), words, words, words))),
        draw(several(st.builds(Seat, words, several(whole)))),
        draw(several(st.builds(Sampler, words, words, words, words, words))),
        draw(several(st.builds(Parent, words, st.just("forked"), st.none() | whole))),
        (),
        Cost(draw(whole), draw(whole), draw(whole), draw(several(st.builds(Money, whole, words)))),
        draw(stored),
        draw(st.booleans()),
        Failure(draw(words), draw(words)) if status == "failed" else None,
        draw(several(stored)),
        draw(words),
    )
    steps = enumerate(draw(st.lists(step, max_size=4)))
    return Record(episode, tuple(msgspec.structs.replace(s, seq=n) for n, s in steps))


@settings(frugal, max_examples=25 * TIMES)
@given(records("r"))
def test_a_header_comes_back_whatever_it_says(record):
    episode = record.episode
    data, sha256 = wire.encode_header(episode)
    assert wire.decode_header(data, episode.id, LAB) == episode
    again = msgspec.structs.replace(episode, id=new_id())
    assert wire.encode_header(again) == (data, sha256)


@settings(frugal, max_examples=8 * TIMES)
@given(st.data())
def test_what_was_written_comes_back_once_however_it_was_written(house, data):
    lab = house.lab(LAB)
    run = f"run {next(runs)}"
    given = data.draw(st.lists(records(run), min_size=1, max_size=6))
    first = {}
    for record in given:  # a failed attempt gives up its key
        name = record.episode.key if record.episode.status != "failed" else record.episode.id
        first.setdefault(name, record)
    batches = [given, *data.draw(st.lists(st.lists(st.sampled_from(given)), max_size=4))]
    written = [lab.write(batch) for batch in batches]
    kept = {r.episode.id: r for r, _ in lab.records(run=run)}
    assert len(kept) == len(first)
    for batch, said in zip(batches, written, strict=True):
        assert [w.id in kept for w in said] == [True] * len(batch)
    assert sum(w.new for said in written for w in said) == len(first)
    mine = {r.episode.id: r for r in given}
    for id, record in kept.items():
        sent = mine[id]
        assert record.steps == sent.steps
        theirs = boxes.owned(sent.episode, lab.keyring)
        assert msgspec.structs.replace(record.episode, segments=()) == theirs
        assert lab.read(id) == record
    assert [e.id for e in lab.episodes(run=run)] == sorted(kept)


UNREADABLE = {
    "run": lambda make, lab, text: make.record(lab, run=text),
    "task": lambda make, lab, text: make.record(lab, task=text),
    "skill": lambda make, lab, text: make.record(lab, skill=text),
    "tag": lambda make, lab, text: make.record(lab, tags=(text,)),
    "failure": lambda make, lab, text: make.record(
        lab, status="failed", failure=Failure("GymError", text)
    ),
    "seat": lambda make, lab, text: Record(
        make.episode(lab), (msgspec.structs.replace(make.steps(1)[0], seat=text),)
    ),
}


@pytest.mark.parametrize("where", UNREADABLE)
def test_text_that_is_no_unicode_is_one_clear_error(lab, make, where):
    bad = UNREADABLE[where](make, lab, "a\udfff")
    with pytest.raises(InputError, match="valid Unicode"):
        lab.write([make.record(lab, run="good"), bad])
    with pytest.raises(InputError, match="valid Unicode"):
        episode = msgspec.structs.replace(bad.episode, status="open", failure=None)
        lab.journal(episode).append(msgspec.structs.replace(make.steps(1)[0], seat="a\udfff"))
    assert [e for e in lab.episodes() if e.status != "open"] == []


def test_text_that_is_no_unicode_is_refused_beside_episodes_too(lab, make):
    record = make.record(lab)
    lab.write([record])
    for changes in ({"evidence": "\ud800"}, {"judge": "\ud800"}):
        with pytest.raises(InputError, match="valid Unicode"):
            lab.judge([make.judgement(record, **changes)])
    with pytest.raises(InputError):
        lab.put_artifact("map", "\ud800", {})
    assert lab.judgements([record.episode.id]) == {}


@settings(frugal, max_examples=6 * TIMES)
@given(
    st.sampled_from(["sample", "anchor_ns", "length_ns", "start_ns"]),
    st.sampled_from([2**64, -(2**63) - 1, 10**30]),
)
@example("sample", 2**31)
@example("sample", -1)
def test_numbers_beyond_their_bounds_are_one_clear_error(house, make, where, number):
    lab = house.lab(LAB)
    run = f"bounds {next(runs)}"
    changes = {where: number} if where != "start_ns" else {}
    record = make.record(lab, run=run, **changes)
    if where == "start_ns":
        steps = (msgspec.structs.replace(record.steps[0], start_ns=number),)
        record = msgspec.structs.replace(record, steps=steps)
    with pytest.raises(InputError):
        lab.write([record])
    assert lab.known(run) == {}


@settings(frugal, max_examples=10 * TIMES)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=5), words, st.data())
def test_judgements_come_back_in_any_order(house, make, scores, evidence, data):
    lab = house.lab(LAB)
    record = make.record(lab, run=f"judged {next(runs)}")
    said = [
        Judgement(new_id(), record.episode.id, "j", "1", s, s > 0.5, {"part": s}, evidence, n)
        for n, s in enumerate(scores)
    ]
    lab.write([record], data.draw(st.permutations(said)))
    for again in data.draw(st.lists(st.sampled_from(said), max_size=3)):
        lab.judge([again])
    assert list(lab.judgements([record.episode.id])[record.episode.id]) == said
    (outcome,) = lab.outcomes(run=record.episode.key.run)
    assert outcome.score == scores[-1]
