"""What may stay of somebody's work when they are erased, as they said it."""

import pytest

from banbury.accounts.consent import DEFAULT, LEVELS, WORDS, Consents
from banbury.errors import InputError, UnknownName


def test_what_was_never_said_is_the_default(house, lab, person):
    ann = person("expert")
    [held] = Consents(house).of(ann.account)
    assert (held.lab, held.stays, held.said_ns) == (lab.name, DEFAULT, None)


def test_it_is_said_at_joining_and_changed_later(house, accounts, lab, person):
    owner = person("owner")
    made = accounts.links.invite(owner, lab.name, "expert")
    code = made.path.removeprefix("/join/")
    ann = accounts.links.join(code, f"c-{lab.name}@x.org", "Ann", "", "nothing")
    consents = Consents(house)
    assert [c.stays for c in consents.of(ann)] == ["nothing"]
    consents.say(ann, lab.name, "all")
    [held] = consents.of(ann)
    assert held.stays == "all" and held.said_ns


def test_it_outlives_the_membership(house, accounts, lab, person):
    ann = person("expert")
    Consents(house).say(ann.account, lab.name, "nothing")
    accounts.members.remove(lab.name, ann.account)
    assert [c.stays for c in Consents(house).of(ann.account)] == ["nothing"]


def test_unknown_levels_and_labs_are_refused(house, lab, person):
    ann = person("expert")
    with pytest.raises(InputError, match="what may stay"):
        Consents(house).say(ann.account, lab.name, "something")
    with pytest.raises(UnknownName, match="lab"):
        Consents(house).say(ann.account, "another", "all")
    assert set(WORDS) == set(LEVELS)
