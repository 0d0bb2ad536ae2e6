"""What somebody with an account tries against the workbench, and does not get."""

import hashlib
import io
import json
import os
import socket
import zipfile

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.actors.server import Server, completion
from tests.web.test_reviews import Round

from banbury.accounts.codes import csrf_of
from banbury.actors.endpoint import EndpointPolicy
from banbury.arena.answering import SEAT
from banbury.cycle.source.importing.rows import parquet
from banbury.cycle.source.importing.uploads import opened
from banbury.errors import InputError, StoreFull
from banbury.store.room import Room
from banbury.web.jobs.process import Process

JSON = {"content-type": "application/json"}
DEEP = b"[" * 4_000 + b"]" * 4_000


@pytest.fixture
def round_(site):
    return Round(site)


HEAD = b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize(
    ("begin", "more"),
    [
        (HEAD + b"X: ", b"a" * 4096),
        (HEAD, b"X: y\r\n" * 700),
        (b"GET /", b"a" * 4096),
        (
            HEAD.replace(b"GET", b"POST") + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n",
            b"X: y\r\n" * 700,
        ),
    ],
    ids=["value", "many", "address", "trailers"],
)
def test_a_strangers_head_without_end_ends_the_connection(site, begin, more):
    """Nobody is known before the head has ended, and all of it is held in memory."""
    port = int(site.origin.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=30) as link:
        link.sendall(begin)
        with pytest.raises(OSError):
            for _ in range(20_000):  # 80 MB; far less than that fits between the two
                link.sendall(more)


def test_a_long_head_is_answered_and_so_is_what_comes_after_a_long_body(site):
    with site.as_("owner") as client:
        for _ in range(2):
            assert client.get("/api/health", headers={"x-long": "x" * 40_000}).status_code == 200
            pieces = iter([b" " * 100_000] * 5 + [b"{}"])
            said = client.post("/api/labs/site/campaigns", content=pieces, headers=JSON)
            assert said.status_code == 400 and "name" in said.json()["what"]


@pytest.mark.parametrize(("kind", "path"), [("nobody", "login"), ("owner", "labs/site/campaigns")])
def test_json_that_is_nested_too_deeply_is_the_senders_mistake(site, kind, path):
    with site.as_(kind, **JSON) as client:
        answer = client.post(f"/api/{path}", content=DEEP)
    assert answer.status_code == 400 and "nested" in answer.json()["what"]


@pytest.mark.parametrize(("part", "count"), [(b"[]", 500_001), (b"{}", 500_001), (b"1", 4_000_002)])
def test_json_of_a_million_parts_is_refused_before_it_is_unfolded(site, part, count):
    """Sixty megabytes of `[],` held up everybody for 14 s, and took 1.6 GB."""
    body = b'{"count":1,"have":[' + b",".join([part] * count) + b"]}"
    with site.as_("expert", **JSON) as client:
        answer = client.post("/api/labs/site/seat/any/take", content=body)
    assert answer.status_code == 413 and "holds more than" in answer.json()["what"]


def test_nobody_learns_the_expected_answer_by_taking_their_own_back(round_):
    """An answer that is not looked at yet can be taken back: its score would be an oracle."""
    lease = round_.lab.queue.lease(round_.work("expert", "12"))
    assert round_.lab.judgements([lease.episode])[lease.episode]
    run = f"run=campaign:{round_.name}"
    with round_.site.as_("expert") as client:
        at = "/labs/site/episodes"
        assert client.get(f"/api{at}/{lease.episode}").json()["judgements"] == []
        for passed in ("", "yes", "no"):
            [row] = client.get(f"/api{at}?{run}&passed={passed}").json()["rows"]
            assert row["score"] is None and row["passed"] is None
            assert "judged" not in client.get(f"{at}/counts?{run}&passed={passed}").text
        assert "passed</b>" not in client.get(f"{at}/{lease.episode}").text
    with round_.site.as_("reviewer") as client:
        assert client.get(f"/api{at}/{lease.episode}").json()["judgements"]


@pytest.mark.parametrize("active", [-(10**15), 10**15])
def test_a_reviewers_page_cannot_win_back_or_make_up_hours(round_, active):
    round_.work("expert", "12")
    [look] = round_.take("reviewer")
    evidence = {"active_ms": active, "keys": -5, "blurs": 10**30, "pastes": [-1] * 5_000}
    kept = round_.decide("reviewer", look, "accept", evidence=evidence)
    assert kept.status_code == 200, kept.text
    record = round_.lab.read(kept.json()["episode"])
    assert 0 <= record.episode.cost.busy_ns < 600 * 10**9
    notes = [json.loads(s.payload) for s in record.steps if s.kind == "note"]
    seat = json.loads(next(n[SEAT] for n in notes if SEAT in n))
    assert seat["blurs"] < 1 << 32 and len(seat["pastes"]) == 1_000


def test_a_seats_page_cannot_count_to_infinity(round_):
    with round_.site.as_("expert") as client:
        taken = client.post(f"/api/labs/site/seat/{round_.name}/take", json={"count": 1}).json()
        body = {
            "submission": "s",
            "action": {"do": "answer", "text": "12"},
            "evidence": {"keys": 10**18, "blurs": -1, "pastes": [10**18]},
        }
        at = f"/api/labs/site/seat/leases/{taken['work'][0]['id']}/answer"
        said = json.dumps(body).replace(str(10**18), str(10**40))
        assert client.post(at, content=said, headers=JSON).status_code in (200, 400)


def test_a_lease_takes_so_many_submissions_and_no_endless_names(round_):
    [lease] = round_.lab.queue.claim(round_.name, round_.person("expert"), "", 1)
    for name in ("", "a\x00b", "s" * 201):
        with round_.site.as_("expert") as client:
            body = {"submission": name, "action": {"do": "answer", "text": "12"}}
            at = f"/api/labs/site/seat/leases/{lease.id}/answer"
            assert client.post(at, json=body).status_code == 400, name


def test_a_token_for_an_experts_things_shows_no_file_of_others(site):
    lab = site.house.lab("site")
    blob = lab.blobs.put(b"GIF89a" + b"y" * 60, "image/gif")
    with site.as_("owner") as client:
        wanted = {"name": "t", "scopes": ["role:expert"], "lab": "site"}
        code = client.post("/api/account/tokens", json=wanted).json()["code"]
    at = f"{site.origin}/labs/site/media/{blob.sha256}"
    assert httpx.get(at, headers={"authorization": f"Bearer {code}"}).status_code == 404


def test_a_stream_ends_with_its_session_and_tells_nothing_after(site):
    lab = site.house.lab("site")
    code = site.accounts.sessions.start(site.ids["owner"], "a test")
    client = httpx.Client(base_url=site.origin, cookies={"banbury": code}, timeout=30)
    with client, client.stream("GET", "/api/labs/site/events") as stream:
        lines = stream.iter_lines()
        assert "hello" in next(lines)
        headers = {"origin": site.origin, "x-csrf-token": csrf_of(code)}
        left = httpx.post(f"{site.origin}/api/logout", headers=headers, cookies={"banbury": code})
        assert left.status_code == 200
        made = lab.jobs.add("review", {"run": "after the log-out"})
        told = [line for line in lines if made.id in line]
    lab.jobs.cancel(made.id)
    assert told == []


def test_the_machines_key_goes_to_no_address_that_somebody_else_names(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-machine")
    monkeypatch.setenv("BANBURY_KEY_FOR", "https://api.openai.com http://127.0.0.1:8123/v1")
    for url, key in (
        ("http://evil.example/v1", ""),
        ("https://api.openai.com.evil.example/v1", ""),
        ("http://api.openai.com/v1", ""),
        ("http://127.0.0.1:8124/v1", ""),
        ("http://127.0.0.1:8123/v1", "sk-machine"),
        ("https://api.openai.com:443/v1", "sk-machine"),
    ):
        assert EndpointPolicy(url, "m")._key == key, url
    monkeypatch.delenv("BANBURY_KEY_FOR")
    assert EndpointPolicy("http://my.own.example/v1", "m")._key == "sk-machine"


@pytest.mark.slow
def test_a_stage_does_not_send_the_machines_key_to_the_address_in_its_form(
    monkeypatch, lab, address
):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-machine")
    monkeypatch.delenv("BANBURY_KEY_FOR", raising=False)
    life, hold = os.pipe()
    with Server(lambda body, n: (200, completion("42"))) as server:
        monkeypatch.setenv("BANBURY_MODELS", server.url)
        said = {"model": f"{server.url}#m", "skills": ["reasoning.add"], "name": "k", "most": 6}
        one = Process("probe", said, ["--json", f"--lab={lab.name}", f"--store={address}"], life)
        one._process.wait(120)
        heads = [str(head) for _, head, _ in server.requests]
        log = one.more()
        one.close()
    os.close(life)
    os.close(hold)
    assert heads, log
    assert not any("sk-machine" in head for head in heads)


def test_a_file_that_cannot_be_used_is_refused_before_it_lies_on_the_disk(site):
    lab = site.house.lab("site")
    with site.as_("owner") as client:
        made = {"name": "to-fill", "gym": "labelling"}
        assert client.post("/api/labs/site/campaigns", json=made).status_code == 201
        for place, status in (("nowhere/files/a.jsonl", 404), ("to-fill/files/a.exe", 400)):
            data = f"never kept, {place}".encode()
            answer = client.put(f"/api/labs/site/campaigns/{place}", content=data)
            assert answer.status_code == status, answer.text
            assert lab.blobs.find(hashlib.sha256(data).hexdigest()) is None


@pytest.mark.parametrize("name", [".", "..", "a\r\nX: y", "a\x00b", "a/b", "new"])
def test_a_campaign_gets_no_name_that_its_address_cannot_hold(site, name):
    with site.as_("owner") as client:
        answer = client.post("/api/labs/site/campaigns", json={"name": name, "gym": "labelling"})
    assert answer.status_code == 400 and "cannot be a campaign's name" in answer.json()["what"]


@pytest.mark.parametrize(
    "words",
    [{"title": "t" * 301}, {"instructions": "i" * 100_001}, {"settings": {"x": "s" * 2_000_000}}],
)
def test_a_campaigns_words_are_no_longer_than_anybody_reads(site, words):
    """Each list of campaigns sends them, so that fifty with 30 MB each would end the server."""
    with site.as_("owner") as client:
        at = "/api/labs/site/campaigns"
        made = {"name": "wordy", "gym": "labelling"}
        assert client.post(at, json={**made, **words}).status_code == 400
        assert client.post(at, json=made).status_code == 201
        refused = client.patch(f"{at}/wordy", json=words)
    assert refused.status_code == 400 and "too many" in refused.json()["what"]


@pytest.mark.parametrize("upload", ["zz", "../../x", "\u00e9" * 64, "A" * 64, ""])
def test_what_is_no_hash_is_no_upload(site, upload):
    with site.as_("owner") as client:
        made = {"name": "to-look", "gym": "labelling"}
        assert client.post("/api/labs/site/campaigns", json=made).status_code == 201
        for verb in ("look", "fill"):
            body = {"upload": upload, "file": "a.jsonl"}
            answer = client.post(f"/api/labs/site/campaigns/to-look/{verb}", json=body)
            assert answer.status_code == 400 and "no such upload" in answer.json()["what"]


def test_a_lab_cannot_fill_the_disk_that_all_labs_share(site, monkeypatch):
    lab = site.house.lab("site")
    used = lab.blobs.room.disk().used
    monkeypatch.setenv("BANBURY_LAB_GB", str((used + 1000) / 1e9))
    with site.as_("owner") as client:
        made = {"name": "to-overfill", "gym": "labelling"}
        assert client.post("/api/labs/site/campaigns", json=made).status_code == 201
        at = "/api/labs/site/campaigns/to-overfill/files/a.jsonl"
        big = b'{"item": {}}\n' * 1_000
        for body in (big, iter([big])):  # with its length said before, and without
            refused = client.put(at, content=body)
            assert refused.status_code == 507 and "GB" in refused.json()["what"], refused.text
        with pytest.raises(StoreFull, match="there is no room"):
            lab.blobs.put(big)
        assert lab.blobs.find(hashlib.sha256(big).hexdigest()) is None
        left = [
            p for p in lab.blobs.root.rglob("*") if p.is_file() and p.stat().st_size == len(big)
        ]
        assert left == []
        lab.blobs.put(b"small")
        told = client.get("/api/labs/site/disk").json()
        assert told == {"used": used + len(b"small"), "most": used + 1000}


def test_several_uploads_at_once_share_the_room_that_is_left(site, monkeypatch):
    room = Room(site.house.lab("elsewhere")._database)
    monkeypatch.setenv("BANBURY_LAB_GB", str((room.disk().used + 1000) / 1e9))
    with room.coming() as one, room.coming() as other:
        one(600)
        with pytest.raises(StoreFull, match="there is no room"):
            other(600)
        other(400)
        assert room.left() == 0
    assert room.left() == 1000


def test_an_archive_is_unpacked_only_where_the_lab_has_room_for_it(site, monkeypatch):
    """Looking into an upload unpacks it on the server, a hundred times its size and more."""
    lab, held = site.house.lab("elsewhere"), io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"a" * 900_000)
    blob = lab.blobs.put(held.getvalue())
    monkeypatch.setenv("BANBURY_LAB_GB", str((lab.blobs.room.disk().used + 500_000) / 1e9))
    with pytest.raises(StoreFull, match="there is no room"), opened(lab, blob.sha256, "a.zip"):
        pass


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.jsonl", b'{"text":"a","more":[' + b"[]," * 500_000 + b"[]]}\n", "no JSON object: it"),
        ("a.json", b'[{"data":{"text":"a"},"b":[' + b"[]," * 500_000 + b"[]]}]", "holds more than"),
        ("a.csv", b",".join(b"c%d" % i for i in range(20_000)) + b"\n", "more than 2,000 columns"),
        ("a\0.jsonl", b'{"text":"a"}\n', "no kind of file"),
    ],
    ids=["lines", "array", "columns", "name"],
)
def test_looking_into_an_upload_does_not_hold_up_the_server(site, name, data, why):
    """A row of millions of arrays took 17 s, in which nobody else was served."""
    with site.as_("owner") as client:
        made = {"name": "to-look-into", "gym": "labelling"}
        assert client.post("/api/labs/site/campaigns", json=made).status_code == 201
        at = "/api/labs/site/campaigns/to-look-into"
        sent = client.put(f"{at}/uploads/a.jsonl", content=data).json()
        held = hashlib.sha256(data).hexdigest()
        assert sent.get("upload", held) == held
        said = client.post(f"{at}/look", json={"upload": held, "file": name}).json()
    assert why in said.get("broken", said.get("what", "")), said


def test_a_small_parquet_that_unfolds_to_much_is_refused_before_it_is_read(tmp_path):
    """The server itself looks into an upload, and must not fall over it."""
    path = tmp_path / "bomb.parquet"
    table = pa.table({"text": pa.array(["x" * 5_000_000] * 60)})
    pq.write_table(table, path, compression="zstd", use_dictionary=False)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(InputError, match="unfolds from"):
        next(parquet(path, ()))
