"""Seats that mean harm: each is held in or cut off, and the page goes on."""

import pytest

pytestmark = pytest.mark.slow

WORK = {
    "id": "lease-1",
    "task": {"id": "t", "gym": "hostile", "skill": "s", "instruction": "Do it.", "inputs": "{}"},
    "observations": [],
}
ESCAPES = """
const tries = {
  document: () => parent.document.title,
  change: () => { parent.document.getElementById("title").textContent = "mine"; return 1; },
  cookie: () => (document.cookie, 1),
  setCookie: () => { document.cookie = "seat=1"; return 1; },
  storage: () => localStorage.setItem("a", "b"),
  session: () => sessionStorage.setItem("a", "b"),
  database: () => new Promise((yes, no) => {
    const open = indexedDB.open("x"); open.onsuccess = yes; open.onerror = no; }),
  fetch: () => fetch("/health"),
  api: () => fetch("/api/account", { credentials: "include" }),
  xhr: () => new Promise((yes, no) => { const x = new XMLHttpRequest();
    x.onload = yes; x.onerror = no; x.open("GET", "/health"); x.send(); }),
  socket: () => new Promise((yes, no) => {
    const s = new EventSource("/health"); s.onopen = yes; s.onerror = no; }),
  picture: () => new Promise((yes, no) => { const i = new Image();
    i.onload = yes; i.onerror = no; i.src = "/static/0/icon.svg?leak"; }),
  frame: () => new Promise((yes, no) => { const f = document.createElement("iframe");
    f.onload = () => { try { yes(f.contentDocument.title); } catch (e) { no(e); } };
    f.src = "/seats/hostile/frame?inner"; document.body.append(f); setTimeout(no, 1500); }),
  popup: () => { if (!window.open("/health?popup", "_blank")) throw new Error("no window"); },
  inline: () => new Promise((yes, no) => { const s = document.createElement("script");
    window.inlined = yes; s.textContent = "window.inlined()"; document.body.append(s);
    setTimeout(no, 200); }),
  words: () => new Function("return 1")(),
  peers: () => new RTCPeerConnection(),
  worker: () => new Promise((yes, no) => { const url = URL.createObjectURL(
      new Blob(["postMessage(1)"], { type: "text/javascript" }));
    const w = new Worker(url); w.onmessage = yes; w.onerror = no; }),
  form: () => new Promise((yes, no) => { const f = document.createElement("form");
    f.action = "/health?form"; f.target = "sink"; f.method = "GET";
    const sink = document.createElement("iframe"); sink.name = "sink"; let loads = 0;
    sink.onload = () => { loads += 1; if (loads > 1 || sink.src === "") loads > 1 && yes(); };
    document.body.append(sink, f); f.submit(); setTimeout(no, 1500); }),
};
export function seat(host) {
  return { async show(work) {
    const got = {};
    for (const [name, attempt] of Object.entries(tries)) {
      try { await attempt(); got[name] = "out"; } catch (error) { got[name] = "held"; }
    }
    host.act({ do: "answer", text: "done", got });
  } };
}
"""


def shown(page, work=WORK):
    page.evaluate("work => host.show(work)", work)


def cut(page, kind):
    """Wait until the seat was cut off for this; the page itself goes on."""
    page.wait_for_function("() => heard.troubles.length > 0", timeout=30_000)
    trouble = page.evaluate("heard.troubles[0]")
    assert trouble["kind"] == kind and trouble["over"]
    assert page.locator("iframe").count() == 0
    assert page.get_by_role("alert").get_by_text("The seat was closed").is_visible()
    assert page.evaluate("document.getElementById('title').textContent") == "Host"
    return trouble


def held(js):
    """Return a seat that does this as soon as it is loaded, and something when it is shown."""
    at_once, at_show = js
    return (
        "const tell = (m) => parent.postMessage({ banbury: 1, ...m }, '*');\n"
        f"export function seat(host) {{ {at_once}\n"
        f"  return {{ show(work) {{ {at_show} }} }}; }}\n"
    )


def test_a_seat_cannot_get_out_of_its_frame(gym, hold, served):
    gym(ESCAPES)
    page = hold()
    asked = []
    page.context.on("response", lambda answer: asked.append(answer.url))
    shown(page)
    page.wait_for_function("() => heard.acts.length === 1", timeout=30_000)
    got = page.evaluate("heard.acts[0].action.got")
    assert {name for name, how in got.items() if how == "out"} == set()
    assert len(page.context.pages) == 1
    assert not [url for url in asked if "/seats/" not in url], "it reached the server"
    assert not page.context.cookies()
    page.wrong.clear()


def test_the_same_seat_gets_out_where_nothing_holds_it(gym, hold, served, tab):
    """The tries above are real: without sandbox and policy they succeed."""
    gym(ESCAPES)
    tab.route(
        f"{served.origin}/seats/hostile/frame*",
        lambda route: route.fulfill(
            body=route.fetch().text(), content_type="text/html", headers={"x-open": "yes"}
        ),
    )
    script = f"{served.origin}/static/0/js/seathost.js"
    tab.route(
        script,
        lambda route: route.fulfill(
            body=route.fetch()
            .text()
            .replace('"allow-scripts"', '"allow-scripts allow-same-origin"'),
            content_type="text/javascript",
        ),
    )
    page = hold()
    shown(page)
    page.wait_for_function("() => heard.acts.length === 1", timeout=30_000)
    got = page.evaluate("heard.acts[0].action.got")
    out = {name for name, how in got.items() if how == "out"}
    assert out >= {
        *("document", "change", "cookie", "storage", "session", "database"),
        *("fetch", "xhr", "picture", "frame", "inline", "words", "worker"),
    }
    page.wrong.clear()


RULES = [
    ("flood", ("", "for (let i = 0; i < 20000; i += 1) tell({ type: 'height', px: i });")),
    ("id", ("", "tell({ type: 'act', id: 'lease-2', action: { do: 'answer' } });")),
    ("early", ("tell({ type: 'act', id: 'lease-1', action: { do: 'answer' } });", "")),
    ("early", ("tell({ type: 'draft', id: 'lease-1', value: 1 });", "")),
    ("size", ("", "host.draft({ text: 'x'.repeat(50e6) });")),
    ("size", ("", "host.draft(Array.from({ length: 5e5 }, () => 1));")),
    ("shape", ("", """host.draft(JSON.parse('{"__proto__": {"polluted": 1}}'));""")),
    ("shape", ("", "host.draft({ a: JSON.parse('{\"__proto__\": null}') });")),
    ("shape", ("", "host.draft(new Map([[1, 2]]));")),
    ("shape", ("", "const a = {}; a.a = a; host.draft(a);")),
    ("shape", ("", "host.draft({ n: NaN });")),
    ("shape", ("", "host.act([1]);")),
    ("shape", ("", "tell({ type: 'nonsense' });")),
    ("shape", ("", "tell({ type: 'constructor' });")),
    ("shape", ("", "parent.postMessage('hello', '*');")),
    ("shape", ("", "tell({ type: 'evidence', id: work.id, keys: -1, pastes: [], idle: 0 });")),
    ("shape", ("", "tell({ type: 'hotkey', key: 'a'.repeat(99) });")),
    ("moved", ("", "location.href = '/health';")),
    ("moved", ("", "location.href = '/seats/hostile/frame?again';")),
    ("moved", ("", "location.href = 'data:text/html,hello';")),
]


def test_a_seat_that_breaks_a_rule_is_cut_off(gym, hold):
    folder = gym(held(("", "")))
    page = hold()
    for kind, js in RULES:
        (folder / "seat.js").write_text(held(js))
        page.evaluate("void again()")
        if kind != "early":
            page.evaluate("() => host.ready")
            shown(page)
        cut(page, kind)
        page.wait_for_timeout(50)
        assert page.evaluate("[heard.acts.length, heard.drafts.length]") == [0, 0], js
        assert page.evaluate("({}).polluted === undefined"), js
    page.wrong.clear()


def test_a_seat_that_was_cut_off_can_be_started_again(gym, hold):
    gym(
        held(
            (
                "",
                """if (work.draft === 'ok') return;
                   host.draft('ok'); setTimeout(() => tell({ type: 'x' }), 600);""",
            )
        )
    )
    page = hold()
    shown(page)
    cut(page, "shape")
    page.get_by_role("button", name="Start the seat again").click()
    page.wait_for_selector("iframe")
    page.wait_for_function("() => host.ready.then(() => true)")
    assert page.evaluate("heard.troubles.length") == 1


def test_messages_from_any_other_window_are_not_heard(gym, hold):
    gym(held(("", "")))
    page = hold()
    shown(page)
    page.evaluate(
        """() => window.postMessage(
          {banbury: 1, type: 'act', id: 'lease-1', action: {do: 'answer'}}, '*')"""
    )
    page.wait_for_timeout(200)
    assert page.evaluate("[heard.acts.length, heard.troubles.length]") == [0, 0]


def test_a_seat_s_inner_frames_are_not_heard(gym, hold):
    gym(
        held(
            (
                "",
                """const f = document.createElement('iframe'); document.body.append(f);
                   f.contentWindow?.parent.parent.postMessage({ banbury: 1, type: 'pong' }, '*');
                   host.act({ do: 'answer', text: 'fine' });""",
            )
        )
    )
    page = hold()
    shown(page)
    page.wait_for_function("() => heard.acts.length === 1")
    page.wrong.clear()


def test_a_seat_that_never_ends_does_not_freeze_the_page(gym, hold):
    """Chromium gives sandboxed frames a process of their own; elsewhere a page may share it."""
    gym(held(("", "for (;;) {}")))
    page = hold()
    shown(page)
    page.evaluate("document.getElementById('title').textContent = 'still here'")
    assert page.get_by_text("still here").is_visible()
    page.wait_for_function("() => heard.troubles.length > 0", timeout=30_000)
    assert page.evaluate("heard.troubles[0].kind") == "silent"
    assert page.get_by_role("button", name="Start the seat again").is_visible()
    page.evaluate("host.close()")
    assert page.locator("iframe").count() == 0


def test_a_seat_that_throws_is_told_and_not_cut_off(gym, hold):
    gym(held(("", "throw new Error('my own mistake');")))
    page = hold()
    shown(page)
    page.wait_for_function("() => heard.troubles.length > 0")
    trouble = page.evaluate("heard.troubles[0]")
    assert trouble["kind"] == "fault" and not trouble["over"]
    assert "my own mistake" in trouble["text"]
    page.wrong.clear()
