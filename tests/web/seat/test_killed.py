"""A server that is killed: what was acknowledged is there once, what was not is sent again."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from banbury.web.serve import bound

pytestmark = pytest.mark.slow

SERVE = """
import socket, sys
from banbury import store
from banbury.web.app import make
from banbury.web.serve import bound, server
with store.open(sys.argv[1]) as house:
    link = bound("127.0.0.1", int(sys.argv[2]))
    print("ready", flush=True)
    server(make(house)).run(sockets=[link])
"""


@pytest.fixture
def port():
    link = bound("127.0.0.1", 0)
    number = link.getsockname()[1]
    link.close()
    return number


@contextmanager
def server(address, port):
    """Run a server of its own on the run's house; it is killed in the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, address, str(port)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()


def test_answers_given_while_the_server_is_dead_arrive_once_and_live_seats_are_carried_on(
    room, site, tab, address, port
):
    here, desk = room(tasks=4), room(gym="desk", tasks=1)
    origin = f"http://127.0.0.1:{port}"
    lease = desk.client("expert").take(1)["work"][0]["id"]
    act = f"{origin}/api/labs/{site.lab}/seat/leases/{lease}/act"
    step = {"number": 0, "action": {"do": "list_mail"}}
    own = desk.client("expert").http
    own.headers["origin"], own.timeout = origin, 30
    tab.context.add_cookies([{"name": "banbury", "value": site.code("expert"), "url": origin}])
    field = tab.get_by_role("textbox", name="Your answer")
    with server(address, port):
        tab.goto(origin + here.path)
        field.fill("before")
        tab.keyboard.press("Control+Enter")
        expect(tab.locator("#seat-saved")).to_have_text("Saved (1)")
        first = own.post(act, json=step).json()
    field.fill("while it was dead")
    tab.keyboard.press("Control+Enter")
    expect(tab.locator("#seat-saved")).to_contain_text("Kept on this device")
    field.fill("a draft")
    with server(address, port):
        again = own.post(act, json=step).json()
        expect(tab.locator("#seat-saved")).to_have_text("Saved (2)", timeout=30_000)
        expect(field).to_have_value("a draft")
        # Closed before the server dies again, so that no error of the page follows.
        tab.close()
    assert sorted(b"dead" in r.answer for r in here.accepted()) == [False, True]
    assert (first["how"], again["how"]) == ("new", "again")
    assert again["exchanges"] == first["exchanges"]
    tab.wrong.clear()
