"""Any sequence of actions: snapshots are exact, and evidence holds the whole final state."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banbury.errors import GymError
from banbury.gyms.desk import actions as do
from banbury.gyms.desk import changes, times
from banbury.gyms.desk.gym import DeskGym, _hidden

GYM = DeskGym()
SKILLS = ("desk.mail.forward", "desk.calendar.move", "desk.files.revoke", "desk.contacts.update")


@st.composite
def played(draw):
    """A task and actions whose arguments are mostly things that exist there."""
    skill = draw(st.sampled_from(SKILLS))
    problem = next(GYM.tasks(skill, seed=draw(st.integers(0, 50))))
    world = _hidden(problem).world
    mail = st.sampled_from([*world.mails, "m1", "m2", "none"])
    meeting = st.sampled_from([*world.meetings, "c1", "c2", "none"])
    path = st.sampled_from([*world.files, "/a.txt", "/b/c.txt", "none"])
    contact = st.sampled_from([*world.contacts, "p1", "none"])
    emails = [c.email for c in world.contacts.values()]
    people = st.lists(st.sampled_from([*emails, world.me, "?"]), max_size=3).map(tuple)
    folder = st.sampled_from([*world.folders, "none"])
    day = st.sampled_from([world.now[:10], "2026-12-31", "2026-13-01"])
    moment = st.builds(lambda d, m: f"{d} {times.clock(m)}", day, st.integers(0, 1439))
    text = st.text(max_size=12)
    minutes = st.sampled_from([0, 30, 60, 1000])
    action = st.one_of(
        st.builds(do.ListMail, folder),
        st.builds(do.SearchMail, text),
        st.builds(do.ReadMail, mail),
        st.builds(do.Reply, mail, text),
        st.builds(do.Forward, mail, people, text),
        st.builds(do.SendMail, people, text, text, st.lists(path, max_size=2).map(tuple)),
        st.builds(do.MoveMail, mail, folder),
        st.builds(do.ArchiveMail, mail),
        st.builds(do.DeleteMail, mail),
        st.builds(do.ListMeetings, day, st.integers(0, 40)),
        st.builds(do.FindFreeTimes, people, day, minutes),
        st.builds(do.CreateMeeting, text, moment, minutes, people),
        st.builds(do.MoveMeeting, meeting, moment),
        st.builds(do.CancelMeeting, meeting),
        st.builds(do.ListFiles, text),
        st.builds(do.ReadFile, path),
        st.builds(do.WriteFile, path, text),
        st.builds(do.MoveFile, path, path),
        st.builds(do.ShareFile, path, people),
        st.builds(do.UnshareFile, path, people),
        st.builds(do.FindContacts, text),
        st.builds(do.AddContact, text, st.sampled_from(["x@y.example", "?"])),
        st.builds(do.UpdateContact, contact, phone=text),
        st.builds(do.Done, text),
    )
    actions = draw(st.lists(action, max_size=14))
    return problem, actions, draw(st.integers(0, len(actions)))


def seen(env, actions):
    return [msgspec.to_builtins(env.step("solver", action)) for action in actions]


@settings(max_examples=50, deadline=None)
@given(played())
def test_a_snapshot_anywhere_leads_to_the_same_observations_and_the_same_end(case):
    problem, actions, cut = case
    env = GYM.start(problem)
    env.opening()
    seen(env, actions[:cut])
    state = env.snapshot()
    first, evidence, last = seen(env, actions[cut:]), env.evidence(), env.snapshot()
    for again in (env, GYM.start(problem)):
        again.restore(state)
        assert again.snapshot() == state
        assert seen(again, actions[cut:]) == first
        assert again.evidence() == evidence
        assert again.snapshot() == last


@settings(max_examples=50, deadline=None)
@given(played())
def test_the_evidence_and_the_start_give_the_final_state(case):
    problem, actions, _ = case
    env = GYM.start(problem)
    seen(env, actions)
    start = _hidden(problem).world
    assert changes.applied(start, changes.decode(env.evidence().encode())) == env._world
    assert start == _hidden(problem).world, "the start was changed"


def test_what_is_no_snapshot_is_refused():
    env = GYM.start(next(GYM.tasks(SKILLS[0], seed=0)))
    with pytest.raises(GymError, match="no snapshot of a desk"):
        env.restore(b"nothing")


@given(st.lists(st.tuples(st.integers(540, 1010), st.integers(5, 60)), max_size=6))
def test_free_times_are_all_those_on_the_grid_that_meet_nothing(meetings):
    taken = sorted((begin, begin + length) for begin, length in meetings)
    free = times.starts(taken, 30)
    for begin in range(times.OPENS, times.CLOSES - 29, times.GRID):
        clash = any(begin < b and a < begin + 30 for a, b in taken)
        assert (begin in free) != clash
