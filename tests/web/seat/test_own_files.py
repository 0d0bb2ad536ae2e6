"""Files that a wearer adds are their own uploads, whatever else lies in the lab."""

import hashlib

import pytest

from banbury import clock
from banbury.cycle.source.footage.views import view_of
from banbury.gyms.capture import footage, problems
from banbury.gyms.capture.brief import Brief
from banbury.gyms.capture.samples import scenes

BRIEF = Brief("painter", "roll the first coat onto a wall", views=1)


def uploaded(lab, person, data):
    """Upload a file as a person of the lab; return its hash."""
    begun = lab.uploads.create("GX010042.MP4", len(data), person)
    lab.uploads.append(begun.id, 0, data)
    return lab.uploads.finish(begun.id).sha256


@pytest.fixture
def scene(room):
    return room(gym="capture", problems=[problems.film(BRIEF)], lease_seconds=86_400)


@pytest.fixture
def clips():
    """Return two clips that differ."""
    return [footage.practice_clip(Brief("", "", practice=scenes.clip(n, 2))) for n in (21, 22)]


def test_another_persons_file_is_refused_by_its_hash(scene, clips, site):
    lab = scene.lab
    me, other = (site.caller(kind).pseudonyms[lab.name] for kind in ("expert", "reviewer"))
    mine, theirs = uploaded(lab, me, clips[0]), uploaded(lab, other, clips[1])
    one = scene.client()
    lease = one.take(1)["work"][0]["id"]
    one.call(lease, "open", since=0)
    now = clock.wall_ns() // 10**6
    numbers = iter(range(10))

    def act(do, **more):
        action = {"do": do, "at_ms": now, **more}
        said = one.call(lease, "act", number=next(numbers), action=action)
        assert said.status_code == 200, said.text
        seen = said.json()["exchanges"][-1]["observations"]
        return seen[0]["text"] if seen else ""

    for do in ("read_brief", "begin_take", "end_take"):
        assert not act(do).startswith("Error")
    unknown = hashlib.sha256(b"never came").hexdigest()
    for sha256 in (theirs, unknown):
        assert "you have not uploaded this file" in act("add_file", sha256=sha256, size=1, name="x")
    assert act("add_file", sha256=mine, size=1, name="GX010042.MP4") == "Added GX010042.MP4."
    act("hand_in", lacking="an exercise")
    [record] = scene.accepted()
    [file] = view_of(lab, record, BRIEF, 0).files
    assert file.sha256 == mine


def test_the_stage_leaves_out_what_only_somebody_else_uploaded(scene, clips, monkeypatch, site):
    lab = scene.lab
    me, other = (site.caller(kind).pseudonyms[lab.name] for kind in ("expert", "reviewer"))
    theirs = uploaded(lab, other, clips[1])
    monkeypatch.setattr(
        "banbury.web.views.uploads.own_files", lambda lab, who, problem: problem
    )  # as before anybody looked whose file it is
    one = scene.client()
    lease = one.take(1)["work"][0]["id"]
    one.call(lease, "open", since=0)
    now = clock.wall_ns() // 10**6
    actions = [
        {"do": "read_brief"}, {"do": "begin_take"}, {"do": "end_take"},
        {"do": "add_file", "sha256": theirs, "size": 1, "name": "GX010042.MP4"},
        {"do": "hand_in", "lacking": "an exercise"},
    ]  # fmt: skip
    for number, action in enumerate(actions):
        one.call(lease, "act", number=number, action={"at_ms": now, **action})
    [record] = scene.accepted()
    view = view_of(lab, record, BRIEF, 0)
    assert view.files == () and view.person == me
    assert view.gone[0].what == "somebody else uploaded this file"
