"""A campaign with people at it: clients of the seat's API, and its page in a browser."""

import itertools
from importlib.metadata import EntryPoint

import pytest

from banbury.gyms import registry
from banbury.store.queue import Campaign

_numbers = itertools.count(1)


class Room:
    """A campaign of a few tasks of one gym in the lab of the site."""

    def __init__(self, site, gym="office", tasks=6, skill=None, problems=None, **rules):
        self.site = site
        self.lab = site.house.lab(site.lab)
        self.name = f"seat-{next(_numbers)}"
        if problems is None:
            made = registry.gym(gym)
            skill = skill or made.skills()[0].name
            seed = next(_numbers) + 7000
            problems = itertools.islice(made.tasks(skill, seed=seed), tasks)
        self.problems = list(problems)
        self.lab.put_tasks(self.problems)
        self.lab.queue.put(Campaign(self.name, gym, title="Letters", review=0.0, **rules))
        self.lab.queue.add(self.name, [p.task.id for p in self.problems])
        self.clients = []
        self.path = f"/labs/{site.lab}/seat/{self.name}"

    def client(self, kind="expert"):
        """Return how one person calls the seat's API."""
        self.clients.append(Client(self, self.site.as_(kind)))
        return self.clients[-1]

    def accepted(self):
        return [self.lab.read(id) for id in self.lab.queue.accepted(self.name)]


class Client:
    """One person at the seat's API."""

    def __init__(self, room, http):
        self.room, self.http = room, http
        self.base = f"/api/labs/{room.site.lab}/seat"

    def take(self, count=4):
        answer = self.http.post(f"{self.base}/{self.room.name}/take", json={"count": count})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def call(self, lease, verb, **body):
        return self.http.post(f"{self.base}/leases/{lease}/{verb}", json=body or None)

    def answer(self, lease, text, submission="s1", **evidence):
        action = {"do": "answer", "text": text}
        body = {"submission": submission, "action": action, "evidence": evidence}
        return self.http.post(f"{self.base}/leases/{lease}/answer", json=body)


@pytest.fixture
def room(site):
    """Return how to open a campaign; see `Room`."""

    rooms = []
    site.free()

    def opened(**about):
        rooms.append(Room(site, **about))
        return rooms[-1]

    yield opened
    for client in (c for r in rooms for c in r.clients):
        client.http.close()


@pytest.fixture
def elsewhere(site):
    """Return how the researcher holds some tasks in another lab."""

    clients = []

    def held(tasks):
        lab = site.house.lab("seat-elsewhere")
        site.accounts.members.join(lab.name, site.ids["researcher"], "expert")
        name = f"there-{tasks}"
        made = registry.gym("office")
        problems = list(itertools.islice(made.tasks(made.skills()[0].name, seed=tasks), tasks))
        lab.put_tasks(problems)
        lab.queue.put(Campaign(name, "office", review=0.0))
        lab.queue.add(name, [p.task.id for p in problems])
        there = site.as_("researcher")
        clients.append(there)
        path = f"/api/labs/{lab.name}/seat/{name}"
        taken = there.post(f"{path}/take", json={"count": 4}).json()
        return there, taken["work"]

    yield held
    lab = site.house.lab("seat-elsewhere")
    person = site.caller("researcher").pseudonyms[lab.name]
    for lease in lab.queue.held(person):
        lab.queue.give_back(lease.id)
    for client in clients:
        client.close()
    site.free()


@pytest.fixture
def strange(monkeypatch):
    """Register the gyms of this folder."""
    ours = list(registry.entry_points(group=registry.GROUP))
    more = [
        EntryPoint(name, f"tests.web.seat.gyms:{name.title()}", registry.GROUP)
        for name in ("fields", "shaky", "blank", "huge")
    ]
    monkeypatch.setattr(registry, "entry_points", lambda group: [*ours, *more])
    registry.refresh()
    yield
    monkeypatch.undo()
    registry.refresh()
