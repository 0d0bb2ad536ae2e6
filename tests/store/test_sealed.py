"""What a person says or shows lies in a lab's store under their key, and reads as before."""

import hashlib
import io
import os
import random
import subprocess
import sys

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banbury.episode import Actor, Cost, Episode, Judgement, Record, RunKey, Step, new_id
from banbury.errors import CorruptBlob, Erased, InputError
from banbury.store import streams
from banbury.store.database import raw
from banbury.store.journal import Ending
from banbury.store.keyring import work_key

PLANTED = b"marmalade-otter-7781"
WORDS = PLANTED.decode()
KILLED = """
import os, sys
from banbury import store
house = store.open(sys.argv[1])
with house.lab(sys.argv[2]).blobs.lying(sys.argv[3]) as path:
    assert path.read_bytes() == sys.argv[4].encode()
    os._exit(9)
"""


def step(seq, words=WORDS, kind="action"):
    return Step(seq, kind, 0, "solver", "main", seq, seq, f'{{"said":"{words} {seq}"}}'.encode())


def episode(lab, person="ann", kind="person", status="done", run="r"):
    actor = Actor(kind, person)
    key = RunKey(run, "task", actor.key, random.getrandbits(30))
    return Episode(new_id(), lab.name, key, "gym", "1", "s.k", 1, 2, status, (actor,))


def dumped(lab):
    """Return every byte of every table of a lab's database, and of its files."""
    out = []

    def work(connection):
        link = raw(connection)
        tables = link.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' "
            "AND tablename <> 'alembic_version'"
        ).fetchall()
        for (table,) in tables:
            with link.cursor() as cursor:
                with cursor.copy(f"COPY {table} TO STDOUT (FORMAT BINARY)") as rows:
                    out.extend(bytes(part) for part in rows)

    lab._database.run(work)
    out += [f.read_bytes() for f in lab.blobs.root.rglob("*") if f.is_file()]
    return b"".join(out)


@pytest.mark.parametrize("length", [1, 60])
def test_a_persons_episode_is_sealed_and_reads_as_before(lab, length):
    chance = random.Random(1)
    words = "".join(chance.choice("abcdefgh") for _ in range(length * 20))
    steps = tuple(step(n, f"{WORDS} {words}") for n in range(length))
    header = episode(lab)
    verdict = Judgement(new_id(), header.id, "j", "h", 1.0, True, {}, f'{{"why":"{WORDS}"}}', 3)
    [written] = lab.write([Record(header, steps)], [verdict])
    found = lab.read(written.id)
    assert found.steps == steps
    assert found.episode.body_key == work_key(lab.name, "ann")
    assert lab.judgements([header.id])[header.id] == (verdict,)
    later = Judgement(new_id(), header.id, "later", "h", 0.0, False, {}, f'"{WORDS}"', 4)
    lab.judge([later])
    assert lab.judgements([header.id])[header.id] == (verdict, later)
    assert [r.steps for r, _ in lab.records()] == [steps]
    assert lab.write([Record(header, steps)])[0].same
    assert PLANTED not in dumped(lab)


def test_a_models_episode_is_as_it_was(lab):
    header = episode(lab, "smol", "model")
    verdict = Judgement(new_id(), header.id, "j", "h", 1.0, True, {}, f'"{WORDS}"', 3)
    lab.write([Record(header, (step(0),))], [verdict])
    found = lab.read(header.id).episode
    assert found.body_key == "none" and {s.key for s in found.segments} == {"none"}
    assert dumped(lab).count(PLANTED) == 2


def test_what_is_journaled_is_sealed_from_the_first_step_on(lab):
    journal = lab.journal(episode(lab, status="open"))
    for number in range(3):
        journal.append(step(number))
        journal.append(step(number))
    assert PLANTED not in dumped(lab)
    again = lab.resume(journal.episode.id)
    assert again.steps == journal.steps
    child = lab.fork(journal.episode.id, 2)
    assert child.body_key == work_key(lab.name, "ann")
    assert lab.resume(child.id).steps == journal.steps[:2]
    again.end([step(3)], Ending("done", 5, Cost()))
    assert lab.read(journal.episode.id).steps == tuple(step(n) for n in range(4))
    assert PLANTED not in dumped(lab)


def test_what_a_person_takes_over_is_sealed_with_what_came_before(lab):
    journal = lab.journal(episode(lab, "smol", "model", "open"))
    journal.append(step(0))
    journal.amend(actors=(*journal.episode.actors, Actor("person", "ann")))
    journal.append(step(1))
    assert PLANTED not in dumped(lab)
    assert lab.resume(journal.episode.id).steps == (step(0), step(1))
    journal.close("done", 5, Cost())
    assert lab.read(journal.episode.id).steps == (step(0), step(1))


def test_another_persons_words_do_not_open(lab):
    one, other = episode(lab, "ann"), episode(lab, "ben")
    lab.write([Record(one, (step(0),)), Record(other, (step(0),))])
    bodies = lab._database.run(
        lambda c: raw(c).execute("SELECT body FROM episode ORDER BY id").fetchall()
    )
    assert bodies[0] != bodies[1]
    lab.keyring.destroy(work_key(lab.name, "ann"))
    with pytest.raises(Erased, match="was erased"):
        lab.read(one.id)
    assert lab.read(other.id).steps == (step(0),)
    assert [r.episode.id for r, _ in lab.records()] == [other.id]
    with pytest.raises(Erased):
        lab.write([Record(episode(lab, "ann"), (step(0),))])


def test_a_file_is_sealed_under_the_key_that_is_named(lab):
    key = work_key(lab.name, "ann")
    data = PLANTED + os.urandom(3 << 20)
    blob = lab.blobs.put(io.BytesIO(data), "video/mp4", key)
    assert blob == lab.blobs.find(blob.sha256)
    assert (blob.key, blob.sha256, blob.size) == (key, hashlib.sha256(data).hexdigest(), len(data))
    assert lab.blobs.read(blob.sha256) == data
    with lab.blobs.open(blob.sha256) as file:
        assert file.read() == data
    assert lab.blobs.put(data, "video/mp4", key) == blob
    assert PLANTED not in dumped(lab)
    with pytest.raises(InputError, match="has no path"):
        lab.blobs.path(blob.sha256)
    with lab.blobs.lying(blob.sha256) as path:
        assert path.read_bytes() == data
    assert list((lab.blobs.root / "aside").iterdir()) == []
    place = lab.blobs.place(blob.sha256, key)
    sealed = bytearray(place.read_bytes())
    sealed[-1] ^= 1
    place.write_bytes(sealed)
    with pytest.raises(CorruptBlob, match="hash that names it"):
        lab.blobs.read(blob.sha256)
    place.write_bytes(b"short")
    with pytest.raises(CorruptBlob, match="does not begin as one"):
        lab.blobs.read(blob.sha256)


@pytest.fixture(scope="module")
def sealed(house):
    lab = house.lab("sealed-file")
    data = random.Random(5).randbytes(300_001)
    return lab.blobs.source(lab.blobs.put(data, key=work_key("sealed-file", "ann")).sha256), data


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 2),
            st.one_of(st.integers(-40, 40), st.integers(-300_100, 300_100)),
            st.one_of(st.integers(0, 40), st.integers(0, 300_100)),
        ),
        max_size=8,
    )
)
def test_a_sealed_file_is_read_like_any_other(sealed, moves):
    source, data = sealed
    plain = io.BytesIO(data)
    assert source.stat().st_size == len(data)
    with source.open() as file:
        for whence, offset, count in moves:
            at = {0: 0, 1: plain.tell(), 2: len(data)}[whence] + offset
            if at >= 0:
                assert file.seek(offset, whence) == plain.seek(at)
            assert file.read(count) == plain.read(count)
            assert file.tell() == plain.tell()


def test_two_people_with_the_same_file_have_a_copy_each(lab):
    ann, ben = work_key(lab.name, "ann"), work_key(lab.name, "ben")
    data = os.urandom(1000)
    one, other = lab.blobs.put(data, key=ann), lab.blobs.put(data, key=ben)
    assert one.sha256 == other.sha256
    assert lab.blobs.place(one.sha256, ann).read_bytes() != (
        lab.blobs.place(one.sha256, ben).read_bytes()
    )
    lab.keyring.destroy(ann)
    assert lab.blobs.find(one.sha256).key == ben
    assert lab.blobs.read(one.sha256) == data
    lab.keyring.destroy(ben)
    with pytest.raises(Erased):
        lab.blobs.read(one.sha256)
    with pytest.raises(Erased):
        lab.blobs.put(b"more", key=ben)


def test_a_plain_copy_for_a_library_is_gone_after_a_kill(house, address, lab):
    blob = lab.blobs.put(PLANTED, key=work_key(lab.name, "ann"))
    words = [address, lab.name, blob.sha256, WORDS]
    done = subprocess.run([sys.executable, "-c", KILLED, *words])
    assert done.returncode == 9
    assert PLANTED not in dumped(lab)


def test_what_a_person_uploads_is_never_plain_on_the_disk(lab):
    data = PLANTED * 100
    new = lab.uploads.create(f"{WORDS}.mp4", len(data), "ann", fingerprint=f"{WORDS}-1")
    lab.uploads.append(new.id, 0, data[:777])
    cut = lab.uploads.begin(new.id, 777)
    cut.write(data[777:900])
    cut.close()
    assert PLANTED not in dumped(lab)
    lab.uploads.append(new.id, 777, data[777:])
    kept = lab.uploads.finish(new.id)
    assert kept.name == f"{WORDS}.mp4" and kept.fingerprint == f"{WORDS}-1"
    assert kept.sha256 == hashlib.sha256(data).hexdigest()
    assert lab.uploads.listed(person="ann", fingerprint=f"{WORDS}-1") == [kept]
    assert lab.blobs.read(kept.sha256) == data
    assert lab.blobs.find(kept.sha256).key == kept.key == work_key(lab.name, "ann")
    assert PLANTED not in dumped(lab)


def test_what_a_machine_hands_in_is_plain(lab):
    new = lab.uploads.create("a", len(PLANTED), "this-machine", sealed=False)
    lab.uploads.append(new.id, 0, PLANTED)
    kept = lab.uploads.finish(new.id)
    assert lab.blobs.path(kept.sha256).read_bytes() == PLANTED


def test_the_rows_of_a_sealed_episode_cannot_be_changed(lab):
    header = episode(lab)
    lab.write([Record(header, (step(0),))])
    with pytest.raises(Exception, match="sealed") as error:
        lab._database.run(lambda c: raw(c).execute("UPDATE episode SET body = NULL"))
    assert not isinstance(error.value, psycopg.Error)


def test_a_head_is_another_for_each_file():
    assert len({streams.new_head() for _ in range(50)}) == 50
