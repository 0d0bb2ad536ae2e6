"""Files into a campaign and out of it: uploaded, taken as tasks by a job, exported, released."""

import io
import itertools
import json
import time
import zipfile

import msgspec
import pytest

from banbury.arena import answer, review
from banbury.cli.campaigns import app
from banbury.cli.up_job import command
from banbury.cycle.source.importing.uploads import opened
from banbury.errors import InputError
from banbury.web.jobs.worker import Worker

_numbers = itertools.count(1)
CONTROLS = [{"name": "mood", "kind": "choice", "labels": ["good", "bad"]}]
ROWS = b'{"text":"fine"}\n{"text":"awful"}\n'


@pytest.fixture
def boss(site):
    with site.as_("owner") as client:
        yield client


@pytest.fixture
def campaign(boss):
    name = f"filled-{next(_numbers)}"
    body = {"name": name, "gym": "labelling", "settings": {"controls": CONTROLS}}
    assert boss.post("/api/labs/site/campaigns", json=body).status_code == 201
    return name


@pytest.fixture
def work(site, address, capsys, tmp_path):
    """Return what does a job as the worker does, and returns what it printed."""

    def run(job):
        group, verb = job["verb"].split()
        assert group == "campaigns"
        words = command(job["verb"], json.dumps(job["arguments"]), tmp_path)
        assert words[:2] == [group, verb]
        app([*words[1:], "--json", f"--store={address}", "--lab=site"], result_action=_none)
        printed = json.loads(capsys.readouterr().out)
        jobs = site.house.lab("site").jobs
        while jobs.job(job["id"]).state == "queued":
            jobs.claim("a-test", alone=False, lease_s=60.0)
        plain = {k: v for k, v in printed.items() if isinstance(v, int | float | str)}
        jobs.finish(job["id"], "a-test", "done", exit=0, result=plain, more="")
        return printed

    return run


def _none(result):
    return result


def upload(boss, campaign, data, file="rows.jsonl", **asked):
    path = f"/api/labs/site/campaigns/{campaign}/files/{file}"
    return boss.put(path, content=data, params=asked)


def accepted(site, campaign):
    """Answer two tasks, and accept the answers."""
    lab = site.house.lab("site")
    owner, expert = (site.caller(k).pseudonyms["site"] for k in ("owner", "expert"))
    said = {"do": "label", "results": {"mood": {"choices": ["good"]}}}
    for lease in lab.queue.claim(campaign, expert, "", 2):
        answer(lab, lease.id, msgspec.json.encode(said), submission=lease.id)
    for lease in lab.queue.claim(campaign, owner, "", 2, ("review",)):
        review(lab, lease.id, "accept", submission=lease.id)


def test_a_file_becomes_tasks_that_are_answered_exported_and_released(site, boss, campaign, work):
    job = upload(boss, campaign, ROWS)
    assert job.status_code == 200, job.text
    assert work(job.json())["added"] == 2
    accepted(site, campaign)
    at = f"/api/labs/site/campaigns/{campaign}"
    for to in ("jsonl", "labelstudio"):
        made = work(boss.post(f"{at}/exports", json={"to": to}).json())
        assert (made["tasks"], made["answered"]) == (2, 2)
        got = boss.get(f"{at}/exports/{made['sha256']}")
        data = got.content
        if data.startswith(b"PK"):
            data = zipfile.ZipFile(io.BytesIO(data)).read("labelstudio.json")
        assert b"awful" in data
        assert campaign in got.headers["content-disposition"]
    released = work(boss.post(f"{at}/release", json={"name": campaign}).json())
    assert released["rows"] == 2
    rows = boss.get(f"/api/labs/site/releases/{campaign}/rows").json()["rows"]
    assert sorted(row["words"] for row in rows) == ["awful", "fine"]
    assert all("good" in row["answer"] for row in rows)
    page = boss.get(f"/labs/site/releases/{campaign}").text
    assert ">awful</a>" in page and rows[0]["answer"] in page and "not stated" in page
    episode = boss.get(f"/labs/site/episodes/{rows[0]['episode']}").text
    assert "<b>form only</b>" in episode and '<span class="tag">form only</span>' in episode
    shown = boss.get(f"/labs/site/campaigns/{campaign}/jobs").text
    assert f"/labs/site/releases/{campaign}" in shown
    assert "2 new tasks" in shown


def test_every_export_names_what_its_verb_may_be_told(boss, campaign, tmp_path):
    at = f"/api/labs/site/campaigns/{campaign}"
    for to in ("jsonl", "labelstudio", "coco"):
        job = boss.post(f"{at}/exports", json={"to": to, "answered": True}).json()
        words = command(job["verb"], json.dumps(job["arguments"]), tmp_path)
        assert f"--to={to}" in words and "--answered" in words
    job = upload(boss, campaign, ROWS, known_as="gold", licence="MIT").json()
    assert "--licence=MIT" in command(job["verb"], json.dumps(job["arguments"]), tmp_path)
    assert "--known-as=gold" in command(job["verb"], json.dumps(job["arguments"]), tmp_path)


PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhg"
    "GAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.mark.slow
def test_the_worker_fills_exports_and_releases_as_the_buttons_ask(site, address, boss, campaign):
    lab = site.house.lab("site")
    worker = Worker(site.house, [f"--store={address}"])

    def done(asked):
        assert asked.status_code < 300, asked.text
        job, last = asked.json(), time.monotonic() + 120
        while not lab.jobs.job(job["id"]).over and time.monotonic() < last:
            worker.tick()
            time.sleep(0.05)
        ended = lab.jobs.job(job["id"])
        assert ended.state == "done", lab.jobs.log(job["id"]).text
        return ended.result

    try:
        rows = b"".join(json.dumps({"image": PIXEL, "n": n}).encode() + b"\n" for n in (1, 2))
        assert done(upload(boss, campaign, rows, "images.jsonl"))["rows"] == 2
        accepted(site, campaign)
        at = f"/api/labs/site/campaigns/{campaign}"
        for to in ("jsonl", "labelstudio", "coco"):
            made = done(boss.post(f"{at}/exports", json={"to": to}))
            assert boss.get(f"{at}/exports/{made['sha256']}").content
        assert done(boss.post(f"{at}/release", json={"name": campaign}))["rows"]
    finally:
        worker.close()


def test_a_licence_goes_from_the_upload_to_the_tasks(site, boss, campaign, work):
    rows = f'{{"text":"of {campaign}"}}\n'.encode()
    assert work(upload(boss, campaign, rows, licence="CC-BY-4.0").json())["added"] == 1
    [task] = [t for t in site.house.lab("site").tasks() if f"of {campaign}" in t.public.inputs]
    assert task.licence == "CC-BY-4.0"
    assert "no SPDX id" in upload(boss, campaign, rows, licence="my own").json()["what"]


def test_the_same_file_again_says_that_it_brought_nothing_new(boss, campaign, work):
    table = b"n,review,other\n1,fine,a\n2,awful,b\n"
    page = f"/labs/site/campaigns/{campaign}"
    assert "It has no tasks yet" in boss.get(f"{page}/live").text
    first = work(upload(boss, campaign, table, "rows.csv").json())
    assert (first["added"], first["held"]) == (2, 0)
    shown = boss.get(f"{page}/jobs").text
    assert "2 new tasks" in shown and "in the campaign already" not in shown
    assert "It has no tasks yet" not in boss.get(f"{page}/live").text
    again = work(upload(boss, campaign, table, "rows.csv").json())
    assert (again["added"], again["new"], again["held"]) == (0, 0, 2)
    more = work(upload(boss, campaign, table + b"3,so so,c\n", "rows.csv").json())
    assert (more["added"], more["held"]) == (1, 2)
    shown = boss.get(f"{page}/jobs").text
    assert "No new tasks, 2 in the campaign already" in shown
    assert "1 new task, 2 in the campaign already" in shown
    # The first column is text, too: what a CSV holds is text.
    assert f"column <b>{first['read']}</b>" in shown
    assert first["read"] == "n"


def test_a_campaign_of_a_gym_without_files_does_not_ask_for_one(boss):
    name = f"sums-{next(_numbers)}"
    boss.post("/api/labs/site/campaigns", json={"name": name, "gym": "reasoning"})
    shown = boss.get(f"/labs/site/campaigns/{name}", headers={"accept": "text/html"}).text
    assert "It has no tasks yet. Add some below." in shown
    assert "file" not in shown.partition("<main")[2].partition("</main>")[0]


def test_broken_rows_are_named_and_the_rest_is_taken_only_if_asked(boss, campaign, work):
    job = upload(boss, campaign, ROWS + b"{oops\n").json()
    with pytest.raises(InputError, match="1 of 3 rows are broken"):
        work(job)
    asked = {"upload": job["arguments"]["upload"], "file": "rows.jsonl", "skip_broken": True}
    again = boss.post(f"/api/labs/site/campaigns/{campaign}/fill", json=asked)
    got = work(again.json())
    assert (got["added"], got["broken"]) == (2, 1)
    assert "oops" in str(got["reasons"]) or "line 3" in str(got["reasons"]) or got["reasons"]


def test_what_cannot_be_taken_is_refused_before_a_job_is_made(boss, campaign):
    assert "no kind of file" in upload(boss, campaign, b"x", "virus.exe").json()["what"]
    made = {"name": f"sums-{next(_numbers)}", "gym": "reasoning"}
    boss.post("/api/labs/site/campaigns", json=made)
    assert "makes its tasks itself" in upload(boss, made["name"], ROWS).json()["what"]
    at = f"/api/labs/site/campaigns/{campaign}"
    assert boss.post(f"{at}/release", json={"name": "x"}).status_code == 400
    assert boss.get(f"{at}/exports/{'0' * 64}").status_code == 404
    assert boss.get(f"{at}/jobs").json() == []


def test_only_makers_upload_and_export(site, campaign):
    for kind in ("reviewer", "expert"):
        with site.as_(kind) as client:
            assert upload(client, campaign, ROWS).status_code == 403
            at = f"/api/labs/site/campaigns/{campaign}"
            assert client.post(f"{at}/exports", json={}).status_code == 403


def test_a_zip_is_the_folder_in_it_and_one_that_leaves_its_place_is_refused(site):
    lab = site.house.lab("site")
    blob = _zip(
        lab, {"set/a.txt": b"fine", "set/b.txt": b"awful", "__MACOSX/x": b"", "set/.d": b""}
    )
    with opened(lab, blob, "set.zip") as path:
        assert sorted(p.name for p in path.iterdir()) == ["a.txt", "b.txt"]
        assert path.name == "set"
    assert not path.exists()
    for files in ({"../out.txt": b"x"}, {"/etc/x.txt": b"x"}):
        blob = _zip(lab, files)
        with pytest.raises(InputError, match="outside itself"), opened(lab, blob, "a.zip"):
            pass
    bomb = _zip(lab, {"a.txt": b"0" * (64 << 20)})
    with pytest.raises(InputError, match="more than is unpacked"), opened(lab, bomb, "a.zip"):
        pass
    torn = lab.blobs.put(b"PK\x03\x04 torn").sha256
    with pytest.raises(InputError, match="cannot be unpacked"), opened(lab, torn, "a.zip"):
        pass


def _zip(lab, files):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return lab.blobs.put(held.getvalue()).sha256


@pytest.mark.parametrize("known_as", ["", "gold", "proposals"])
def test_a_column_named_as_a_control_is_known_and_not_shown(site, boss, campaign, work, known_as):
    data = f"text,mood,page\nwell {campaign},good,7\nill {campaign},bad,8\n".encode()
    work(upload(boss, campaign, data, "rows.csv", known_as=known_as).json())
    with site.as_("expert") as client:
        taken = client.post(f"/api/labs/site/seat/{campaign}/take", json={"count": 2}).json()
    lab = site.house.lab("site")
    for shown in taken["work"]:
        inputs = shown["task"]["inputs"]
        assert inputs["meta"] in ({"page": "7"}, {"page": "8"})
        right = "good" if inputs["item"]["text"].startswith("well") else "bad"
        gold = lab.problem(shown["task"]["id"]).secret.answer
        assert (f'"{right}"' in gold) == (known_as != "proposals")
        assert bool(shown.get("proposal")) == (known_as == "proposals")


def test_a_release_is_offered_without_a_reload_once_something_is_accepted(
    site, boss, campaign, work
):
    work(upload(boss, campaign, ROWS).json())
    part = f"/labs/site/campaigns/{campaign}/release"
    before = boss.get(part).text
    assert "Nothing is accepted yet" in before and 'hx-trigger="every 4s"' in before
    accepted(site, campaign)
    after = boss.get(part).text
    assert "Make the release" in after and "hx-get" not in after
    live = boss.get(f"/labs/site/campaigns/{campaign}/live").text
    assert 'id="n-review" hx-swap-oob="true"' in live


def test_lists_say_form_only_where_no_right_answer_is_known(site, boss, campaign, work):
    work(upload(boss, campaign, ROWS).json())
    accepted(site, campaign)
    asked = {"run": f"campaign:{campaign}"}
    rows = boss.get("/api/labs/site/episodes", params=asked).json()["rows"]
    assert {row["gym"] for row in rows} == {"labelling"} and all(row["form"] for row in rows)
    shown = boss.get("/labs/site/episodes", params=asked).text
    assert ">form only</span>" in shown and ">passed</span>" not in shown
    task = boss.get(f"/labs/site/tasks/{rows[0]['task']}").text
    assert ">form only</span>" in task and "only the form of the answers was judged" in task


TABLE = b"n,review,mood\n1,fine,good\n2,awful,bad\n"


def test_an_upload_is_shown_before_anything_is_taken_and_its_column_chosen(
    site, boss, campaign, work
):
    at = f"/api/labs/site/campaigns/{campaign}"
    look = boss.put(f"{at}/uploads/rows.csv", content=TABLE).json()
    assert look["columns"] == ["n", "review", "mood"] and look["known"] == ["mood"]
    assert look["labelled"] == ["n"] and look["rows"][1] == ["2", "awful", "bad"]
    assert boss.get(at).json()["progress"]["tasks"] == 0 and boss.get(f"{at}/jobs").json() == []
    asked = {"upload": look["upload"], "file": "rows.csv", "column": "review"}
    assert boss.post(f"{at}/look", json=asked).json()["labelled"] == ["review"]
    got = work(boss.post(f"{at}/fill", json=asked).json())
    assert (got["added"], got["read"]) == (2, "review")
    wrong = boss.put(f"{at}/uploads/rows.jsonl", content=b'{"image":"gone.png"}\n{oops').json()
    assert "gone.png" in wrong["broken"]


def test_an_uploads_tasks_are_taken_out_again_but_those_that_somebody_had(
    site, boss, campaign, work
):
    at = f"/api/labs/site/campaigns/{campaign}"
    other = work(upload(boss, campaign, b'{"text":"another"}\n', "other.jsonl").json())
    job = upload(boss, campaign, b'{"text":"x"}\n{"text":"y"}\n{"text":"z"}\n').json()
    assert other["added"] == 1 and work(job)["added"] == 3
    lab, person = site.house.lab("site"), site.caller("expert").pseudonyms["site"]
    assert len(lab.queue.claim(campaign, person, "", 2)) == 2
    assert "Take them out again" in boss.get(f"/labs/site/campaigns/{campaign}/jobs").text
    assert boss.post(f"{at}/uploads/{job['id']}/out").json() == {"removed": 2}
    assert boss.get(at).json()["progress"]["tasks"] == 2
    assert boss.post(f"{at}/uploads/{job['id']}/out").json() == {"removed": 0}
    assert len(lab.queue.claim(campaign, site.caller("reviewer").pseudonyms["site"], "", 2)) == 0
    again = work(upload(boss, campaign, b'{"text":"x"}\n{"text":"y"}\n{"text":"z"}\n').json())
    assert again["added"] == 2
    with site.as_("reviewer") as client:
        assert client.post(f"{at}/uploads/{job['id']}/out").status_code == 403
