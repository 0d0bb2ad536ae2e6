"""Stages: started from their page, watched, stopped; what is told to open pages."""

import asyncio
import itertools
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from banbury.web.jobs.hub import Hub, Told
from banbury.web.jobs.worker import Worker
from banbury.web.views import stages as view


def until(true, seconds=60.0):
    """Wait until something holds."""
    last = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < last
        time.sleep(0.02)


NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def forms(served):
    """Return the server's forms, all of them read."""
    served.app.state.forms.form("train")
    return served.app.state.forms


@pytest.fixture
def lab(site, house, forms):
    """Return a lab of its own in which the four roles are members."""
    made = house.lab(f"stages-{next(NUMBERS)}")
    site.enrol(made.name)
    return made


@pytest.fixture
def at_work(house, address):
    """Let a worker run beside the test."""
    ended = threading.Event()
    worker = Worker(house, [f"--store={address}"])
    thread = threading.Thread(target=worker.run, args=(ended.is_set,))
    thread.start()
    yield
    ended.set()
    thread.join()


def test_a_stage_is_started_once_by_those_who_may(site, lab):
    path = f"/api/labs/{lab.name}/stages/review"
    with site.as_("researcher") as her, site.as_("reviewer") as him:
        assert him.get(f"/api/labs/{lab.name}/stages").json()[0] == "probe"
        assert him.post(path, json={}).status_code == 403
        first = her.post(path, json={"run": "x"})
        assert first.status_code == 201
        job = first.json()
        assert job["by"].startswith("p-") and job["state"] == "queued"
        assert her.post(path, json={"run": "x"}).json()["id"] == job["id"]
        assert him.get(f"/api/labs/{lab.name}/jobs").json()["jobs"][0]["id"] == job["id"]
        one = f"/api/labs/{lab.name}/jobs/{job['id']}"
        assert her.post(f"{one}/retry").status_code == 400
        assert her.post(f"{one}/cancel").json()["state"] == "cancelled"
        again = her.post(f"{one}/retry").json()
        assert again["arguments"] == {"run": "x"} and again["id"] != job["id"]
        assert her.get(one).json()["job"]["state"] == "cancelled"


@pytest.mark.parametrize(
    ("verb", "given", "status", "said"),
    [
        ("review", {"run": 3}, 400, "text is needed"),
        ("review", {"store": "/etc"}, 404, "there is no argument 'store'"),
        ("no-such", {}, 404, "there is no stage 'no-such'"),
        ("probe", {"model": "x"}, 400, "Skills is missing"),
    ],
)
def test_what_a_stage_does_not_take_is_one_sentence(site, lab, verb, given, status, said):
    with site.as_("owner") as client:
        answer = client.post(f"/api/labs/{lab.name}/stages/{verb}", json=given)
    assert (answer.status_code, said in answer.json()["what"]) == (status, True), answer.text


def test_the_forms_show_what_matters_first(forms):
    for stage in view.ALL:
        fields = forms.form(stage.slug).fields
        assert set(stage.main) <= {f.name for f in fields}, stage.slug
        assert {f.name for f in fields if f.required} <= set(stage.main)


def test_one_hub_tells_all_pages_what_became_of_a_job(lab):
    job = lab.jobs.add("probe", {})

    async def scene():
        hub, ended = Hub(), []
        hub.ends_with(lambda: bool(ended))

        async def page(only):
            told = []
            async for event in hub.stream(lab, only):
                if event.event == "job":
                    told.append(msgspec.json.decode(event.data, type=Told))
                    if told[-1].job.over:
                        return told
            return told

        pages = [asyncio.create_task(page(only)) for only in ("", job.id, job.id)]
        await asyncio.to_thread(until, lambda: lab.name in hub._watches)
        await asyncio.to_thread(until, lambda: hub._watches[lab.name].listeners == 3)
        await asyncio.to_thread(lab.jobs.claim, "one")
        await asyncio.to_thread(lab.jobs.beat, job.id, "one", more="first\n")
        known = hub._watches[lab.name].jobs
        await asyncio.to_thread(until, lambda: any(j.log_end for j in list(known.values())))
        await asyncio.to_thread(lab.jobs.finish, job.id, "one", "done", exit=0, more="second\n")
        told = await asyncio.gather(*pages)
        late = asyncio.create_task(page(""))
        await asyncio.sleep(0)
        ended.append(True)
        await late
        return told

    # A browser's driver may hold an event loop in this thread.
    with ThreadPoolExecutor(1) as aside:
        everything, one, two = aside.submit(asyncio.run, scene()).result()
    assert everything[-1].job.state == "done" and everything[-1].log is None
    for told in (one, two):
        assert "".join(t.log.text for t in told if t.log) == "first\nsecond\n"


def test_a_stream_is_for_those_who_may_see_jobs(site, lab):
    with site.as_("expert") as client:
        assert client.get(f"/api/labs/{lab.name}/events").status_code == 403
    with site.as_("owner") as client:
        unknown = client.get(
            f"/api/labs/{lab.name}/events?job=01a1fdcb-5182-7c53-a1e6-38767313432a"
        )
        assert unknown.status_code == 404
        with client.stream("GET", f"/api/labs/{lab.name}/events") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            assert next(stream.iter_lines()) == "event: hello"


@pytest.mark.slow
def test_a_stage_is_started_from_its_page_and_watched_to_its_end(site, lab, tab, at_work):
    site.enter(tab, "researcher")
    tab.goto(f"{site.origin}/labs/{lab.name}/stages/probe")
    tab.get_by_label("Model").fill("script:42")
    skills = tab.get_by_role("textbox", name="Skills")
    skills.fill("reasoning.add")
    tab.get_by_text("Choose from the skills").click()
    tab.locator(".picker summary", has_text=re.compile(r"^\s*reasoning")).click()
    tab.get_by_role("checkbox", name="reasoning.subtract").check()
    assert skills.input_value() == "reasoning.add\nreasoning.subtract"
    tab.get_by_role("button", name="Start").click()
    tab.wait_for_url("**/jobs/*")
    tab.get_by_role("link", name="probe probe").wait_for(timeout=90_000)
    assert tab.locator(".tag.good").inner_text() == "done"
    tab.get_by_role("link", name="Diagnose").wait_for()


def test_a_report_is_shown_shut_off_from_everything_of_ours(site, lab):
    hostile = lab.blobs.put(b"<h1>Report</h1><script>alert(1)</script>", "text/html")
    made = lab.put_artifact("report", "loop", {"job": "x"}, {"report.html": hostile})
    with site.as_("reviewer") as client:
        page = client.get(f"/labs/{lab.name}/stages/report/{made.id}").text
        assert f"/labs/{lab.name}/reports/{made.id}/report.html" in page
        answer = client.get(f"/labs/{lab.name}/reports/{made.id}/report.html")
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("sandbox;") and "script-src" not in policy
        assert "default-src 'none'" in policy
        assert client.get(f"/labs/{lab.name}/reports/{made.id}/other").status_code == 404
