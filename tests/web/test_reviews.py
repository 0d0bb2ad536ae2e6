"""Reviews and the inbox: accept, mend, return, decide between answers, agree or dispute."""

import html
import itertools

import msgspec
import pytest

from banbury import clock
from banbury.arena import answer
from banbury.gyms import registry
from banbury.store.queue import Campaign
from banbury.web.views import inbox
from banbury.web.views.reviews import side_by_side

_numbers = itertools.count(1)
CONTROLS = [{"name": "mood", "kind": "choice", "labels": ["good", "bad"]}]


class Round:
    """A campaign of the reasoning gym in the lab `site`: who answers, who reviews."""

    def __init__(self, site, overlap=1, tasks=2):
        self.site, self.lab = site, site.house.lab("site")
        self.name = f"round-{next(_numbers)}"
        with site.as_("owner") as boss:
            made = {"name": self.name, "gym": "reasoning", "overlap": overlap, "title": "Sums"}
            assert boss.post("/api/labs/site/campaigns", json=made).status_code == 201
            drawn = {"skill": "reasoning.add", "count": tasks}
            added = boss.post(f"/api/labs/site/campaigns/{self.name}/tasks/drawn", json=drawn)
            assert added.json() == {"added": tasks}

    def person(self, kind):
        return self.site.caller(kind).pseudonyms["site"]

    def work(self, kind, text):
        [lease] = self.lab.queue.claim(self.name, self.person(kind), "", 1)
        return self.again(lease.id, text)

    def again(self, lease, text):
        said = f'{{"do":"answer","text":"{text}"}}'
        return answer(self.lab, lease, said, submission=f"s{next(_numbers)}").lease.id

    def take(self, kind, count=1):
        with self.site.as_(kind) as client:
            got = client.post(f"/api/labs/site/reviews/{self.name}/take", json={"count": count})
            assert got.status_code == 200, got.text
            return got.json()["looks"]

    def decide(self, kind, look, verdict, **more):
        body = {"submission": f"r{next(_numbers)}", "verdict": verdict, **more}
        with self.site.as_(kind) as client:
            return client.post(f"/api/labs/site/reviews/leases/{look['id']}/decide", json=body)

    def inbox(self, kind):
        with self.site.as_(kind) as client:
            box = client.get("/api/inbox").json()
            page = client.get("/inbox", headers={"accept": "text/html"})
            assert page.status_code == 200, page.text
        mine = {
            part: [line for line in box[part] if line["campaign"] == self.name]
            for part in ("held", "back", "mended", "open")
        }
        return {**mine, "page": page.text}


@pytest.fixture
def round_(site):
    return Round(site)


def test_a_reviewer_sees_the_answer_and_accepts_it(round_):
    round_.work("expert", "12")
    [look] = round_.take("reviewer")
    assert look["kind"] == "review"
    assert look["answers"][0]["action"] == {"do": "answer", "text": "12"}
    assert look["task"]["instruction"]
    assert look["observations"]
    assert round_.decide("reviewer", look, "accept").json()["counts"] is True
    assert len(list(round_.lab.queue.accepted(round_.name))) == 1


def test_what_was_done_step_by_step_is_reviewed_as_an_episode(site):
    lab = site.house.lab("site")
    name = f"round-{next(_numbers)}"
    problems = list(itertools.islice(registry.gym("desk").tasks("desk.mail.sort", seed=7411), 1))
    lab.put_tasks(problems)
    lab.queue.put(Campaign(name, "desk", title="Desk", review=1.0))
    lab.queue.add(name, [p.task.id for p in problems])
    with site.as_("expert") as expert:
        at = "/api/labs/site/seat"
        [work] = expert.post(f"{at}/{name}/take", json={"count": 1}).json()["work"]
        expert.post(f"{at}/leases/{work['id']}/open", json={"since": 0})
        for number, action in enumerate(registry.gym("desk").solution(problems[0])):
            body = {"number": number, "action": msgspec.to_builtins(action), "evidence": {}}
            expert.post(f"{at}/leases/{work['id']}/act", json=body)
    with site.as_("reviewer") as client:
        taken = client.post(f"/api/labs/site/reviews/{name}/take", json={"count": 1}).json()
        [look] = taken["looks"]
        assert (look["live"], look["own_seat"], look["mendable"]) == (True, False, False)
        [given] = look["answers"]
        assert given["total"] > len(given["steps"])
        assert [v["score"] for v in given["verdicts"]] == [1.0]
        steps = client.get(f"/labs/site/episodes/{given['episode']}/steps?first=0")
        assert steps.status_code == 200
        assert steps.text.count('<li class="step ') == min(given["total"], 50)
        assert "by-person" in steps.text
        page = client.get(f"/labs/site/review/{name}").text
    assert "css/episodes.css" in page
    assert '<dt class="review-mends"><kbd>m</kbd>' in page


def test_nobody_reviews_their_own_answer_or_anothers_lease(round_):
    round_.work("reviewer", "12")
    assert round_.take("reviewer") == []
    [look] = round_.take("owner")
    assert round_.decide("reviewer", look, "accept").status_code == 404
    with round_.site.as_("expert") as expert:
        asked = expert.post(f"/api/labs/site/reviews/{round_.name}/take", json={})
        assert asked.status_code == 403


def test_a_returned_answer_comes_back_with_its_reasons(round_):
    lease = round_.work("expert", "12")
    [look] = round_.take("reviewer")
    assert round_.decide("reviewer", look, "return").status_code == 400
    said = "no <b>units</b>"
    assert round_.decide("reviewer", look, "return", reasons=[said]).status_code == 200
    box = round_.inbox("expert")
    assert [b["lease"] for b in box["back"]] == [lease]
    assert box["held"] == []
    assert "no &lt;b&gt;units&lt;/b&gt;" in box["page"]
    round_.again(lease, "13")
    [look] = round_.take("reviewer")
    assert look["answers"][0]["action"]["text"] == "13"


def test_a_mended_answer_is_agreed_with_or_disputed(round_):
    first, second = round_.work("expert", "12"), round_.work("expert", "14")
    for look in round_.take("reviewer", 2):
        mended = {"do": "answer", "text": "15"}
        kept = round_.decide("reviewer", look, "mend", action=mended, reasons=["a slip"])
        assert kept.status_code == 200, kept.text
    lines = round_.inbox("expert")["mended"]
    assert {m["lease"] for m in lines} == {first, second}
    assert all(m["accepted"] != m["episode"] for m in lines)
    told = {m["lease"]: m["changes"] for m in lines}
    assert told[first] == [{"part": "answer", "before": "12", "after": "15"}]
    page = round_.inbox("expert")["page"]
    task = next(m["task"] for m in lines if m["lease"] == first)
    assert task and html.escape(task[:30]) in page
    for m in lines:
        path = f"/labs/site/episodes/{m['episode']}/difference/{m['accepted']}"
        assert path in page
        with round_.site.as_("expert", accept="text/html") as expert:
            assert expert.get(path).status_code == 200
    with round_.site.as_("expert") as expert:
        agreed = expert.post(f"/api/labs/site/mends/{first}/agree")
        assert agreed.json()["outcome"] == "agreed"
        no_reason = expert.post(f"/api/labs/site/mends/{second}/dispute", json={"reasons": []})
        assert no_reason.status_code == 400
        said = {"reasons": ["the task says 14"]}
        assert expert.post(f"/api/labs/site/mends/{second}/dispute", json=said).status_code == 200
    with round_.site.as_("reviewer") as other:
        assert other.post(f"/api/labs/site/mends/{second}/agree").status_code == 404
    assert round_.inbox("expert")["mended"] == []
    [look] = round_.take("owner")
    assert look["kind"] == "third"
    assert look["reasons"] == ["the task says 14"]
    assert [a["action"]["text"] for a in look["answers"]] == ["14", "15"]
    picked = look["answers"][0]["episode"]
    assert round_.decide("owner", look, "accept", picked=picked).json()["counts"] is True
    assert picked in set(round_.lab.queue.accepted(round_.name))


def test_where_people_differ_a_third_sees_all_answers_side_by_side(site):
    round_ = Round(site, overlap=2, tasks=1)
    round_.work("expert", "1")
    round_.work("researcher", "2")
    [look] = round_.take("reviewer")
    assert look["kind"] == "third"
    assert look["rows"] == [{"path": "text", "values": ["1", "2"], "differs": True}]
    assert round_.decide("reviewer", look, "return", reasons=["x"]).status_code == 400
    better = {"do": "answer", "text": "3"}
    assert round_.decide("reviewer", look, "mend", action=better).json()["counts"] is True


def test_the_same_decision_twice_is_kept_once(round_):
    round_.work("expert", "12")
    [look] = round_.take("reviewer")
    body = {"submission": "the-same", "verdict": "accept"}
    with round_.site.as_("reviewer") as client:
        path = f"/api/labs/site/reviews/leases/{look['id']}/decide"
        kept = [client.post(path, json=body).json() for _ in range(2)]
    assert [k["how"] for k in kept] == ["new", "again"]
    assert kept[0]["episode"] == kept[1]["episode"]


def test_the_inbox_shows_what_is_held_and_what_is_open(round_):
    assert round_.inbox("expert")["open"][0]["tasks"] == 2
    round_.lab.queue.claim(round_.name, round_.person("expert"), "", 2)
    [held] = round_.inbox("expert")["held"]
    assert (held["tasks"], held["kind"]) == (2, "work")
    assert held["expires_ns"] > clock.wall_ns()
    assert round_.inbox("expert")["open"] == []
    fresh = inbox.inbox(round_.site.house, round_.site.caller("researcher"), inbox.Counts())
    assert round_.name not in [o.campaign for o in fresh.open]
    assert "not a member of a lab yet" in round_.inbox("newcomer")["page"]


def test_answers_stand_side_by_side_part_by_part():
    one = {"do": "label", "results": {"mood": {"choices": ["a", "b"]}, "x": {"boxes": [{"n": 1}]}}}
    other = {"do": "label", "results": {"mood": {"choices": ["a"]}, "x": {"boxes": [{"n": 1}]}}}
    rows = side_by_side([one, other, None])
    assert [(r.path, r.values, r.differs) for r in rows] == [
        ("results.mood.choices", ["a, b", "a", ""], True),
        ("results.x.boxes 1.n", ["1", "1", ""], True),
        ("", ["", "", "null"], True),
    ]
    assert not any(r.differs for r in side_by_side([one, one]))


def test_the_review_page_is_for_reviewers(round_):
    for kind, status in (("reviewer", 200), ("expert", 403)):
        with round_.site.as_(kind, accept="text/html") as client:
            assert client.get(f"/labs/site/review/{round_.name}").status_code == status
