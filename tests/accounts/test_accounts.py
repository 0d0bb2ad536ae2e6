"""Logging in by password."""

import pytest
from argon2 import PasswordHasher

from banbury import clock
from banbury.errors import SignInNeeded, TooOften


def test_the_right_password_lets_in(accounts, person):
    ann = person(password=accounts.passwords.hash("four words you know").result())
    attempt = accounts.attempt(ann.email.upper(), "four words you know")
    assert accounts.checked(attempt, attempt.right.result()) == ann.account


@pytest.mark.parametrize("email", [None, "nobody@example.org", "no address", "\ud800", ""])
def test_all_else_fails_in_the_same_words(accounts, person, email):
    ann = person(password=accounts.passwords.hash("four words you know").result())
    attempt = accounts.attempt(email or ann.email, "four words you knew")
    with pytest.raises(SignInNeeded, match="e-mail or password is wrong"):
        accounts.checked(attempt, attempt.right.result())


def test_an_account_without_password_is_closed_to_the_empty_one(accounts, person):
    attempt = accounts.attempt(person().email, "")
    assert attempt.right.result() is False


def test_an_old_hash_is_made_anew(accounts, person):
    old = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash("four words you know")
    ann = person(password=old)
    attempt = accounts.attempt(ann.email, "four words you know")
    accounts.checked(attempt, attempt.right.result())
    stored = accounts.people.account(ann.account).password
    assert stored != old
    assert accounts.passwords.verify(stored, "four words you know").result()


def fail(accounts, address, email):
    with accounts.trying(address, email):
        raise SignInNeeded("wrong")


def test_wrong_tries_are_counted_for_known_and_unknown_alike(accounts, person):
    with clock.use(clock.Turned()):
        for email in (person().email, "unknown@example.org"):
            for _ in range(10):
                with pytest.raises(SignInNeeded):
                    fail(accounts, f"10.0.0.1-{email}", email)
            with pytest.raises(TooOften, match="30 seconds"):
                fail(accounts, f"10.0.0.1-{email}", email.upper())
            # Whoever guesses from elsewhere does not lock the person out at once ...
            with accounts.trying("10.0.0.2", email):
                pass
            # ... but many addresses together run out too.
            for number in range(90):
                with pytest.raises(SignInNeeded):
                    fail(accounts, f"10.1.0.{number}-{email}", email)
            with pytest.raises(TooOften, match="3 seconds"):
                fail(accounts, "10.2.0.1", email)


def test_one_address_runs_out_of_tries_whatever_the_account(accounts):
    with clock.use(clock.Turned()):
        for number in range(60):
            with pytest.raises(SignInNeeded):
                fail(accounts, "10.9.9.9", f"{number}@many.example")
        with pytest.raises(TooOften, match="2 seconds"):
            fail(accounts, "10.9.9.9", "60@many.example")
        with accounts.trying("10.9.9.8", "60@many.example"):
            pass
