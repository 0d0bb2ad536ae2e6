"""Sessions and tokens: who somebody is, and until when."""

import pytest
from sqlalchemy.event import listen, remove

from banbury import clock
from banbury.accounts import NOBODY, Accounts
from banbury.accounts.sessions import DAY_NS, KEPT
from banbury.errors import InputError, UnknownName


@pytest.fixture
def elsewhere(house):
    """Return the accounts of the same house as another process would see them."""
    opened = Accounts(house)
    yield opened
    opened.close()


def test_a_session_is_its_account_with_role_and_pseudonym(accounts, person, lab):
    ann = person("expert", "Ann")
    assert (ann.name, ann.roles[lab.name], ann.via) == ("Ann", "expert", "session")
    assert ann.pseudonyms[lab.name].startswith("p-")
    assert ann.scopes is None


@pytest.mark.parametrize("code", ["", "nonsense", "bby_nonsense", "\ud800", "x" * 100_000])
def test_what_is_no_code_is_nobody(accounts, code):
    assert accounts.sessions.caller(code) == NOBODY


def test_a_session_that_ended_is_dead_here_at_once_and_elsewhere_soon(
    accounts, elsewhere, person, lab
):
    ann = person("expert")
    with clock.use(clock.Turned(clock.wall_ns())) as turned:
        code = accounts.sessions.start(ann.account)
        assert elsewhere.sessions.caller(code).signed_in
        assert accounts.sessions.caller(code).signed_in
        accounts.sessions.end_all(ann.account)
        assert accounts.sessions.caller(code) == NOBODY
        turned.turn(5)
        assert elsewhere.sessions.caller(code) == NOBODY


def test_whoever_takes_rights_away_is_heard_elsewhere(accounts, elsewhere, person, lab):
    owner, ann = person("owner"), person("owner")
    made = accounts.tokens.make(ann, "script", ["see:*"], 7)
    code = accounts.sessions.start(ann.account)
    with clock.use(clock.Turned(clock.wall_ns())) as turned:

        def heard(act, what, shown=code):
            turned.turn(5)
            before = what(elsewhere.sessions.caller(shown))
            act()
            turned.turn(5)
            assert what(elsewhere.sessions.caller(shown)) != before

        def role(caller):
            return caller.roles.get(lab.name)

        heard(lambda: accounts.members.change_role(lab.name, ann.account, "expert"), role)
        heard(lambda: accounts.people.rename(ann.account, "Anna"), lambda c: c.name)
        heard(lambda: accounts.members.remove(lab.name, ann.account), role)
        invited = accounts.links.invite(owner, lab.name, "reviewer")
        taken = invited.path.removeprefix("/join/")
        heard(lambda: accounts.links.accept(taken, ann), role)
        token = made.token.id
        heard(lambda: accounts.tokens.remove(ann.account, token), lambda c: c.signed_in, made.code)
        heard(lambda: accounts.people.set_password(ann.account, "hash"), lambda c: c.signed_in)


def test_a_request_costs_no_query_of_its_own(accounts, house, person):
    codes = [accounts.sessions.start(person().account) for _ in range(5)]
    with clock.use(clock.Turned(clock.wall_ns())) as turned:
        for code in codes:
            accounts.sessions.caller(code)
        asked = []
        heard = (house._database._engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
        listen(*heard)
        turned.turn(3)
        assert all(accounts.sessions.kept(code) is None for code in codes)
        assert all(accounts.sessions.caller(code).signed_in for code in codes)
        assert all(accounts.sessions.kept(code) is not None for code in codes)
        remove(*heard)
        assert asked == ["SELECT epoch FROM access"]


def test_a_change_of_role_holds_with_the_next_request(accounts, person, lab):
    person("owner")
    ann = person("researcher")
    code = accounts.sessions.start(ann.account)
    assert accounts.sessions.caller(code).roles[lab.name] == "researcher"
    accounts.members.change_role(lab.name, ann.account, "expert")
    assert accounts.sessions.caller(code).roles[lab.name] == "expert"
    accounts.members.remove(lab.name, ann.account)
    assert lab.name not in accounts.sessions.caller(code).roles


def test_a_session_slides_but_not_for_ever(accounts, person):
    ann = person()
    with clock.use(clock.Turned(clock.wall_ns())) as turned:
        code = accounts.sessions.start(ann.account)
        for _ in range(8):
            turned.turn(11 * 86_400)
            assert accounts.sessions.caller(code).signed_in
        turned.turn(3 * 86_400)
        assert not accounts.sessions.caller(code).signed_in


def test_a_clock_that_goes_back_does_not_wake_a_session(accounts, person):
    ann = person()
    now = clock.wall_ns()
    with clock.use(clock.Turned(now)):
        code = accounts.sessions.start(ann.account)
    with clock.use(clock.Turned(now + 15 * DAY_NS)):
        assert not accounts.sessions.caller(code).signed_in
    with clock.use(clock.Turned(now)):
        assert not accounts.sessions.caller(code).signed_in


def test_an_account_keeps_its_newest_sessions(accounts, person):
    ann = person()
    codes = [accounts.sessions.start(ann.account) for _ in range(KEPT + 2)]
    assert len(accounts.sessions.of(ann)) == KEPT
    assert accounts.sessions.caller(codes[-1]).signed_in
    assert not accounts.sessions.caller(codes[0]).signed_in


def test_one_ends_only_ones_own_sessions(accounts, person):
    ann, bob = person(), person()
    assert not accounts.sessions.end(bob.account, ann.session)
    assert not accounts.sessions.end(bob.account, "no hex")
    (mine,) = accounts.sessions.of(ann)
    assert (mine.here, mine.agent) == (True, "a browser")
    assert accounts.sessions.end(ann.account, ann.session)
    assert accounts.sessions.of(ann) == []


def test_a_token_sees_one_lab_and_its_scopes(accounts, house, person, lab):
    ann = person("owner")
    other = house.lab(f"{lab.name}-other").name
    accounts.members.join(other, ann.account, "owner")
    ann = accounts.sessions.caller(accounts.sessions.start(ann.account))
    made = accounts.tokens.make(ann, "script", ["see:*"], 7, lab.name)
    caller = accounts.sessions.caller(made.code)
    assert set(caller.roles) == {lab.name}
    assert (caller.scopes, caller.via) == (frozenset(["see:*"]), "token")
    assert made.code.startswith("bby_")
    assert made.token.hint == made.code[:8]
    with clock.use(clock.Turned(clock.wall_ns() + 8 * DAY_NS)):
        assert accounts.sessions.caller(made.code) == NOBODY


def test_a_token_ends_with_its_removal_or_its_membership(accounts, person, lab):
    person("owner")
    ann = person("researcher")
    one = accounts.tokens.make(ann, "one", ["role:expert"], 7)
    two = accounts.tokens.make(ann, "two", ["role:expert"], 7, lab.name)
    assert accounts.sessions.caller(one.code).signed_in
    accounts.tokens.remove(ann.account, one.token.id)
    assert accounts.sessions.caller(one.code) == NOBODY
    accounts.members.remove(lab.name, ann.account)
    assert accounts.sessions.caller(two.code) == NOBODY


def test_no_token_for_a_lab_of_others_nor_without_end(accounts, person, lab):
    ann = person()
    with pytest.raises(UnknownName):
        accounts.tokens.make(ann, "script", ["see:*"], 7, lab.name)
    for scopes, days in (([], 7), (["see:*"], 0), (["see:*"], 4000), (["all"], 7)):
        with pytest.raises(InputError):
            accounts.tokens.make(ann, "script", scopes, days)
    with pytest.raises(UnknownName):
        accounts.tokens.remove(ann.account, "nonsense")
