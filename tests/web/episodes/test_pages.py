"""Episodes, tasks and releases as the server shows them: harmless, and only to whom it may."""

from __future__ import annotations

import hashlib
import io
import zipfile
from functools import partial

import pytest
from tests.cycle.review.episodes import QUEUE, play, tasks
from tests.web.test_table import filled, routes

from banbury import arena
from banbury.actors.script import Script
from banbury.arena.driver import complete
from banbury.cycle.release import release, verify
from banbury.cycle.review import review
from banbury.episode import (
    GYM,
    Actor,
    Episode,
    Judgement,
    Parent,
    Problem,
    Public,
    Record,
    RunKey,
    Seat,
    Secret,
    SkillWeight,
    Span,
    Step,
    Task,
    canonical,
    identity,
    new_id,
)
from banbury.gyms import registry
from banbury.store.queue import Campaign

SECRET = "xyzzy-the-planted-secret"
HOSTILE = "<script>alert(1)</script>\u202e\x00\x1b[31m"


class World:
    """A lab with people, episodes by two of them, tasks, media and a release."""

    def __init__(self, site):
        self.lab = lab = site.house.lab("viewer")
        site.enrol("viewer")
        self.expert = site.caller("expert").pseudonyms["viewer"]
        self.site = site
        self.png = lab.blobs.put(b"\x89PNG" + bytes(range(256)) * 8, "image/png")
        self.other = lab.blobs.put(b"GIF89a" + b"x" * 99, "image/gif")
        self.svg = lab.blobs.put(b"<svg><script>alert(1)</script></svg>", "image/svg+xml")
        spans = tuple(Span(b, "picture", 0, 1) for b in (self.png, self.svg))
        self.task = self._task(0, Public(HOSTILE, canonical({"a": HOSTILE}).decode(), spans))
        self.theirs = self._task(1, Public("Another"))
        lab.assign([self.task.id, self.theirs.id], "train")
        self.own = self._episode(self.expert, self.task.id, HOSTILE)
        self.foreign = self._episode("p-somebody", self.theirs.id, "their words")
        self.mended = self._episode(
            "p-reviewer", self.task.id, "mended", (Parent(self.own, "corrected", 1),)
        )
        lab.queue.put(Campaign(name="see", gym="labelling"))
        lab.queue.add("see", [self.task.id])
        lab.queue.claim("see", self.expert, "grant")
        play(lab, tasks(lab, QUEUE, 6, "train"), "made")
        review(lab, run="made")
        self.release = release(lab, "a/b", run="made", validation=0.2)
        lab.put_artifact("checkpoint", "repaired", {}, parents=[self.release.id])

    def _task(self, number, public):
        id = identity("labelling", "f", "1", {"n": number})
        task = Task(
            id,
            "labelling",
            "f",
            "1",
            canonical({"n": SECRET}).decode(),
            public,
            (SkillWeight("labelling.x"),),
        )
        self.lab.put_tasks([Problem(task, Secret(id, f'"{SECRET}"', f'"{SECRET}"'))])
        return task

    def _episode(self, who, task, words, parents=()):
        actor = Actor("person", who)
        id = new_id()
        episode = Episode(
            id,
            "viewer",
            RunKey(f"campaign:{HOSTILE[:8]}", task, actor.key, len(parents)),
            "labelling",
            "1",
            "labelling.x",
            1,
            2,
            "done",
            (actor,),
            (Seat("solver", (0,)),),
            parents=parents,
        )
        steps = (
            Step(0, "observation", GYM, "solver", "main", 0, 0, canonical({"text": "look"})),
            Step(
                1, "action", 0, "solver", "main", 1, 2, canonical({"do": "answer", "text": words})
            ),
            Step(
                2,
                "action",
                0,
                "solver",
                "main",
                2,
                2,
                canonical({"do": "answer", "text": "x y"}),
                corrects=1,
            ),
        )
        verdict = Judgement(
            new_id(),
            id,
            "labelling/judge",
            "1",
            0.5,
            False,
            {"a<b": 0.5},
            canonical({"gold": "for-staff-only"}).decode(),
        )
        self.lab.write([Record(episode, steps)], [verdict])
        return id


@pytest.fixture(scope="module")
def world(site):
    return World(site)


def addresses(world):
    """Yield each address of the room's pages and API, with what is there."""
    names = {
        "episode": world.own,
        "other": world.mended,
        "task": world.task.id,
        "seq": "1",
        "release": world.release.id,
        "sha256": world.png.sha256,
    }
    rooms = ("/episodes", "/tasks", "/releases", "/media")
    for path, method, _ in sorted(set(routes(world.site.app)), key=str):
        inside = path.partition("{lab_name}")[2]
        if method == "GET" and inside.startswith(rooms):
            for name, value in names.items():
                path = path.replace(f"{{{name}}}", value)
            yield filled(path, "viewer")


def test_no_answer_holds_a_secret_and_none_fails(world):
    count = 0
    with world.site.as_("owner", accept="text/html") as client:
        for path in addresses(world):
            answer = client.get(path)
            known = answer.status_code == 200 or path.endswith("/file")
            assert known, (path, answer.status_code, answer.text[:300])
            assert SECRET not in answer.text, path
            if "html" in answer.headers["content-type"]:
                assert "<script>alert" not in answer.text, path
                assert not set(answer.text) & {"\x00", "\x1b", "\u202e"}, path
                assert ' style="' not in answer.text, path
            count += 1
    assert count >= 20


def test_an_expert_sees_only_their_own_and_what_corrects_it(world):
    with world.site.as_("expert") as client:
        listed = client.get("/api/labs/viewer/episodes").json()["rows"]
        assert [row["id"] for row in listed] == [world.own]
        asked = client.get("/api/labs/viewer/episodes?actor=p-somebody").json()["rows"]
        assert [row["id"] for row in asked] == [world.own]
        assert client.get("/labs/viewer/episodes/counts").text.startswith('<span class="number">1')
        for id, status in ((world.own, 200), (world.mended, 200), (world.foreign, 404)):
            for rest in (
                "",
                "/steps",
                "/steps/1",
                "/steps/1/raw",
                "/find?q=a",
                f"/difference/{id}",
            ):
                answer = client.get(f"/api/labs/viewer/episodes/{id}{rest}")
                assert answer.status_code == status, (rest, answer.text)
                assert "their words" not in answer.text
        own = client.get(f"/api/labs/viewer/episodes/{world.own}").json()
        assert [c["episode"] for c in own["children"]] == [world.mended]
        assert own["judgements"] == []
        foreign = client.get(f"/api/labs/viewer/episodes/{world.own}/difference/{world.foreign}")
        assert foreign.status_code == 404
        for path in ("tasks", "releases", f"tasks/{world.task.id}"):
            assert client.get(f"/labs/viewer/{path}").status_code == 403


def test_an_expert_gets_only_the_media_of_their_own_leases(world):
    for kind, blob, status in (
        ("expert", world.png, 200),
        ("expert", world.other, 404),
        ("reviewer", world.other, 200),
    ):
        with world.site.as_(kind) as client:
            answer = client.get(f"/labs/viewer/media/{blob.sha256}")
            assert answer.status_code == status, (kind, answer.text)


def test_media_come_in_ranges_and_documents_as_downloads(world):
    whole = world.lab.blobs.read(world.png.sha256)
    path = f"/labs/viewer/media/{world.png.sha256}"
    with world.site.as_("owner") as client:
        answer = client.get(path)
        assert answer.content == whole and answer.headers["content-type"] == "image/png"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-disposition"].startswith("inline")
        for asked, first, last in (
            ("0-0", 0, 0),
            ("5-", 5, len(whole) - 1),
            ("-7", len(whole) - 7, len(whole) - 1),
            ("10-99999", 10, len(whole) - 1),
        ):
            part = client.get(path, headers={"range": f"bytes={asked}"})
            assert part.status_code == 206 and part.content == whole[first : last + 1]
            assert part.headers["content-range"] == f"bytes {first}-{last}/{len(whole)}"
        assert client.get(path, headers={"range": "bytes=99999-"}).status_code == 416
        tag = answer.headers["etag"]
        assert client.get(path, headers={"if-none-match": tag}).status_code == 304
        drawing = client.get(f"/labs/viewer/media/{world.svg.sha256}")
        assert drawing.headers["content-type"] == "application/octet-stream"
        assert drawing.headers["content-disposition"].startswith("attachment")
        for wrong in ("0" * 64, "..%2f..%2fetc", "A" * 64):
            assert client.get(f"/labs/viewer/media/{wrong}").status_code == 404


@pytest.mark.parametrize("format", ["parquet", "trl", "atif"])
def test_a_download_is_the_release_whole(world, tmp_path, format):
    with world.site.as_("owner") as client:
        path = f"/api/labs/viewer/releases/{world.release.id}/export"
        answer = client.get(path, params={"format": format})
        assert answer.headers["content-disposition"] == f'attachment; filename="a-b-1-{format}.zip"'
        zipfile.ZipFile(io.BytesIO(answer.content)).extractall(tmp_path)
        verify(tmp_path, world.release.body["sha256"] if format == "parquet" else "")
        name = sorted(p for p in world.release.blobs if p.endswith(".parquet"))[0]
        one = client.get(path.replace("export", "file"), params={"path": name})
        assert hashlib.sha256(one.content).hexdigest() == world.release.blobs[name].sha256
    with world.site.as_("reviewer") as client:
        assert client.get(path).status_code == 403


def test_lineage_leads_from_origin_to_checkpoint(world):
    with world.site.as_("owner") as client:
        found = client.get(f"/api/labs/viewer/releases/{world.release.id}/lineage").json()
    kinds = {n["kind"]: n for n in found["nodes"]}
    assert {"origin", "run", "release", "checkpoint"} <= set(kinds)
    assert kinds["run"]["note"] == kinds["release"]["note"]
    ids = {n["id"] for n in found["nodes"]}
    assert all(e["start"] in ids and e["end"] in ids for e in found["edges"])
    columns = {n["id"]: n["column"] for n in found["nodes"]}
    assert all(columns[e["start"]] < columns[e["end"]] for e in found["edges"])


def test_a_replay_is_proved_and_the_world_is_shown(world):
    gym = registry.gym("desk")
    skill = gym.skills()[0].name
    problem = next(iter(gym.tasks(skill, seed=1)))
    world.lab.put_tasks([problem])
    id = solved(world.lab, gym, problem)
    with world.site.as_("owner") as client:
        base = f"/api/labs/viewer/episodes/{id}"
        steps = client.get(base + "/steps").json()
        found = client.post(base + "/replay").json()
        assert found["same"] and found["said"].startswith("Reproduced")
        assert client.get(base).json()["children"][0]["episode"] == found["episode"]
        first = client.post(base + "/world", params={"step": 0}).json()
        last = client.post(base + "/world", params={"step": steps["total"] - 1}).json()
        assert first["state"] != last["state"]
        state = next(s for s in steps["steps"] if s["track"] == "state")
        raw = client.get(f"{base}/steps/{state['seq']}/raw").text
        assert last["state"] == raw
        wrong = client.post(f"/api/labs/viewer/episodes/{world.own}/world", params={"step": 99})
        assert wrong.status_code == 400


def solved(lab, gym, problem):
    script = Script("reference", lambda task: list(gym.solution(problem)))
    seats = dict.fromkeys(gym.seats, script)
    record, verdict = complete(partial(arena.play, gym, problem, seats, lab=lab.name, run="solved"))
    lab.write([record], [verdict] if verdict else [])
    return record.episode.id
