"""The uploader in a real browser: several files, pause, a page that was closed, refusals."""

import hashlib
import os
import re

import pytest

MOUNT = """async ([path, options]) => {
  const { uploader } = await import(path);
  document.querySelector("main").innerHTML = '<div id="files"></div>';
  window.done = []; window.counts = {};
  const at = document.getElementById("files");
  window.files = uploader(at, { ...options,
    onfinished: (file) => { done.push(file); document.body.dataset.done = done.length; },
    onstate: (counts) => {
      window.counts = counts; document.body.dataset.sending = counts.sending; } });
}"""
PARTS = re.compile(r"/api/labs/site/uploads/[0-9a-f-]{36}$")


@pytest.fixture
def mounted(site, tab):
    """Return how to mount the uploader anew, as when the page is opened again."""
    site.enter(tab, "owner")
    path = site.app.state.files.address("js/uploader.js")

    def mount(**options):
        tab.goto(site.origin + "/account")
        tab.evaluate(MOUNT, [path, {"lab": "site", **options}])

    return mount


def shows(tab, **counts):
    for name, count in counts.items():
        tab.locator(f'body[data-{name}="{count}"]').wait_for(state="attached")


@pytest.fixture
def choose(tab, tmp_path):
    """Return how to choose files of these names and contents."""

    def chosen(**files):
        given = [tmp_path / f"{name}.mp4" for name in files]
        for file, data in zip(given, files.values(), strict=True):
            file.write_bytes(data)
        tab.locator("input[type=file]").set_input_files(given)

    return chosen


def hashes(tab):
    return {f["name"]: f["sha256"] for f in tab.evaluate("done")}


def test_several_files_go_up_in_parts_with_checksums(site, tab, mounted, choose):
    sent = []
    tab.on("request", lambda r: sent.append(r) if r.method == "PATCH" else None)
    first, second, third = os.urandom(5_000_000), os.urandom(1000), os.urandom(2000)
    mounted(task="several")
    choose(a=first, b=second, c=third)
    shows(tab, done=3)
    assert hashes(tab) == {
        f"{name}.mp4": hashlib.sha256(data).hexdigest()
        for name, data in (("a", first), ("b", second), ("c", third))
    }
    lab = site.house.lab("site")
    assert lab.blobs.read(hashlib.sha256(first).hexdigest()) == first
    assert len(sent) == 4 and all("sha256 " in r.headers["upload-checksum"] for r in sent)
    rows = tab.locator(".uploader-file.finished")
    assert rows.count() == 3 and "5.0 MB kept whole" in rows.first.inner_text()
    assert tab.evaluate("counts.finished") == 3
    # Whoever opens the page again is told of them.
    mounted(task="several")
    shows(tab, done=3)
    assert tab.evaluate("done.every((file) => file.before)")
    choose(a=first)
    tab.get_by_text("a.mp4 is in the list already.").wait_for()
    mounted(task="another")
    shows(tab, sending=0)
    assert tab.evaluate("counts.finished") == 0


def test_a_file_goes_on_where_it_was_after_the_page_was_closed(site, tab, mounted, choose):
    data = os.urandom(5_000_000)
    through = []

    def broken(route, request):
        if request.method != "PATCH" or not through:
            through.append(request.method)
            return route.continue_()
        return route.abort()

    tab.route(PARTS, broken)
    mounted(task="closed")
    choose(a=data)
    tab.locator(".uploader-file.sending").get_by_text("83 %").wait_for()
    tab.get_by_role("button", name="Pause a.mp4").click()
    assert "Paused" in tab.locator(".uploader-file.paused").inner_text()
    tab.unroute(PARTS)
    mounted(task="closed")
    tab.get_by_text("83 % of 5.0 MB has come. Choose the file again to go on.").wait_for()
    assert tab.evaluate("counts.unfinished") == 1
    sent = []
    tab.on("request", lambda r: sent.append(r) if r.method == "PATCH" else None)
    choose(renamed=data)
    shows(tab, done=1)
    assert hashes(tab) == {"a.mp4": hashlib.sha256(data).hexdigest()}
    assert sent[0].headers["upload-offset"] == str(4 << 20)
    assert len(site.house.lab("site").uploads.listed(task="closed")) == 1
    tab.wrong.clear()  # of the lines that were broken


def test_pause_resume_remove_and_drop(site, tab, mounted, choose):
    data = os.urandom(60_000)
    held = []
    tab.route(PARTS, lambda route, request: held.append(route))
    mounted(task="held")
    choose(a=data)
    shows(tab, sending=1)
    tab.evaluate("files.pause()")
    assert tab.locator(".uploader-file.paused").count() == 1
    tab.unroute(PARTS)
    tab.evaluate("files.resume()")
    shows(tab, done=1)
    tab.route(PARTS, lambda route, request: route.continue_() if request.method == "DELETE" else 0)
    drop = """() => { const at = new DataTransfer();
      at.items.add(new File(["x".repeat(5000)], "dropped.mov"));
      document.querySelector(".uploader-drop").dispatchEvent(
        new DragEvent("drop", { dataTransfer: at, bubbles: true, cancelable: true })); }"""
    with tab.expect_request(lambda request: request.method == "PATCH"):
        tab.evaluate(drop)
    lab = site.house.lab("site")
    assert [u.name for u in lab.uploads.listed(task="held", state="open")] == ["dropped.mov"]
    tab.get_by_role("button", name="Remove dropped.mov").click()
    tab.get_by_text("dropped.mov").wait_for(state="detached")
    assert lab.uploads.listed(task="held", state="open") == []
    tab.wrong.clear()


def test_what_the_server_refuses_is_said_in_its_words(site, tab, mounted, choose):
    site.enter(tab, "expert")
    mounted(task="not-mine")
    choose(a=b"hello")
    tab.get_by_text("You hold no task here that asks for files").wait_for()
    assert tab.evaluate("counts.failed") == 1
    choose(empty=b"")
    tab.get_by_text("empty.mp4 is empty and was left out.").wait_for()
    assert "403" in tab.wrong.pop()


def test_a_server_that_dies_under_way_is_waited_for(site, tab, mounted, choose):
    """The part that was lost is asked for again, without anybody's doing."""
    data = os.urandom(5_000_000)
    tries = []

    def dying(route, request):
        if request.method != "PATCH":
            return route.continue_()
        tries.append(request)
        if len(tries) in (2, 3):
            return route.fulfill(status=503, json={"what": "not now"})
        return route.continue_()

    tab.route(PARTS, dying)
    mounted(task="dying")
    choose(a=data)
    tab.get_by_text("The connection broke off. It is tried again and goes on by itself.").wait_for()
    shows(tab, done=1)
    assert hashes(tab) == {"a.mp4": hashlib.sha256(data).hexdigest()}
    assert len(tries) == 4
    tab.wrong.clear()


def test_the_page_is_light(site):
    """What the seat's page loads with the uploader, as it goes over the line."""
    held = site.app.state.files
    names = ["js/uploader.js", "js/upload/row.js", "js/upload/sending.js", "css/uploader.css"]
    names += ["vendor/tus-js-client-4.3.1.min.js"]
    files = [held.at(name) for name in names]
    assert sum(len(f.packed or f.data) for f in files) < 40_000
