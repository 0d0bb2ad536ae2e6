"""Who gets which task next."""

import threading
from collections import Counter

import pytest

from banbury import clock
from banbury.episode import SkillWeight
from banbury.errors import InputError, UnknownName
from banbury.store.database import raw
from banbury.store.queue import Campaign


def test_tasks_come_in_the_order_in_which_they_were_added(desk):
    desk.open(5)
    first = desk.claim("p-a", 2)
    second = desk.claim("p-b", 2)
    assert [lease.task for lease in first + second] == desk.ids[:4]
    assert [lease.task for lease in desk.queue.held("p-a")] == desk.ids[:2]
    assert first[0].expires_ns - first[0].taken_ns == 1800 * 10**9


def test_a_task_goes_to_as_many_people_as_its_campaign_says_and_to_nobody_twice(desk):
    desk.open(2, overlap=2)
    got = {who: desk.claim(who, 9) for who in ("p-a", "p-b", "p-c")}
    assert {who: [lease.task for lease in held] for who, held in got.items()} == {
        "p-a": desk.ids,
        "p-b": desk.ids,
        "p-c": [],
    }
    assert desk.claim("p-a") == []


def test_what_is_given_back_or_expires_goes_to_the_end_and_to_anybody(desk):
    desk.open(3)
    first, second = desk.claim("p-a", 2)
    assert desk.queue.give_back(first.id).state == "returned"
    assert desk.queue.expire(second.expires_ns + 1) == 1
    assert [lease.task for lease in desk.claim("p-b", 3)] == [*desk.ids[2:], *desk.ids[:2]]
    assert desk.queue.held("p-a") == []


def test_who_gave_a_task_back_may_have_it_again_under_the_same_lease(desk):
    desk.open(1)
    [lease] = desk.claim("p-a")
    desk.queue.give_back(lease.id)
    [again] = desk.claim("p-a")
    assert (again.id, again.state) == (lease.id, "active")
    desk.submit(again)
    assert desk.claim("p-a") == desk.claim("p-b") == []


def test_nobody_holds_more_than_the_campaign_says(desk):
    desk.open(5, hold=2)
    assert len(desk.claim("p-a", 2)) == 2
    assert desk.claim("p-a") == []
    desk.submit(desk.queue.held("p-a")[0])
    assert [lease.task for lease in desk.claim("p-a")] == [desk.ids[2]]


def test_a_paused_campaign_gives_nothing_out_and_takes_what_was_given(desk):
    desk.open(2)
    [lease] = desk.claim("p-a")
    desk.queue.change("c", state="paused")
    assert desk.claim("p-a") == []
    assert desk.submit(lease).how == "new"
    desk.queue.change("c", state="open")
    assert len(desk.claim("p-a")) == 1


def test_more_overlap_opens_more_places_also_behind_those_who_went_past(desk):
    desk.open(3)
    for lease in desk.claim("p-a", 3):
        desk.submit(lease) if lease.task == desk.ids[0] else None
    desk.queue.change("c", overlap=2, review=0.5)
    assert [lease.task for lease in desk.claim("p-b", 9)] == desk.ids[1:]
    with pytest.raises(InputError, match="take away"):
        desk.queue.change("c", overlap=1)


def test_a_task_that_another_claim_held_for_a_moment_is_found_again(desk):
    desk.open(2, overlap=2)
    with desk.lab._database._engine.begin() as other:
        raw(other).execute("SELECT FROM work ORDER BY rank LIMIT 1 FOR UPDATE")
        assert [lease.task for lease in desk.claim("p-a", 2)] == desk.ids[1:]
    assert [lease.task for lease in desk.claim("p-a", 2)] == desk.ids[:1]


def test_tasks_added_later_reach_those_who_had_found_nothing(desk, make):
    desk.open(1)
    assert len(desk.claim("p-a", 5)) == 1
    assert desk.claim("p-a") == []
    more = [make.problem(n) for n in range(50, 53)]
    desk.lab.put_tasks(more)
    assert desk.queue.add("c", [p.task.id for p in more]) == 3
    assert len(desk.claim("p-a", 5)) == 3


def test_adding_again_adds_what_is_missing(desk, make):
    desk.open(3)
    assert desk.queue.add("c", desk.ids) == 0
    assert desk.queue.add_all("c") == 0
    desk.lab.put_tasks([make.problem(77)])
    assert desk.queue.add_all("c") == 1
    assert desk.queue.campaign("c").tasks == 4


def test_what_cannot_be_added_is_named(desk, make):
    desk.open(1)
    with pytest.raises(UnknownName, match="no task 'nothing'"):
        desk.queue.add("c", [*desk.ids, "nothing"])
    other = make.problem(9, gym="office")
    desk.lab.put_tasks([other])
    with pytest.raises(InputError, match="of the gym 'office', not 'gym'"):
        desk.queue.add("c", [other.task.id])
    with pytest.raises(UnknownName, match="The nearest: c"):
        desk.claim("p-a", name="cc")
    with pytest.raises(InputError, match="cannot be claimed at once"):
        desk.claim("p-a", 101)


def test_a_campaign_is_put_once_and_its_rules_are_held_to(desk):
    desk.open(1, title="Words")
    same = desk.queue.put(Campaign("c", "gym", title="Words", made_by="p-x"))
    assert (same.tasks, same.title) == (1, "Words")
    with pytest.raises(InputError, match="another campaign 'c'"):
        desk.queue.put(Campaign("c", "gym", title="Other"))
    for wrong in ({"overlap": 0}, {"review": 1.5}, {"lease_seconds": 1}, {"state": "shut"}):
        with pytest.raises(InputError, match="a campaign needs"):
            desk.queue.change("c", **wrong)
    with pytest.raises(InputError, match="'gym' of a campaign cannot be changed"):
        desk.queue.change("c", gym="other")
    assert [c.name for c in desk.queue.campaigns()] == ["c"]
    assert desk.queue.campaigns(after="c") == []


def test_many_people_at_once_get_every_place_once(desk):
    desk.open(60, overlap=2, review=0.0)
    begun, left = clock.wall_ns(), threading.Barrier(8)
    got, faults = [], []

    def work(person):
        try:
            left.wait()
            while leases := desk.claim(person, 3):
                got.extend((person, lease.task) for lease in leases)
                for lease in leases:
                    desk.submit(lease)
        except Exception as error:
            faults.append(error)

    people = [threading.Thread(target=work, args=(f"p-{n}",)) for n in range(8)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert faults == []
    assert len(set(got)) == len(got)
    assert max(Counter(task for _, task in got).values()) <= 2
    # What a claim at the same moment hid from somebody is found by somebody who comes later.
    for person in ("p-late", "p-later"):
        while leases := desk.claim(person, 10):
            for lease in leases:
                desk.submit(lease)
    assert desk.queue.progress("c").settled == 60
    assert begun < clock.wall_ns()


def test_a_campaign_has_a_skill_where_an_open_task_is_of_it_or_of_a_part_of_it(desk):
    def named(first, *skills, **changes):
        weights = [(SkillWeight(skill),) for skill in skills]
        made = [desk.make.problem(first + n, skills=w, **changes) for n, w in enumerate(weights)]
        desk.lab.put_tasks(made)
        return [problem.task.id for problem in made]

    named(200, "law.tax", gym="other")
    named(300, "law.rent")
    desk.queue.put(Campaign("c", "gym", review=0.0))
    desk.queue.add("c", named(100, "office.mail.queue", "office.calendar"))
    asked = ("office", "office.mail", "office.mail.queue", "office.calendar", "off", "office.mai",
             "office.mail.queue.more", "law", "law.tax", "law.rent", "nothing")  # fmt: skip
    assert [s for s in asked if desk.queue.has("c", s)] == list(asked[:4])
    [lease] = desk.claim("p-a", 1)
    desk.submit(lease)
    assert [s for s in asked if desk.queue.has("c", s)] == ["office", "office.calendar"]
    with pytest.raises(UnknownName):
        desk.queue.has("d", "office")


def test_a_campaign_has_the_skill_that_it_names_while_a_task_is_open(desk):
    desk.open(1, shows="law.tax", review=0.0)
    asked = ("law", "law.tax", "law.ta", "law.tax.houses", "a", "a.b")
    assert [s for s in asked if desk.queue.has("c", s)] == ["law", "law.tax"]
    [lease] = desk.claim("p-a", 1)
    desk.submit(lease)
    assert not any(desk.queue.has("c", s) for s in asked)
