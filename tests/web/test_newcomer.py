"""What somebody who saw the workbench for the first time stumbled over."""

import pytest
from msgspec.structs import replace

from banbury.cycle.source.importing.uploads import opened
from banbury.episode import Public, canonical
from banbury.errors import InputError
from banbury.gyms.labelling.controls import Control, Inputs, Media
from banbury.gyms.labelling.problems import problem
from banbury.store.queue import Campaign
from banbury.web.origin import here_only
from banbury.web.views.briefs import briefs
from banbury.web.views.tasks import AskedTasks, listing

PAGE = {"accept": "text/html"}


def test_invitations_are_listed_with_their_times_and_can_be_withdrawn(site):
    with site.as_("owner") as owner:
        made = owner.post(
            "/api/labs/site/invitations", json={"role": "reviewer", "email": "new@comer.example"}
        ).json()
        shown = owner.get("/labs/site/people", headers=PAGE).text
        assert "new@comer.example" in shown and ">Made<" in shown and ">Ends<" in shown
        withdraw = f"/api/labs/site/invitations/{made['link']['id']}"
        assert f'data-api="DELETE {withdraw}"' in shown
        assert owner.delete(withdraw).status_code == 204
        assert "new@comer.example" not in owner.get("/labs/site/people", headers=PAGE).text


def test_people_says_that_a_loopback_link_works_on_this_machine_only(site):
    with site.as_("owner") as owner:
        shown = owner.get("/labs/site/people", headers=PAGE).text
    assert "works on this machine only" in shown and "BANBURY_ORIGIN" in shown


@pytest.mark.parametrize(
    ("origin", "only"),
    [
        ("http://localhost:8080", True),
        ("http://127.0.0.2:80", True),
        ("http://[::1]:80", True),
        ("http://192.168.0.7:8080", False),
        ("https://banbury.example.org", False),
    ],
)
def test_which_addresses_are_of_this_machine_only(origin, only):
    assert here_only(origin) is only


def test_a_campaign_says_who_can_do_it_to_whoever_may_invite(site, house):
    house.lab("site").queue.put(Campaign("whocan", "desk"))
    for kind, told in (("owner", True), ("expert", False)):
        with site.as_(kind) as client:
            shown = client.get("/labs/site/campaigns/whocan", headers=PAGE)
        assert ("every expert of this lab" in shown.text) is told, shown.status_code


def test_no_page_denies_what_chromium_does_not_know(site):
    with site.as_("expert") as client:
        said = client.get("/inbox", headers=PAGE).headers["permissions-policy"]
    assert "camera=()" in said and "bluetooth" not in said


def test_a_seats_instructions_can_be_closed_and_name_only_keys_that_work(site, house):
    house.lab("site").queue.put(Campaign("keys", "labelling", instructions="Look."))
    with site.as_("expert") as client:
        shown = client.get("/labs/site/seat/keys", headers=PAGE).text
    assert 'id="seat-instructions-close"' in shown
    assert "<kbd>i</kbd>" in shown and "<kbd>?</kbd>" not in shown
    assert "hand in and go to the next task" in shown and "submit" not in shown


def test_a_link_that_was_used_asks_nobody_to_sign_in(site):
    with site.as_("nobody") as client:
        answer = client.get("/join/" + "x" * 43, headers=PAGE)
    assert "<h1>This link does not work any more</h1>" in answer.text, answer.text
    assert "Sign in first" not in answer.text and answer.status_code == 401


def test_an_unknown_page_says_what_is_not_there(site):
    with site.as_("expert") as client:
        answer = client.get("/lab/sight", headers=PAGE)
    assert answer.status_code == 404 and "There is no page" in answer.text
    assert "/lab/sight" in answer.text


def test_a_broken_upload_names_the_file_as_it_was_sent(house):
    lab = house.lab("site")
    sha256 = lab.blobs.put(b"a;b\n1;2\n").sha256
    with (
        pytest.raises(InputError) as said,
        opened(lab, sha256, "mails.csv") as path,
    ):
        raise InputError("the columns are wrong", where=f"{path}, row 1")
    assert said.value.where == "mails.csv, row 1"


def test_lists_of_labelling_show_the_items_words_and_what_was_reviewed(lab):
    control = Control("mood", "choice", labels=("good", "bad"))
    items = ("Fine weather", Media(media="m", mime="image/png", name="cat.png"))
    problems = [problem(Inputs({"text": item}, (control,)), {}, "Say it.") for item in items]
    lab.put_tasks(problems)
    fine, cat = (p.task for p in problems)
    inputs = canonical({"episode": "e", "task": cat.id, "gym": "labelling", "answer": ""}).decode()
    review = replace(fine, id="r", gym="review", public=Public("Review it.", inputs))
    assert briefs(lab, [fine, cat, review]) == {
        fine.id: "Fine weather",
        cat.id: "cat.png",
        "r": "Review of: cat.png",
    }
    assert {row.brief for row in listing(lab, AskedTasks()).rows} == {"Fine weather", "cat.png"}


def test_a_releases_files_name_its_manifest(site, house):
    lab = house.lab("site")
    blob = lab.blobs.put(b"{}")
    body = {"rows": 1, "episodes": 1, "splits": {"train": 1}, "sha256": blob.sha256}
    made = lab.put_artifact("release", "with-manifest", body, blobs={"manifest.json": blob})
    with site.as_("owner") as owner:
        shown = owner.get(f"/labs/site/releases/{made.id}", headers=PAGE).text
        kept = owner.get(
            f"/api/labs/site/releases/{made.id}/file", params={"path": "manifest.json"}
        )
    assert ">manifest.json</a>" in shown and kept.content == b"{}"
    assert "1 row from" in " ".join(shown.replace("</span>", "").split()).replace(
        '<span class="number">', ""
    )


def test_pages_of_no_lab_keep_the_menu_of_the_lab_looked_at_last(site):
    with site.as_("owner") as owner:
        owner.get("/labs/site/campaigns", headers=PAGE)
        for path in ("/inbox", "/account", "/labs"):
            assert 'href="/labs/site/campaigns"' in owner.get(path, headers=PAGE).text
    with site.as_("newcomer") as newcomer:
        newcomer.cookies.set("banbury-lab", "site")
        assert "/labs/site/" not in newcomer.get("/account", headers=PAGE).text


@pytest.mark.parametrize(
    ("kind", "offered", "not_offered"),
    [("expert", ["expert"], ["owner", "reviewer"]), ("newcomer", [], ["expert"])],
)
def test_a_token_is_offered_no_role_beyond_ones_own(site, kind, offered, not_offered):
    with site.as_(kind) as client:
        shown = client.get("/account", headers=PAGE).text
    assert all(f'value="role:{role}"' in shown for role in offered)
    assert not any(f'value="role:{role}"' in shown for role in not_offered)


def test_a_new_campaign_says_what_each_gym_is(site):
    with site.as_("owner") as owner:
        gyms = owner.get("/api/labs/site/gyms").json()
        shown = owner.get("/labs/site/campaigns/new", headers=PAGE).text
    assert all(g["about"] for g in gyms) and "review" not in {g["name"] for g in gyms}
    assert 'data-about="Office work in many steps' in shown


def test_a_stages_form_needs_no_document(site):
    with site.as_("owner") as owner:
        shown = owner.get("/labs/site/stages/probe", headers=PAGE, timeout=120).text
    assert "Tasks of each skill, at most" in shown and "banbury gym list" not in shown
    assert "from reasoning-gym" in shown


def test_an_upload_says_that_known_rows_keep_their_licence(site, house):
    house.lab("site").queue.put(Campaign("licensed", "labelling"))
    with site.as_("owner") as owner:
        shown = owner.get("/labs/site/campaigns/licensed", headers=PAGE).text
    assert "keeps the licence that it came with" in shown
