"""Jobs: each is run by one worker at a time, whoever dies, and none is lost."""

import threading

import pytest

from banbury.errors import InputError, UnknownName
from banbury.store.jobs import KEPT, TRIES


def test_a_job_waits_runs_and_ends(lab):
    job = lab.jobs.add("probe", {"model": "script:x", "skills": ["a"]}, by="p-1")
    assert (job.state, job.by, job.arguments["skills"]) == ("queued", "p-1", ["a"])
    taken = lab.jobs.claim("one")
    assert (taken.id, taken.state, taken.attempt) == (job.id, "running", 1)
    assert lab.jobs.claim("two") is None
    assert lab.jobs.beat(job.id, "one", done=3, total=9, note="probe", more="line\n") == "on"
    now = lab.jobs.job(job.id)
    assert (now.done, now.total, now.note, now.log_end) == (3, 9, "probe", 5)
    assert lab.jobs.finish(job.id, "one", "done", exit=0, result={"id": "x"}, more="end")
    over = lab.jobs.job(job.id)
    assert over.over and over.result == {"id": "x"} and over.ended_ns
    assert lab.jobs.log(job.id).text == "line\nend"
    assert not lab.jobs.active()
    assert not lab.jobs.finish(job.id, "one", "failed", exit=1)


def test_the_same_job_is_started_once_until_it_is_over(lab):
    first = lab.jobs.add("review", {"run": "source"})
    assert lab.jobs.add("review", {"run": "source"}).id == first.id
    lab.jobs.claim("one")
    assert lab.jobs.add("review", {"run": "source"}).id == first.id
    lab.jobs.finish(first.id, "one", "failed", exit=1)
    again = lab.jobs.retry(first.id)
    assert again.id != first.id and again.arguments == first.arguments
    with pytest.raises(InputError, match="not over yet"):
        lab.jobs.retry(again.id)


def test_a_job_whose_worker_died_goes_to_the_next_and_the_dead_one_says_nothing_more(lab):
    job = lab.jobs.add("probe", {})
    lab.jobs.claim("dead", lease_s=0)
    taken = lab.jobs.claim("next")
    assert (taken.id, taken.attempt) == (job.id, 2)
    assert lab.jobs.beat(job.id, "dead", more="ghost") == "lost"
    assert not lab.jobs.finish(job.id, "dead", "failed", exit=1)
    assert lab.jobs.log(job.id).text == ""


def test_a_job_that_kills_its_workers_is_given_up(lab):
    job = lab.jobs.add("train", {}, alone=True)
    for number in range(TRIES):
        assert lab.jobs.claim(f"w{number}", lease_s=0).attempt == number + 1
    assert lab.jobs.claim("last") is None
    assert lab.jobs.job(job.id).state == "failed"
    assert "died 5 times" in lab.jobs.log(job.id).text


def test_one_training_at_a_time(lab):
    first, second = (lab.jobs.add("train", {"n": n}, alone=True) for n in (1, 2))
    probe = lab.jobs.add("probe", {})
    assert lab.jobs.claim("one").id == first.id
    assert lab.jobs.claim("two").id == probe.id
    assert lab.jobs.claim("three") is None
    lab.jobs.finish(first.id, "one", "done", exit=0)
    assert lab.jobs.claim("three", alone=False) is None
    assert lab.jobs.claim("three").id == second.id


def test_cancel_ends_a_waiting_job_at_once_and_asks_a_running_one_to_stop(lab):
    waiting, running = lab.jobs.add("review", {"run": "a"}), None
    assert lab.jobs.cancel(waiting.id).state == "cancelled"
    running = lab.jobs.add("review", {"run": "b"})
    lab.jobs.claim("one")
    assert lab.jobs.cancel(running.id).state == "running"
    assert lab.jobs.beat(running.id, "one") == "stop"
    lab.jobs.finish(running.id, "one", "cancelled", exit=130)
    assert lab.jobs.cancel(running.id).state == "cancelled"


def test_a_cancelled_job_whose_worker_died_is_not_started_again(lab):
    job = lab.jobs.add("probe", {})
    lab.jobs.claim("dead", lease_s=0)
    lab.jobs.cancel(job.id)
    assert lab.jobs.claim("next") is None
    assert lab.jobs.job(job.id).state == "cancelled"


def test_two_workers_never_take_the_same_job(lab):
    ids = {lab.jobs.add("probe", {"n": n}).id for n in range(40)}
    taken, gate = [], threading.Barrier(6)

    def work(name):
        gate.wait()
        while (job := lab.jobs.claim(name)) is not None:
            taken.append(job.id)

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 40
    assert set(taken) == ids


def test_a_log_keeps_its_end_and_no_zero_bytes(lab):
    job = lab.jobs.add("probe", {})
    lab.jobs.claim("one")
    lab.jobs.beat(job.id, "one", more="a" * KEPT)
    lab.jobs.beat(job.id, "one", more="tail\x00 ü")
    log = lab.jobs.log(job.id)
    assert log.text.endswith("atail ü") and len(log.text) == KEPT and log.end == KEPT + 6


def test_jobs_are_listed_newest_first_by_page_and_what_changed_is_told(lab):
    jobs = [lab.jobs.add("probe", {"n": n}) for n in range(3)] + [lab.jobs.add("review", {})]
    assert [j.id for j in lab.jobs.listed(limit=2)] == [jobs[3].id, jobs[2].id]
    assert [j.id for j in lab.jobs.listed(before=jobs[2].id)] == [jobs[1].id, jobs[0].id]
    assert [j.id for j in lab.jobs.listed(verb="review")] == [jobs[3].id]
    seen = lab.jobs.latest()
    assert lab.jobs.since(seen) == []
    lab.jobs.cancel(jobs[1].id)
    assert [j.id for j in lab.jobs.since(seen)] == [jobs[1].id]
    with pytest.raises(UnknownName):
        lab.jobs.job(jobs[0].id[:-1] + ("0" if jobs[0].id[-1] != "0" else "1"))
