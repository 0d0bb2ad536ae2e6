"""Interviews over HTTP: tries, answers step by step, results, appeals; nobody sees another's."""

import pytest
from tests.web.interviews.conftest import EMAIL, Candidate, question, right

from banbury.people.interviews import Interviews
from banbury.people.offers import Profiles


def test_a_whole_interview_leaves_a_result_and_a_belief(site, candidate):
    with candidate.client() as client:
        offered = client.get("/api/interviews").json()
        assert {s["skill"] for s in offered["skills"]} >= {EMAIL}
        assert "never your answers" in offered["agreement"]
        id = candidate.begin(client)
        assert candidate.begin(client) == id, "what goes on is gone on with"
        inbox = client.get("/inbox", headers={"accept": "text/html"}).text
        assert f"/interviews/{id}" in inbox and "you are in the middle of it" in inbox
        assert candidate.go(client, id, right)["over"] == "done"
        told = client.get(f"/api/interviews/{id}/result").json()["result"]
        assert told["passed"]
        assert told["waits"] == 2, "the open answer and the defence wait for a person"
        page = client.get(f"/interviews/{id}", headers={"accept": "text/html"}).text
        assert f"an estimate from {len(told['told']) - 2} questions" in page
        assert told["low"] < told["ability"] < told["high"]
        choices = [t for t in told["told"] if t["kind"] == "choice"]
        assert all(len(t["answer"]) > 5 and t["answer"][1:3] == ") " for t in choices)
        again = client.post("/api/interviews", json={"skill": EMAIL, "agreed": True})
        assert again.status_code == 400
        assert "not open yet" in again.json()["what"]
    belief = Profiles(site.house).beliefs(candidate.id)[EMAIL]
    assert belief.mean > 0
    held = Interviews(site.house).of(candidate.id)[0]
    actors = site.house.lab(held.lab).episode(held.episode).actors
    assert [a.name for a in actors] == [held.pseudonym]


def test_an_answer_sent_twice_counts_once_and_a_late_one_is_stale(candidate):
    with candidate.client() as client:
        id = candidate.begin(client)
        client.post(f"/api/interviews/{id}/open", json={})
        body = {"number": 0, "action": {"do": "answer", "text": "b"}}
        first, second = (client.post(f"/api/interviews/{id}/act", json=body).json() for _ in "ab")
        assert (first["how"], second["how"]) == ("new", "again")
        other = {**body, "action": {"do": "answer", "text": "a"}}
        stale = client.post(f"/api/interviews/{id}/act", json=other).json()
        assert stale["how"] == "stale"
        assert stale["number"] == first["number"] == 1


def test_nobody_sees_or_answers_the_interview_of_another(site, candidate):
    other = Candidate(site)
    with candidate.client() as client, other.client() as theirs:
        id = candidate.begin(client)
        bodies = {
            "open": {"since": 0}, "act": {"number": 0, "action": {"do": "answer", "text": "b"}},
            "try": {"code": "", "entry": ""}, "appeal": {"reason": "x"},
        }  # fmt: skip
        for path, body in bodies.items():
            assert theirs.post(f"/api/interviews/{id}/{path}", json=body).status_code == 404
        assert theirs.get(f"/api/interviews/{id}/result").status_code == 404
        assert theirs.get(f"/interviews/{id}").status_code == 404


@pytest.mark.parametrize("body", [{"skill": EMAIL}, {"skill": EMAIL, "agreed": False},
                                  {"skill": "interview.none", "agreed": True}])  # fmt: skip
def test_nothing_begins_without_consent_or_bank(candidate, body):
    with candidate.client() as client:
        assert client.post("/api/interviews", json=body).status_code in (400, 404)
        assert client.get("/api/interviews").json()["skills"][0]["tries"] == []


@pytest.mark.parametrize(
    "text", ["", "x" * 100_000, "you are all idiots", "我不知道", "\x00\u202e", "[spoken "]
)
def test_bad_answers_are_wrong_and_the_interview_goes_on(candidate, text):
    with candidate.client() as client:
        id = candidate.begin(client)
        scene = candidate.go(client, id, lambda q: text, most=2)
        assert question(scene)["number"] == 3


def test_an_answer_cannot_name_the_recording_of_another(candidate):
    with candidate.client() as client:
        id = candidate.begin(client)
        client.post(f"/api/interviews/{id}/open", json={})
        text = f"[spoken {'0' * 64} 3 s]"
        body = {"number": 0, "action": {"do": "answer", "text": text}}
        refused = client.post(f"/api/interviews/{id}/act", json=body)
        assert refused.status_code == 400
        assert refused.json()["where"] == "$.text"


def test_an_appeal_is_decided_by_somebody_else_with_reasons(site, candidate):
    with candidate.client() as client:
        id = candidate.begin(client)
        assert client.post(f"/api/interviews/{id}/appeal", json={"reason": "x"}).status_code == 400
        candidate.go(client, id, lambda q: "I do not know.")
        before = client.get(f"/api/interviews/{id}/result").json()["result"]
        reason = "The third question has two right answers."
        sent = client.post(f"/api/interviews/{id}/appeal", json={"reason": reason})
        assert sent.status_code == 204, sent.text
        twice = client.post(f"/api/interviews/{id}/appeal", json={"reason": reason})
        assert twice.status_code == 400
    lab = Interviews(site.house).get(id).lab
    site.accounts.members.join(lab, site.ids["reviewer"], "reviewer")
    decide = f"/api/labs/{lab}/interviews/{id}/decide"
    with site.as_("expert") as nobody:
        assert nobody.post(decide, json={"reason": "x"}).status_code == 404
    with site.as_("reviewer") as judge:
        inbox = judge.get("/inbox", headers={"accept": "text/html"}).text
        assert f'href="/labs/{lab}/interviews"' in inbox and "against" in inbox
        page = judge.get(f"/labs/{lab}/interviews/{id}", headers={"accept": "text/html"})
        assert reason in page.text
        items = [t["item"] for t in before["told"][:3]]
        unknown = judge.post(decide, json={"reason": "x", "right": ["no such item"]})
        assert unknown.status_code == 400
        done = judge.post(decide, json={"reason": "All three were right.", "right": items})
        assert done.json() == {"decision": "corrected"}
        again = judge.post(decide, json={"reason": "No.", "right": items})
        assert again.status_code == 400
    with candidate.client() as client:
        found = client.get(f"/api/interviews/{id}/result").json()
        assert found["appeal"]["answer"] == "All three were right."
        assert found["result"]["ability"] > before["ability"]
    belief = Profiles(site.house).beliefs(candidate.id)[EMAIL]
    assert belief.results == 1
