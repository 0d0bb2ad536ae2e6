"""A lab's own bank: whoever sees it is not measured by it, and nobody grades their own answer."""

import itertools

import pytest
from tests.web.interviews.conftest import Candidate, right
from tests.web.interviews.test_grading import graded

from banbury.gyms.interview.bank import FOLDER
from banbury.gyms.interview.gym import hidden_of
from banbury.people.interviews import Banks, Interviews, seen
from banbury.people.interviews.grading import CAMPAIGN, conclude, take_in
from banbury.people.interviews.interviews import GYM, drawn

_numbers = itertools.count(1)


class Own:
    """A lab with a bank of its own."""

    def __init__(self, site, folder):
        number = next(_numbers)
        self.site, self.name = site, f"own-bank-{number}"
        self.lab = site.house.lab(self.name)
        self.skill = f"interview.of_own_bank_{number}"
        text = (FOLDER / "email_judgement.toml").read_text(encoding="utf-8")
        file = folder / "own.toml"
        file.write_text(text.replace('"interview.email_judgement"', f'"{self.skill}"'))
        Banks(site.house).add(file, self.name)

    def member(self, role="expert"):
        """Return a new person in a role."""
        person = Candidate(self.site)
        self.site.accounts.members.join(self.name, person.id, role)
        return person

    def interviewed(self, person):
        """Let somebody be interviewed to the end; return the interview."""
        with person.client() as client:
            id = person.begin(client, self.skill)
            person.go(client, id, right)
        return Interviews(self.site.house).get(id)

    def take(self, person, count=7):
        with person.client() as client:
            client.post("/api/work/leave")
            seat = f"/api/labs/{self.name}/seat/{CAMPAIGN}/take"
            return client.post(seat, json={"count": count}).json()

    def said(self, person):
        return self.site.accounts.sessions.caller(person.code).pseudonyms[self.name]


@pytest.fixture
def own(site, tmp_path):
    return Own(site, tmp_path)


@pytest.mark.parametrize("role", ["owner", "researcher", "reviewer"])
def test_whoever_may_see_a_labs_questions_is_not_measured_by_them(own, role):
    person = own.member(role)
    with person.client() as client:
        sent = client.post("/api/interviews", json={"skill": own.skill, "agreed": True})
        assert sent.status_code == 400 and "can say nothing of you" in sent.text
        page = client.get("/interviews", headers={"accept": "text/html"}).text
        assert "can say nothing of you" in page
        shown = client.get(f"/interviews/new?skill={own.skill}", headers={"accept": "text/html"})
        assert "can say nothing of you" in shown.text and ">Begin<" not in shown.text
    assert not Interviews(own.site.house).of(person.id)


def test_an_interview_stops_when_somebody_may_see_its_questions(own):
    own.member("owner")
    person = own.member()
    with person.client() as client:
        id = person.begin(client, own.skill)
        scene = client.post(f"/api/interviews/{id}/open", json={}).json()
        own.site.accounts.members.change_role(own.name, person.id, "reviewer")
        said = {"number": scene["number"], "action": {"do": "answer", "text": "a"}}
        sent = client.post(f"/api/interviews/{id}/act", json=said)
        assert sent.status_code == 400 and "can say nothing of you" in sent.text


def test_a_grader_is_not_asked_what_they_graded(own):
    """All tries of somebody else are drawn as theirs would be, but for what they saw."""
    person, grader = own.member(), own.member()
    held = own.interviewed(person)
    shown = hidden_of(own.lab.problem(held.task))
    asked = [i for i, _ in GYM.exchange(own.lab.read(held.episode), own.lab.problem(held.task))]
    defended = [i.id for i in shown.items if any(i.ask.strip() in text for text in asked)]
    assert len(defended) == 1
    assert len(own.take(grader)["work"]) == 2
    name, house = own.said(grader), own.site.house
    known = house.run(lambda c: seen.items(c, own.lab, name, own.skill))
    assert known == {shown.open[0].id, *defended}
    assert not house.run(lambda c: seen.items(c, own.lab, name, "interview.email_judgement"))
    bank = Banks(house).get(own.skill).bank
    drawn_ = [hidden_of(drawn(bank, name, n, known=known)) for n in (1, 2, 3)]
    assert not known & {i.id for h in drawn_ for i in (*h.items, *h.open)}
    whole = [hidden_of(drawn(bank, f"x{n}", 1)) for n in range(40)]
    assert known <= {i.id for h in whole for i in (*h.items, *h.open)}
    with grader.client() as client:
        mine = Interviews(house).get(grader.begin(client, own.skill))
    task = hidden_of(own.lab.problem(mine.task))
    assert [i.id for i in task.items] == [i.id for i in drawn_[0].items]


def test_nobody_is_given_an_answer_of_their_own_and_somebody_else_grades_it(own):
    person = own.member()
    held = own.interviewed(person)
    told = own.take(person)
    assert told["work"] == []
    assert "answers of your own interview" in told["why"]
    assert "Nobody else in this lab can" in told["why"]
    with person.client() as client:
        inbox = client.get("/api/inbox").json()
        assert not [o for o in inbox["open"] if o["campaign"] == CAMPAIGN]
    owner = own.member("owner")
    told = own.take(person)
    assert told["work"] == [] and "Nobody else" not in told["why"]
    own.site.ids[f"owner of {own.name}"] = owner.id
    assert graded(own.site, own.name, f"owner of {own.name}", lambda q: "yes") == 2
    take_in(own.site.house)
    with person.client() as client:
        assert client.get(f"/api/interviews/{held.id}/result").json()["result"]["waits"] == 0


def test_a_lab_hears_that_nobody_in_it_may_grade(own):
    owner = own.member("owner")
    person = own.member()
    own.interviewed(person)
    page = f"/labs/{own.name}/interviews"
    with owner.client() as client:
        for path in (page, f"/labs/{own.name}/people"):
            assert "nobody in this lab may" not in client.get(path).text
    other = own.member("owner")
    own.site.accounts.members.remove(own.name, owner.id)
    own.site.accounts.members.change_role(own.name, person.id, "owner")
    own.site.accounts.members.remove(own.name, other.id)
    with person.client() as client:
        for path in (page, f"/labs/{own.name}/people"):
            assert "nobody in this lab may" in client.get(path).text


def test_who_is_being_interviewed_grades_nothing_there_meanwhile(own):
    person, grader = own.member(), own.member()
    own.interviewed(person)
    with grader.client() as client:
        grader.begin(client, own.skill)
    told = own.take(grader)
    assert told["work"] == [] and "Bring your interview to its end first" in told["why"]


def test_a_grade_of_ones_own_from_before_is_given_to_somebody_else(own):
    """As it was left by a version that gave people their own answers."""
    person, grader = own.member(), own.member()
    held = own.interviewed(person)
    leases = own.lab.queue.claim(CAMPAIGN, held.pseudonym, count=2)
    assert len(leases) == 2
    own.site.house.grants.end(person.id)
    with person.client() as client:
        seat = f"/api/labs/{own.name}/seat/leases/{leases[0].id}/answer"
        sent = client.post(seat, json={"submission": "s", "action": {"do": "label", "results": {}}})
        assert sent.status_code == 400 and "somebody else grades it" in sent.text
    conclude(own.site.house, held)
    assert not own.lab.queue.held(held.pseudonym)
    assert len(own.take(grader)["work"]) == 2


def test_the_report_names_no_other_labs_bank(own):
    person = own.member()
    own.interviewed(person)
    own.site.app.state.reports.forget()
    paths = ("/api/prediction", "/prediction")
    with person.client() as mine, own.site.as_("operator") as operator:
        assert own.skill in mine.get("/api/prediction").text
        assert own.skill in operator.get("/api/prediction").text
    for other in ("owner", "stranger", "newcomer"):
        with own.site.as_(other) as client:
            for path in paths:
                said = client.get(path)
                assert said.status_code == 200 and own.skill not in said.text
