"""Uploads: whatever is interrupted, repeated or comes in another order, the file is exactly it."""

import hashlib
import os
import signal
import subprocess
import sys
import textwrap

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from banbury import clock
from banbury.errors import (
    CorruptBlob,
    Garbled,
    InputError,
    Misplaced,
    Occupied,
    StoreFull,
    UnknownName,
)
from banbury.store.appending import Checksum
from banbury.store.streams import HEAD
from banbury.store.upload import OPEN
from banbury.store.uploads import DAYS, Uploads

DATA = bytes(range(256)) * 40


def place(lab, upload):
    return lab.blobs.root / "uploads" / upload.id


def files(lab):
    return [file.name for file in (lab.blobs.root / "uploads").iterdir()]


def test_a_file_comes_in_pieces_and_becomes_a_blob_by_being_renamed(lab):
    new = lab.uploads.create("GX01.MP4", len(DATA), "ann", task="t", media="video/mp4")
    assert (new.received, new.state, place(lab, new).stat().st_size) == (0, "open", HEAD)
    for at in range(0, len(DATA), 3000):
        lab.uploads.append(new.id, at, DATA[at : at + 3000])
    inode = place(lab, new).stat().st_ino
    assert lab.uploads.get(new.id).state == "whole"
    kept = lab.uploads.finish(new.id)
    assert kept.sha256 == hashlib.sha256(DATA).hexdigest()
    assert lab.blobs.read(kept.sha256) == DATA and not place(lab, new).exists()
    assert lab.blobs.place(kept.sha256, kept.key).stat().st_ino == inode
    found = lab.blobs.find(kept.sha256)
    assert found == kept.blob and found.media == "video/mp4"
    assert lab.uploads.finish(new.id) == kept
    assert lab.uploads.listed(person="ann", task="t", sha256=kept.sha256) == [kept]
    assert lab.uploads.listed(person="ben") == lab.uploads.listed(state="open") == []


def test_who_did_not_hear_that_an_upload_began_begins_the_same(lab):
    new = lab.uploads.create("a", 10, "ann", task="t", fingerprint="10-a")
    lab.uploads.append(new.id, 0, b"12345")
    again = lab.uploads.create("b", 10, "ann", task="t", fingerprint="10-a")
    assert (again.id, again.received, again.name) == (new.id, 5, "a")
    others = [("ben", "t", "10-a"), ("ann", "u", "10-a"), ("ann", "t", "10-b"), ("ann", "t", "")]
    for person, task, print_ in others:
        other = lab.uploads.create("a", 10, person, task=task, fingerprint=print_)
        assert other.id != new.id
    lab.uploads.append(new.id, 5, b"67890")
    assert lab.uploads.create("a", 10, "ann", task="t", fingerprint="10-a").id != new.id


def test_what_was_not_acknowledged_is_written_anew(lab):
    new = lab.uploads.create("f", len(DATA), "ann")
    lab.uploads.append(new.id, 0, DATA[:100])
    cut = lab.uploads.begin(new.id, 100)
    cut.write(b"x" * 500)
    cut.close()  # as where the process was killed: nothing of it was committed
    assert lab.uploads.get(new.id).received == 100
    assert place(lab, new).stat().st_size == HEAD + 600
    lab.uploads.append(new.id, 100, DATA[100:])
    assert lab.uploads.finish(new.id).sha256 == hashlib.sha256(DATA).hexdigest()


def test_two_do_not_write_at_once_and_nobody_writes_into_a_blob(lab):
    new = lab.uploads.create("f", len(DATA), "ann")
    held = lab.uploads.begin(new.id, 0)
    with pytest.raises(Occupied, match="being written"):
        lab.uploads.begin(new.id, 0)
    with pytest.raises(Occupied):
        lab.uploads.remove(new.id)
    held.write(DATA)
    held.commit()
    with pytest.raises(Misplaced, match="are there already"):
        lab.uploads.begin(new.id, len(DATA))
    lab.uploads.end(new.id, held)
    lab.uploads.finish(new.id)
    with pytest.raises(Misplaced):
        lab.uploads.append(new.id, 0, b"x")
    with pytest.raises(InputError, match="is a file of the lab now"):
        lab.uploads.remove(new.id)


def test_a_part_with_a_wrong_checksum_leaves_nothing(lab):
    new = lab.uploads.create("f", 300, "ann")
    lab.uploads.append(new.id, 0, DATA[:100])
    for name in ("sha256", "sha1"):
        wrong = Checksum(name, hashlib.new(name, b"other").digest())
        with pytest.raises(Garbled, match=name):
            lab.uploads.append(new.id, 100, DATA[100:300], wrong)
        assert lab.uploads.get(new.id).received == 100 == place(lab, new).stat().st_size - HEAD
    right = Checksum("sha1", hashlib.sha1(DATA[100:300]).digest())
    assert lab.uploads.append(new.id, 100, DATA[100:300], right).state == "whole"
    assert lab.uploads.finish(new.id).sha256 == hashlib.sha256(DATA[:300]).hexdigest()


@pytest.mark.parametrize("size", [0, -1, 1 << 41])
def test_a_length_that_no_file_has_is_refused(lab, size):
    with pytest.raises(InputError, match=r"empty|may have"):
        lab.uploads.create("f", size, "ann")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\a\\b.mp4", "b.mp4"),
        ("a\x00\nb", "ab"),
        ("..", ".."),
        ("\u202e4pm.exe", "4pm.exe"),
    ],
)
def test_a_name_is_a_name_and_no_path(lab, name, kept):
    new = lab.uploads.create(name, 5, "ann")
    assert lab.uploads.get(new.id).name == kept
    assert files(lab) == [new.id]
    with pytest.raises(InputError, match="no UUID"):
        lab.uploads.get("../x")


def test_more_bytes_than_were_declared_are_refused(lab):
    new = lab.uploads.create("f", 10, "ann")
    with pytest.raises(InputError, match="more bytes came"):
        lab.uploads.append(new.id, 0, b"x" * 11)
    assert lab.uploads.get(new.id).received == 0


def test_what_is_declared_counts_and_nobody_declares_without_end(lab, monkeypatch):
    monkeypatch.setenv("BANBURY_LAB_GB", "1")
    first = lab.uploads.create("f", 9 * 10**8, "ann")
    with pytest.raises(StoreFull, match="no room for this one"):
        lab.uploads.create("f", 2 * 10**8, "ben")
    with pytest.raises(StoreFull):
        lab.blobs.put(b"x" * (2 * 10**8))
    lab.uploads.remove(first.id)
    assert not place(lab, first).exists()
    for _ in range(OPEN):
        lab.uploads.create("f", 10, "ann")
    with pytest.raises(InputError, match="not finished"):
        lab.uploads.create("f", 10, "ann")
    assert lab.uploads.create("f", 10, "ben")
    assert len(files(lab)) == OPEN + 1


def test_the_last_of_the_disk_is_left_for_the_database(lab, monkeypatch):
    monkeypatch.setenv("BANBURY_LAB_GB", "0")
    new = lab.uploads.create("f", 10, "ann")
    with pytest.raises(StoreFull, match="the disk has"):
        lab.uploads.create("f", 1 << 39, "ann")
    monkeypatch.setattr("banbury.store.unfinished.SPARE", 1 << 60)
    with pytest.raises(StoreFull, match="the disk has"):
        lab.uploads.append(new.id, 0, b"x")


def test_a_person_has_so_much_on_the_way_and_what_has_come_makes_room(lab):
    first = lab.uploads.create("f", 60, "ann", most=100)
    with pytest.raises(InputError, match="one person may have at most"):
        lab.uploads.create("g", 41, "ann", most=100)
    assert lab.uploads.create("g", 41, "ben", most=100)
    lab.uploads.append(first.id, 0, b"x" * 10)
    second = lab.uploads.create("g", 50, "ann", most=100)
    assert lab.uploads.create("f", 60, "ann", fingerprint="")  # without a bound
    lab.uploads.remove(second.id)
    with pytest.raises(InputError, match="allow more"):
        lab.uploads.create("h", 101, "ann", most=100)
    assert len(files(lab)) == 3


def test_an_upload_that_nobody_carries_on_is_removed_after_a_week(lab):
    empty, begun = (lab.uploads.create("f", 10, "ann") for _ in range(2))
    lab.uploads.append(begun.id, 0, b"12345")
    whole = lab.uploads.append(lab.uploads.create("f", 3, "ann").id, 0, b"abc")
    kept = lab.uploads.finish(whole.id)
    left = lab.blobs.root / "uploads" / empty.id.replace(empty.id[:8], "00000000")
    left.write_bytes(b"of a process that was killed")
    turned = clock.Turned(clock.wall_ns())
    with clock.use(turned):
        turned.turn(0.9 * 3600)
        assert lab.uploads.sweep() == 0
        turned.turn(0.2 * 3600)
        assert lab.uploads.sweep() == 1
        assert not left.exists()
        turned.turn(DAYS * 24 * 3600 - 2.1 * 3600)
        assert lab.uploads.sweep() == 0
        turned.turn(2 * 3600)
        assert lab.uploads.sweep() == 1
        turned.turn(400 * 24 * 3600)
        assert lab.uploads.sweep() == 0
    for gone in (empty, begun):
        with pytest.raises(UnknownName, match="no upload"):
            lab.uploads.append(gone.id, 0, b"x")
    assert lab.uploads.get(kept.id) == kept
    assert files(lab) == []


def test_a_crash_at_any_point_of_the_end_is_made_good(lab, monkeypatch):
    def crash(*_):
        raise KeyboardInterrupt

    for name in ("adopt", "there"):  # before the rename, and after it
        data = name.encode() * 100
        new = lab.uploads.create("f", len(data), "ann")
        lab.uploads.append(new.id, 0, data)
        with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
            broken.setattr(lab.blobs, name, crash)
            lab.uploads.finish(new.id)
        assert lab.uploads.get(new.id).state == "whole"
        turned = clock.Turned(clock.wall_ns())
        turned.turn(3600)
        with clock.use(turned):
            lab.uploads.sweep()
        kept = lab.uploads.get(new.id)
        assert kept.state == "kept" and lab.blobs.read(kept.sha256) == data


def test_a_file_that_lost_acknowledged_bytes_is_called_lost(lab):
    new = lab.uploads.create("f", 10, "ann")
    lab.uploads.append(new.id, 0, b"12345")
    os.truncate(place(lab, new), HEAD + 3)
    with pytest.raises(CorruptBlob, match="not on the disk any more"):
        lab.uploads.append(new.id, 5, b"67890")
    place(lab, new).unlink()
    with pytest.raises(CorruptBlob):
        lab.uploads.append(new.id, 5, b"67890")
    lab.uploads.remove(new.id)


KILLED = """
    import sys
    from banbury import store
    with store.open(sys.argv[1]) as house:
        uploads = house.lab(sys.argv[2], create=False).uploads
        append = uploads.begin(sys.argv[3], 1000)
        append.write(b"y" * 2000)
        append.commit()
        append.write(b"z" * 5000)
        print("now", flush=True)
        sys.stdin.read()
"""


def test_a_writer_that_is_killed_leaves_exactly_what_it_acknowledged(lab, address):
    new = lab.uploads.create("f", 9000, "ann")
    lab.uploads.append(new.id, 0, b"x" * 1000)
    words = [sys.executable, "-c", textwrap.dedent(KILLED), address, lab.name, new.id]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout.readline() == b"now\n"
        with pytest.raises(Occupied):
            lab.uploads.begin(new.id, 3000)
        os.kill(writer.pid, signal.SIGKILL)
    assert lab.uploads.get(new.id).received == 3000
    lab.uploads.append(new.id, 3000, b"w" * 6000)
    whole = b"x" * 1000 + b"y" * 2000 + b"w" * 6000
    assert lab.uploads.finish(new.id).sha256 == hashlib.sha256(whole).hexdigest()


PARTS = st.lists(
    st.tuples(
        st.integers(0, 60),  # where it begins, or -1: where the upload ends
        st.booleans(),
        st.integers(0, 40),
        st.sampled_from(["none", "right", "wrong"]),
        st.sampled_from(["whole", "cut", "killed", "fresh"]),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(size=st.integers(1, 60), parts=PARTS)
def test_any_order_of_appends_ends_in_exactly_the_file_or_a_refusal(lab, size, parts):
    """Repeated, reordered, cut short, killed, garbled, or continued by another process."""
    data = os.urandom(size)
    uploads = lab.uploads
    new = uploads.create("f", size, "ann")
    received = 0
    for begins, fits, length, sums, how in parts:
        at = received if fits else begins
        part = data[at : at + length]
        sum_ = {"none": b"", "right": part, "wrong": part + b"!"}[sums]
        checksum = Checksum("sha256", hashlib.sha256(sum_).digest()) if sums != "none" else None
        if how == "fresh":
            uploads = Uploads(lab.blobs, lab._database, lab.name)
        try:
            append = uploads.begin(new.id, at, checksum)
        except Misplaced:
            assert at != received or received == size
            continue
        append.write(part[: len(part) // 2])
        if how == "killed":
            append.close()
            continue
        if how != "cut":
            append.write(part[len(part) // 2 :])
        whole = how != "cut" or len(part) == 0
        try:
            append.commit()
            received = append.at
            assert checksum is None or (sums == "right" and whole)
        except Garbled:
            assert sums == "wrong" or not whole
        assert uploads.end(new.id, append).received == received
    if received < size:
        uploads.append(new.id, received, data[received:])
    kept = uploads.finish(new.id)
    assert kept.sha256 == hashlib.sha256(data).hexdigest()
    assert lab.blobs.read(kept.sha256) == data
