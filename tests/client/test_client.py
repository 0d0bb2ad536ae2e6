"""The client against the real server: work, errors, tries again, what it lacks."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest
from tests.web.conftest import served, site  # noqa: F401  its server is the one to talk to

from banbury.client import LACKS, OPERATIONS, Client, LabClient, lacking
from banbury.errors import (
    BanburyError,
    Forbidden,
    InputError,
    SignInNeeded,
    StoreUnavailable,
    TooOften,
    UnknownName,
)

ROOMS = ("campaigns", "seat", "reviews", "mends", "jobs", "gyms")
"""In which every operation must have a method; what the others lack goes into the run's report."""


@pytest.fixture(scope="module")
def clients(site):  # noqa: F811
    """Return a client of the lab `site` for a role, by a token."""
    made = {}

    def client(kind):
        if kind not in made:
            caller = site.caller(kind)
            token = site.accounts.tokens.make(caller, "a test", frozenset({"*:*"}), lab="", days=1)
            made[kind] = Client(site.origin, token.code)
        return made[kind].lab("site")

    yield client
    for one in made.values():
        one.close()


def test_a_campaign_is_made_worked_and_reviewed(clients):
    boss, expert = clients("owner"), clients("expert")
    made = boss.make_campaign("by-client", "reasoning", title="Sums")
    assert made == boss.make_campaign("by-client", "reasoning", title="Sums")
    assert boss.draw_tasks("by-client", "reasoning.add", 2) == 2
    assert "by-client" in [c.name for c in boss.campaigns()]
    [work] = expert.take("by-client").work
    assert work.task["gym"] == "reasoning"
    kept = [expert.answer(work.id, {"do": "answer", "text": "1"}, submission="s") for _ in "ab"]
    assert [k.how for k in kept] == ["new", "again"]
    [look] = clients("reviewer").take_reviews("by-client")
    assert look.answers[0]["episode"] == kept[0].episode
    assert clients("reviewer").decide(look.id, "accept").counts
    sight = boss.campaign("by-client")
    assert (sight.progress.settled, sight.bands["open"]) == (1, 1)
    assert boss.episode(kept[0].episode)
    assert boss.tasks(gym="reasoning")
    assert boss.releases() is not None
    assert list(boss.steps(kept[0].episode))
    assert kept[0].episode in [e["id"] for e in boss.episodes(run="campaign:by-client")]
    expert.give_back(expert.take("by-client").work[0].id)


def test_an_upload_is_looked_into_taken_and_taken_out_again(clients, site, tmp_path):  # noqa: F811
    boss = clients("owner")
    mood = {"name": "mood", "kind": "choice", "labels": ["good", "bad"]}
    boss.make_campaign("sent", "labelling", settings={"controls": [mood]})
    (tmp_path / "rows.csv").write_bytes(b"n,review\n1,fine\n2,awful\n")
    seen = boss.send("sent", tmp_path / "rows.csv")
    assert (seen.format, seen.columns) == ("csv", ("n", "review"))
    chosen = boss.look_into("sent", seen.upload, seen.file, "review")
    assert (chosen.labelled, chosen.rows[1]) == (("review",), ("2", "awful"))
    assert boss.upload("sent", tmp_path / "rows.csv").arguments["upload"] == seen.upload
    job = boss.fill("sent", seen.upload, seen.file, column="review", licence="CC0-1.0")
    assert (job.arguments["column"], job.arguments["licence"]) == ("review", "CC0-1.0")
    with pytest.raises(InputError, match="no upload that brought tasks"):
        boss.take_out("sent", job)  # nobody works here, so it brought nothing yet
    while boss.job(job.id).state == "queued":
        site.house.lab("site").jobs.claim("a-test", alone=False, lease_s=60.0)
    brought = {"rank_before": 0, "rank_last": 0}
    site.house.lab("site").jobs.finish(job.id, "a-test", "done", exit=0, result=brought, more="")
    assert boss.take_out("sent", job) == 0


def test_the_servers_errors_are_raised_as_they_were_there(clients, site):  # noqa: F811
    with pytest.raises(UnknownName, match="no campaign 'nowhere'"):
        clients("owner").campaign("nowhere")
    with pytest.raises(Forbidden):
        clients("expert").make_campaign("x", "reasoning")
    with pytest.raises(InputError, match="overlap from 1 to 100") as wrong:
        clients("owner").make_campaign("x", "reasoning", overlap=0)
    assert wrong.value.where
    with Client(site.origin, "bby_nothing") as stranger, pytest.raises(SignInNeeded):
        stranger.labs()


@pytest.fixture
def answering():
    """Return what starts a server that gives these (status, body) in turn."""
    running = []

    def start(*answers):
        left, seen = list(answers), []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                seen.append(self.command)
                self.rfile.read(int(self.headers.get("content-length", 0)))
                status, body = left.pop(0)
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.send_header("retry-after", "3")
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *said):
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}", seen

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


BAD, FINE = (503, b'{"what": "not yet"}'), (200, b"{}")


def test_what_may_be_done_twice_is_tried_again_and_nothing_else_is(answering):
    waits = []
    origin, seen = answering(BAD, BAD, FINE, BAD, (429, b'{"what": "slower"}'), FINE)
    with Client(origin, "t", wait=waits.append) as client:
        assert client.health() == {}
        assert len(seen) == 3
        with pytest.raises(StoreUnavailable, match="not yet"):
            client.make_lab("x")  # making a lab twice is not the same as once
        assert client.make_lab("x") == {}
    assert waits[2] == 3.0
    assert 0.0 < waits[0] < 0.4


def test_it_gives_up_in_the_end(answering):
    origin, seen = answering(*[BAD] * 3, (429, b'{"what": "slower"}'), (500, b"<html>"))
    with Client(origin, "t", tries=3, wait=lambda s: None) as client:
        with pytest.raises(StoreUnavailable):
            client.health()
        assert len(seen) == 3
    with Client(origin, "t", tries=1) as client:
        with pytest.raises(TooOften) as wrong:
            client.health()
        assert wrong.value.seconds == 3
        with pytest.raises(BanburyError, match="the server answered 500"):
            client.health()
    with Client("http://127.0.0.1:1", "t", tries=2, wait=lambda s: None) as client:
        with pytest.raises(StoreUnavailable, match="cannot be reached"):
            client.health()


def test_every_operation_of_its_rooms_has_a_method_and_every_method_an_operation(
    site,  # noqa: F811
    record_property,
):
    schema = httpx.get(f"{site.origin}/api/schema/openapi.json").json()
    there = {(m.upper(), path) for path, held in schema["paths"].items() for m in held}
    assert set(OPERATIONS.values()) <= there
    record_property("lacking", lacking(schema))
    missing = [line for line in lacking(schema) if _room(line) in ROOMS]
    assert missing == [], f"the client lacks {missing}"
    for name in OPERATIONS:
        assert hasattr(LabClient, name) or hasattr(Client, name), name
    for begin in LACKS:
        assert any(path.startswith(begin) for _, path in there), f"{begin} is not there any more"


def _room(line):
    parts = line.split("/")
    return parts[4] if len(parts) > 4 else ""


def test_a_lacking_operation_is_named():
    schema = {"paths": {"/api/labs/{lab_name}/new": {"get": {}}, "/api/health": {"get": {}}}}
    assert lacking(schema) == ["GET /api/labs/{lab_name}/new"]
