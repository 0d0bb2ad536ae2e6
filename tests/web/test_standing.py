"""Standing in a real browser: gold fails, work pauses, an appeal is decided, work comes back."""

import itertools

import httpx
import msgspec
import pytest

from banbury.accounts.codes import csrf_of
from banbury.arena import answer
from banbury.gyms import registry
from banbury.people.evidence import Ledger
from banbury.people.offers import Standings
from banbury.people.standing import Result
from banbury.store.queue import Campaign

_numbers = itertools.count(1)
SKILL = "labelling.choice"


class Hall:
    """A lab with a campaign of gold tasks and a new expert."""

    def __init__(self, site, tasks=40, gold=True):
        number = next(_numbers)
        self.site, self.lab = site, site.house.lab(f"hall-{number}")
        self.gym = registry.gym("labelling")
        drawn = [p for p, _ in zip(self.gym.tasks(SKILL, seed=number), range(tasks), strict=False)]
        self.lab.put_tasks(drawn)
        self.queue = self.lab.queue
        self.queue.put(Campaign("mood", "labelling", title="Moods", review=0.0, hold=100))
        self.queue.add("mood", [p.task.id for p in drawn])
        if gold:
            self.queue.gold.mark("mood", [p.task.id for p in drawn])
        self.account = site.accounts.people.add(f"hall{number}@site.example", f"Person {number}")
        site.accounts.members.join(self.lab.name, self.account, "expert")
        self.code = site.accounts.sessions.start(self.account, "a test")
        self.person = site.accounts.sessions.caller(self.code).pseudonyms[self.lab.name]

    def do(self, right):
        """Let the expert answer as many tasks, each rightly or not, and tell the house."""
        for good in right:
            self.one(self.queue.claim("mood", self.person, "", 1)[0], good)
        self.told()

    def one(self, lease, good):
        problem = self.lab.problem(lease.task)
        [said] = self.gym.solution(problem)
        if not good:
            said = self.gym.cheats(problem)["empty results"][0]
        answer(self.lab, lease.id, msgspec.json.encode(said), submission=lease.id)

    def told(self):
        self.site.house.apply_outbox(self.lab.name)
        Ledger(self.site.house).take_in()

    def client(self):
        client = httpx.Client(base_url=self.site.origin, headers={"origin": self.site.origin})
        client.cookies.set("banbury", self.code)
        client.headers["x-csrf-token"] = csrf_of(self.code)
        return client

    def enter(self, page):
        cookie = {"name": "banbury", "value": self.code, "url": self.site.origin}
        page.context.add_cookies([cookie])
        return page

    def take(self, client):
        return client.post(f"/api/labs/{self.lab.name}/seat/mood/take", json={"count": 3}).json()


@pytest.fixture
def hall(site):
    return Hall(site)


def test_from_failed_gold_to_a_pause_an_appeal_and_back(site, hall, tab):
    hall.do([False] * 14)
    page = hall.enter(tab)
    page.goto(f"{site.origin}/labs/{hall.lab.name}/seat/mood")
    page.get_by_text(f"Your work in {SKILL} is paused").wait_for()
    assert not hall.queue.held(hall.person), "nothing of it was claimed"
    page.get_by_role("link", name="What you can do").click()
    page.get_by_text("70 % is asked for").first.wait_for()
    page.get_by_text("the mean was 0 %").wait_for()
    page.get_by_label("Why this is wrong").fill("The keys are for another language.")
    page.get_by_role("button", name="Appeal").click()
    page.get_by_text("You appealed.").wait_for()
    with hall.client() as mine:
        assert mine.get("/appeals").status_code == 403, "nobody decides who does not run this place"

    site.enter(tab, "operator")
    page.goto(site.origin + "/appeals")
    case = page.get_by_role("article").filter(has_text="The keys are for another language.")
    case.get_by_label("Decision").select_option("lift")
    case.get_by_label("Why; the person reads it").fill("They were: your answers were right.")
    case.get_by_role("button", name="Decide").click()
    case.wait_for(state="detached")

    hall.enter(tab)
    page.goto(site.origin + "/standing")
    page.get_by_text("You are at work in").wait_for()
    page.get_by_text("your answers were right").first.wait_for()
    with hall.client() as mine:
        assert len(hall.take(mine)["work"]) == 3, "the seat gives tasks again"
    for lease in hall.queue.held(hall.person)[:3]:
        hall.one(lease, False)
    hall.told()
    standing = Standings(site.house).get(hall.account, SKILL)
    assert standing.state == "working", "three results since the return are no fall"
    assert standing.fresh == 14


def test_nobody_decides_on_their_own_pause(site, hall):
    hall.do([False] * 14)
    operator = site.ids["operator"]
    Standings(site.house).add(operator, "own.skill", _bad("own.skill"))
    with site.as_("operator") as boss:
        body = {"account": operator, "skill": "own.skill", "act": "lift", "reason": "I am good."}
        refused = boss.post("/api/appeals/decide", json=body)
        assert refused.status_code == 400
        assert "somebody else decides" in refused.text
        assert boss.post("/api/appeals/decide", json={**body, "account": hall.account,
                         "skill": SKILL, "reason": " "}).status_code == 400  # fmt: skip
    with hall.client() as mine:
        asked = {"account": hall.account, "skill": SKILL, "act": "lift", "reason": "Please."}
        assert mine.post("/api/appeals/decide", json=asked).status_code == 403


def test_test_tasks_end_a_pause_when_the_evidence_says_so(site, hall):
    hall.do([False] * 14)
    drawn = hall.gym.tasks(SKILL, seed=10_000 + next(_numbers))
    ids = list(itertools.islice(drawn, 3))
    hall.lab.put_tasks(ids)
    hall.queue.add("mood", [p.task.id for p in ids])  # These three are no gold.
    with hall.client() as mine:
        assert hall.take(mine)["paused"] == SKILL
        assert mine.post(f"/api/standings/{SKILL}/try").status_code == 200
        [stand] = mine.get("/api/standings").json()
        assert [r["left"] for r in stand["rooms"]] == [26]
        done = 0
        while Standings(site.house).get(hall.account, SKILL).state == "paused":
            held = hall.take(mine)["work"]
            assert held, "test tasks are given while they are needed"
            for work in held:
                lease = hall.queue.lease(work["id"])
                assert lease.task not in {p.task.id for p in ids}
                hall.one(lease, True)
                done += 1
            hall.told()
        assert 5 < done < 25, "two lucky ones are not enough"
        way = mine.get("/api/standings").json()[0]
        assert (way["state"], way["way"]) == ("working", None)
        assert "Pause ended by test tasks" in [a["words"] for a in way["acts"]]


def test_work_in_other_skills_goes_on(site, hall):
    spans = [p for p, _ in zip(hall.gym.tasks("labelling.spans", seed=3), range(2), strict=False)]
    hall.do([False] * 14)
    hall.lab.put_tasks(spans)
    hall.queue.add("mood", [p.task.id for p in spans])
    with hall.client() as mine:
        held = hall.take(mine)["work"]
        assert {hall.queue.lease(w["id"]).task for w in held} == {p.task.id for p in spans}


def _bad(skill):
    return [Result(f"{skill}/{n}", "gold", 0.0, 0.8) for n in range(20)]


def test_a_lab_marks_gold_and_its_people_are_not_told_which(site):
    hall = Hall(site, tasks=12, gold=False)
    site.accounts.members.join(hall.lab.name, site.ids["owner"], "owner")
    at = f"/api/labs/{hall.lab.name}/campaigns/mood/gold"
    with site.as_("owner") as boss:
        assert boss.post(at, json={"share": 1.0}).json() == {"gold": 12, "new": 12, "known": 12}
        assert boss.post(at, json={"share": 0.5}).json()["new"] == 0
        assert boss.post(at, json={"share": 0}).status_code == 400
        shown = boss.get(f"/labs/{hall.lab.name}/campaigns/mood").text
        assert "12 of this campaign" in shown
    with hall.client() as mine:
        assert mine.post(at, json={"share": 1.0}).status_code == 403
        assert "gold" not in str(hall.take(mine)).lower()
        assert "Test tasks" not in mine.get(f"/labs/{hall.lab.name}/campaigns/mood").text
