"""Hashes: a few at once, the others in a line that ends."""

import pytest

from banbury.accounts.passwords import Passwords
from banbury.errors import TooOften


@pytest.fixture
def passwords():
    line = Passwords(at_once=1, in_line=2)
    yield line
    line.close()


def test_a_password_equals_itself_only(passwords):
    stored = passwords.hash("four words you know").result()
    assert stored.startswith("$argon2id$")
    assert passwords.verify(stored, "four words you know").result()
    assert not passwords.verify(stored, "four words you knew").result()
    assert not passwords.aged(stored)


@pytest.mark.parametrize("stored", ["", "nonsense", "$argon2id$v=19$m=1"])
def test_what_is_no_hash_equals_nothing(passwords, stored):
    for typed in ("", "nobody has this password", "x" * 10_000_000, "\ud800"):
        assert not passwords.verify(stored, typed).result()


def test_a_huge_password_is_not_cut_to_one_that_fits(passwords):
    stored = passwords.hash("x" * 1024).result()
    assert passwords.verify(stored, "x" * 1024).result()
    assert not passwords.verify(stored, "x" * 1025).result()


def test_the_line_ends_and_says_so(passwords):
    waiting = [passwords.verify("", "a") for _ in range(3)]
    with pytest.raises(TooOften) as caught:
        passwords.verify("", "a")
    assert caught.value.crowd
    assert caught.value.seconds >= 1
    assert not any(w.result() for w in waiting)
    assert not passwords.verify("", "a").result()
