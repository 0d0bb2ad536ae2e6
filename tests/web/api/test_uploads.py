"""tus 1.0.0 over HTTP, against the real server: the protocol, who may, and slow senders."""

import base64
import hashlib
import os
import socket

import httpx
import pytest

from banbury import clock
from banbury.client import Client
from banbury.episode import Origin, Problem, Public, Secret, SkillWeight, Task, identity, new_id
from banbury.errors import InputError, UnknownName
from banbury.store.queue import Campaign
from banbury.web.jobs.worker import Worker

ALL = "/api/labs/site/uploads"
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {**TUS, "Content-Type": "application/offset+octet-stream"}


def b64(data):
    return base64.b64encode(data).decode()


def meta(**held):
    return ",".join(f"{k} {b64(v.encode())}".strip() for k, v in held.items())


def begun(client, size, body=None, **named):
    head = {**(TUS if body is None else BYTES), "Upload-Length": str(size)}
    head["Upload-Metadata"] = meta(**{"filename": "a.mp4", "filetype": "video/mp4", **named})
    return client.post(ALL, headers=head, content=body)


def sent(client, at, offset, data, **more):
    return client.patch(at, headers={**BYTES, "Upload-Offset": str(offset), **more}, content=data)


@pytest.fixture(scope="module")
def owner(site):
    with site.as_("owner") as client:
        yield client


@pytest.fixture
def held(site):
    """Return the id of a task of a campaign that asks for files, held by the expert."""
    lab = site.house.lab("site")
    name = f"film-{new_id()[-6:]}"
    id = identity("capture", "film", "1", {"name": name})
    task = Task(
        id, "capture", "film", "1", f'{{"name":"{name}"}}', Public("Film it"),
        (SkillWeight("capture.film"),), origin=Origin("generated", "tests", "1"),
    )  # fmt: skip
    lab.put_tasks([Problem(task, Secret(id, "x"))])
    lab.queue.put(Campaign(name, "capture"))
    lab.queue.add(name, [id])
    who = site.caller("expert").pseudonyms["site"]
    [lease] = lab.queue.claim(name, who)
    return lease


def test_what_is_offered(owner):
    said = owner.options(ALL)
    assert said.status_code == 204 and said.headers["tus-version"] == "1.0.0"
    assert said.headers["tus-extension"].split(",") == [
        *("creation", "creation-with-upload", "expiration", "checksum", "termination")
    ]
    assert set(said.headers["tus-checksum-algorithm"].split(",")) == {"sha1", "sha256"}


def test_a_file_goes_up_in_parts_and_is_a_blob_in_the_end(site, owner):
    data = os.urandom(300_000)
    made = begun(owner, len(data))
    assert made.status_code == 201 and made.headers["tus-resumable"] == "1.0.0"
    at = made.headers["location"]
    assert at.startswith(ALL) and made.headers["upload-offset"] == "0"
    assert made.headers["upload-expires"].endswith("GMT")
    first = sent(owner, at, 0, data[:100_000])
    assert (first.status_code, first.headers["upload-offset"]) == (204, "100000")
    asked = owner.head(at, headers=TUS)
    assert (asked.headers["upload-offset"], asked.headers["upload-length"]) == ("100000", "300000")
    assert asked.headers["cache-control"] == "no-store"
    assert asked.headers["upload-metadata"] == meta(filename="a.mp4", filetype="video/mp4")
    again = sent(owner, at, 0, data[:100_000])
    assert again.status_code == 409 and "100,000 bytes" in again.json()["what"]
    right = f"sha256 {b64(hashlib.sha256(data[100_000:]).digest())}"
    wrong = f"sha256 {b64(hashlib.sha256(b'').digest())}"
    no = sent(owner, at, 100_000, data[100_000:], **{"Upload-Checksum": wrong})
    assert no.status_code == 460 and "send them again" in no.json()["do"]
    assert owner.head(at, headers=TUS).headers["upload-offset"] == "100000"
    last = sent(owner, at, 100_000, data[100_000:], **{"Upload-Checksum": right})
    assert (last.status_code, last.headers["upload-offset"]) == (204, "300000")
    found = owner.get(at).json()
    sha256 = hashlib.sha256(data).hexdigest()
    assert (found["state"], found["sha256"], found["name"]) == ("kept", sha256, "a.mp4")
    assert site.house.lab("site").blobs.read(sha256) == data
    assert owner.get(f"/labs/site/media/{sha256}").headers["content-type"] == "video/mp4"
    assert sent(owner, at, 300_000, b"x").status_code == 413
    assert owner.delete(at, headers=TUS).status_code == 400


def test_a_small_file_goes_up_with_its_creation(owner):
    made = begun(owner, 5, b"hello")
    assert (made.status_code, made.headers["upload-offset"]) == (201, "5")
    found = owner.get(made.headers["location"]).json()
    assert found["sha256"] == hashlib.sha256(b"hello").hexdigest()


def test_an_upload_is_removed_when_its_sender_says_so(owner):
    at = begun(owner, 10).headers["location"]
    assert owner.delete(at, headers=TUS).status_code == 204
    for answer in (owner.head(at, headers=TUS), sent(owner, at, 0, b"x"), owner.get(at)):
        assert answer.status_code == 404
    assert "send the file again" in owner.get(at).json()["do"]


def test_post_stands_for_patch_where_nothing_else_passes(owner):
    at = begun(owner, 3).headers["location"]
    head = {**BYTES, "Upload-Offset": "0"}
    assert owner.post(at, headers=head, content=b"abc").status_code == 405
    head["X-HTTP-Method-Override"] = "PATCH"
    assert owner.post(at, headers=head, content=b"abc").headers["upload-offset"] == "3"


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ({"Upload-Length": "5"}, 412),
        ({"Tus-Resumable": "0.2.2", "Upload-Length": "5"}, 412),
        ({**TUS}, 400),
        ({**TUS, "Upload-Length": "-5"}, 400),
        ({**TUS, "Upload-Length": "9" * 30}, 400),
        ({**TUS, "Upload-Length": "0"}, 400),
        ({**TUS, "Upload-Length": str(1 << 50)}, 413),
        ({**TUS, "Upload-Defer-Length": "1"}, 400),
        ({**TUS, "Upload-Length": "5", "Upload-Metadata": "filename ???"}, 400),
        ({**TUS, "Upload-Length": "5", "Upload-Metadata": "filename " + "x" * 9000}, 400),
        ({**TUS, "Upload-Length": "5", "Upload-Checksum": "md5 AAAA"}, 400),
        ({**TUS, "Upload-Length": "5", "Upload-Checksum": "sha1 AAAA"}, 400),
    ],
)
def test_a_beginning_that_is_none_is_refused_in_words(owner, head, status):
    said = owner.post(ALL, headers=head)
    assert said.status_code == status and said.json()["what"]


def test_an_append_that_is_none_is_refused_in_words(owner):
    at = begun(owner, 5).headers["location"]
    assert owner.patch(at, headers={**TUS, "Upload-Offset": "0"}).status_code == 415
    assert owner.patch(at, headers={**BYTES}, content=b"x").status_code == 400
    assert sent(owner, at, 0, b"123456").status_code == 413
    assert sent(owner, at, 0, iter([b"123456"])).status_code == 400
    assert owner.head(at, headers=TUS).headers["upload-offset"] == "0"


def test_an_expert_uploads_for_a_task_that_they_hold_and_sees_their_own(site, owner, held):
    with site.as_("expert") as expert, site.as_("reviewer") as reviewer:
        for task in ("", "none", identity("capture", "film", "1", {})):
            said = begun(expert, 5, task=task)
            assert said.status_code == 403 and "you hold no task" in said.json()["what"]
        assert begun(reviewer, 5, task=held.task).status_code == 403
        at = begun(expert, 5, task=held.task, fingerprint="5-abc").headers["location"]
        [mine] = expert.get(ALL, params={"task": held.task}).json()
        assert (mine["fingerprint"], mine["task"], mine["state"]) == ("5-abc", held.task, "open")
        others = begun(owner, 5).headers["location"]
        assert others.rpartition("/")[2] not in [u["id"] for u in expert.get(ALL).json()]
        for call in (expert.get, expert.head, expert.delete):
            assert call(others, headers=TUS).status_code == 404
        assert sent(expert, others, 0, b"x").status_code == 404
        # Staff sees it, and only its sender goes on with it.
        assert reviewer.get(at).status_code == owner.get(at).status_code == 200
        assert sent(owner, at, 0, b"x").status_code == 404
        site.house.lab("site").queue.give_back(held.id)
        assert begun(expert, 5, task=held.task).status_code == 403
        assert sent(expert, at, 0, b"hello").status_code == 204
        assert owner.delete(begun(owner, 5).headers["location"], headers=TUS).status_code == 204


def test_a_wearer_reserves_no_more_of_the_disk_than_the_campaign_allows(site, owner, held):
    lab, at = site.house.lab("site"), f"/api/labs/site/campaigns/{held.campaign}"
    with site.as_("expert") as expert:
        for upload in expert.get(ALL, params={"own": True}).json():
            expert.delete(f"{ALL}/{upload['id']}", headers=TUS)  # of other tests
        too_much = begun(expert, 60 * 10**9, task=held.task)
        assert too_much.status_code == 400
        assert too_much.json()["what"] == (
            "this file has 60.0 GB, and here one person may have at most 50 GB on the way at a time"
        )
        assert too_much.json()["do"] == "ask whoever runs the campaign to allow more on its page"
        assert owner.patch(at, json={"settings": {"upload_gb": 3e-7}}).status_code == 200
        first = begun(expert, 200, task=held.task).headers["location"]
        said = begun(expert, 101, task=held.task)
        assert said.status_code == 400 and "other uploads" in said.json()["do"]
        assert sent(expert, first, 0, b"x" * 50).status_code == 204
        second = begun(expert, 150, task=held.task).headers["location"]
        assert sent(expert, second, 0, b"x" * 150).status_code == 204
        assert begun(expert, 151, task=held.task).status_code == 400
        for wrong in ("much", -1, True, None):
            said = owner.patch(at, json={"settings": {"upload_gb": wrong}})
            assert said.status_code == 400 and "gigabytes" in said.json()["what"]
        assert owner.patch(at, json={"settings": {"upload_gb": 0}}).status_code == 200
        assert begun(expert, 10**6, task=held.task).status_code == 201
        for upload in lab.uploads.listed(task=held.task, state="open"):
            expert.delete(f"{ALL}/{upload.id}", headers=TUS)
        assert not lab.uploads.listed(task=held.task, state="open")


def test_what_was_declared_and_never_sent_lapses_within_the_hour(site, held):
    lab = site.house.lab("site")
    now = clock.wall_ns()
    with site.as_("expert") as expert:
        empty, coming = (begun(expert, 10, task=held.task).headers["location"] for _ in range(2))
        assert sent(expert, coming, 0, b"12345").status_code == 204
        left = [expert.get(at).json()["expires_ns"] - now for at in (empty, coming)]
        assert left[0] < 3700 * 10**9 < 6 * 24 * 3600 * 10**9 < left[1]
        with clock.use(clock.Turned(now + 3700 * 10**9)):
            assert lab.uploads.sweep() >= 1
        assert expert.head(empty, headers=TUS).status_code == 404
        assert expert.head(coming, headers=TUS).headers["upload-offset"] == "5"
        assert expert.delete(coming, headers=TUS).status_code == 204


def test_no_lab_sees_anothers_uploads_and_strangers_send_nothing(site, owner):
    at = begun(owner, 5).headers["location"]
    with site.as_("stranger") as stranger:
        there = at.replace("/site/", "/elsewhere/")
        assert stranger.head(there, headers=TUS).status_code == 404
        assert sent(stranger, there, 0, b"hello").status_code == 404
        assert sent(stranger, at, 0, b"hello").status_code == 404
    with site.as_("nobody") as nobody:
        said = sent(nobody, at, 0, b"hello")
        assert (said.status_code, said.headers["tus-resumable"]) == (401, "1.0.0")
        assert begun(nobody, 5).status_code == 401
    with httpx.Client(base_url=site.origin, cookies=owner.cookies) as forged:
        assert sent(forged, at, 0, b"hello").status_code == 403


def receiving(site, owner, at):
    """Say whether a body of this upload is being received; asking takes a moment."""
    owner.get("/api/health")
    return at.rpartition("/")[2] in site.app.state.receiver.bodies


class Slow:
    """A sender whose body comes as slowly as the test says."""

    def __init__(self, site, client, at, size, offset=0, **more):
        port = int(site.origin.rpartition(":")[2])
        self.link = socket.create_connection(("127.0.0.1", port), timeout=60)
        head = {**BYTES, "Host": f"127.0.0.1:{port}", "Upload-Offset": offset, **more}
        head |= {"Content-Length": size, "X-CSRF-Token": client.headers["x-csrf-token"]}
        head |= {"Origin": site.origin, "Cookie": f"banbury={client.cookies['banbury']}"}
        lines = "".join(f"{k}: {v}\r\n" for k, v in head.items())
        self.link.sendall(f"PATCH {at} HTTP/1.1\r\n{lines}\r\n".encode())

    def send(self, data):
        self.link.sendall(data)

    def close(self):
        self.link.close()


def offset(client, at):
    return int(client.head(at, headers=TUS).headers["upload-offset"])


def until(said, wanted):
    """Ask again until the answer is the one; the limit of the run ends a test that never is."""
    for _ in range(5_000):
        if (got := said()) == wanted:
            return
    raise AssertionError(f"{got} is not {wanted}")


def test_what_came_before_the_line_broke_stays(site, owner):
    data = os.urandom(3_000_000)
    at = begun(owner, len(data)).headers["location"]
    slow = Slow(site, owner, at, len(data))
    slow.send(data[:2_500_000])
    slow.close()
    until(lambda: offset(owner, at), 2_500_000)
    until(lambda: receiving(site, owner, at), False)
    assert sent(owner, at, 2_500_000, data[2_500_000:]).status_code == 204
    assert owner.get(at).json()["sha256"] == hashlib.sha256(data).hexdigest()


def test_of_two_who_send_at_once_the_second_is_refused(site, owner, monkeypatch):
    for limit in ("STALLED_S", "SILENT_S"):  # a busy machine is no dead line
        monkeypatch.setattr(f"banbury.web.receiving.{limit}", 600.0)
    at = begun(owner, 1000).headers["location"]
    slow = Slow(site, owner, at, 1000)
    slow.send(b"x" * 10)
    until(lambda: receiving(site, owner, at), True)
    said = sent(owner, at, 0, b"x")
    assert said.status_code == 423 and "being written" in said.json()["what"]
    assert owner.delete(at, headers=TUS).status_code == 423
    slow.send(b"x" * 990)
    assert b"204" in slow.link.recv(4096)
    slow.close()
    until(lambda: owner.get(at).json()["state"], "kept")


def test_whoever_comes_back_is_not_held_up_by_their_own_dead_line(site, owner, monkeypatch):
    monkeypatch.setattr("banbury.web.receiving.STALLED_S", 0.05)
    at = begun(owner, 1000).headers["location"]
    dead = Slow(site, owner, at, 1000)
    dead.send(b"x" * 400)
    until(lambda: offset(owner, at), 400)
    assert sent(owner, at, 400, b"y" * 600).status_code == 204
    dead.close()


def test_slow_senders_hold_nobody_up_and_one_person_has_few(site, owner):
    ats = [begun(owner, 1000).headers["location"] for _ in range(9)]
    slow = [Slow(site, owner, at, 1000) for at in ats[:8]]
    for one in slow:
        one.send(b"x")
    until(lambda: all(receiving(site, owner, at) for at in ats[:8]), True)
    assert sent(owner, ats[8], 0, b"x" * 10).status_code == 429
    with site.as_("researcher") as other:
        # Eight bodies wait, more than there are threads that write.
        mine = begun(other, 5, b"hello").headers["location"]
        assert other.get(mine).json()["state"] == "kept"
        assert other.get("/api/labs/site/campaigns").status_code == 200
    for one in slow:
        one.close()
    for at in ats[:8]:
        until(lambda at=at: offset(owner, at), 1)


@pytest.fixture(scope="module")
def sender(site):
    """Return the lab `site` as a program with the owner's token sees it."""
    caller = site.caller("owner")
    token = site.accounts.tokens.make(caller, "a test", frozenset({"*:*"}), lab="", days=1)
    with Client(site.origin, token.code) as client:
        yield client.lab("site")


def test_a_program_sends_a_file_and_goes_on_with_what_a_browser_began(site, sender, tmp_path):
    file = tmp_path / "take.mp4"
    file.write_bytes(os.urandom(700_000))
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    told = []
    sent = sender.send_file(file, task="by-client", report=told.append)
    assert (sent.sha256, sent.state, told[-1]) == (sha256, "kept", 1.0)
    assert sender.send_file(file, task="by-client") == sent
    assert [u.id for u in sender.uploads("by-client")] == [sent.id]
    # Begun elsewhere, with the same fingerprint, and broken off.
    lab = site.house.lab("site")
    who = site.caller("owner").pseudonyms["site"]
    begun = lab.uploads.create("x", 700_000, who, task="two", fingerprint=sent.fingerprint)
    lab.uploads.append(begun.id, 0, file.read_bytes()[:300_000])
    after = sender.send_file(file, task="two")
    assert (after.id, after.sha256) == (begun.id, sha256)


def test_a_program_is_told_where_a_file_changed_under_way(site, sender, tmp_path):
    file = tmp_path / "take.mp4"
    file.write_bytes(b"a" * 700_000)
    first = sender.send_file(file, task="first")
    lab = site.house.lab("site")
    who = site.caller("owner").pseudonyms["site"]
    begun = lab.uploads.create("x", 700_000, who, task="three", fingerprint=first.fingerprint)
    lab.uploads.append(begun.id, 0, b"b" * 300_000)
    with pytest.raises(InputError, match="changed while it was sent"):
        sender.send_file(file, task="three")
    empty = tmp_path / "empty"
    empty.write_bytes(b"")
    with pytest.raises(InputError, match="is empty"):
        sender.send_file(empty)
    one = lab.uploads.create("x", 5, who)
    sender.remove_upload(one.id)
    with pytest.raises(UnknownName):
        sender.remove_upload(one.id)


def test_the_worker_removes_what_nobody_carried_on(site):
    lab = site.house.lab("site")
    with clock.use(clock.Turned(clock.wall_ns() - 2 * 24 * 3600 * 10**9)):
        old = lab.uploads.create("old", 5, "somebody")
    new = lab.uploads.create("new", 5, "somebody")
    worker = Worker(site.house)

    def there():
        worker.tick()
        worker._cared.clear()
        return [u.id for u in lab.uploads.listed(person="somebody")]

    until(there, [new.id])
    worker.close()
    with pytest.raises(UnknownName):
        lab.uploads.get(old.id)
