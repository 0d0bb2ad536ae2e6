"""Log in, join, one's account and a lab's people, through the API as an attacker tries it."""

import itertools

import httpx
import pytest

from banbury import clock
from banbury.accounts.codes import csrf_of

PASSWORD = "four words you know"
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def hashed(site):
    return site.accounts.passwords.hash(PASSWORD).result()


@pytest.fixture
def ann(site, hashed):
    """Return the e-mail and the id of somebody with a password."""
    email = f"ann{next(_numbers)}@api.example"
    return email, site.accounts.people.add(email, "Ann", hashed)


def client(site, code=""):
    opened = httpx.Client(base_url=site.origin)
    if code:
        opened.cookies.set("banbury", code)
        opened.headers["x-csrf-token"] = csrf_of(code)
    return opened


def log_in(site, email, password=PASSWORD, **headers):
    body = {"email": email, "password": password}
    return httpx.post(site.origin + "/api/login", json=body, headers=headers)


def path_of(made, start="/join/"):
    assert made.path.startswith(start)
    return made.path.removeprefix(start)


def test_a_log_in_gives_a_cookie_that_scripts_and_other_sites_do_not_get(site, ann):
    answer = log_in(site, ann[0])
    assert answer.json() == {"account": ann[1]}
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Domain" not in cookie
    with client(site, answer.cookies["banbury"]) as inside:
        assert inside.get("/api/account").json()["email"] == ann[0]


def test_a_session_that_was_planted_is_not_taken_over(site, ann):
    planted = site.accounts.sessions.start(site.ids["stranger"])
    with client(site, planted) as browser:
        answer = browser.post("/api/login", json={"email": ann[0], "password": PASSWORD})
    assert answer.cookies["banbury"] != planted
    assert not site.accounts.sessions.caller(planted).signed_in
    with client(site, "planted-by-an-attacker") as browser:
        answer = browser.post("/api/login", json={"email": ann[0], "password": PASSWORD})
    assert answer.cookies["banbury"] != "planted-by-an-attacker"


def test_unknown_and_wrong_get_the_same_answer(site, ann):
    wrong = log_in(site, ann[0], "four words you knew")
    unknown = log_in(site, "nobody@api.example")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.content == unknown.content
    assert {k: v for k, v in wrong.headers.items() if k != "date"} == {
        k: v for k, v in unknown.headers.items() if k != "date"
    }


def test_tries_end_with_a_number_of_seconds(site):
    for _ in range(10):
        assert log_in(site, "brute@api.example").status_code == 401
    answer = log_in(site, "brute@api.example")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 30
    assert "try again in" in answer.json()["do"]


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"email": 1, "password": []}', b'{"email": "a", "password": "\\ud800"}'],
)
def test_broken_log_ins_are_refused(site, body):
    headers = {"content-type": "application/json"}
    answer = httpx.post(site.origin + "/api/login", content=body, headers=headers)
    assert answer.status_code in (400, 401)


def test_a_huge_password_costs_nothing(site, ann):
    assert log_in(site, ann[0], "x" * 1_000_000).status_code == 413
    assert log_in(site, ann[0], "x" * 10_000).status_code == 401


def test_logging_out_everywhere_ends_every_session(site, ann):
    codes = [log_in(site, ann[0]).cookies["banbury"] for _ in range(2)]
    with client(site, codes[0]) as one, client(site, codes[1]) as two:
        assert len(one.get("/api/account/sessions").json()) == 2
        assert one.post("/api/logout/everywhere").json() == {"ended": 2}
        assert two.get("/api/account").status_code == 401


def test_a_new_password_ends_the_other_sessions(site, ann):
    codes = [log_in(site, ann[0]).cookies["banbury"] for _ in range(2)]
    with client(site, codes[0]) as one, client(site, codes[1]) as two:
        change = {"old": "four words you knew", "password": "five words that you know"}
        assert one.put("/api/account/password", json=change).status_code == 401
        change["old"] = PASSWORD
        assert one.put("/api/account/password", json={**change, "password": "x"}).status_code == 400
        assert one.put("/api/account/password", json=change).status_code == 204
        assert one.get("/api/account").status_code == 200
        assert two.get("/api/account").status_code == 401
    assert log_in(site, ann[0]).status_code == 401
    assert log_in(site, ann[0], "five words that you know").status_code == 200


def test_who_is_invited_joins_once(site):
    with site.as_("owner") as owner:
        made = owner.post("/api/labs/site/invitations", json={"role": "expert"}).json()
        code = made["path"].removeprefix("/join/")
        listed = owner.get("/api/labs/site/invitations").json()
        assert made["link"] in listed
        assert code not in str(listed)
    seen = httpx.get(site.origin + f"/api/join/{code}").json()
    assert (seen["lab"], seen["role"]) == ("site", "expert")
    new = {"email": "joined@api.example", "name": "<b>Jo</b>", "password": PASSWORD}
    answer = httpx.post(site.origin + f"/api/join/{code}", json=new)
    assert answer.status_code == 201
    with client(site, answer.cookies["banbury"]) as jo:
        me = jo.get("/api/account").json()
        assert [(p["lab"], p["role"]) for p in me["labs"]] == [("site", "expert")]
    again = httpx.post(site.origin + f"/api/join/{code}", json={**new, "email": "x@api.example"})
    assert again.status_code == 401
    with site.as_("owner") as owner:
        assert "Nobody" in owner.get("/labs/site/people", params={"search": "joined"}).text
        [jo] = site.accounts.members.page("site", "joined", whole=True).people
        page = owner.get("/labs/site/people", params={"search": jo.pseudonym}).text
        assert jo.pseudonym in page and "Jo<" not in page and "Jo&" not in page
        assert jo.email not in page and answer.json()["account"] not in page
        [seen] = owner.get("/api/labs/site/people", params={"search": jo.pseudonym}).json()[
            "people"
        ]
        assert (seen["name"], seen["email"], seen["account"]) == ("", "", "")
        assert owner.delete(f"/api/labs/site/people/{jo.pseudonym}").status_code == 204
        again = owner.delete(f"/api/labs/site/people/{jo.pseudonym}")
        assert again.status_code == 404


@pytest.mark.parametrize(
    "wrong", [{"password": "short"}, {"email": "no"}, {"name": ""}, {"role": "owner"}]
)
def test_a_bad_newcomer_does_not_use_the_invitation_up(site, wrong):
    made = site.accounts.links.invite(site.caller("owner"), "site", "expert")
    new = {"email": "bad@api.example", "name": "Bad", "password": PASSWORD, **wrong}
    answer = httpx.post(site.origin + f"/api/join/{path_of(made)}", json=new)
    assert answer.status_code == 400
    assert httpx.get(site.origin + f"/api/join/{path_of(made)}").status_code == 200
    site.accounts.links.revoke("site", made.link.id)


def test_somebody_with_an_account_joins_another_lab(site):
    made = site.accounts.links.invite(site.caller("stranger"), "elsewhere", "reviewer")
    path = f"/api/join/{path_of(made)}/accept"
    assert httpx.post(site.origin + path).status_code == 401
    with site.as_("owner") as owner:
        assert owner.post(path).json() == {"lab": "elsewhere"}
        assert owner.get("/labs/elsewhere/").status_code == 200
    with site.as_("stranger") as stranger:
        answer = stranger.delete(f"/api/labs/elsewhere/people/{site.ids['owner']}")
        assert answer.status_code == 404, "here they are a pseudonym"
        called = site.caller("owner").pseudonyms["elsewhere"]
        assert stranger.delete(f"/api/labs/elsewhere/people/{called}").status_code == 204
    with site.as_("owner") as owner:
        assert owner.get("/labs/elsewhere/").status_code == 404


def test_nobody_makes_themselves_more_than_they_are(site):
    with site.as_("researcher") as researcher:
        me = f"/api/labs/site/people/{site.ids['researcher']}"
        assert researcher.patch(me, json={"role": "owner"}).status_code == 403
        invite = {"role": "owner"}
        assert researcher.post("/api/labs/site/invitations", json=invite).status_code == 403
    made = site.accounts.tokens.make(site.caller("owner"), "t", ["change:people"], 1)
    headers = {"authorization": f"Bearer {made.code}"}
    path = f"{site.origin}/api/labs/site/people/{site.caller('expert').pseudonyms['site']}"
    answer = httpx.patch(path, json={"role": "owner"}, headers=headers)
    assert answer.status_code == 403
    with site.as_("owner") as owner:
        last = f"/api/labs/site/people/{site.ids['owner']}"
        assert owner.delete(last).status_code == 400
        assert owner.patch(last, json={"role": "expert"}).status_code == 400
        assert owner.patch(last, json={"role": "king"}).status_code == 400


def test_a_lab_names_nobody_by_giving_them_a_role_that_is_named(site):
    [jo] = [m for m in site.accounts.members.page("site", role="expert", whole=True).people
            if m.account == site.ids["expert"]]  # fmt: skip
    with site.as_("owner") as owner:
        me = f"/api/labs/site/people/{jo.pseudonym}"
        for role in ("researcher", "owner"):
            answer = owner.patch(me, json={"role": role})
            assert answer.status_code == 403 and "invite" in answer.text
        assert owner.patch(me, json={"role": "reviewer"}).status_code == 204
        assert owner.patch(me, json={"role": "expert"}).status_code == 204
        page = owner.get("/api/labs/site/people", params={"search": jo.pseudonym}).text
        assert jo.email not in page and jo.account not in page


def test_a_token_is_shown_once_and_works_until_it_is_removed(site, ann):
    with client(site, log_in(site, ann[0]).cookies["banbury"]) as browser:
        wanted = {"name": "<script>", "scopes": ["see:*"], "days": 1}
        made = browser.post("/api/account/tokens", json=wanted).json()
        assert made["code"] not in browser.get("/api/account/tokens").text
        assert "<script>&" not in browser.get("/account").text
        headers = {"authorization": f"Bearer {made['code']}"}
        me = httpx.get(site.origin + "/api/account", headers=headers)
        assert me.json()["scopes"] == ["see:*"]
        again = httpx.post(site.origin + "/api/account/tokens", json=wanted, headers=headers)
        assert again.status_code == 403
        gone = browser.delete(f"/api/account/tokens/{made['token']['id']}")
        assert gone.status_code == 204
        assert httpx.get(site.origin + "/api/account", headers=headers).status_code == 401


def test_an_operator_makes_a_lab_and_takes_none_that_is_owned(site):
    with site.as_("operator") as operator:
        assert operator.post("/api/labs", json={"lab": "elsewhere"}).status_code == 400
        assert operator.post("/api/labs", json={"lab": "../x"}).status_code == 400
        assert operator.post("/api/labs", json={"lab": "site-made"}).status_code == 201
        assert operator.get("/labs/site-made/").status_code == 200
    with site.as_("owner") as owner:
        assert owner.post("/api/labs", json={"lab": "site-other"}).status_code == 403


def test_a_lost_password_is_set_anew_by_a_link(site, ann):
    before = log_in(site, ann[0]).cookies["banbury"]
    made = site.accounts.links.reset(ann[1])
    code = path_of(made, "/reset/")
    assert ann[0] in httpx.get(f"{site.origin}/reset/{code}").text
    answer = httpx.post(f"{site.origin}/api/reset/{code}", json={"password": "words I will keep"})
    assert answer.status_code == 201
    with client(site, before) as old:
        assert old.get("/api/account").status_code == 401
    assert log_in(site, ann[0], "words I will keep").status_code == 200
    again = httpx.post(f"{site.origin}/api/reset/{code}", json={"password": "words I will keep"})
    assert again.status_code == 401


def test_the_pages_of_links_say_what_a_used_one_is(site):
    for path in ("/first/x", "/join/x", "/reset/x"):
        answer = httpx.get(site.origin + path, headers={"accept": "text/html"})
        assert answer.status_code == 401
        assert "this link was used" in answer.text.lower()


def test_the_log_in_page_leads_nowhere_else(site):
    page = httpx.get(site.origin + "/login", params={"next": "//evil.example"}).text
    assert 'data-then="/"' in page
    assert "evil" not in page
    with site.as_("newcomer") as client:
        answer = client.get("/login", params={"next": "/\\evil.example"})
        assert answer.headers["location"] == "/"


def test_no_link_is_built_from_the_host_header(site):
    headers = {"host": "127.0.0.1.evil.example"}
    with site.as_("owner", **headers) as owner:
        answer = owner.post("/api/labs/site/invitations", json={"role": "expert"})
        assert answer.status_code == 400
        assert owner.get("/labs/site/people").status_code == 400


def test_the_account_page_needs_a_person(site):
    made = site.accounts.tokens.make(site.caller("expert"), "t", ["*:*"], 1)
    headers = {"authorization": f"Bearer {made.code}"}
    assert httpx.get(site.origin + "/account", headers=headers).status_code == 403
    assert clock.wall_ns() < made.token.expires_ns
