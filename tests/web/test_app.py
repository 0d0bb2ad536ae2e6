"""The application: what it refuses to start with, and what any request gets."""

import httpx
import pytest
from litestar import get

from banbury.errors import InputError
from banbury.web.files import FOLDER, Files
from banbury.web.guard import undeclared


def test_a_route_that_declares_no_permission_stops_the_start():
    @get("/somewhere")
    async def handler() -> None: ...

    with pytest.raises(InputError, match="declares no permission"):
        undeclared(handler)


def test_the_server_answers_and_describes_itself(served):
    health = httpx.get(served.origin + "/api/health")
    assert health.json()["ok"] is True
    paths = httpx.get(served.origin + "/api/schema/").json()["paths"]
    assert "/api/health" in paths


def test_whoever_is_not_signed_in_is_led_to_the_login_page(served):
    answer = httpx.get(served.origin + "/labs/x/?a=1", headers={"accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Flabs%2Fx%3Fa%3D1"


def test_what_is_not_there_says_so_as_json_and_as_a_page(served):
    assert httpx.get(served.origin + "/api/nowhere").json()["what"]
    page = httpx.get(served.origin + "/nowhere", headers={"accept": "text/html"})
    assert page.status_code == 404
    assert "<h1>Not found</h1>" in page.text


def test_a_static_file_is_kept_under_its_version_and_packed(served):
    files = Files()
    answer = httpx.get(served.origin + files.address("css/base.css"))
    assert answer.content == (FOLDER / "css/base.css").read_bytes()
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"


@pytest.mark.parametrize(
    "path", ["../app.py", "%2e%2e/app.py", "..%2fapp.py", "/etc/passwd", "css"]
)
def test_nothing_but_the_static_files_is_given_out(served, path):
    assert httpx.get(f"{served.origin}/static/x/{path}").status_code == 404
