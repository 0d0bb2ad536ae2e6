"""Who is a member of which lab."""

import contextlib
import threading

import pytest

from banbury.errors import Forbidden, InputError, UnknownName


def test_the_last_owner_stays(accounts, person, lab):
    one, bob = person("owner"), person("expert")
    for act in (
        lambda: accounts.members.remove(lab.name, one.account),
        lambda: accounts.members.change_role(lab.name, one.account, "expert"),
        lambda: accounts.people.close(one.account),
    ):
        with pytest.raises(InputError, match="without an owner"):
            act()
    accounts.members.change_role(lab.name, bob.account, "owner")
    accounts.members.remove(lab.name, one.account)
    assert accounts.members.counts(lab.name) == {"owner": 1}


def test_two_owners_who_remove_each_other_leave_one(accounts, person, lab):
    for _ in range(5):
        two = [person("owner"), person("owner")]
        for member in accounts.members.page(lab.name, whole=True).people:
            if member.account not in [o.account for o in two]:
                accounts.members.remove(lab.name, member.account)
        together = threading.Barrier(2)

        def act(account, together=together):
            together.wait()
            with contextlib.suppress(InputError):
                accounts.members.remove(lab.name, account)

        threads = [threading.Thread(target=act, args=(o.account,)) for o in two]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert accounts.members.counts(lab.name) == {"owner": 1}


def test_who_comes_back_has_the_same_pseudonym(accounts, person, lab):
    person("owner")
    bob = person("expert")
    accounts.members.remove(lab.name, bob.account)
    accounts.members.join(lab.name, bob.account, "reviewer")
    again = accounts.sessions.caller(accounts.sessions.start(bob.account))
    assert again.pseudonyms == bob.pseudonyms
    assert accounts.members.account(lab.name, bob.pseudonyms[lab.name]) == bob.account


def test_a_lab_sees_who_works_for_it_by_pseudonym_alone(accounts, person, lab):
    one, two, three = person("owner"), person("expert"), person("reviewer")
    seen = {m.pseudonym: m for m in accounts.members.page(lab.name).people}
    assert seen[one.pseudonyms[lab.name]].name == one.name
    for worker in (two, three):
        member = seen[worker.pseudonyms[lab.name]]
        assert (member.account, member.name, member.email) == ("", "", "")
        assert accounts.members.page(lab.name, worker.email).people == []
        [found] = accounts.members.page(lab.name, member.pseudonym).people
        assert found == member
        assert accounts.members.account(lab.name, member.pseudonym) == worker.account
        assert accounts.members.account(lab.name, worker.account, whole=True) == worker.account
        with pytest.raises(UnknownName):
            accounts.members.account(lab.name, worker.account)
    assert accounts.members.account(lab.name, one.account) == one.account
    known = {m.name for m in accounts.members.page(lab.name, whole=True).people}
    assert known == {one.name, two.name, three.name}


def test_a_pseudonym_tells_nothing_across_labs(accounts, house, person, lab):
    bob = person("expert")
    other = house.lab(f"{lab.name}-other").name
    accounts.members.join(other, bob.account, "expert")
    bob = accounts.sessions.caller(accounts.sessions.start(bob.account))
    assert bob.pseudonyms[other] != bob.pseudonyms[lab.name]


def pages(accounts, lab, **what):
    after, out = "", []
    while True:
        page = accounts.members.page(lab, after=after, limit=2, **what, whole=True)
        out += page.people
        if not (after := page.after):
            return out


def test_members_come_in_pages_and_are_found_by_the_beginnings_of_words(accounts, person, lab):
    names = ["Zoë Anders", "Anna Annason", "Bob", "anna Ø", "Carl von Ann"]
    people = {n: person("expert", n, f"{i}{lab.name}@example.org") for i, n in enumerate(names)}
    person("owner", "Olga", f"olga{lab.name}@mail.net")
    listed = [m.name for m in pages(accounts, lab.name)]
    assert sorted(listed) == sorted([*names, "Olga"])
    assert listed[-1] == "Zoë Anders"
    found = [m.name for m in pages(accounts, lab.name, search="ann")]
    assert sorted(found) == ["Anna Annason", "Carl von Ann", "anna Ø"]
    assert [m.name for m in pages(accounts, lab.name, search="ZOE")] == ["Zoë Anders"]
    assert len(pages(accounts, lab.name, search="example.org")) == 5
    assert [m.name for m in pages(accounts, lab.name, role="owner")] == ["Olga"]
    assert pages(accounts, lab.name, search="%' OR 1=1") == []
    accounts.people.rename(people["Bob"].account, "Ulla")
    assert [m.name for m in pages(accounts, lab.name, search="ul")] == ["Ulla"]
    assert pages(accounts, lab.name, search="bob") == []


def test_a_wrong_place_in_the_list_is_bad_input(accounts, lab):
    with pytest.raises(InputError):
        accounts.members.page(lab.name, after="nonsense")


def test_who_is_no_member_cannot_be_changed(accounts, person, lab):
    person("owner")
    bob = person()
    with pytest.raises(UnknownName):
        accounts.members.remove(lab.name, bob.account)
    with pytest.raises(UnknownName):
        accounts.members.change_role(lab.name, bob.account, "owner")
    with pytest.raises(UnknownName):
        accounts.members.join("no-such-lab", bob.account, "expert")


def test_a_lab_with_an_owner_is_not_adopted(accounts, house, person, lab):
    bob = person()
    accounts.members.adopt(lab.name, bob.account)
    with pytest.raises(InputError, match="there already"):
        accounts.members.adopt(lab.name, person().account)


def test_a_closed_account_is_out(accounts, person, lab):
    person("owner")
    bob = person("expert", email=f"{lab.name}@closed.org", password="$argon2id$x")
    made = accounts.tokens.make(bob, "script", ["see:*"], 7)
    reset = accounts.links.reset(bob.account)
    accounts.people.close(bob.account)
    assert not accounts.sessions.caller(made.code).signed_in
    assert accounts.members.counts(lab.name) == {"owner": 1}
    with pytest.raises(Exception, match="used"):
        accounts.links.use_reset(reset.path.rpartition("/")[2], "hash")
    attempt = accounts.attempt(bob.email, "anything at all")
    assert (attempt.account, attempt.right.result()) == (None, False)


def test_whoever_works_by_pseudonym_is_named_by_their_own_will_alone(accounts, person, lab):
    one, bob = person("owner"), person("expert")
    with pytest.raises(Forbidden, match="who it is"):
        accounts.members.change_role(lab.name, bob.account, "researcher", one)
    invited = accounts.links.invite(one, lab.name, "researcher")
    accounts.links.accept(invited.path.removeprefix("/join/"), bob)
    [seen] = accounts.members.page(lab.name, role="researcher").people
    assert (seen.account, seen.name) == (bob.account, bob.name)
    accounts.members.change_role(lab.name, bob.account, "owner", one)
