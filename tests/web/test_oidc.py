"""Log-ins by a provider: only the invited come in, and no answer that does not fit."""

import itertools

import httpx
import pytest
from tests.web.provider import CLIENT, SECRET, Provider

from banbury.accounts.oidc import Oidc, Settings, configured
from banbury.errors import InputError

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def provider(served, house):
    running = Provider()
    accounts = served.app.state.accounts
    settings = Settings(running.issuer, CLIENT, SECRET, "Test House")
    served.app.state.oidc = Oidc(house, accounts.challenges, settings)
    yield running
    served.app.state.oidc = None
    running.close()


@pytest.fixture
def somebody(provider):
    """Let the provider vouch for a person; return the e-mail."""
    number = next(_numbers)
    email = f"person{number}@oidc.example"
    provider.lie = None
    provider.claims = {
        "sub": f"s{number}",
        "email": email,
        "email_verified": True,
        "name": "<b>Per</b>",
    }
    return email


def invite(site, email, role="expert"):
    return site.accounts.links.invite(site.caller("owner"), "site", role, email)


def browser(site):
    return httpx.Client(base_url=site.origin, follow_redirects=False)


def come_in(site, client, path="/oidc/start?next=/account"):
    """Go to the provider and back as a browser does; return our last answer."""
    there = client.get(path).headers["location"]
    back = httpx.get(there).headers["location"]
    return client.get(back.removeprefix(site.origin))


def account_of(site, client):
    return site.accounts.sessions.caller(client.cookies.get("banbury", ""))


def test_the_invited_come_in_and_come_again(site, somebody):
    invite(site, somebody)
    with browser(site) as client:
        answer = come_in(site, client)
        assert (answer.status_code, answer.headers["location"]) == (303, "/account")
        first = account_of(site, client)
        assert (first.email, first.roles, first.name) == (
            somebody,
            {"site": "expert"},
            "<b>Per</b>",
        )
    with browser(site) as client:
        come_in(site, client)
        assert account_of(site, client).account == first.account


def test_nobody_comes_in_without_an_invitation(site, somebody):
    with browser(site) as client:
        answer = come_in(site, client)
        assert answer.headers["location"] == "/login?trouble=stranger"
        assert "No invitation names" in client.get(answer.headers["location"]).text
        assert not account_of(site, client).signed_in
    assert site.accounts.people.by_email(somebody) is None


def test_an_open_invitation_is_none_for_an_address(site, somebody):
    site.accounts.links.invite(site.caller("owner"), "site", "expert")
    with browser(site) as client:
        assert "stranger" in come_in(site, client).headers["location"]


@pytest.mark.parametrize(
    "lie",
    [
        "key",
        "none",
        {"nonce": "another"},
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"exp": 1},
        {"sub": None},
    ],
)
def test_an_answer_that_does_not_fit_lets_nobody_in(site, provider, somebody, lie):
    invite(site, somebody)
    provider.lie = lie
    with browser(site) as client:
        assert come_in(site, client).headers["location"] == "/login?trouble=failed"
        assert not account_of(site, client).signed_in


@pytest.mark.parametrize("proven", [False, None, "true"])
def test_an_address_that_is_not_proven_is_none(site, provider, somebody, proven):
    invite(site, somebody)
    provider.claims["email_verified"] = proven
    with browser(site) as client:
        assert "unproven" in come_in(site, client).headers["location"]


def test_a_look_alike_address_is_a_stranger(site, provider, somebody):
    invite(site, somebody)
    provider.claims["email"] = somebody.replace("p", "\uff50", 1)
    with browser(site) as client:
        assert "stranger" in come_in(site, client).headers["location"]


def test_an_account_that_a_password_opens_is_connected_from_within_only(site, provider, somebody):
    """Whoever held an open invitation may have typed an address that is not theirs."""
    hash = site.accounts.passwords.hash("four words you know").result()
    account = site.accounts.people.add(somebody, "Not Per", hash)
    with browser(site) as client:
        assert "known" in come_in(site, client).headers["location"]
    with browser(site) as client:
        body = {"email": somebody, "password": "four words you know"}
        client.post("/api/login", json=body)
        page = client.get("/account").text
        csrf = page.partition('name="csrf" content="')[2].partition('"')[0]
        asked = client.post("/api/account/oidc", headers={"x-csrf-token": csrf})
        back = httpx.get(asked.json()["address"]).headers["location"]
        assert client.get(back).headers["location"] == "/account"
        assert "is connected" in client.get("/account").text
    with browser(site) as client:
        come_in(site, client)
        assert account_of(site, client).account == account


def test_an_answer_counts_in_the_browser_that_asked_and_once(site, somebody):
    invite(site, somebody)
    with browser(site) as victim, browser(site) as attacker:
        there = attacker.get("/oidc/start").headers["location"]
        back = httpx.get(there).headers["location"]
        assert "failed" in victim.get(back).headers["location"]
        assert not account_of(site, victim).signed_in
        assert attacker.get(back).headers["location"] == "/"
        assert "failed" in attacker.get(back).headers["location"]


def test_connecting_counts_in_the_session_that_asked(site, somebody):
    with site.as_("expert") as expert, browser(site) as other:
        asked = expert.post("/api/account/oidc")
        back = httpx.get(asked.json()["address"]).headers["location"]
        other.cookies.set("banbury-oidc", asked.cookies["banbury-oidc"])
        assert "failed" in other.get(back).headers["location"]


def test_the_way_back_leads_nowhere_else(site, somebody):
    invite(site, somebody)
    with browser(site) as client:
        answer = come_in(site, client, "/oidc/start?next=//evil.example")
        assert answer.headers["location"] == "/"


def test_a_provider_that_is_down_is_said_and_breaks_nothing(site, house, provider, somebody):
    held = site.app.state.oidc
    settings = Settings("http://127.0.0.1:9", CLIENT, SECRET, "Down")
    site.app.state.oidc = Oidc(house, site.accounts.challenges, settings)
    try:
        answer = httpx.get(site.origin + "/oidc/start")
        assert answer.status_code == 502
        assert "log in by password" in answer.json()["do"]
    finally:
        site.app.state.oidc = held


def test_half_of_the_settings_stop_the_start(monkeypatch):
    assert configured() is None
    monkeypatch.setenv("BANBURY_OIDC_ISSUER", "http://login.example")
    with pytest.raises(InputError, match="CLIENT_ID and BANBURY_OIDC_CLIENT_SECRET"):
        configured()
    monkeypatch.setenv("BANBURY_OIDC_CLIENT_ID", "a")
    monkeypatch.setenv("BANBURY_OIDC_CLIENT_SECRET", "b")
    with pytest.raises(InputError, match="not https"):
        configured()
    monkeypatch.setenv("BANBURY_OIDC_ISSUER", "https://login.example")
    assert configured() == Settings("https://login.example", "a", "b", "login.example")
