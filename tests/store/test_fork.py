import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from banbury.episode import Cost, Parent, Record, RunKey, new_id
from banbury.errors import InputError, UnknownName


def refs(lab):
    query = sa.text("SELECT encode(sha256, 'hex'), refs FROM segment")
    return dict(lab._database.run(lambda c: c.execute(query).all()))


def counted(lab):
    """What the segments' counters must say: how many episodes name each."""
    out = {}
    for episode in lab.episodes():
        for segment in episode.segments:
            out[segment.sha256] = out.get(segment.sha256, 0) + 1
    return out


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_a_fork_shares_what_came_before(house, make, data):
    lab = house.lab("forks")
    count = data.draw(st.sampled_from([1, 5, 4096, 4097, 9000]))
    at = data.draw(st.integers(0, count))
    parent = make.record(lab, steps=count, run=new_id())
    lab.write([parent])
    fork = lab.fork(parent.episode.id, at)
    journal = lab.resume(fork.id)
    assert journal.steps == parent.steps[:at]
    assert fork.parents == (Parent(parent.episode.id, "forked", at),)
    assert (fork.status, fork.cost) == ("open", Cost())
    more = tuple(msgspec.structs.replace(s, payload=b'"other"') for s in make.steps(2, first=at))
    for step in more:
        journal.append(step)
    closed = journal.close("done", 5, Cost(1))
    assert lab.read(closed.id).steps == parent.steps[:at] + more
    assert lab.read(parent.episode.id).steps == parent.steps
    whole = [s for s in lab.episode(parent.episode.id).segments if s.first + s.count <= at]
    assert list(closed.segments[: len(whole)]) == whole


def test_references_are_counted(lab, make):
    parent = make.record(lab, steps=5000)
    lab.write([parent])
    for at in (0, 100, 4096, 4500, 5000):
        fork = lab.fork(parent.episode.id, at)
        lab.fork(fork.id, at // 2)
    assert refs(lab) == counted(lab)


def test_an_open_episode_is_forked_and_both_go_on(lab, make):
    steps = make.steps(8)
    journal = lab.journal(make.episode(lab, status="open"))
    for step in steps[:6]:
        journal.append(step)
    fork = lab.resume(lab.fork(journal.episode.id, 4, relation="corrected").id)
    assert fork.steps == steps[:4]
    for step in steps[6:]:
        journal.append(step)
    assert lab.read(journal.episode.id).steps == steps
    assert lab.resume(journal.episode.id).steps == steps
    deeper = lab.resume(lab.fork(journal.episode.id, 7).id)
    assert deeper.steps == steps[:7]
    for one in (deeper, fork, journal):
        one.close("done", 1, Cost())
    assert lab.read(journal.episode.id).steps == steps
    assert lab.read(fork.episode.id).steps == steps[:4]
    assert refs(lab) == counted(lab)


def test_a_key_of_ones_own(lab, make):
    parent = make.record(lab)
    lab.write([parent])
    key = RunKey("corrections", "task", "person", 1)
    fork = lab.fork(parent.episode.id, 1, key, "corrected")
    assert lab.episode(fork.id).key == key
    with pytest.raises(InputError, match="key belongs to another"):
        lab.fork(parent.episode.id, 1, key)


def test_a_fork_keeps_what_the_parent_was(lab, make):
    parent = Record(make.episode(lab, route="a", tags=("x",), length_ns=9), make.steps(3))
    lab.write([parent])
    fork = lab.fork(parent.episode.id, 3)
    assert (fork.gym, fork.skill, fork.actors) == ("gym", "a.b", parent.episode.actors)
    assert fork.anchor_ns == parent.episode.anchor_ns
    assert fork.length_ns == 0


def test_beyond_the_end_there_is_nothing_to_fork(lab, make):
    parent = make.record(lab, steps=3)
    lab.write([parent])
    for at in (-1, 4):
        with pytest.raises(InputError, match="from 0 to 3"):
            lab.fork(parent.episode.id, at)
    with pytest.raises(UnknownName):
        lab.fork(new_id(), 0)
