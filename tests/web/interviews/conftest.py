"""People who are interviewed: each test has somebody of its own, and answers to all questions."""

import itertools
import json

import httpx
import pytest

from banbury.accounts.codes import csrf_of
from banbury.gyms.interview.bank import banks
from banbury.gyms.interview.gym import reference

_numbers = itertools.count(1)
EMAIL = "interview.email_judgement"
PYTHON = "interview.python_repair"
KEYS = {item.ask.strip(): item for bank in banks().values() for item in bank.items}


class Candidate:
    """Somebody who is member of no lab, at the running server."""

    def __init__(self, site):
        self.site = site
        self.email = f"candidate{next(_numbers)}@site.example"
        self.id = site.accounts.people.add(self.email, "Cand Idate")
        self.code = site.accounts.sessions.start(self.id, "a test")

    def client(self):
        client = httpx.Client(
            base_url=self.site.origin, headers={"origin": self.site.origin}, timeout=60
        )
        client.cookies.set("banbury", self.code)
        client.headers["x-csrf-token"] = csrf_of(self.code)
        return client

    def enter(self, page):
        page.context.add_cookies([{"name": "banbury", "value": self.code, "url": self.site.origin}])
        return page

    def begin(self, client, skill=EMAIL, **more):
        made = client.post("/api/interviews", json={"skill": skill, "agreed": True, **more})
        assert made.status_code == 201, made.text
        return made.json()["id"]

    def go(self, client, id, answer, most=30):
        """Answer each question by `answer(question)` until it is over; return the last scene."""
        scene = client.post(f"/api/interviews/{id}/open", json={}).json()
        for _ in range(most):
            if scene.get("over"):
                break
            said = {"do": "answer", "text": answer(question(scene))}
            body = {"number": scene["number"], "action": said}
            sent = client.post(f"/api/interviews/{id}/act", json=body)
            assert sent.status_code == 200, sent.text
            scene = sent.json()
        return scene


def question(scene):
    """Return the question that stands in a scene, as its data say it."""
    seen = [o for e in scene["exchanges"] for o in e["observations"] if o.get("data")]
    return json.loads(seen[-1]["data"])


def right(asked):
    """Return a right answer to a question as it is shown."""
    item = KEYS.get(asked["ask"])
    if item is None:
        return "It follows from the question; I would check it on a small case by hand, and it "\
            "would be wrong if a fact that I took as given did not hold."  # fmt: skip
    if item.kind == "choice":
        return "abcdefghij"[asked["options"].index(item.options[0])]
    return reference(item)


@pytest.fixture
def candidate(site):
    return Candidate(site)
