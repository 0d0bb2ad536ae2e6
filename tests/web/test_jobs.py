"""Jobs: forms that are the verbs', a worker that runs them, whatever dies in the middle."""

import os
import signal
import subprocess
import time

import pytest
import sqlalchemy as sa
from tests.actors.server import Server, completion

from banbury import clock
from banbury.accounts import Accounts
from banbury.arena import answer
from banbury.cli.up_forms import form_of
from banbury.errors import InputError, UnknownName
from banbury.gyms import registry
from banbury.store.queue import Campaign
from banbury.web.jobs.form import Field, Form
from banbury.web.jobs.process import plain
from banbury.web.jobs.worker import Running, Worker
from banbury.web.keeper import module

QUICK = {"model": "script:42", "skills": ["reasoning.add"], "name": "quick", "most": 6}


def until(true, seconds=60.0):
    last = time.monotonic() + seconds
    while not true():
        if time.monotonic() > last:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture
def worker(house, address):
    made = Worker(house, [f"--store={address}"])
    yield made
    made.close()


def ended(lab, worker, job):
    """Work until a job is over; return it."""

    def over():
        worker.tick()
        return lab.jobs.job(job.id).over

    assert until(over), lab.jobs.log(job.id)
    return lab.jobs.job(job.id)


def test_a_form_is_what_its_verb_may_be_told():
    form = form_of("probe")
    assert [f.name for f in form.fields[:3]] == ["model", "skills", "name"]
    fields = {f.name: f for f in form.fields}
    assert fields["model"].required and fields["skills"].sort == "list"
    assert (fields["most"].sort, fields["most"].default) == ("whole", 24)
    assert "carries on where it was stopped" in fields["name"].hint
    assert not {"store", "lab", "json", "picture"} & set(fields)
    assert form_of("report").folder == "out_dir"
    mine = {f.name for f in form_of("mine").fields}
    assert {"repositories", "limit", "release", "attempts"} <= mine
    assert not {"local", "cache", "list", "list_file", "memory", "jobs", "show"} & mine


def test_a_value_cannot_become_an_option():
    form = form_of("review")
    assert form.words({"run": "--lab=other"}) == ["review", "--run=--lab=other"]
    assert form.words({}) == ["review"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"model": "x"}, "Skills is missing"),
        ({"model": "x", "skills": "reasoning"}, "text is needed"),
        ({"model": "x", "skills": ["a"], "most": "many"}, "a whole number is needed"),
        ({"model": "x", "skills": ["a"], "most": 1.5}, "a whole number is needed"),
        ({"model": "x", "skills": ["a"], "most": True}, "a whole number is needed"),
        ({"model": "x\x00", "skills": ["a"]}, "empty text"),
        ({"model": "x" * 5000, "skills": ["a"]}, "too long"),
        ({"model": "x", "skills": ["a"], "dial": "yes"}, "true or false"),
        ({"model": "x", "skills": ["a" * 4000] * 40}, "more than 60,000 bytes"),
    ],
)
def test_what_does_not_fit_a_form_is_refused(given, said):
    with pytest.raises(InputError, match=said):
        form_of("probe").checked(given)


def test_an_unknown_argument_is_refused():
    with pytest.raises(UnknownName, match="picture"):
        form_of("probe").checked({"model": "x", "skills": ["a"], "picture": "/etc/passwd"})


def test_labels_and_options_are_words():
    field = Field("few_shot", "whole")
    assert (field.label, field.option) == ("Few shot", "--few-shot")
    assert Form("skills propose", "", ()).slug == "skills-propose"


def test_what_a_stage_printed_is_kept_where_it_is_plain():
    assert plain('{"id": "x", "version": 2, "skills": [1]}') == {"id": "x", "version": 2}
    assert plain("no JSON") == {}


def test_a_job_runs_and_says_what_it_made(lab, worker):
    job = ended(lab, worker, lab.jobs.add("probe", QUICK))
    assert (job.state, job.exit, job.attempt) == ("done", 0, 1), lab.jobs.log(job.id)
    assert lab.artifact("probe", job.result["id"]).name == "quick"
    assert job.done == job.total > 0 and "probe" in job.note


@pytest.mark.slow
def test_a_job_that_cannot_be_done_says_why(lab, worker):
    arguments = {"model": "script:42", "skills": ["reasoning.ad"]}
    job = ended(lab, worker, lab.jobs.add("probe", arguments))
    assert (job.state, job.exit) == ("failed", 2)
    assert "there is no skill 'reasoning.ad'" in lab.jobs.log(job.id).text
    job = ended(lab, worker, lab.jobs.add("probe", {"skills": ["reasoning.add"]}))
    assert job.state == "failed" and "Model is missing" in lab.jobs.log(job.id).text


def test_a_job_that_no_process_can_be_started_for_fails_alone(lab, worker):
    """It would end the worker for the jobs of all labs, again and again."""
    bomb = lab.jobs.add("probe", {"model": "x", "skills": ["a" * 4000] * 40})
    job = ended(lab, worker, bomb)
    assert job.state == "failed"
    assert "cannot be started: Argument list too long" in lab.jobs.log(job.id).text


LONG = {"model": "script:42", "skills": ["reasoning", "rg"], "most": 200_000, "batch": 200_000}


@pytest.mark.slow
def test_a_job_is_cancelled_and_its_process_ends(lab, worker):
    job = lab.jobs.add("probe", LONG)
    assert until(lambda: worker.tick() or lab.jobs.job(job.id).state == "running")
    lab.jobs.cancel(job.id)
    assert ended(lab, worker, job).state == "cancelled"


@pytest.mark.slow
def test_a_job_whose_worker_was_killed_goes_on_elsewhere(lab, address, house):
    job = lab.jobs.add("probe", QUICK)
    code = (
        "import sys; from banbury import store; from banbury.web.jobs.worker import Worker\n"
        "with store.open(sys.argv[1]) as house:\n"
        "    Worker(house, ['--store=' + sys.argv[1]], lease_s=1.0).run(lambda: False)\n"
    )
    dead = subprocess.Popen([*module("x")[:1], "-c", code, address])
    assert until(lambda: lab.jobs.job(job.id).state == "running")
    os.kill(dead.pid, signal.SIGKILL)
    dead.wait()
    next_ = Worker(house, [f"--store={address}"])
    try:
        over = ended(lab, next_, job)
    finally:
        next_.close()
    assert over.state == "done" and over.attempt == 2
    assert "Started again" in lab.jobs.log(job.id).text
    assert len(lab.artifacts("probe")) == 1


def test_files_that_a_stage_wrote_are_kept(lab, worker, tmp_path):
    class Wrote:
        written = tmp_path

    (tmp_path / "report.html").write_text("<p>it closed</p>")
    job = lab.jobs.add("report", {"loop": "demo-0"})
    made = lab.artifact("report", worker._keep(Running(lab.name, job, Wrote()))["id"])
    assert made.name == "demo-0" and made.blobs["report.html"].media == "text/html"
    assert lab.blobs.read(made.blobs["report.html"].sha256) == b"<p>it closed</p>"


@pytest.mark.slow
def test_a_worker_that_ends_leaves_its_job_to_the_next(lab, house, address):
    job = lab.jobs.add("probe", LONG)
    one = Worker(house, [f"--store={address}"])
    assert until(lambda: one.tick() or lab.jobs.job(job.id).state == "running")
    one.close()
    assert lab.jobs.job(job.id).state == "queued"
    assert "goes on at its start" in lab.jobs.log(job.id).text


def test_the_worker_brings_back_what_expired_and_tells_the_house_what_was_done(lab, worker):
    gym, skill = registry.skill("reasoning.add")
    stream = gym.tasks(skill.name, seed=0)
    lab.put_tasks([next(stream), next(stream)])
    lab.queue.put(Campaign("c", gym.name, lease_seconds=10))
    lab.queue.add_all("c")
    done, _ = lab.queue.claim("c", "p-a", count=2)
    answer(lab, done.id, b'{"do":"answer","text":"5"}', submission="s")
    later = clock.Turned(clock.wall_ns() + 11 * 10**9)

    def cared():
        # The house of the tests has hundreds of labs: this one's turn is next.
        worker._cared.clear()
        worker._labs = iter([lab.name])
        with clock.use(later):
            worker.tick()
        return lab.queue.progress("c").expired == 1

    assert until(cared)
    waiting = sa.text("SELECT count(*) FROM outbox WHERE applied_ns IS NULL")
    assert lab._database.run(lambda c: c.scalar(waiting)) == 0


@pytest.mark.slow
def test_a_stage_asks_a_model_on_this_machine_for_its_operator_alone(lab, house, worker):
    accounts = Accounts(house)
    names = {}
    for kind in ("operator", "researcher"):
        one = accounts.people.add(f"{kind}@reach.example", kind, operator=kind == "operator")
        accounts.members.join(lab.name, one, "researcher")
        [names[kind]] = [
            m.pseudonym for m in accounts.members.page(lab.name, kind, whole=True).people
        ]
    accounts.close()
    with Server(lambda body, n: (200, completion("42"))) as server:
        asked = {**QUICK, "model": f"{server.url}#m"}
        refused = ended(lab, worker, lab.jobs.add("probe", asked, by=names["researcher"]))
        assert not server.requests and refused.state == "failed"
        assert "sk the operator of this machine" in lab.jobs.log(refused.id).text
        done = ended(lab, worker, lab.jobs.add("probe", asked, by=names["operator"]))
        assert server.requests and done.state == "done", lab.jobs.log(done.id)
