"""Recordings lent to a seat's frame, which has no session: by ticket, one file, some hours."""

import httpx
import pytest
import sqlalchemy as sa

from banbury import clock
from banbury.episode import Span, new_id
from banbury.gyms.capture import problems
from banbury.gyms.capture.views import Pairs, View
from banbury.store.keyring import work_key
from banbury.web import tickets
from banbury.web.tickets import Tickets


@pytest.fixture
def lent(room, site):
    """Return a person's client, the path of a lease's film, and what it holds."""
    here = room(gym="capture", problems=[])
    # What people filmed is under their keys.
    film = here.lab.blobs.put(b"0123456789" * 10, "video/mp4", work_key(here.lab.name, new_id()))
    page = here.lab.blobs.put(b"<script>", "text/html")
    shown = Pairs((View("View 1", duration_s=1.0, media=film.sha256), View("View 2")))
    spans = (Span(film, "view", 0, 10**9), Span(page, "view", 0, 1))
    problem = problems.confirm(shown, media=spans)
    here.lab.put_tasks([problem])
    here.lab.queue.add(here.name, [problem.task.id])
    one = here.client()
    lease = one.take(1)["work"][0]["id"]
    return one, f"{one.base}/leases/{lease}/media", film.sha256, page.sha256


def ticket(one, path):
    return one.http.post(f"{path}/ticket")


def test_a_ticket_reads_its_file_by_ranges_without_a_session(lent, site):
    one, base, film, _ = lent
    said = ticket(one, f"{base}/{film}").json()
    whole = httpx.get(site.origin + said["url"])
    assert (whole.status_code, whole.content) == (200, b"0123456789" * 10)
    part = httpx.get(site.origin + said["url"], headers={"range": "bytes=10-14"})
    assert (part.status_code, part.content) == (206, b"01234")
    assert part.headers["content-range"] == "bytes 10-14/100"
    assert httpx.get(site.origin + said["url"], headers={"range": "bytes=900-"}).status_code == 416
    assert part.headers["content-type"] == "video/mp4"
    assert "sandbox" in part.headers["content-security-policy"]


def test_a_recording_that_is_erased_is_gone(lent, site):
    one, base, film, _ = lent
    url = site.origin + ticket(one, f"{base}/{film}").json()["url"]
    shown = one.http.get(f"{base}/{film}")
    assert (shown.status_code, shown.content) == (200, b"0123456789" * 10)
    assert shown.headers["content-length"] == "100"
    lab = site.house.lab(site.lab)
    while held := lab.blobs.find(film):  # the other tests' people have a copy each
        lab.erase(held.key.rpartition(":")[2], "nothing")
    assert httpx.get(url).status_code == 404
    assert one.http.get(f"{base}/{film}").status_code == 410


def test_nobody_gets_a_ticket_for_what_their_task_does_not_name(lent, site):
    one, base, film, _ = lent
    assert ticket(one, f"{base}/{'0' * 64}").status_code == 404
    for kind in ("stranger", "nobody"):
        with site.as_(kind) as other:
            assert other.post(f"{base}/{film}/ticket").status_code in (401, 403, 404)


def test_what_a_browser_could_take_for_a_document_is_not_lent(lent, site):
    one, base, _, page = lent
    said = ticket(one, f"{base}/{page}").json()
    assert httpx.get(site.origin + said["url"]).status_code == 404


@pytest.mark.parametrize("forged", ["x", "a.b", "ä.ö", "." * 50])
def test_a_forged_ticket_is_none(lent, site, forged):
    one, base, film, _ = lent
    good = ticket(one, f"{base}/{film}").json()["url"]
    for url in (f"/seats/-/lent/{forged}", good[:-1] + ("A" if good[-1] != "A" else "B")):
        assert httpx.get(site.origin + url).status_code == 403


FILE = ("lab", "0" * 64, "video/mp4")


def test_a_ticket_outlives_its_server_and_is_known_to_the_others(house):
    text = Tickets(house).make(*FILE)
    assert Tickets(house).read(text).sha256 == "0" * 64
    assert Tickets(house).make(*FILE).partition(".")[0] != text.partition(".")[0]


def test_a_ticket_is_over_after_its_hours_though_its_key_is_there(house, monkeypatch):
    made, now = Tickets(house), clock.wall_ns()
    text = made.make(*FILE)
    for hours, good in ((tickets.HOURS - 0.01, True), (tickets.HOURS + 0.01, False)):
        monkeypatch.setattr(clock, "wall_ns", lambda h=hours: now + int(h * 3600e9))
        assert (made.read(text) is not None) == good
        assert (Tickets(house).read(text) is not None) == good


def test_keys_change_and_old_ones_are_removed(house, monkeypatch):
    now, seals = clock.wall_ns(), set()
    monkeypatch.setattr(clock, "wall_ns", lambda: now)
    for _ in range(6):
        seals.add(Tickets(house).make(*FILE).partition(".")[2])
        now += tickets.PERIOD_NS
    query = sa.text("SELECT period FROM ticket_key")
    held = house.ask(lambda c: c.execute(query).scalars().all())
    assert len(seals) == 6 and len(held) <= 3
    house.run(lambda c: c.execute(sa.text("DELETE FROM ticket_key")))
