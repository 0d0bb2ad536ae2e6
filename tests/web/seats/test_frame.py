"""The frame's page and its files: what policy they carry, and what is never given out."""

import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from banbury import gyms
from banbury.web.files import FOLDER
from banbury.web.pages.seats import policy

SEAT = "export const seat = () => ({ show() {} });\n"
SCRIPTS = sorted(
    [
        *(FOLDER / "seat").glob("*.js"),
        FOLDER / "js" / "seathost.js",
        *(Path(gyms.__file__).parent / "labelling").glob("*.js"),
    ]
)

NEVER = [
    "/seats/own/secret.txt",
    "/seats/own/gym.toml",
    "/seats/own/tasks.csv",
    "/seats/own/absent.js",
    "/seats/own/..%2Fseat.js",
    "/seats/own/..%2f..%2fetc%2fpasswd",
    "/seats/own/%2e%2e%2fown%2fseat.js",
    "/seats/..%2Fown/seat.js",
    "/seats/absent/frame",
    "/seats/absent/seat.js",
    "/seats/reasoning/frame",
    "/seats/-/call.js",
    "/seats/-/frame",
    "/seats/own/seat.js%00.css",
]


@pytest.fixture
def asked(served, gym):
    gym(SEAT, "own", **{"part.js": "export const a = 1;\n", "secret.txt": "x"})
    with httpx.Client(base_url=served.origin, timeout=60) as client:
        yield client


def test_the_frame_is_sandboxed_by_its_own_policy(asked):
    got = asked.get("/seats/own/frame")
    said = got.headers["content-security-policy"]
    assert got.status_code == 200
    assert said.startswith("sandbox allow-scripts; default-src 'none'")
    assert "allow-same-origin" not in said
    assert "connect-src 'none'" in said and "frame-src 'none'" in said
    assert f"script-src {str(asked.base_url).rstrip('/')};" in said
    assert "unsafe-inline" not in said.split("script-src")[1].split(";")[0]
    assert "set-cookie" not in got.headers


def test_a_host_name_cannot_write_into_the_policy(asked):
    got = asked.get("/seats/own/frame", headers={"Host": "a.b; script-src *"})
    assert got.status_code == 400 or "script-src 'self'" in got.headers["content-security-policy"]
    assert "script-src https://a.b:8443;" in policy("https://a.b:8443")


def test_a_seat_s_files_may_be_read_across_origins_without_credentials(asked):
    got = asked.get("/seats/own/seat.js")
    assert got.text == SEAT
    assert got.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in got.headers
    assert got.headers["content-type"].startswith("text/javascript")
    again = asked.get("/seats/own/seat.js", headers={"If-None-Match": got.headers["etag"]})
    assert again.status_code == 304
    assert asked.get("/seats/own/part.js").status_code == 200
    assert asked.get("/seats/-/frame.js").status_code == 200


def test_nothing_but_a_seat_s_scripts_and_styles_is_given_out(asked):
    given = [path for path in NEVER if asked.get(path).status_code != 404]
    assert not given


def test_a_link_out_of_the_folder_is_not_followed(served, gym, tmp_path):
    outside = tmp_path / "outside.js"
    outside.write_text("secret")
    folder = gym(SEAT, "own")
    (folder / "link.js").symlink_to(outside)
    assert httpx.get(f"{served.origin}/seats/own/link.js", timeout=60).status_code == 404


def test_a_seat_that_changed_is_given_out_anew(asked, tmp_path):
    before = asked.get("/seats/own/seat.js")
    (tmp_path / "own" / "seat.js").write_text(SEAT + "// more\n")
    after = asked.get("/seats/own/seat.js", headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200 and after.text.endswith("// more\n")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.name)
def test_each_script_parses_and_is_short_and_inserts_no_html(script):
    text = script.read_text()
    assert len(text.splitlines()) < 400
    for never in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert never not in text
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    subprocess.run([node, "--check", "--input-type=module", "-"], input=text.encode(), check=True)
