"""A journal on an event loop: done in one statement, or not at all and said so."""

import asyncio
import contextlib

import msgspec
import pytest
import sqlalchemy as sa

from banbury.episode import Actor, Cost, Failure, Parent
from banbury.errors import InputError, Sealed
from banbury.store.journal import Ending
from banbury.store.pool import CAP

DONE = Ending("done", 7, Cost(1, 2), truncated=True)


@pytest.fixture
def swift(lab, make):
    """Return what runs `work(swift, journal)` on an event loop, with a journal of four steps."""

    def runs(work, **changes):
        async def main():
            swift = lab.swift()
            try:
                journal = await swift.open(make.episode(lab, status="open", **changes))
                assert await swift.extend(journal, make.steps(4))
                return journal, await work(swift, journal)
            finally:
                swift.release()

        lab.count()  # leaves an idle connection
        before = CAP.open - CAP.resting
        result = asyncio.run(main())
        assert CAP.open - CAP.resting == before
        return result

    return runs


def outbox(lab):
    query = sa.text("SELECT episode::text, kind, body FROM outbox")
    return lab._database.run(lambda c: c.execute(query).all())


def journaled(lab):
    query = sa.text("SELECT count(*) FROM journal")
    return lab._database.run(lambda c: c.execute(query).scalar())


@pytest.mark.parametrize("score", [None, 0.5])
def test_it_leaves_what_the_careful_way_leaves(lab, make, swift, score):
    def verdicts(episode):
        record = make.record(lab, id=episode.id)
        return [] if score is None else [make.judgement(record, score, components={"a": 0.25})]

    async def ends(swift, journal):
        assert lab.read(journal.episode.id).steps == make.steps(4)
        said = verdicts(journal.episode)
        assert await swift.close(journal, make.steps(6)[4:], DONE, said)
        return said

    journal, said = swift(ends, tags=("x", "y"))
    quick = lab.read(journal.episode.id)
    other = lab.journal(make.episode(lab, sample=1, status="open", tags=("x", "y")))
    other.extend(make.steps(4))
    other.end(make.steps(6)[4:], DONE, verdicts(other.episode))
    careful = lab.read(other.episode.id)
    same = {"id": "", "key": careful.episode.key}
    assert msgspec.structs.replace(quick.episode, **same) == msgspec.structs.replace(
        careful.episode, **same
    )
    assert quick.episode == journal.episode
    assert quick.steps == careful.steps == make.steps(6)
    assert list(lab.judgements([journal.episode.id]).get(journal.episode.id, ())) == said
    one, two = lab.outcomes()
    assert (one.status, one.passed, one.score) == (two.status, two.passed, two.score)
    (_, kind, body), (_, *last) = outbox(lab)
    assert [kind, body] == last
    assert journaled(lab) == 0
    assert journal.end((), DONE) == journal.episode


def test_a_failure_needs_no_verdict(lab, make, swift):
    failure = Ending("failed", 7, Cost(), Failure("GymError", "x"))
    journal, closed = swift(lambda swift, journal: swift.close(journal, (), failure, []))
    assert closed
    assert lab.episode(journal.episode.id).failure == failure.failure


def test_a_step_that_another_wrote_is_not_written_over(lab, make, swift):
    steps = make.steps(7)
    theirs = msgspec.structs.replace(steps[4], payload=b'"theirs"')

    async def work(swift, journal):
        lab.resume(journal.episode.id).append(theirs)
        assert not await swift.extend(journal, steps[4:6])
        with pytest.raises(InputError, match="another process has written another step 4"):
            journal.extend(steps[4:6])
        assert not await swift.close(journal, steps[4:6], DONE, [])
        with pytest.raises(InputError, match="another process has written another step 4"):
            journal.end(steps[4:6], DONE)
        assert not await swift.close(journal, (), DONE, [])

    journal, _ = swift(work)
    assert lab.read(journal.episode.id).steps == (*steps[:4], theirs)
    assert lab.episode(journal.episode.id).status == "open"


def test_a_header_that_another_changed_is_kept(lab, make, swift):
    actors = (Actor("model", "actor"), Actor("person", "p"))

    async def work(swift, journal):
        lab.resume(journal.episode.id).amend(actors=actors)
        assert not await swift.close(journal, (), DONE, [])
        journal.end((), DONE)

    journal, _ = swift(work)
    assert lab.episode(journal.episode.id).actors == actors


def test_a_verdict_that_was_there_before_counts_by_its_age(lab, make, swift):
    async def work(swift, journal):
        early, late = (make.judgement(make.record(lab, id=journal.episode.id), s) for s in (0, 1))
        lab.judge([late])
        assert not await swift.close(journal, (), DONE, [early])
        journal.end((), DONE, [early])

    swift(work)
    assert [o.score for o in lab.outcomes()] == [1.0]


def test_a_closed_one_takes_no_steps(lab, make, swift):
    async def work(swift, journal):
        lab.resume(journal.episode.id).end((), DONE)
        assert not await swift.extend(journal, make.steps(5)[4:])
        with pytest.raises(Sealed):
            journal.extend(make.steps(5)[4:])
        assert not await swift.close(journal, (), DONE, [])
        again = make.episode(lab, status="open")
        assert await swift.open(again) is None
        with pytest.raises(Sealed):
            lab.journal(again)

    swift(work)
    assert journaled(lab) == 0


def test_a_step_that_does_not_follow_is_refused(make, swift):
    async def work(swift, journal):
        for call in (
            swift.extend(journal, make.steps(6)[5:]),
            swift.close(journal, make.steps(6)[5:], DONE, []),
        ):
            with pytest.raises(InputError, match="does not follow"):
                await call

    swift(work)


def test_a_lost_connection_costs_a_careful_call(house, lab, make, swift):
    steps = make.steps(8)

    async def work(swift, journal):
        for n in (4, 6):
            with contextlib.closing(house._server.connect("postgres")) as admin:
                admin.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                    "WHERE datname = %s",
                    [lab._database.name],
                )
            assert not await swift.extend(journal, steps[n : n + 1])
            journal.extend(steps[n : n + 1])
            assert await swift.extend(journal, steps[: n + 2])

    journal, _ = swift(work)
    assert lab.read(journal.episode.id).steps == steps


def test_a_call_that_is_cancelled_comes_to_its_end(lab, make, swift):
    async def work(swift, journal):
        call = asyncio.create_task(swift.extend(journal, make.steps(5)[4:]))
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert len(lab.read(journal.episode.id).steps) == 5
        await asyncio.to_thread(journal.extend, make.steps(5)[4:])

    journal, _ = swift(work)
    assert lab.read(journal.episode.id).steps == make.steps(5)


def test_more_than_the_socket_takes_at_once(lab, make, swift):
    big = msgspec.structs.replace(make.steps(5)[4], payload=b"[%s]" % (b"1," * 8_000_000 + b"1"))
    journal, kept = swift(lambda swift, journal: swift.extend(journal, [big]))
    assert kept
    assert lab.read(journal.episode.id).steps[4] == big


def test_without_an_idle_connection_nothing_is_done(lab, make, swift):
    async def work(swift, journal):
        other = lab.swift()
        lab.close()
        assert await other.open(make.episode(lab, sample=9, status="open")) is None

    swift(work)
    assert lab.count() == 1


def test_a_parent_finds_its_children(lab, make, swift):
    first = make.record(lab)
    lab.write([first])

    async def ends(swift, journal):
        return True

    journal, _ = swift(ends, sample=3, parents=(Parent(first.episode.id, "corrected"),))
    query = sa.text("SELECT id::text FROM episode WHERE parents @> ARRAY[:parent]")
    found = lab._database.run(
        lambda c: c.execute(query, {"parent": first.episode.id}).scalars().all()
    )
    assert found == [journal.episode.id]
