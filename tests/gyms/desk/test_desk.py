import itertools

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banbury.episode import GYM, Step
from banbury.errors import GymError, UnknownName
from banbury.gyms.check import act
from banbury.gyms.contract import action_schema
from banbury.gyms.desk import actions as do
from banbury.gyms.desk import changes
from banbury.gyms.desk.gym import DeskGym, _hidden

GYM_ = DeskGym()
SKILLS = {s.name: s for s in GYM_.skills()}
SETTINGS = [(s.name, d) for s in SKILLS.values() for d in s.difficulties]


def problem_of(skill, seed=1, difficulty=None, phrasing="seen"):
    return next(GYM_.tasks(skill, seed=seed, difficulty=difficulty, phrasing=phrasing))


def world_of(problem):
    return _hidden(problem).world


def judged(problem, actions):
    return GYM_.judge(act(GYM_, problem, actions), problem)


def said(problem, *actions):
    """Return what the tools answer to these actions, in order."""
    env = GYM_.start(problem)
    env.opening()
    return [env.step("solver", a).observations["solver"][0].text for a in actions]


def test_there_are_enough_kinds_and_each_has_several_difficulties():
    assert len(SKILLS) >= 14
    assert all(name.startswith("desk.") and name.count(".") == 2 for name in SKILLS)
    assert all(s.difficulties == ("easy", "medium", "hard") for s in SKILLS.values())


@pytest.mark.parametrize("skill", SKILLS)
def test_there_are_many_requests_and_none_is_asked_in_both_kinds_of_wording(skill):
    slots = {}
    for phrasing, count in (("seen", 100), ("unseen", 30)):
        drawn = list(itertools.islice(GYM_.tasks(skill, seed=5, phrasing=phrasing), count))
        contents = [msgspec.json.decode(p.task.params)["content"] for p in drawn]
        slots[phrasing] = {
            msgspec.json.encode({k: v for k, v in c.items() if k != "scene"}) for c in contents
        }
        texts = {p.task.public.instruction for p in drawn}
        assert len(drawn) == count
        assert len(texts) > 0.8 * count
        assert all(len(text) < 320 for text in texts)
    assert not slots["seen"] & slots["unseen"]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SETTINGS), st.integers(0, 2**31), st.sampled_from(["seen", "unseen"]))
def test_the_reference_reaches_the_goal_in_few_steps_and_no_cheat_does(setting, seed, phrasing):
    problem = problem_of(*setting[:1], seed, setting[1], phrasing)
    reference = GYM_.solution(problem)
    assert 2 <= len(reference) <= 13
    verdict = judged(problem, reference)
    assert (verdict.score, verdict.passed) == (1.0, True), verdict.evidence
    for name, cheat in GYM_.cheats(problem).items():
        assert judged(problem, cheat).score == 0.0, name


def test_the_reference_errs_at_no_tool():
    for skill, difficulty in SETTINGS:
        problem = problem_of(skill, 4, difficulty)
        told = said(problem, *GYM_.solution(problem)[:-1])
        assert not [text for text in told if text.startswith("Error")]


def test_a_task_hides_its_world_from_the_actor():
    problem = problem_of("desk.mail.answer", difficulty="hard")
    public = msgspec.json.encode(problem.task).decode()
    assert not [m.id for m in world_of(problem).mails.values() if f'"{m.id}"' in public]


def test_unknown_names_are_refused():
    with pytest.raises(UnknownName, match=r"desk\.mail\.forward"):
        GYM_.tasks("desk.mail.forwrd", seed=0)
    with pytest.raises(UnknownName, match="easy"):
        GYM_.tasks("desk.mail.forward", seed=0, difficulty="eazy")


def test_every_tool_and_field_is_described_for_a_model():
    schemas = action_schema(GYM_.actions)["$defs"].values()
    assert len(schemas) == 24
    for schema in schemas:
        assert schema["description"].endswith(".")
        fields = {k: v for k, v in schema["properties"].items() if k != "do"}
        assert all(f["description"].endswith(".") for f in fields.values()), schema["title"]


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        (do.ListMail("drafts"), "Error: there is no folder 'drafts'; there are inbox, sent"),
        (do.SearchMail("  "), "Error: the search must be one line"),
        (do.ReadMail("m1"), "Error: there is no mail 'm1'"),
        (do.Reply("m1", "hello"), "Error: there is no mail 'm1'"),
        (do.SendMail((), "a", "b"), "Error: name 1 to 40 e-mail addresses"),
        (do.SendMail(("Ada",), "a", "b"), "Error: 'Ada' is no e-mail address"),
        (do.SendMail(("a@b.example",), "", "b"), "Error: the subject must be one line"),
        (do.SendMail(("a@b.example",), "a", "x" * 4001), "Error: the mail has 4001 characters"),
        (do.SendMail(("a@b.example",), "a", "b", ("/x",)), "Error: there is no file '/x'"),
        (do.ListMeetings("tomorrow"), "Error: 'tomorrow' is no date"),
        (do.ListMeetings("2026-02-30"), "Error: '2026-02-30' is no date"),
        (do.ListMeetings("9999-12-31", 31), "Error: there are no such days"),
        (do.ListMeetings("2026-01-05", 0), "Error: list 1 to 31 days"),
        (do.FindFreeTimes(("a@b.example",), "2026-05-05"), "Error: the calendar of a@b.example"),
        (do.FindFreeTimes((), "2026-05-05", 0), "Error: a meeting takes 5 to 480 minutes"),
        (do.CreateMeeting("a", "2000-01-01 10:00", 30, ()), "Error: 2000-01-01 10:00 has passed"),
        (do.CreateMeeting("a", "2099-01-01 23:50", 30, ()), "Error: a meeting ends on the day"),
        (do.CreateMeeting("a", "10 o'clock", 30, ()), 'Error: "10 o\'clock" is no date and time'),
        (do.MoveMeeting("c1", "2099-01-01 10:00"), "Error: you have no meeting 'c1'"),
        (do.CancelMeeting("c1"), "Error: you have no meeting 'c1'"),
        (do.ReadFile("/nothing"), "Error: there is no file '/nothing'"),
        (do.WriteFile("notes", "x"), "Error: 'notes' is no path"),
        (do.WriteFile("/a/../b", "x"), "Error: '/a/../b' is no path"),
        (do.MoveFile("/nothing", "/b"), "Error: you have no file '/nothing'"),
        (do.ShareFile("/nothing", ("a@b.example",)), "Error: you have no file '/nothing'"),
        (do.AddContact("A B", "a.b"), "Error: 'a.b' is no e-mail address"),
        (do.UpdateContact("p1", phone="1"), "Error: there is no contact 'p1'"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, do.Action) else "",
)
def test_what_a_tool_cannot_do_it_says_in_one_sentence_and_changes_nothing(action, sentence):
    problem = problem_of("desk.mail.forward")
    env = GYM_.start(problem)
    env.opening()
    turn = env.step("solver", action)
    (seen,) = turn.observations["solver"]
    assert seen.role == "tool"
    assert seen.text.startswith(sentence)
    assert seen.text.endswith(".")
    assert "\n" not in seen.text
    assert not turn.terminated
    found = changes.decode(env.evidence().encode())
    assert found == changes.Changes(moves=1)


def test_what_belongs_to_others_cannot_be_changed():
    problem = problem_of("desk.mail.forward", difficulty="hard", seed=2)
    world = world_of(problem)
    file = next(f for f in world.files.values() if f.owner != world.me)
    meeting = next(
        m for m in world.meetings.values() if m.organiser != world.me and world.me in m.people
    )
    told = said(
        problem,
        do.WriteFile(file.path, "mine now"),
        do.ShareFile(file.path, ("x@y.example",)),
        do.CancelMeeting(meeting.id),
    )
    assert told[0].startswith(f"Error: {file.path} belongs to {file.owner}")
    assert told[1] == told[0]
    assert told[2].startswith(f"Error: meeting {meeting.id} is organised by {meeting.organiser}")


def test_an_endless_loop_is_cut_off_and_judged_as_it_stands():
    problem = problem_of("desk.mail.forward")
    env = GYM_.start(problem)
    turns = [env.step("solver", do.ListMail()) for _ in range(60)]
    assert [t.truncated for t in turns].index(True) == 59
    assert judged(problem, [do.ListMail()] * 60).score == 0.0


def reference_record(skill="desk.calendar.book"):
    problem = problem_of(skill)
    return problem, act(GYM_, problem, GYM_.solution(problem))


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"[]",
        b"\xff\xfe",
        b'{"mails": 1}',
        b'{"mails": {"m1": null}}',
        b'{"files": {"/nothing": null}}',
        b'{"mails": {"m1": {"id": "m2"}}}',
        b'{"mails": {"m1": {"id": "m1", "folder": "sent"}}}',
        b'{"meetings": {"c1": {"id": "c1", "start": 7}}}',
        b'{"score": 1.0, "passed": true}',
        b'{"contacts": {"p1": {"id": "p1", "name": "a", "email": "b", "boss": true}}}',
        b"[" * 100_000,
    ],
)
def test_forged_evidence_scores_zero_and_breaks_nothing(payload):
    problem, record = reference_record()
    assert GYM_.judge(record, problem).passed
    *steps, state = record.steps
    forged = msgspec.structs.replace(
        record, steps=(*steps, msgspec.structs.replace(state, payload=payload))
    )
    verdict = GYM_.judge(forged, problem)
    assert verdict.score == 0.0
    assert "no final state can be read" in verdict.evidence


@pytest.mark.parametrize(
    "payload",
    [
        b'{"meetings": {"c1": {"id": "c1", "title": "t", "start": "9", "minutes": 9, "people": [],'
        b' "organiser": "x"}}}',
        b'{"meetings": {"c1": {"id": "c1", "title": "t", "start": "2026-01-01 ab:cd", "minutes": 9,'
        b' "people": [], "organiser": "x"}}}',
    ],
)
def test_forged_times_score_zero_and_break_nothing(payload):
    problem, record = reference_record()
    *steps, state = record.steps
    forged = msgspec.structs.replace(
        record, steps=(*steps, msgspec.structs.replace(state, payload=payload))
    )
    assert GYM_.judge(forged, problem).score == 0.0


def test_only_a_file_can_be_gone():
    problem, record = reference_record("desk.calendar.cancel")
    world = world_of(problem)
    *steps, state = record.steps
    for table in ("mails", "meetings", "contacts"):
        gone = {table: dict.fromkeys(list(getattr(world, table))[:1])}
        payload = msgspec.json.encode(gone)
        forged = (*steps, msgspec.structs.replace(state, payload=payload))
        verdict = GYM_.judge(msgspec.structs.replace(record, steps=forged), problem)
        assert verdict.score == 0.0
        assert "cannot be gone" in verdict.evidence


def test_only_the_environment_can_leave_the_final_state():
    problem, record = reference_record()
    state = record.steps[-1]
    idle = act(GYM_, problem, [do.Done()])
    by_actor = Step(len(idle.steps), "note", 0, "solver", "state", 0, 0, state.payload)
    on_main = Step(len(idle.steps), "note", GYM, "", "main", 0, 0, state.payload)
    for forged in (by_actor, on_main):
        verdict = GYM_.judge(msgspec.structs.replace(idle, steps=(*idle.steps, forged)), problem)
        assert verdict.score == 0.0


def test_a_secret_of_another_version_is_an_error_of_the_gym():
    problem = problem_of("desk.mail.forward")
    secret = msgspec.structs.replace(problem.secret, answer='{"world": 1}')
    with pytest.raises(GymError, match="holds no desk"):
        GYM_.start(msgspec.structs.replace(problem, secret=secret))


def test_an_episode_stays_small():
    for skill, difficulty in SETTINGS:
        problem = problem_of(skill, 9, difficulty)
        record = act(GYM_, problem, GYM_.solution(problem))
        assert len(record.steps[-1].payload) < 2_500
