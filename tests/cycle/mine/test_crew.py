"""The crew: every candidate comes to one verdict, whoever dies or stops, and none twice."""

import multiprocessing
import os
import signal
import threading

import pytest

from banbury import store
from banbury.cycle.source.mine.account import Account, account
from banbury.cycle.source.mine.asked import Asked, Source, address
from banbury.cycle.source.mine.crew import Crew
from banbury.cycle.source.mine.summary import summary
from banbury.cycle.source.mine.verdict import Verdict


def rejected(candidate, repository, say):
    say("looking")
    told = Account(log=repository.unit(candidate.revision).subject)
    return Verdict("rejected", "nothing fails", "it is a trial", account=told, cpu_s=1.0)


def crew(lab, paths, tmp_path, work=rejected, progress=None, **asked):
    sources = [Source(str(p)) for p in paths]
    return Crew(lab, sources, Asked(**asked), tmp_path / "cache", work, progress)


def held(lab):
    return [c for c in lab.mining.candidates() if c.state != "dropped"]


def test_every_change_is_kept_with_its_reason(lab, fixed, tmp_path):
    maker = fixed()
    maker.commit("Say more", {"README.md": "more words\n"})
    crew(lab, [maker.path], tmp_path).run()
    by = {c.subject: c for c in lab.mining.candidates()}
    assert (by["Say more"].state, by["Say more"].kind) == ("dropped", "docs")
    fix = by["Fix the length of a rope"]
    assert (fix.state, fix.kind, fix.cpu_s) == ("rejected", "nothing fails", 1.0)
    assert account(fix.body).log == "Fix the length of a rope"


def test_the_same_again_runs_nothing_and_something_new_is_run_alone(lab, fixed, tmp_path):
    maker = fixed()
    seen = []

    def work(candidate, repository, say):
        seen.append(candidate.subject)
        return rejected(candidate, repository, say)

    crew(lab, [maker.path], tmp_path, work).run()
    crew(lab, [maker.path], tmp_path, work).run()
    assert len(seen) == 1
    wrong = "def knots(n):\n    return n\n"
    maker.commit("Break", {"rope.py": wrong})
    maker.commit(
        "Fix the number of knots in a rope",
        {"rope.py": wrong.replace("n\n", "n * 2\n"), "tests/test_rope.py":
         "from rope import knots\n\n\ndef test_knots():\n    assert knots(3) == 6\n"},
    )  # fmt: skip
    crew(lab, [maker.path], tmp_path, work).run()
    assert seen[1:] == ["Fix the number of knots in a rope"]
    crew(lab, [maker.path], tmp_path, work, retry=True).run()
    assert len(seen) == 4


@pytest.mark.parametrize(
    ("ruin", "kind", "words"),
    [
        (lambda make, tmp: tmp / "nowhere", "not a repository", "no such folder"),
        (lambda make, tmp: tmp, "not a repository", "not a git repository"),
        (lambda make, tmp: make("bare").path, "empty", "no commits"),
        (lambda make, tmp: "git://host.example/a/b", "not a repository", "not fetched"),
    ],
)
def test_what_is_no_repository_is_told_and_the_others_go_on(
    lab, fixed, make, tmp_path, ruin, kind, words
):
    bad, good = ruin(make, tmp_path), fixed("good").path
    crew(lab, [bad, good], tmp_path).run()
    rows = {r.url: r for r in lab.mining.repositories()}
    told = rows[address(str(bad))]
    assert (told.state, told.kind) == ("failed", kind) and words in told.reason and told.remedy
    assert [c.state for c in held(lab)] == ["rejected"]


def test_work_that_breaks_is_a_reason_and_is_tried_again_by_the_next_start(lab, fixed, tmp_path):
    paths = [fixed(name).path for name in ("one", "two")]

    def work(candidate, repository, say):
        if candidate.name == "one":
            raise ValueError("out of luck")
        return rejected(candidate, repository, say)

    crew(lab, paths, tmp_path, work).run()
    states = {c.name: (c.state, c.reason) for c in held(lab)}
    assert states == {
        "one": ("failed", "ValueError: out of luck"),
        "two": ("rejected", "it is a trial"),
    }
    crew(lab, paths, tmp_path).run()
    assert {c.state for c in held(lab)} == {"rejected"}
    found = summary(lab)
    assert [m.run for m in found.repositories] == [1, 1] and found.machine == 0


def test_two_candidates_are_worked_on_at_once(lab, fixed, tmp_path):
    paths = [fixed(name).path for name in ("one", "two")]
    both = threading.Barrier(2, timeout=60)

    def work(candidate, repository, say):
        both.wait()
        return rejected(candidate, repository, say)

    crew(lab, paths, tmp_path, work, jobs=2).run()
    assert len(held(lab)) == 2


def test_progress_counts_what_is_done_and_shows_each_candidate(lab, fixed, tmp_path):
    told = []
    crew(lab, [fixed().path], tmp_path, progress=told.append).run()
    assert (told[-1].done, told[-1].known, told[-1].repositories) == (1, 1, 1)
    assert any(line.what == "looking" for far in told for line in far.lines)


def _dies(address, lab, path, cache):
    def work(candidate, repository, say):
        os.kill(os.getpid(), signal.SIGKILL)

    with store.open(address) as house:
        crew(house.lab(lab), [path], cache, work).run()


def test_what_a_killed_process_held_is_carried_on_at_once(lab, address, fixed, tmp_path):
    path = fixed().path
    child = multiprocessing.get_context("spawn").Process(
        target=_dies, args=(address, lab.name, path, tmp_path)
    )
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert [c.state for c in held(lab)] == ["running"]
    crew(lab, [path], tmp_path).run()
    [over] = held(lab)
    assert (over.state, over.attempt) == ("rejected", 2)


def test_planted_bugs_are_a_candidate_of_their_own(lab, fixed, tmp_path):
    sorts = []

    def work(candidate, repository, say):
        sorts.append(candidate.sort)
        return rejected(candidate, repository, say)

    crew(lab, [fixed().path], tmp_path, work, plant=3).run()
    assert sorted(sorts) == ["fix", "planted"]
