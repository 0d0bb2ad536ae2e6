"""Passkeys, in a real browser with a virtual authenticator, and as an attacker shows them."""

import json

import httpx
import pytest


def test_a_passkey_is_for_a_name(site):
    with site.as_("expert") as expert:
        answer = expert.post("/api/account/passkeys/options")
        assert answer.status_code == 400
        assert "localhost" in answer.json()["do"]


@pytest.mark.parametrize(
    "credential",
    [{}, {"response": []}, {"response": {"clientDataJSON": "!!"}}, {"rawId": 1, "response": {}}],
)
def test_what_is_no_passkey_lets_nobody_in(site, credential):
    answer = httpx.post(site.origin + "/api/login/passkey", json={"credential": credential})
    assert answer.status_code == 401
    with site.as_("expert") as expert:
        body = {"name": "x", "credential": credential}
        assert expert.post("/api/account/passkeys", json=body).status_code in (400, 401)


@pytest.mark.slow
def test_a_passkey_is_made_logs_in_once_for_each_question_and_is_removed(site, tab):
    local = site.origin.replace("127.0.0.1", "localhost")
    devtools = tab.context.new_cdp_session(tab)
    devtools.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    cookie = {"name": "banbury", "value": site.code("expert"), "url": local}
    tab.context.add_cookies([cookie])
    tab.goto(local + "/account")
    tab.fill("#passkey-name", "My <i>laptop</i>")
    tab.get_by_role("button", name="Make a passkey").click()
    tab.get_by_role("cell", name="My <i>laptop</i>", exact=True).wait_for()
    tab.context.clear_cookies()

    shown = []
    tab.on("request", lambda r: r.url.endswith("/api/login/passkey") and shown.append(r.post_data))
    tab.goto(local + "/login?next=/account")
    tab.get_by_role("button", name="Use a passkey").click()
    tab.wait_for_url(local + "/account")
    assert tab.get_by_role("heading", name="Expert").is_visible()

    # The same answer again, as somebody would who had listened.
    again = httpx.post(local + "/api/login/passkey", json=json.loads(shown[0]))
    assert again.status_code == 401
    tab.on("dialog", lambda dialog: dialog.accept())
    tab.get_by_role("button", name="Remove the passkey").click()
    tab.get_by_role("cell", name="My <i>laptop</i>", exact=True).wait_for(state="detached")
    site._codes.pop("expert")
