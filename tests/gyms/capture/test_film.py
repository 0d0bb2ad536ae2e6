import hashlib

import msgspec
import pytest

from banbury import clock
from banbury.errors import CorruptBlob, Forbidden, GymError
from banbury.gyms.capture import actions as do
from banbury.gyms.capture import film, problems
from banbury.gyms.capture.brief import Brief
from banbury.gyms.capture.day import Day
from banbury.gyms.capture.gym import CaptureGym
from banbury.gyms.capture.samples import scenes
from banbury.gyms.check import act, check

GYM = CaptureGym()
T = 1_767_600_000_000
MIN = 60_000
SCENE = Brief("painter", "roll the first coat onto a wall", "kitchen", "daylight")


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Return a clip of three seconds, as a file."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    data = scenes.clip(1, 3)
    path.write_bytes(film.footage.practice_clip(Brief("a", "b", practice=data)))
    return path


@pytest.fixture
def scene(clip, tmp_path):
    """Return a real task whose lab holds the clip and a text file."""
    text = tmp_path / "notes.mp4"
    text.write_text("shopping list\n" * 100)
    held = {sha(clip): clip, sha(text): text}

    def place(sha256):
        if sha256 not in held:
            raise CorruptBlob("a blob is not in the store")
        return held[sha256]

    problem = msgspec.structs.replace(problems.film(SCENE), place=place)
    return problem, sha(clip), sha(text)


def sha(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def day(sha256, *, length=3000, lacking=""):
    end = T + MIN + length
    return [
        do.ReadBrief(T),
        do.BeginTake(T + MIN),
        do.EndTake(end),
        do.AddFile(end, sha256, 1, "GX010001.MP4"),
        do.HandIn(end, lacking),
    ]


def judged(problem, actions):
    return GYM.judge(act(GYM, problem, actions), problem)


def said(problem, *actions):
    env = GYM.start(problem)
    env.opening()
    return [env.step("solver", a).observations["solver"][0].text for a in actions]


def test_the_contract_holds():
    assert [f for f in check(GYM, per_skill=2) if not f.ok] == []


def test_a_day_that_can_be_used_passes(scene):
    problem, clip, _ = scene
    got = judged(problem, day(clip))
    assert (got.score, got.passed) == (1.0, True)
    assert got.components["files"] == got.components["rest"] == 1.0


def test_the_record_names_the_file_as_it_lies_in_the_lab(scene, clip):
    problem, sha256, _ = scene
    env = GYM.start(problem)
    env.opening()
    for action in day(sha256)[:4]:
        turn = env.step("solver", action)
    (span,) = turn.observations["solver"][0].media
    assert (span.blob.sha256, span.blob.size) == (sha256, clip.stat().st_size)


def test_what_is_no_footage_is_said_at_once_and_fails(scene):
    problem, _, text = scene
    *_, added = said(problem, *day(text)[:4])
    assert "cannot be used" in added
    got = judged(problem, day(text))
    assert got.score == 0.0
    assert "a file cannot be used" in got.evidence


def test_a_file_that_is_not_ones_own_is_refused_and_does_not_fail_the_day(scene):
    problem, clip, text = scene
    place = problem.place

    def own(sha256):
        if sha256 == text:
            raise Forbidden("you have not uploaded this file")
        return place(sha256)

    problem = msgspec.structs.replace(problem, place=own)
    *start, added, end = day(clip)
    theirs = do.AddFile(added.at_ms, text, 1, "GX010009.MP4")
    *_, answer = said(problem, *start, theirs)
    assert answer == "Error: you have not uploaded this file."
    record = act(GYM, problem, [*start, theirs, added, end])
    assert [f.sha256 for f in film.day_of(record, SCENE).files] == [clip]
    assert GYM.judge(record, problem).passed


def test_takes_longer_than_the_files_need_a_reason(scene):
    problem, clip, _ = scene
    length = 20_000
    assert judged(problem, day(clip, length=length)).score == 0.0
    got = judged(problem, day(clip, length=length, lacking="the battery was empty"))
    assert got.passed
    assert 0.1 < got.score < 0.3


def test_a_wearer_is_asked_for_the_rest_before_a_day_of_too_short_files_is_handed_in(scene):
    problem, clip, _ = scene
    *_, refused = said(problem, *day(clip, length=240_000))
    assert refused == (
        "Error: your takes come to 4 min and the files to 3 s; add the rest, or write above why "
        "some is lacking."
    )
    *_, taken = said(problem, *day(clip, length=240_000, lacking="the battery was empty"))
    assert taken == "Handed in. Thank you."


def arrived(record):
    """Return a record whose steps say when they arrived, as a seat's do."""
    steps = tuple(msgspec.structs.replace(s, end_ns=10**9) for s in record.steps)
    return msgspec.structs.replace(record, steps=steps)


def test_takes_that_lie_in_the_future_are_not_claimed(scene):
    problem, clip, _ = scene
    ahead = clock.wall_ns() // 1_000_000 + 24 * 60 * MIN
    moved = [
        msgspec.structs.replace(a, at_ms=a.at_ms - T + ahead)
        for a in day(clip, lacking="the card was full")
    ]
    record = arrived(act(GYM, problem, moved))
    found = film.day_of(record, SCENE)
    assert found.seconds == 3.0
    assert film.claimed(record, found) == []
    assert "the phone's clock was ahead of ours" in GYM.judge(record, problem).evidence
    record = arrived(act(GYM, problem, day(clip)))
    found = film.day_of(record, SCENE)
    assert film.claimed(record, found) == found.stretches


def test_a_headache_ends_the_take_and_costs_nothing(scene):
    problem, clip, _ = scene
    actions = day(clip)
    actions[2] = do.Headache(actions[2].at_ms, "behind the eyes")
    got = judged(problem, actions)
    assert (got.score, got.passed) == (1.0, True)
    record = act(GYM, problem, actions)
    found = film.day_of(record, SCENE)
    assert [(s.kind, s.text) for s in found.said] == [("headache", "behind the eyes")]
    assert found.takes[0].ended_by == "headache"
    assert found.breaks
    assert msgspec.json.decode(record.answer, type=Day) == found


def test_no_take_begins_before_the_break_is_over(scene):
    problem, _, _ = scene
    begin = [do.ReadBrief(T), do.BeginTake(T), do.EndTake(T + 90 * MIN)]
    *_, refused = said(problem, *begin, do.BeginTake(T + 91 * MIN))
    assert refused == "Error: rest first: the next take may begin in 9 min."
    *_, taken = said(problem, *begin, do.BeginTake(T + 100 * MIN))
    assert taken.startswith("Take 2 runs")


def test_hours_without_rest_fail(scene):
    problem, clip, _ = scene
    got = judged(problem, day(clip, length=120 * MIN, lacking="the card was full"))
    assert got.components["rest"] == 0.0
    assert "the rules of rest were not held" in got.evidence


@pytest.mark.parametrize(
    ("actions", "why"),
    [
        ([do.BeginTake(T)], "read today's brief first"),
        ([do.EndTake(T)], "no take is running"),
        ([do.Clap(T)], "begin a take first"),
        ([do.HandIn(T)], "there is no take yet"),
        ([do.ReadBrief(T), do.Tell(T - 1, "x")], "this was before"),
        ([do.RemoveFile(T, "0" * 64)], "there is no such file"),
        ([do.Confirm()], "this task is for filming"),
    ],
)
def test_what_cannot_be_done_now_is_said_in_a_sentence(scene, actions, why):
    *_, text = said(scene[0], *actions)
    assert text.startswith(f"Error: {why}")


def test_a_phone_ahead_of_the_server_fails(scene):
    problem, clip, _ = scene
    record = act(GYM, problem, day(clip))
    late = [msgspec.structs.replace(s, end_ns=1) for s in record.steps]
    before = msgspec.structs.replace(record.episode, anchor_ns=(T - 60 * MIN) * 10**6)
    got = GYM.judge(msgspec.structs.replace(record, steps=tuple(late), episode=before), problem)
    assert not got.passed
    assert "ahead of ours" in got.evidence


def test_a_snapshot_brings_the_day_back(scene):
    problem = scene[0]
    env = GYM.start(problem)
    env.opening()
    env.step("solver", do.ReadBrief(T))
    state, before = env.snapshot(), env.evidence()
    env.step("solver", do.BeginTake(T))
    env.restore(state)
    assert env.evidence() == before
    with pytest.raises(GymError, match="no snapshot"):
        env.restore(b"nonsense")


def test_two_wearers_of_one_scene_agree(scene):
    problem, clip, _ = scene
    assert GYM.agreement(act(GYM, problem, day(clip)), act(GYM, problem, [])) == 1.0
