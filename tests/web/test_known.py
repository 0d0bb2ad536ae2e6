"""What the server remembers of what it gave out: packed, bounded, and only for its holder."""

from itertools import islice

import pytest

from banbury.gyms.desk.gym import DeskGym
from banbury.store.queue import Campaign
from banbury.web.views import known


@pytest.fixture
def lab(house):
    return house.lab("known")


@pytest.fixture
def held(lab, request):
    name = f"known-{request.node.name}"
    problems = list(islice(DeskGym().tasks("desk.calendar.cancel", seed=1), 3))
    lab.put_tasks(problems)
    lab.queue.put(Campaign(name, "desk", "Known"))
    lab.queue.add(name, [p.task.id for p in problems])
    leases = lab.queue.claim(name, "p-1", "", 3)
    by_id = {p.task.id: p for p in problems}
    return [(lease, by_id[lease.task]) for lease in leases]


def test_it_finds_what_it_keeps_for_the_holder_alone(lab, held):
    kept = known.Known()
    for lease, problem in held:
        kept.keep(lab.name, lease, problem)
    lease, problem = held[0]
    assert kept.find(lab, lease.id, "p-1") == (lease, problem)
    assert kept.find(lab, lease.id, "p-2") is None
    assert kept.find(lab, "another", "p-1") is None


def test_the_oldest_goes_where_there_are_too_many(lab, held, monkeypatch):
    monkeypatch.setattr(known, "_MOST", 2)
    kept = known.Known()
    for lease, problem in (*held, held[-1]):
        kept.keep(lab.name, lease, problem)
    found = [kept.find(lab, lease.id, "p-1") is not None for lease, _ in held]
    assert found == [False, True, True]
