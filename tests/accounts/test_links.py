"""Links that work once: the first account, invitations, new passwords."""

import threading

import pytest

from banbury import clock
from banbury.accounts import Accounts, Caller
from banbury.accounts.sessions import DAY_NS
from banbury.errors import Forbidden, InputError, SignInNeeded, UnknownName


def code_of(made):
    return made.path.rpartition("/")[2]


def test_the_first_start_makes_one_owner(empty):
    accounts = Accounts(empty)
    empty.lab("before")
    old, new = accounts.links.first(), accounts.links.first()
    with pytest.raises(SignInNeeded):
        accounts.links.claim(code_of(old), "eve@example.org", "Eve", "hash")
    id = accounts.links.claim(code_of(new), "Ann@Example.org", "Ann", "hash")
    caller = accounts.sessions.caller(accounts.sessions.start(id))
    assert (caller.email, caller.operator, caller.roles) == (
        "ann@example.org",
        True,
        {"before": "owner"},
    )
    with pytest.raises(SignInNeeded):
        accounts.links.claim(code_of(new), "eve@example.org", "Eve", "hash")
    with pytest.raises(InputError, match="made already"):
        accounts.links.first()
    accounts.close()


def test_an_invitation_works_once_even_at_the_same_moment(accounts, person, lab):
    made = accounts.links.invite(person("owner"), lab.name, "expert")
    together, results = threading.Barrier(4), []

    def join(number):
        together.wait()
        try:
            email = f"{lab.name}-{number}@example.org"
            results.append(accounts.links.join(code_of(made), email, "Bob", "hash"))
        except SignInNeeded:
            results.append(None)

    threads = [threading.Thread(target=join, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([r for r in results if r]) == 1
    assert accounts.members.counts(lab.name) == {"owner": 1, "expert": 1}


def test_an_invitation_that_expired_does_not_wake_when_the_clock_goes_back(accounts, person, lab):
    made = accounts.links.invite(person("owner"), lab.name, "expert", hours=1)
    now = clock.wall_ns()
    with clock.use(clock.Turned(now + DAY_NS)):
        with pytest.raises(SignInNeeded):
            accounts.links.look("invite", code_of(made))
    with clock.use(clock.Turned(now)):
        with pytest.raises(SignInNeeded, match="used, or its time is over"):
            accounts.links.join(code_of(made), "late@example.org", "Late", "hash")


def test_an_invitation_for_an_address_is_for_no_other(accounts, person, lab):
    owner = person("owner")
    made = accounts.links.invite(owner, lab.name, "expert", f"Cleo@{lab.name}.org")
    with pytest.raises(InputError, match="another e-mail"):
        accounts.links.join(code_of(made), "eve@example.org", "Eve", "hash")
    with pytest.raises(InputError, match="another e-mail"):
        accounts.links.accept(code_of(made), person())
    assert accounts.links.join(code_of(made), f"cleo@{lab.name}.org", "Cleo", "hash")


def test_a_link_of_one_kind_is_none_of_another(accounts, person, lab):
    owner = person("owner")
    made = accounts.links.invite(owner, lab.name, "expert")
    with pytest.raises(SignInNeeded):
        accounts.links.use_reset(code_of(made), "hash")
    with pytest.raises(SignInNeeded):
        accounts.links.claim(code_of(made), "eve@example.org", "Eve", "hash")


def test_no_owner_turns_into_an_expert_by_an_invitation(accounts, person, lab):
    owner = person("owner")
    made = accounts.links.invite(owner, lab.name, "expert")
    with pytest.raises(InputError, match="member"):
        accounts.links.accept(code_of(made), owner)
    bob = person()
    assert accounts.links.accept(code_of(made), bob) == lab.name
    assert accounts.members.counts(lab.name) == {"owner": 1, "expert": 1}


def test_a_token_invites_nobody_who_may_do_more_than_it(accounts, person, lab):
    owner = person("owner")
    made = accounts.tokens.make(owner, "hr", ["invite:people", "role:expert"], 7)
    token = accounts.sessions.caller(made.code)
    with pytest.raises(Forbidden):
        accounts.links.invite(token, lab.name, "owner")
    with pytest.raises(Forbidden):
        accounts.links.invite(token, lab.name, "reviewer")
    assert accounts.links.invite(token, lab.name, "expert").link.role == "expert"


def test_a_researcher_of_one_lab_invites_to_no_other(accounts, person, lab):
    elsewhere = Caller(account="a", roles={"other": "owner"})
    with pytest.raises(Forbidden):
        accounts.links.invite(elsewhere, lab.name, "expert")
    with pytest.raises(InputError, match="no role"):
        accounts.links.invite(person("owner"), lab.name, "king")


def test_an_invitation_is_listed_and_revoked(accounts, house, person, lab):
    owner = person("owner")
    made = accounts.links.invite(owner, lab.name, "expert", "dora@example.org")
    (shown,) = accounts.links.invitations(lab.name)
    assert shown == made.link
    other = house.lab(f"{lab.name}-other").name
    with pytest.raises(UnknownName):
        accounts.links.revoke(other, shown.id)
    accounts.links.revoke(lab.name, shown.id)
    assert accounts.links.invitations(lab.name) == []
    with pytest.raises(SignInNeeded):
        accounts.links.look("invite", code_of(made))


def test_a_new_password_ends_all_sessions_and_the_link(accounts, person):
    ann = person()
    old, made = accounts.links.reset(ann.account), accounts.links.reset(ann.account)
    with pytest.raises(SignInNeeded):
        accounts.links.use_reset(code_of(old), "hash")
    assert accounts.links.use_reset(code_of(made), "hash") == ann.account
    assert accounts.sessions.of(ann) == []
    with pytest.raises(SignInNeeded):
        accounts.links.use_reset(code_of(made), "hash")


def test_a_link_for_an_address_with_account_asks_for_log_in(accounts, person, lab):
    ann = person()
    made = accounts.links.invite(person("owner"), lab.name, "expert")
    with pytest.raises(InputError, match="has an account"):
        accounts.links.join(code_of(made), ann.email, "Ann", "hash")
    assert accounts.links.look("invite", code_of(made))


@pytest.mark.parametrize("how", ["remove", "demote", "close"])
def test_who_is_thrown_out_does_not_come_back_by_their_own_invitation(accounts, person, lab, how):
    person("owner")
    bob = person("owner")
    made = accounts.links.invite(bob, lab.name, "owner")
    if how == "remove":
        accounts.members.remove(lab.name, bob.account)
    elif how == "demote":
        accounts.members.change_role(lab.name, bob.account, "expert")
    else:
        accounts.people.close(bob.account)
    with pytest.raises(SignInNeeded):
        accounts.links.join(code_of(made), f"bob@{lab.name}.org", "Bob", "hash")
