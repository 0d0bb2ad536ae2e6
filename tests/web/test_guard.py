"""Who may come in, by cookie or token, and from where."""

import httpx
import pytest
from litestar.connection import ASGIConnection
from litestar.exceptions import ClientException

from banbury.web.origin import Origins, configured, local


def test_everybody_sees_their_own_lab_only(site):
    for kind in ("owner", "researcher", "reviewer", "expert"):
        with site.as_(kind) as client:
            assert client.get("/labs/site/").status_code == 200
            assert client.get("/labs/elsewhere/").status_code == 404
            assert client.get("/labs/no-such-lab/").status_code == 404
    with site.as_("stranger") as client:
        assert client.get("/labs/site/").status_code == 404
    assert httpx.get(site.origin + "/labs/site/").status_code == 401


def test_a_strangers_lab_and_no_lab_look_alike(site):
    with site.as_("owner") as client:
        there, not_there = client.get("/labs/elsewhere/"), client.get("/labs/elsewherf/")
    assert there.text.replace("elsewhere", "x") == not_there.text.replace("elsewherf", "x")


def test_every_answer_says_what_a_browser_may_do_with_it(site):
    with site.as_("owner") as client:
        for path in ("/labs/site/", "/api/health", "/nowhere", "/api/schema/"):
            headers = client.get(path).headers
            assert "default-src 'none'" in headers["content-security-policy"]
            assert "unsafe" not in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert headers["referrer-policy"] == "same-origin"
            assert headers["cache-control"] == "no-store"
            assert "camera=()" in headers["permissions-policy"]


def test_a_name_that_is_not_ours_is_not_answered(site):
    headers = {"host": "evil.example"}
    answer = httpx.get(site.origin + "/api/health", headers=headers)
    assert answer.status_code == 400
    assert "BANBURY_ORIGIN" in answer.json()["what"]


@pytest.mark.parametrize("header", ["Bearer", "Bearer x", "Basic abc", "Bearer bby_none", "x"])
def test_a_token_that_is_none_is_refused_even_with_a_good_cookie(site, header):
    with site.as_("owner", authorization=header) as client:
        assert client.get("/labs/site/").status_code == 401


@pytest.mark.parametrize(
    ("setting", "host", "known"),
    [
        ("", "localhost:8080", True),
        ("", "10.0.0.7", True),
        ("", "[::1]:80", True),
        ("", "a.localhost", True),
        ("", "evil.example", False),
        ("", "localhost.evil.example", False),
        ("", "", False),
        ("", "[", False),
        ("https://banbury.example", "banbury.example", True),
        ("https://banbury.example", "127.0.0.1:80", True),
        ("https://banbury.example", "10.0.0.7", False),
        ("https://banbury.example", "evil.example", False),
    ],
)
def test_the_names_of_this_server(setting, host, known):
    connection = ASGIConnection(
        {"type": "http", "scheme": "http", "headers": [(b"host", host.encode())]}
    )
    if known:
        assert Origins(setting).of(connection) in (setting, f"http://{host}")
    else:
        with pytest.raises(ClientException, match="does not answer"):
            Origins(setting).of(connection)


@pytest.mark.parametrize("text", ["banbury.example", "ftp://x", "https://x/y", "https://a@b"])
def test_a_setting_that_is_no_origin_stops_the_start(monkeypatch, text):
    monkeypatch.setenv("BANBURY_ORIGIN", text)
    with pytest.raises(Exception, match="no origin"):
        configured()


def test_a_setting_is_written_as_a_browser_writes_it(monkeypatch):
    monkeypatch.setenv("BANBURY_ORIGIN", "https://Banbury.example:443/")
    assert configured() == "https://banbury.example"


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "",
        "inbox",
        "/a{b}",
        "/ä",
        "/" + "a" * 600,
    ],
)
def test_next_leads_nowhere_else(path):
    assert local(path) == "/"
    assert local("/labs/x/?a=1&b=%20#c") == "/labs/x/?a=1&b=%20#c"
