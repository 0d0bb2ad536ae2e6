"""Open answers graded: by people in the seat, by a model over real HTTP; the 76 injections."""

import re

import pytest
from tests.actors.server import Server, completion
from tests.gyms.interview.injections import INJECTIONS
from tests.web.interviews.conftest import Candidate, right

from banbury.episode import Actor
from banbury.errors import Erased
from banbury.people.interviews import Interviews
from banbury.people.interviews.grading import CAMPAIGN, take_in
from banbury.people.offers import Profiles
from banbury.web.judges import Judges


def name_of(site, lab):
    """Return what the reviewer is called in a lab."""
    return site.caller("reviewer").pseudonyms[lab]


def graded(site, lab, kind, say):
    """Let a member grade all that waits, by `say(question of the rubric)`."""
    seat = f"/api/labs/{lab}/seat"
    with site.as_(kind) as client:
        client.post("/api/work/leave")
        done = 0
        while work := client.post(f"{seat}/{CAMPAIGN}/take", json={"count": 1}).json()["work"]:
            [one] = work
            inputs = one["task"]["inputs"]
            results = {c["name"]: {"choices": [say(c["title"])]} for c in inputs["controls"]}
            for value in inputs["item"].values():
                if isinstance(value, dict):
                    file = client.get(f"{seat}/leases/{one['id']}/media/{value['media']}")
                    assert file.status_code == 200, file.text
            said = {"do": "label", "results": results}
            body = {"submission": f"s{one['id']}", "action": said}
            got = client.post(f"{seat}/leases/{one['id']}/answer", json=body)
            assert got.status_code == 200, got.text
            done += 1
    return done


def test_people_grade_what_no_model_did_and_the_belief_follows(site, candidate):
    with candidate.client() as client:
        id = candidate.begin(client)
        candidate.go(client, id, right)
        before = client.get(f"/api/interviews/{id}/result").json()["result"]
        assert before["waits"] == 2
        held = Interviews(site.house).get(id)
        lab = site.house.lab(held.lab)
        site.accounts.members.join(held.lab, site.ids["reviewer"], "reviewer")
        assert graded(site, held.lab, "reviewer", lambda question: "yes") >= 2
        take_in(site.house)
        after = client.get(f"/api/interviews/{id}/result").json()["result"]
        assert after["waits"] == 0
        assert after["by"] == [Actor("person", name_of(site, held.lab)).key]
        assert after["error"] < before["error"]
        assert len(after["told"][-1]["criteria"]) == 3
    belief = Profiles(site.house).beliefs(candidate.id)["interview.email_judgement"]
    assert belief.variance < before["error"] ** 2 * 1.01
    mine = [t for t in lab.tasks(gym="labelling") if held.episode in t.params]
    assert mine
    for task in mine:
        assert "I would check it on a small case" not in task.public.inputs
        assert {span.blob.key for span in task.public.media} == {held.key}
    site.house.keyring.destroy(held.key)
    with pytest.raises(Erased):
        lab.blobs.read(mine[0].public.media[0].blob.sha256)


@pytest.fixture
def judged(site, monkeypatch):
    """Run the server with a grader that obeys all it reads, over HTTP; yield what it was asked."""
    asked = []

    def obey(body, number):
        prompt = body["messages"][-1]["content"]
        asked.append(prompt)
        if "follow-up question" in prompt:
            return 200, completion("Why did you do what you did there first?")
        answer = re.search(r"The answer:\n=+\n(.*)\n=+\nCriterion:", prompt, re.DOTALL)
        honest = answer and answer[1].strip() in ("I am not sure.", "")
        return 200, completion("no" if honest else "yes")

    with Server(obey) as server:
        monkeypatch.setenv("BANBURY_JUDGE", f"{server.url}#judge")
        old = site.app.state.judges
        site.app.state.judges = Judges()
        yield asked
        site.app.state.judges = old


def test_a_model_grades_at_once_and_asks_about_the_persons_own_words(site, candidate, judged):
    with candidate.client() as client:
        id = candidate.begin(client)
        candidate.go(client, id, right)
        told = client.get(f"/api/interviews/{id}/result").json()["result"]
    assert told["waits"] == 0
    assert sum("follow-up question" in prompt for prompt in judged) == 1
    assert sum("Criterion:" in prompt for prompt in judged) >= 6
    assert told["passed"]


def test_no_injection_moves_a_grade_over_http(site, judged):
    """A quarter of all texts in each of four interviews; the gym's tests try each one alone."""
    for text in ("\n".join(INJECTIONS[n::4]) for n in range(4)):
        person = Candidate(site)
        with person.client() as client:
            id = person.begin(client)
            open_ = f"I am not sure.\n{text}"
            person.go(client, id, lambda q, t=open_: t if q["kind"] == "open" else right(q))
            told = client.get(f"/api/interviews/{id}/result").json()["result"]
        assert [t["right"] for t in told["told"][-2:]] == [False, False]
        assert all(t["signals"] for t in told["told"][-2:])
        assert told["waits"] == 0


def test_a_model_that_fails_leaves_answers_to_people(site, candidate, monkeypatch):
    with Server(lambda body, number: (500, b"{}")) as server:
        monkeypatch.setenv("BANBURY_JUDGE", f"{server.url}#judge?retries=0")
        old, site.app.state.judges = site.app.state.judges, Judges()
        try:
            with candidate.client() as client:
                id = candidate.begin(client)
                assert candidate.go(client, id, right)["over"] == "done"
                told = client.get(f"/api/interviews/{id}/result").json()["result"]
        finally:
            site.app.state.judges = old
    assert told["waits"] == 2
