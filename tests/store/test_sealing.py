import random
import threading

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from banbury.episode import Failure, new_id
from banbury.errors import InputError, Sealed, StoreUnavailable
from banbury.store.wire import SEGMENT_STEPS

LONG = 800  # steps that do not fit into their episode's row


def refs(lab):
    query = sa.text("SELECT refs FROM segment ORDER BY refs")
    return lab._database.run(lambda c: list(c.execute(query).scalars()))


def test_a_batch_comes_back(lab, make):
    records = [make.record(lab, steps=1 + n % 4, sample=n) for n in range(1_000)]
    verdicts = [make.judgement(r, n % 2) for n, r in enumerate(records)]
    written = lab.write(records, verdicts)
    assert [w.id for w in written] == [r.episode.id for r in records]
    assert all(w.new and w.same for w in written)
    back = list(lab.records())
    assert [r.steps for r, _ in back] == [r.steps for r in records]
    assert [j for _, (j,) in back] == verdicts
    assert lab.known("run") == {("task", "actor", n): r.episode.id for n, r in enumerate(records)}


def test_nothing_is_a_batch_too(lab):
    assert lab.write([]) == []


def test_the_same_key_with_the_same_content_is_the_same(lab, make):
    first = make.record(lab)
    again = msgspec.structs.replace(
        first, episode=msgspec.structs.replace(first.episode, id=new_id())
    )
    lab.write([first], [make.judgement(first)])
    (written,) = lab.write([again], [make.judgement(again, 0.0)])
    assert written == msgspec.convert(
        {"id": first.episode.id, "new": False, "same": True}, type(written)
    )
    assert [o.score for o in lab.outcomes()] == [1.0]
    assert len(list(lab.episodes())) == 1


def test_the_same_key_with_other_content_returns_what_is_stored_and_says_so(lab, make):
    first, other = make.record(lab), make.record(lab, steps=3)
    lab.write([first])
    (written,) = lab.write([other], [make.judgement(other)])
    assert (written.id, written.new, written.same) == (first.episode.id, False, False)
    assert lab.read(first.episode.id).steps == first.steps
    assert lab.judgements([first.episode.id]) == {}


def test_one_key_twice_in_a_batch_is_kept_once(lab, make):
    records = [make.record(lab), make.record(lab, steps=3)]
    written = lab.write(records)
    assert sorted(w.new for w in written) == [False, True]
    assert len({w.id for w in written}) == 1
    assert {w.same for w in written} == {True, False}


def test_a_failed_attempt_gives_up_its_key(lab, make):
    failure = Failure("ActorError", "the endpoint is down")
    failed = [make.record(lab, status="failed", failure=failure) for _ in range(2)]
    assert [w.new for w in lab.write(failed)] == [True, True]
    assert lab.known("run") == {}
    done = make.record(lab)
    assert lab.write([done], [make.judgement(done)])[0].new
    assert lab.known("run") == {("task", "actor", 0): done.episode.id}
    again = lab.write(failed)
    assert [(w.id, w.new, w.same) for w in again] == [(r.episode.id, False, True) for r in failed]
    assert [o.score for o in lab.outcomes(status="failed")] == [None, None]
    assert [o.passed for o in lab.outcomes(passed=True)] == [True]


def test_long_segments_are_shared_and_counted(lab, make):
    lab.write([make.record(lab, steps=LONG, sample=n) for n in range(3)])
    assert refs(lab) == [3]
    lab.write([make.record(lab, steps=LONG, sample=n) for n in range(5)])
    assert refs(lab) == [5]


@pytest.mark.parametrize("steps", [0, 1, LONG, 2 * SEGMENT_STEPS + 1])
def test_a_body_of_any_length_comes_back(lab, make, steps):
    record = make.record(lab, steps=steps)
    lab.write([record])
    assert lab.read(record.episode.id).steps == record.steps
    assert [r.steps for r, _ in lab.records()] == [record.steps]
    assert len(refs(lab)) == (0 if steps < LONG else len(lab.episode(record.episode.id).segments))


def test_one_record_may_be_larger_than_any_batch(lab, make):
    record = make.record(lab, steps=2)
    heavy = msgspec.structs.replace(
        record.steps[1], payload=b'"%s"' % random.Random(0).randbytes(40 << 20).hex().encode()
    )
    record = msgspec.structs.replace(record, steps=(record.steps[0], heavy))
    assert lab.write([record, make.record(lab, sample=1)])[0].new
    assert lab.read(record.episode.id).steps == record.steps


def test_the_newest_judgement_counts_whatever_their_order(lab, make):
    record = make.record(lab)
    old, new = make.judgement(record, 1.0), make.judgement(record, 0.0)
    lab.write([record], [new, old])
    assert [e.id for e in lab.episodes(passed=False)] == [record.episode.id]
    lab.judge([make.judgement(record, 1.0)])
    lab.judge([old])
    assert [e.id for e in lab.episodes(passed=True)] == [record.episode.id]
    assert [o.score for o in lab.outcomes(passed=True)] == [1.0]
    assert len(lab.judgements([record.episode.id])[record.episode.id]) == 3


def test_judges_at_once_leave_the_newest(lab, make):
    records = [make.record(lab, sample=n) for n in range(20)]
    lab.write(records)
    verdicts = [[make.judgement(r, n % 2) for r in records] for n in range(8)]

    def work(rows):
        lab.judge(reversed(rows) if rows[0].passed else rows)

    threads = [threading.Thread(target=work, args=(rows,)) for rows in reversed(verdicts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [o.score for o in lab.outcomes(passed=True)] == [1.0] * 20


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"status": "open"}, "cannot be sealed"),
        ({"lab": "another"}, "belongs to the lab 'another'"),
        ({"id": "7"}, "is no UUID"),
        ({"status": "failed"}, "disagree"),
        ({"failure": Failure("GymError", "x")}, "disagree"),
        ({"skill": "a\0b"}, "refuses"),
    ],
)
def test_a_bad_record_is_refused_and_the_batch_with_it(lab, make, changes, says):
    good = make.record(lab, sample=1)
    bad = make.record(lab)
    bad = msgspec.structs.replace(bad, episode=msgspec.structs.replace(bad.episode, **changes))
    with pytest.raises(InputError, match=says):
        lab.write([good, bad])
    assert list(lab.episodes()) == []


def test_holes_in_the_steps_are_refused(lab, make):
    for steps in (make.steps(3)[1:], make.steps(2) + make.steps(1, first=3)):
        with pytest.raises(InputError, match="number"):
            lab.write([msgspec.structs.replace(make.record(lab), steps=steps)])


@pytest.mark.parametrize("score", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_score_outside_its_range_is_refused(lab, make, score):
    record = make.record(lab)
    with pytest.raises(InputError, match="not in"):
        lab.write([record], [make.judgement(record, score)])
    assert list(lab.episodes()) == []


def test_an_id_with_another_key_is_refused(lab, make):
    first = make.record(lab)
    lab.write([first])
    moved = msgspec.structs.replace(make.record(lab, sample=9).episode, id=first.episode.id)
    with pytest.raises(InputError, match="another key"):
        lab.write([msgspec.structs.replace(first, episode=moved)])


def test_a_sealed_episode_cannot_be_changed_by_anyone(lab, make):
    lab.write([make.record(lab)])

    def run(statement):
        lab._database.run(lambda c: c.execute(sa.text(statement)))

    with pytest.raises(Sealed):
        run("UPDATE episode SET status = 'void'")
    for statement in (
        "DELETE FROM episode",
        "UPDATE judgement SET score = 1",
        "UPDATE segment SET data = ''",
        "TRUNCATE episode CASCADE",
        "DROP TABLE episode",
        "ALTER TABLE episode DISABLE TRIGGER ALL",
    ):
        with pytest.raises(StoreUnavailable, match=r"permission denied|must be owner"):
            run(statement)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3)), min_size=1, max_size=12))
def test_however_batches_overlap_each_key_holds_its_first_content(house, make, attempts):
    lab = house.lab("overlap")
    run = new_id()
    first = {}
    for start in range(0, len(attempts), 4):
        batch = [
            make.record(lab, steps=steps, run=run, sample=sample)
            for sample, steps in attempts[start : start + 4]
        ]
        for record, written in zip(batch, lab.write(batch), strict=True):
            key = record.episode.key.sample
            first.setdefault(key, lab.read(written.id))
            assert written.id == first[key].episode.id
            assert written.same == (record.steps == first[key].steps)
    assert len(list(lab.episodes(run=run))) == len(first)


def test_writers_at_once_write_each_key_once(lab, make):
    results = []

    def work(order):
        for _ in range(5):
            records = [make.record(lab, steps=LONG, sample=n) for n in range(40)]
            results.extend(lab.write(records if order else list(reversed(records))))

    threads = [threading.Thread(target=work, args=(n % 2,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(w.new for w in results) == 40
    assert len(results) == 4 * 5 * 40
    assert len({w.id for w in results}) == 40
    assert refs(lab) == [40]


def test_readers_never_see_half_a_batch(lab, make):
    seen, done = set(), threading.Event()

    def look():
        while not done.is_set():
            pairs = list(lab.records(run="r"))
            assert all(record.steps and verdicts for record, verdicts in pairs)
            seen.add(len(pairs))

    reader = threading.Thread(target=look)
    reader.start()
    for batch in range(8):
        records = [make.record(lab, run="r", sample=100 * batch + n) for n in range(100)]
        lab.write(records, [make.judgement(r) for r in records])
    done.set()
    reader.join()
    assert seen <= set(range(0, 801, 100))
