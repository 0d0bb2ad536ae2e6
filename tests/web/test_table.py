"""The whole table of permissions against every route: what it says is what the answer shows."""

import re

import httpx
import pytest
from litestar.handlers import HTTPRouteHandler

from banbury.accounts.permissions import TABLE, ask

GONE = "00000000-0000-7000-8000-000000000000"


def routes(app):
    """Yield each route's verb, path and method, as the running application has them."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if isinstance(handler, HTTPRouteHandler):
                for method in handler.http_methods - {"OPTIONS", "HEAD"}:
                    yield route.path_format, str(method), handler.opt["may"]


def filled(path, lab):
    """Return a path with the lab, and with names for all else that nothing has."""
    for name, value in (("lab_name", lab), ("account", GONE), ("invitation", GONE)):
        path = path.replace(f"{{{name}}}", value)
    # A stream has no end; that of a job which nobody knows is refused after the guard.
    path += f"?job={GONE}" if path.endswith("/events") else ""
    return re.sub(r"\{(\w+)\}", r"\1", path)


def asked(client, method, path):
    body = {} if method in ("POST", "PUT", "PATCH") else None
    return client.request(method, path, json=body)


@pytest.fixture(scope="module")
def clients(site):
    """Return the client of each kind of caller, the same for all requests."""
    held = {kind: site.as_(kind, accept="application/json") for kind in site.kinds}
    yield held.__getitem__
    for client in held.values():
        client.close()


@pytest.fixture(scope="module")
def everything(served):
    found = sorted(set(routes(served.app)), key=str)
    assert len(found) > 20
    return found


def test_every_route_has_a_row(everything):
    for path, method, may in everything:
        assert (may.verb, may.thing) in TABLE, (path, method)


def test_a_route_of_a_lab_is_in_the_table_as_one(everything):
    for path, method, may in everything:
        in_lab = "{lab_name}" in path
        assert (TABLE[may.verb, may.thing].membership == "lab") == in_lab, (path, method)
        if TABLE[may.verb, may.thing].membership == "open":
            assert "/labs/" not in path


@pytest.mark.parametrize("lab", ["site", "elsewhere", "no-such-lab"])
@pytest.mark.parametrize(
    "kind",
    [
        "owner",
        "researcher",
        "reviewer",
        "expert",
        "stranger",
        "newcomer",
        "operator",
        "nobody",
    ],
)
def test_the_answer_is_what_the_table_says(site, clients, everything, kind, lab):
    wrong = []
    for path, method, may in everything:
        if lab != "site" and "{lab_name}" not in path:
            continue
        if path.startswith("/api/logout"):
            continue
        expected = ask(site.caller(kind), may.verb, may.thing, lab)
        answer = asked(clients(kind), method, filled(path, lab))
        if not agrees(answer, expected, lab):
            wrong.append((method, path, str(may), expected, answer.status_code, answer.text[:200]))
    assert not wrong, wrong


def agrees(answer, expected, lab):
    """Say whether an answer is what the table expects; within, bad input is the handler's word."""
    said = answer.text
    guarded = {
        "sign in": answer.status_code == 401 and "Sign in first" in said,
        "absent": answer.status_code == 404 and f"there is no lab '{lab}'" in said,
        "no": answer.status_code == 403 and "does not allow" in said,
    }
    if expected in guarded:
        return guarded[expected]
    return not any(guarded.values()) and answer.status_code < 500


def test_whatever_a_stranger_asks_about_a_lab_it_answers_as_if_there_were_none(clients, everything):
    for path, method, _ in everything:
        if "{lab_name}" in path:
            there = asked(clients("stranger"), method, filled(path, "site"))
            none = asked(clients("stranger"), method, filled(path, "sitf"))
            assert there.status_code == none.status_code == 404
            assert there.text.replace("'site'", "") == none.text.replace("'sitf'", "")


def test_logging_out_is_for_whoever_is_logged_in(site):
    for path in ("/api/logout", "/api/logout/everywhere"):
        assert httpx.post(site.origin + path).status_code == 401
        with site.as_("newcomer") as client:
            assert client.post(path).status_code == 200
            assert client.post(path).status_code == 401


def test_no_write_of_a_session_goes_without_our_pages_token(site, everything):
    with site.as_("owner") as client:
        del client.headers["x-csrf-token"]
        for path, method, _ in everything:
            if method == "GET":
                continue
            answer = client.request(method, filled(path, "site"), json={})
            assert answer.status_code == 403, (method, path)
            assert "load it again" in answer.json()["what"]


@pytest.mark.parametrize("kind", ["owner", "nobody"])
def test_no_write_comes_from_another_origin(clients, everything, kind):
    for path, method, _ in everything:
        for header in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
            if method != "GET":
                answer = clients(kind).request(
                    method, filled(path, "site"), json={}, headers=header
                )
                assert answer.status_code == 403, (method, path, kind)


def test_nobody_enters_by_a_form_of_another_media_type(site, everything):
    for path, method, may in everything:
        if may.verb == "enter" and method != "GET":
            answer = httpx.request(
                method,
                site.origin + filled(path, "site"),
                content=b"{}",
                headers={"content-type": "text/plain"},
            )
            assert answer.status_code == 403, path


@pytest.mark.parametrize("scope", ["see:*", "role:expert", "make:tasks", "*:episodes"])
def test_a_token_does_what_its_scopes_say_and_no_more(site, everything, scope):
    made = site.accounts.tokens.make(site.caller("owner"), scope, [scope], 1, "site")
    token = site.accounts.sessions.caller(made.code)
    wrong = []
    with httpx.Client(base_url=site.origin) as client:
        client.headers["authorization"] = f"Bearer {made.code}"
        for path, method, may in everything:
            body = {} if method in ("POST", "PUT", "PATCH") else None
            answer = client.request(method, filled(path, "site"), json=body)
            expected = ask(token, may.verb, may.thing, "site")
            if not agrees(answer, expected, "site"):
                wrong.append((method, path, str(may), expected, answer.status_code))
            if "{lab_name}" in path:
                answer = client.request(method, filled(path, "elsewhere"), json=body)
                assert answer.status_code == 404
    assert not wrong, wrong
