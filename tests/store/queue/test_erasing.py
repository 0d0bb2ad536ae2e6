"""Erasing a person: at each level, after a kill at any moment, and what others see then."""

import io
import json
import subprocess
import sys

import msgspec
import pytest
from tests.store.test_sealed import dumped

from banbury.episode import Actor, Blob, Judgement, Record, RunKey, Span, Step, new_id
from banbury.errors import CorruptBlob, Erased, InputError
from banbury.store.artifacts import ReleaseRow
from banbury.store.database import Database, raw
from banbury.store.keyring import work_key
from banbury.store.reviews import Review

WORDS = "quince-heron-5512"
PLANTED = WORDS.encode()
KILLED = """
import os, sys
from banbury import store
from banbury.store.database import Database
house = store.open(sys.argv[1])
lab = house.lab(sys.argv[2])
whole, left = Database.run, [int(sys.argv[4])]
def run(self, work):
    out = whole(self, work)
    left[0] -= 1
    if left[0] == 0:
        os._exit(9)
    return out
Database.run = run
lab.erase("ann", sys.argv[3])
"""


def worked(desk, person="ann", words=WORDS, task=None):
    """Let a person answer a task with a recording, reasons and evidence, and a check look at it."""
    lab = desk.lab
    key = work_key(lab.name, person)
    blob = lab.blobs.put(io.BytesIO(f"{words} in moving pictures".encode()), "video/mp4", key)
    new = lab.uploads.create(f"{words}.mp4", 40, person, fingerprint=words)
    lab.uploads.append(new.id, 0, words.encode()[:10])
    [lease] = desk.claim(person)
    made = desk.record(lease, words)
    seat = Step(2, "note", 0, "solver", "seat", 3, 3, json.dumps({"keys": words}).encode())
    why = Step(
        3, "action", 0, "solver", "main", 4, 4,
        json.dumps({"answer": f"{words} is right", "reasons": [f"{words} said so"]}).encode(),
        spans=(Span(blob, "video", 0, 9),),
    )  # fmt: skip
    made = Record(made.episode, (*made.steps, seat, why))
    evidence = json.dumps({"why": f"{words} evident", "form": "good"})
    verdict = Judgement(new_id(), made.episode.id, "gym/judge", "1", 1.0, True, {}, evidence)
    done = desk.queue.submit(lease.id, made, [verdict], submission=new_id())
    lab.put_reviews([Review(done.episode, "leak", "1", "reject", (words,), json.dumps([words]))])
    return done, blob, new


def test_nothing_stays_where_nothing_may(desk):
    lab = desk.open(3, review=0.0).lab
    done, blob, _ = worked(desk)
    other, _, _ = worked(desk, "ben", "persimmon")
    assert PLANTED not in dumped(lab)
    made = lab.erase("ann", "nothing")
    assert (made.person, made.stays, made.episodes, made.kept) == ("ann", "nothing", 1, 0)
    assert (made.files, made.kept_files) == (1, 0) and made.ended_ns
    assert lab.erase("ann", "nothing") == made and lab.erasures() == [made]
    assert PLANTED not in dumped(lab)
    gone = lab.episode(done.episode)
    assert (gone.status, gone.tags[-1], gone.segments) == ("void", "erased", ())
    with pytest.raises(Erased, match="at their wish"):
        lab.read(done.episode)
    for file in (lab.blobs.read, lab.blobs.source, lab.blobs.open):
        with pytest.raises(Erased):
            file(blob.sha256)
    with pytest.raises(CorruptBlob):
        lab.blobs.read("0" * 64)
    assert lab.uploads.listed(person="ann") == []
    [review] = lab.reviews([done.episode])[done.episode]
    assert (review.reasons, review.evidence) == (("(erased)",), "{}")
    [verdict] = lab.judgements([done.episode])[done.episode]
    assert verdict.evidence == "{}"
    assert [r.episode.id for r, _ in lab.records()] == [other.episode]
    assert [o.passed for o in lab.outcomes() if o.episode == done.episode] == [None]
    assert {e.episode.id for e in lab.pages.episodes().rows} == {done.episode, other.episode}
    [answered] = lab.answered(campaign="c", only=True)
    assert answered.record.episode.id == other.episode
    with pytest.raises(Erased):
        worked(desk)


@pytest.mark.parametrize("stays", ["answers", "all"])
def test_an_interview_never_stays(desk, stays):
    lab = desk.open(3).lab
    worked(desk)
    record = desk.record(desk.claim("ann")[0], f"{WORDS} interviewed")
    asked = msgspec.structs.replace(record.episode, id=new_id(), gym="interview")
    lab.write([Record(asked, record.steps)])
    assert lab.erase("ann", stays).kept == 1
    with pytest.raises(Erased):
        lab.read(asked.id)
    assert lab.episode(asked.id).status == "void"


def test_answers_stay_without_reasons_recordings_and_typing(desk):
    lab = desk.open(3).lab
    done, blob, _ = worked(desk)
    made = lab.erase("ann", "answers")
    assert (made.episodes, made.kept, made.files, made.kept_files) == (0, 1, 1, 0)
    record = lab.read(done.episode)
    assert (record.episode.status, record.episode.body_key) == ("done", "none")
    assert record.episode.key == lab.episode(done.episode).key
    said = [msgspec.json.decode(step.payload) for step in record.steps]
    assert said[1] == {"text": WORDS} and said[2] is None
    assert said[3] == {"answer": f"{WORDS} is right", "reasons": []}
    assert record.steps[3].spans == ()
    [verdict] = lab.judgements([done.episode])[done.episode]
    assert json.loads(verdict.evidence) == {"form": "good", "why": ""}
    assert verdict.passed and [o.passed for o in lab.outcomes()] == [True]
    with pytest.raises(Erased):
        lab.blobs.read(blob.sha256)
    held = dumped(lab)
    assert f"{WORDS} said so".encode() not in held and b"moving pictures" not in held
    assert f"{WORDS}.mp4".encode() not in held and b'"keys"' not in held
    assert not lab.keyring.has(work_key(lab.name, "ann"))


def test_all_stays_without_its_person(desk):
    lab = desk.open(3).lab
    done, blob, _ = worked(desk)
    before = lab.read(done.episode)
    made = lab.erase("ann", "all")
    assert (made.episodes, made.kept, made.files, made.kept_files) == (0, 1, 0, 1)
    after = lab.read(done.episode)
    assert after.steps == before.steps and after.episode.body_key == "none"
    assert lab.blobs.read(blob.sha256) == f"{WORDS} in moving pictures".encode()
    assert lab.blobs.find(blob.sha256) == Blob(blob.sha256, blob.size, "video/mp4")
    with pytest.raises(Erased):
        lab.write([before])


@pytest.mark.parametrize("stays", ["nothing", "answers", "all"])
def test_it_ends_after_being_cut_off_at_any_moment(desk, stays, monkeypatch):
    lab = desk.open(40).lab
    whole, left = Database.run, [10**9]

    def run(self, work):
        out = whole(self, work)
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt
        return out

    for number in range(1, 40):
        person, words = f"p-{number}", f"{WORDS} number {number:03}"
        done, blob, _ = worked(desk, person, words)
        left[0] = number
        with monkeypatch.context() as broken:
            broken.setattr(Database, "run", run)
            try:
                lab.erase(person, stays)
                over = True
            except KeyboardInterrupt:
                over = False
        made = lab.erase(person, stays)
        kept = int(stays != "nothing")
        assert (made.episodes, made.kept) == (1 - kept, kept)
        assert (made.files, made.kept_files) == ((0, 1) if stays == "all" else (1, 0))
        assert lab.episode(done.episode).status == ("done" if kept else "void")
        if stays == "all":
            assert lab.blobs.read(blob.sha256).startswith(words.encode())
        if over:
            break
    else:
        raise AssertionError("it never ended within 40 transactions")
    held = dumped(lab)
    assert (b"number 001" in held) == (stays != "nothing")
    assert (b"moving pictures" in held) == (stays == "all")


@pytest.mark.parametrize("commits", [2, 6])
def test_it_ends_after_a_kill(desk, address, commits):
    lab = desk.open(2).lab
    done, _, _ = worked(desk)
    words = [address, lab.name, "nothing", str(commits)]
    assert subprocess.run([sys.executable, "-c", KILLED, *words]).returncode == 9
    assert not lab.erasures()[0].ended_ns
    lab.erase("ann", "nothing")
    assert lab.episode(done.episode).status == "void"
    assert PLANTED not in dumped(lab)


def test_after_an_older_back_up_came_back_nothing_can_be_read_and_it_is_erased_again(desk):
    lab = desk.open(2).lab
    done, _, _ = worked(desk)
    tables = ("episode", "segment", "judgement", "erasure")
    before = {name: desk.rows(f"SELECT * FROM {name}") for name in tables}
    lab.keyring.destroy(work_key(lab.name, "ann"))  # what the erasure of the time after did
    assert before["erasure"] == []
    with pytest.raises(Erased):
        lab.read(done.episode)
    assert list(lab.records()) == []
    made = lab.erase("ann", "answers")
    assert (made.episodes, made.kept) == (1, 0)
    assert lab.episode(done.episode).status == "void"


def test_the_queue_goes_on_without_them(desk):
    desk.open(3, review=1.0)
    lab = desk.lab
    done, _, _ = worked(desk)
    [held] = desk.claim("ann")
    [review] = desk.claim("ben", kinds=("review",))
    assert review.subject == done.episode
    lab.erase("ann", "nothing")
    assert {desk.queue.lease(e).state for e in (done.lease.id, held.id)} == {"returned"}
    with pytest.raises(Erased):
        lab.read(review.subject)
    assert desk.review(review, "accept").how == "late"
    for _ in range(3):
        [lease] = desk.claim("cat")
        desk.submit(lease)
    for _ in range(3):
        [lease] = desk.claim("ben", kinds=("review",))
        desk.review(lease, "accept")
    far = desk.queue.progress("c")
    assert (far.settled, far.waiting, far.review, far.active) == (3, 0, 0, 0)
    assert desk.queue.sight.agreement("c").why


def test_reasons_that_they_wrote_to_others_are_erased(desk):
    desk.open(2, review=1.0)
    [lease] = desk.claim("ben")
    desk.submit(lease, "persimmon")
    [review] = desk.claim("ann", kinds=("review",))
    desk.review(review, "return", reasons=(f"{WORDS} is missing",))
    assert desk.queue.lease(lease.id).reasons == (f"{WORDS} is missing",)
    assert PLANTED not in dumped(desk.lab)
    desk.lab.erase("ann", "answers")
    assert desk.queue.lease(lease.id).reasons == ("(erased)",)
    assert PLANTED not in dumped(desk.lab)


def test_what_two_did_together_stays_for_neither(lab, make):
    made = make.record(lab, steps=0)
    key = RunKey("r", "t", "a+b", 0)
    actors = (Actor("person", "ann"), Actor("person", "ben"))
    header = msgspec.structs.replace(made.episode, actors=actors, key=key)
    step = Step(0, "action", 1, "solver", "main", 0, 0, json.dumps(WORDS).encode())
    lab.write([Record(header, (step,))])
    assert PLANTED not in dumped(lab)
    made = lab.erase("ben", "all")
    assert (made.stays, made.episodes) == ("all", 1)
    with pytest.raises(Erased):
        lab.read(header.id)
    again = msgspec.structs.replace(header, id=new_id(), key=RunKey("r", "t", "a+b", 1))
    with pytest.raises(Erased):
        lab.write([Record(again, (step,))])


def test_files_made_of_their_work_for_others_are_withdrawn(desk):
    lab = desk.open(3).lab
    done, _, _ = worked(desk)
    other, _, _ = worked(desk, "ben", "persimmon")
    mine, theirs = (f"release:{lab.name}:{n}" for n in ("1", "2"))
    one = lab.blobs.put(PLANTED * 3, key=mine)
    two = lab.blobs.put(b"persimmons", key=theirs)
    taken = lab.blobs.put(PLANTED * 4, key=f"export:{lab.name}:1")
    for name, blob, held in (("one", one, done), ("two", two, other)):
        rows = [ReleaseRow(held.episode, held.lease.task, "train", "0" * 64)]
        lab.put_artifact("release", name, {}, {"data": blob}, rows=rows)
    lab.erase("ann", "nothing")
    for blob in (one, taken):
        with pytest.raises(Erased):
            lab.blobs.read(blob.sha256)
    assert lab.blobs.read(two.sha256) == b"persimmons"
    [row] = lab.release_rows(lab.artifact("release", "one").id)
    assert lab.episode(row.episode).tags[-1] == "erased"


def test_only_what_is_known_may_stay(lab):
    for person, stays in (("ann", "some"), ("", "all")):
        with pytest.raises(InputError, match="cannot stay"):
            lab.erase(person, stays)
    assert lab.erase("nobody", "nothing").episodes == 0


def test_a_sealed_row_changes_for_an_erasure_alone(desk):
    lab = desk.open(2).lab
    done, _, _ = worked(desk)
    worked(desk, "ben", "persimmon")
    lab._database.run(
        lambda c: raw(c).execute(
            "INSERT INTO erasure (key, person, stays, begun_ns) VALUES (%s, 'ann', 'all', 1)",
            [work_key(lab.name, "ann")],
        )
    )
    with pytest.raises(Exception, match="this episode is sealed"):
        lab._database.run(lambda c: raw(c).execute("UPDATE episode SET body = NULL"))
    change = "UPDATE episode SET body = body WHERE id = %s"
    lab._database.run(lambda c: raw(c).execute(change, [done.episode]))
