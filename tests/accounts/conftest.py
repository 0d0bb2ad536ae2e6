"""Accounts on a house of their own, and people in it."""

import itertools

import pytest

from banbury import store
from banbury.accounts import Accounts

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def accounts(house):
    opened = Accounts(house)
    yield opened
    opened.close()


@pytest.fixture
def empty(tmp_path):
    """Return a house without any account."""
    with store.open(f"banbury://{tmp_path / 'empty'}?durable=no") as opened:
        yield opened


@pytest.fixture
def person(accounts, lab):
    """Make a person with a role in the test's lab; return the caller."""

    def make(role=None, name="Ann Example", email=None, password=""):
        number = next(_numbers)
        address = email or f"ann{number}@example.org"
        id = accounts.people.add(address, name, password)
        if role:
            accounts.members.join(lab.name, id, role)
        return accounts.sessions.caller(accounts.sessions.start(id, "a browser"))

    return make
