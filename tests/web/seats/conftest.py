"""Parts of the tests of seats: a gym with any seat.js, and a page that holds it as ours does."""

import pytest

from banbury.gyms import registry

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; font-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Host</title><link rel="stylesheet" href="/static/0/css/tokens.css">
<link rel="stylesheet" href="/static/0/css/base.css">
<link rel="stylesheet" href="/static/0/css/seatframe.css">
<script type="module" src="/host.js"></script></head>
<body><h1 id="title">Host</h1><div id="place"></div></body></html>"""
SCRIPT = """
import { SeatHost } from "/static/0/js/seathost.js";
const gym = new URLSearchParams(location.search).get("gym");
const place = document.getElementById("place");
window.again = () => {
  window.host?.close();
  const heard = { acts: [], drafts: [], evidence: [], hotkeys: [], broken: [], troubles: [] };
  const host = new SeatHost(place, {
    gym,
    onAct: (action, id) => heard.acts.push({ action, id }),
    onDraft: (value, id) => heard.drafts.push({ value, id }),
    onEvidence: (what, id) => heard.evidence.push({ ...what, id }),
    onHotkey: (key) => heard.hotkeys.push(key),
    onBroken: (reason, id) => heard.broken.push({ reason, id }),
    onTrouble: (trouble) => heard.troubles.push(trouble),
  });
  Object.assign(window, { heard, host });
  return host.ready;
};
again().then(() => (document.body.dataset.ready = "yes"));
"""
HEAD = """name = "{name}"
version = "1"
licence = "CC0-1.0"
[skills.s]
title = "a title"
form = "text"
seen = ["What of {{q}}?"]
unseen = ["And {{q}}?"]
"""


@pytest.fixture
def gym(tmp_path, monkeypatch):
    """Return `make(js, name="hostile", **files)`: it registers a gym with this seat."""

    def made(js, name="hostile", **files):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "gym.toml").write_text(HEAD.format(name=name))
        rows = [f"q{n},a{n}" for n in range(16)]
        (folder / "tasks.csv").write_text("\n".join(["q,answer", *rows]) + "\n")
        if js is not None:
            (folder / "seat.js").write_text(js)
        for file, text in files.items():
            (folder / file).write_text(text)
        monkeypatch.setenv("BANBURY_GYMS", str(tmp_path))
        registry.refresh()
        return folder

    yield made
    monkeypatch.undo()
    registry.refresh()


@pytest.fixture
def hold(served, tab):
    """Return `hold(gym)`: a page with a SeatHost of that gym; `tab.evaluate` reaches `host`."""

    def held(name="hostile", ready=True, page=tab):
        page.route(
            f"{served.origin}/host?*",
            lambda route: route.fulfill(
                body=PAGE, content_type="text/html", headers={"Content-Security-Policy": POLICY}
            ),
        )
        page.route(
            f"{served.origin}/host.js",
            lambda route: route.fulfill(body=SCRIPT, content_type="text/javascript"),
        )
        page.goto(f"{served.origin}/host?gym={name}")
        if ready:
            page.wait_for_selector("body[data-ready]", timeout=15_000)
        return page

    return held
