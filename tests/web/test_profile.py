"""One's own record in a real browser: say, see, object, withdraw, take along."""

import io
import time
import zipfile

import msgspec
import pytest
import sqlalchemy as sa
from tests.web.test_standing import SKILL, Hall

from banbury.episode import new_id
from banbury.people.evidence import Ledger
from banbury.people.offers import Asked, Openings, Profiles
from banbury.store.queue import Campaign
from banbury.web.views import profile as view


@pytest.fixture
def hall(site):
    return Hall(site, tasks=20)


def test_a_person_says_sees_objects_and_withdraws(site, hall, tab):
    hall.do([True] * 5 + [False])
    page = hall.enter(tab)
    page.goto(site.origin + "/inbox")
    page.get_by_role("link", name="what is believed of your work").click()
    page.get_by_label("Languages").fill("English, Portuguese")
    page.get_by_label("Place").fill("Lisbon")
    page.get_by_label("weekend mornings").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()
    page.get_by_label("Skill", exact=True).fill("Tax law")
    page.get_by_label("What you say of it").fill("Ten years")
    page.get_by_role("button", name="Add").click()
    page.get_by_text("Ten years").wait_for()
    kept = Profiles(site.house).get(hall.account)
    assert (kept.languages, kept.place, kept.times) == (
        ("en", "pt"), "Lisbon", ("weekend mornings",),
    )  # fmt: skip

    believed = page.get_by_role("article").filter(has_text=SKILL)
    believed.get_by_role("img", name="now, between").wait_for()
    believed.get_by_text("6 pieces of evidence").wait_for()
    believed.get_by_role("link", name="where it comes from").click()
    page.get_by_text(f"5 of 6 test tasks right in {hall.lab.name}").wait_for()
    page.get_by_text("Object to it").click()
    page.get_by_label("What is wrong with it").fill("One key is wrong.")
    page.get_by_role("button", name="Object", exact=True).click()
    page.get_by_text("a person decides").wait_for()

    site.enter(tab, "operator")
    page.goto(site.origin + "/appeals")
    case = page.get_by_role("article").filter(has_text="One key is wrong.")
    case.get_by_label("Decision").select_option("true")
    case.get_by_label("Why; the person reads it").fill("It is.")
    case.get_by_role("button", name="Decide").click()
    case.wait_for(state="detached")

    hall.enter(tab)
    page.goto(f"{site.origin}/profile/skills/{SKILL}")
    page.get_by_text("Nothing was measured yet").wait_for()
    page.goto(site.origin + "/profile")
    page.get_by_role("button", name="Withdraw tax_law").click()
    page.get_by_text("Ten years").wait_for(state="detached")


def test_all_of_it_is_taken_along(site, hall):
    hall.do([True])
    with hall.client() as mine:
        said = mine.get("/api/profile/record.json")
        assert said.headers["content-disposition"].startswith("attachment")
        assert [e["source"] for e in said.json()["evidence"]] == ["gold"]
        archive = zipfile.ZipFile(io.BytesIO(mine.get("/api/profile/record.zip").content))
        assert sorted(archive.namelist()) == ["record.html", "record.json"]
        inside = msgspec.json.decode(archive.read("record.json"))
        assert inside["account"]["id"] == hall.account
        assert "<script" not in mine.get("/api/profile/record.html").text
    with site.as_("nobody") as nobody:
        assert nobody.get("/api/profile/record.json").status_code == 401


def test_what_cannot_be_is_refused_and_says_why(hall):
    with hall.client() as mine:
        refused = mine.put("/api/profile", json={"languages": ["Germn"]})
        assert refused.status_code == 400
        assert "did you mean German" in refused.text
        assert mine.post("/api/profile/skills", json={"skill": "<b>"}).status_code == 400
        assert mine.get("/profile/skills/nothing.such").status_code == 404
        none = {"skill": SKILL, "source": "gold", "reason": "There is none."}
        assert mine.post("/api/objections", json=none).status_code == 400


def test_another_persons_record_stays_theirs(site, hall):
    hall.do([True])
    with site.as_("newcomer") as other:
        assert hall.lab.name not in other.get("/api/profile/record.json").text
    assert Ledger(site.house).of(hall.account)


def test_what_is_taken_along_does_not_say_which_tasks_were_gold(site, hall):
    before = time.time_ns()
    hall.do([True, False, True])
    entries = [e for e in Ledger(site.house).of(hall.account) if e.source == "gold"]
    assert len(entries) == 3
    with hall.client() as mine:
        said = mine.get("/api/profile/record.json")
        shown = mine.get("/api/profile/record.html").text
        believed = mine.get("/api/profile").json()["beliefs"]
    held = said.json()
    gold = [e for e in held["evidence"] if e["source"] == "gold"]
    assert sorted(e["good"] for e in gold) == [0, 1, 1]
    assert {e["lab"] for e in gold} == {hall.lab.name}
    day = 86_400 * 10**9
    assert all(e["at_ns"] % day == 0 and e["at_ns"] >= before - day for e in gold)
    [stands] = [s for s in held["standings"] if s["standing"]["skill"] == SKILL]
    assert len(stands["results"]) == 3
    for text in (said.text, shown):
        for e in entries:
            for name in (e.piece, e.lease, e.episode):
                assert not name or name not in text
        assert "which task it was" in text
    steps = [s for b in believed for s in b["steps"] if s["source"] == "gold"]
    assert steps and all(s["at_ns"] % day == 0 for s in steps)


def test_skills_to_choose_from_are_those_of_labs_that_concern_one(site):
    """A lab's names for its work are its own: members and whoever is invited see them."""
    house, names = site.house, site.accounts
    labs = {kind: f"near-{kind}" for kind in ("member", "invited", "other", "offered")}
    for kind, lab in labs.items():
        house.lab(lab).queue.put(Campaign("work", "labelling"))
        Openings(house).open(lab, "work", Asked({f"secret.of_{kind}": 1.0}, 1, 1.0, 10.0))
    id = names.people.add("near@site.example", "Near")
    names.members.join(labs["member"], id, "expert")
    owner = names.people.add("near-owner@site.example", "Owner")
    names.members.join(labs["invited"], owner, "owner")
    asks = names.sessions.caller(names.sessions.start(owner, "a test"))
    names.links.invite(asks, labs["invited"], "expert", "near@site.example")
    opening = Openings(house).listed(labs["offered"])[0].id
    new = (
        "INSERT INTO work_offer (id, opening, account, state, body, made_ns) VALUES "
        "(CAST(:id AS uuid), CAST(:o AS uuid), CAST(:a AS uuid), 'offered', '', 1)"
    )
    given = {"id": new_id(), "o": opening, "a": id}
    house.run(lambda c: c.execute(sa.text(new), given))
    known = view.known(house, id)
    assert {s for s in known if s.startswith("secret.of_")} == {
        "secret.of_member", "secret.of_invited", "secret.of_offered",
    }  # fmt: skip
    assert set(view.titles()) <= set(known)
    house.run(lambda c: c.execute(sa.text("DELETE FROM work_offer WHERE id = CAST(:id AS uuid)"),
                                  {"id": given["id"]}))  # fmt: skip
    with site.as_("newcomer") as client:
        for path in ("/profile", "/api/profile", "/interviews", "/api/interviews"):
            assert "secret.of_" not in client.get(path).text
    for lab in labs.values():
        Openings(house).close(lab, Openings(house).listed(lab)[0].id)
