import stat
import subprocess
import sys
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banbury.errors import CorruptBlob, Erased, SetupError
from banbury.store.keyring import Keyring, at, name_of, work_key

PERSON = work_key("acme", "quiet-otter")
KILLED = """
import os, sys
from pathlib import Path
from banbury.store import keyring
ring = keyring.Keyring(Path(sys.argv[1]))
whole = getattr(keyring, sys.argv[2])
def last(*given):
    whole(*given)
    os._exit(9)
setattr(keyring, sys.argv[2], last)
ring.destroy(sys.argv[3])
"""


@pytest.fixture
def ring(tmp_path):
    made = Keyring(tmp_path / "keys")
    made.make(PERSON)
    return made


def test_a_box_opens_where_it_stands_alone(ring):
    box = ring.seal(PERSON, b"I read contracts for a living", b"step 3")
    assert b"contracts" not in box
    assert ring.open(PERSON, box, b"step 3") == b"I read contracts for a living"
    assert ring.seal(PERSON, b"I read contracts for a living", b"step 3") == box
    with pytest.raises(CorruptBlob, match="do not open"):
        ring.open(PERSON, box, b"step 4")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=20), st.data())
def test_any_change_of_a_box_is_noticed(tmp_path_factory, data, bound, draw):
    ring = Keyring(tmp_path_factory.getbasetemp() / "any-keys")
    ring.make(PERSON)
    box = bytearray(ring.seal(PERSON, data, bound))
    assert ring.open(PERSON, bytes(box), bound) == data
    box[draw.draw(st.integers(0, len(box) - 1))] ^= draw.draw(st.integers(1, 255))
    with pytest.raises(CorruptBlob):
        ring.open(PERSON, bytes(box), bound)


def test_another_persons_key_opens_nothing(ring):
    other = work_key("acme", "loud-heron")
    ring.make(other)
    with pytest.raises(CorruptBlob):
        ring.open(other, ring.seal(PERSON, b"mine"))
    assert ring.hashed(other, b"same") != ring.hashed(PERSON, b"same")


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 1 << 40), st.lists(st.integers(0, 200), max_size=4))
def test_a_stream_can_be_read_from_any_byte_on(tmp_path_factory, data, at, cuts):
    ring = Keyring(tmp_path_factory.getbasetemp() / "stream-keys")
    ring.make(PERSON)
    stream = ring.stream(PERSON, b"s" * 16)
    sealed = stream.apply(data, at)
    assert len(sealed) == len(data)
    edges = sorted({0, len(data), *(c for c in cuts if c < len(data))})
    parts = [
        stream.apply(sealed[a:b], at + a) for a, b in zip(edges, edges[1:] or [0], strict=False)
    ]
    assert b"".join(parts) == data
    if len(data) > 20:
        assert sealed != data
        assert ring.stream(PERSON, b"t" * 16).apply(data, at) != sealed


def test_a_destroyed_key_opens_nothing_and_is_never_made_again(ring):
    box = ring.seal(PERSON, b"gone soon")
    other = Keyring(ring.folder)
    assert other.open(PERSON, box) == b"gone soon"
    ring.destroy(PERSON)
    ring.destroy(PERSON)
    for one in (ring, other, Keyring(ring.folder)):
        assert one.destroyed(PERSON) and not one.has(PERSON)
        with pytest.raises(Erased, match="was erased"):
            one.open(PERSON, box)
        with pytest.raises(Erased):
            one.stream(PERSON, bytes(16))
        with pytest.raises(Erased):
            one.make(PERSON)


def test_a_key_that_was_never_made_may_be_destroyed(ring):
    ring.destroy("work:acme:nobody")
    with pytest.raises(Erased):
        ring.make("work:acme:nobody")


@pytest.mark.parametrize("step", ["_written", "_synced", "_overwritten"])
def test_destroying_ends_after_a_kill_at_each_step(ring, step):
    box = ring.seal(PERSON, b"words")
    [key] = [f.read_bytes() for f in ring.folder.iterdir() if f.stat().st_size == 32]
    done = subprocess.run([sys.executable, "-c", KILLED, str(ring.folder), step, PERSON])
    assert done.returncode == 9
    ring.destroy(PERSON)
    assert key not in b"".join(f.read_bytes() for f in ring.folder.iterdir())
    with pytest.raises(Erased):
        ring.open(PERSON, box)


def test_two_who_make_a_key_at_once_make_one(tmp_path):
    rings = [Keyring(tmp_path / "keys") for _ in range(8)]
    go = threading.Barrier(8)
    boxes = []

    def work(ring):
        go.wait()
        ring.make(PERSON)
        boxes.append(ring.seal(PERSON, b"same"))

    threads = [threading.Thread(target=work, args=[ring]) for ring in rings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(boxes) == 8 and len(set(boxes)) == 1


def test_a_missing_key_is_told_from_a_destroyed_one(ring):
    with pytest.raises(CorruptBlob, match="BANBURY_KEYS"):
        ring.seal("work:acme:unmade", b"x")


def test_nobody_else_may_read_the_folder(tmp_path, ring):
    assert stat.S_IMODE(ring.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(f.stat().st_mode) for f in ring.folder.iterdir()} == {0o600}
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o755)
    with pytest.raises(SetupError, match="chmod 700"):
        Keyring(tmp_path / "open").make(PERSON)


def test_names_of_people_are_in_no_file_name(ring):
    assert not [f for f in ring.folder.iterdir() if "otter" in f.name or "acme" in f.name]


def test_an_address_is_found_blindly(ring, tmp_path):
    assert ring.blind("ada@example.com") == Keyring(ring.folder).blind("ada@example.com")
    assert ring.blind("ada@example.com") != ring.blind("bob@example.com")
    assert ring.blind("ada@example.com") != Keyring(tmp_path / "other").blind("ada@example.com")


def test_the_environment_names_the_folder(monkeypatch, tmp_path):
    assert at(tmp_path / "keys").folder == tmp_path / "keys"
    monkeypatch.setenv("BANBURY_KEYS", str(tmp_path / "elsewhere"))
    assert at(tmp_path / "keys").folder == tmp_path / "elsewhere"


def test_house_and_lab_have_one_keyring(house, lab):
    assert lab.keyring is house.keyring


def test_a_key_whose_destruction_was_cut_off_is_destroyed_by_whoever_comes_next(tmp_path):
    keyring = Keyring(tmp_path / "keys")
    keyring.make("person:a")
    box = keyring.seal("person:a", b"words")
    (keyring.folder / f"{name_of('person:a')}.gone").touch()  # Killed here.
    after = Keyring(keyring.folder)
    after.make("person:b")
    for one in (keyring, after):
        with pytest.raises(Erased):
            one.open("person:a", box)
    with pytest.raises(Erased):
        after.make("person:a")
