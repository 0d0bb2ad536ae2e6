"""Footage: a task is due when its last view is in, once, and again when its answers change."""

import msgspec
import pytest

from banbury.episode import Actor, Judgement, RunKey, Seat, Step, new_id
from banbury.store.footage import Scene, Share, Standing
from banbury.store.queue import Campaign


@pytest.fixture
def films(lab, make):
    """Return a campaign `day` of two tasks with two views each, and how to answer in it."""

    class Films:
        def __init__(self):
            self.tasks = self.campaign("day", "capture.film", 2, overlap=2)
            self.confirms = self.campaign("day-confirm", "capture.confirm", 1, first=10)

        def campaign(self, name, family, count, first=0, **rules):
            made = [
                make.problem(n, gym="capture", family=family) for n in range(first, first + count)
            ]
            lab.put_tasks(made)
            lab.queue.put(Campaign(name, "capture", review=0.0, enough=0.0, **rules))
            ids = [p.task.id for p in made]
            lab.queue.add(name, ids)
            return ids

        def film(self, person, name="day"):
            [lease] = lab.queue.claim(name, person)
            return self.submit(lease, person)

        def submit(self, lease, person):
            made = make.record(lab, steps=0)
            actor = Actor("person", person)
            steps = (Step(0, "action", 0, "solver", "main", 1, 2, b'{"text":"done"}'),)
            key = RunKey(f"campaign:{lease.campaign}", lease.task, actor.key, lease.attempt)
            episode = msgspec.structs.replace(
                made.episode, actors=(actor,), seats=(Seat("solver", (0,)),), key=key
            )
            record = msgspec.structs.replace(made, episode=episode, steps=steps)
            verdict = Judgement(new_id(), episode.id, "capture/judge", "1", 1.0, True)
            done = lab.queue.submit(lease.id, record, [verdict], submission=new_id())
            return done.episode

        def standing(self, episodes, **more):
            plain = {"state": "waiting", "artifact": new_id(), "good_ms": 1000}
            return Standing(
                "day", self.tasks[0], episodes=tuple(sorted(episodes)), **(plain | more)
            )

    return Films()


def share(person, episode, **more):
    plain = {"filmed_ms": 3000, "good_ms": 1000, "counted_ms": 0, "lost": {"too dark": 2000}}
    return Share(person, episode, 20_000, **(plain | more))


def test_a_task_is_due_once_its_last_view_is_in_until_somebody_has_looked(lab, films):
    first = films.film("ada")
    assert lab.footage.due() == []
    second = films.film("ben")
    [due] = lab.footage.due()
    assert (due.campaign, due.task) == ("day", films.tasks[0])
    assert (
        due.answers == tuple(sorted([first, second])) == tuple(lab.footage.answers("day", due.task))
    )
    lab.footage.put(films.standing([first, second]), [share("ada", first), share("ben", second)])
    assert lab.footage.due() == []


def test_a_view_that_is_handed_in_anew_makes_its_task_due_again(lab, films):
    first, second = films.film("ada"), films.film("ben")
    lab.footage.put(films.standing([first, second], state="unreadable", good_ms=0), [])
    [lease] = [e for e in lab.queue.leases("day", films.tasks[0]) if e.person == "ada"]
    lab.queue.undo(lease.id)
    assert lab.footage.due() == []
    again = films.submit(lab.queue.lease(lease.id), "ada")
    [due] = lab.footage.due()
    assert due.answers == tuple(sorted([again, second]))


def test_a_confirmation_is_due_once_and_again_when_it_is_taken_back(lab, films):
    first, second = films.film("ada"), films.film("ben")
    confirm = {
        "confirm_campaign": "day-confirm",
        "confirms": (films.confirms[0],),
        "answers": ("",),
    }
    waits = films.standing([first, second], **confirm)
    lab.footage.put(waits, [])
    assert lab.footage.due() == []
    said = films.film("cleo", "day-confirm")
    [due] = lab.footage.due()
    assert due.answers == (said,)
    assert lab.footage.accepted("day-confirm", films.confirms[0]) == said
    done = msgspec.structs.replace(waits, state="confirmed", answers=(said,), counted_ms=900)
    lab.footage.put(done, [])
    assert lab.footage.due() == []
    [lease] = lab.queue.leases("day-confirm", films.confirms[0])
    lab.queue.undo(lease.id)
    assert [d.answers for d in lab.footage.due()] == [("",)]


def test_hours_add_up_by_day_person_reason_and_scene(lab, films):
    first, second = films.film("ada"), films.film("ben")
    scene = Scene("painter", "roll a wall", "hall", "daylight")
    kept = films.standing([first, second], scene=scene, state="confirmed", counted_ms=800)
    both = [share("ada", first, counted_ms=800), share("ben", second, lost={"blurred": 500})]
    for _ in range(2):
        lab.footage.put(kept, both)
    found = lab.footage.standing("day", films.tasks[0])
    assert msgspec.structs.replace(found, changed_ns=0) == kept
    assert [(d.person, d.counted_ms) for d in lab.footage.days()] == [("ada", 800), ("ben", 0)]
    assert lab.footage.lost() == {"too dark": 2000, "blurred": 500}
    assert lab.footage.lost(person="ben") == {"blurred": 500}
    [mix] = lab.footage.mix("day")
    assert (mix.scene, mix.tasks, mix.counted_ms) == (scene, 1, 800)
    [(own, mine)] = lab.footage.of("ben")
    assert (own.task, mine) == (films.tasks[0], both[1])
    assert lab.footage.shares("day", films.tasks[0]) == both
    assert [s.task for s in lab.footage.listed("day")] == [films.tasks[0]]
    assert lab.footage.standing("day", films.tasks[1]) is None
