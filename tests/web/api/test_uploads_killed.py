"""A server that is killed while a browser sends: the file arrives exactly, nobody does anything."""

import hashlib
import os
import signal

import pytest
from tests.web.api.test_uploader import MOUNT
from tests.web.seat.test_killed import port, server  # noqa: F401

pytestmark = pytest.mark.slow


def test_a_file_goes_on_by_itself_when_the_server_is_killed(
    site,
    tab,
    address,
    port,  # noqa: F811
    tmp_path,
):
    data = os.urandom(30_000_000)
    file = tmp_path / "long.mp4"
    file.write_bytes(data)
    origin = f"http://127.0.0.1:{port}"
    tab.context.add_cookies([{"name": "banbury", "value": site.code("owner"), "url": origin}])
    tab.set_default_timeout(120_000)  # a busy machine takes long to start a server
    answers = []
    with server(address, port) as first:

        def killed(answer):
            if answer.request.method == "PATCH":
                answers.append(answer)
                if len(answers) == 1:
                    os.kill(first.pid, signal.SIGKILL)

        tab.on("response", killed)
        tab.goto(origin + "/account")
        path = site.app.state.files.address("js/uploader.js")
        tab.evaluate(MOUNT, [path, {"lab": "site", "task": "killed"}])
        tab.locator("input[type=file]").set_input_files(file)
        with tab.expect_event("requestfailed"):
            pass
    with server(address, port):
        tab.locator('body[data-done="1"]').wait_for(state="attached")
        [sent] = tab.evaluate("done")
        # Closed before the server dies, so that no error of the page follows.
        tab.close()
    assert sent["sha256"] == hashlib.sha256(data).hexdigest()
    [upload] = site.house.lab("site").uploads.listed(task="killed")
    assert upload.state == "kept"
    assert int(answers[1].request.headers["upload-offset"]) >= 4 << 20
    tab.wrong.clear()
