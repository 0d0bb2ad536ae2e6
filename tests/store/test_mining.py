"""Mining: each candidate is worked on by one at a time, whoever dies, and stays explained."""

import threading

import pytest

from banbury.errors import InputError, UnknownName
from banbury.store.mining import TRIES, Found


@pytest.fixture
def mining(lab):
    return lab.mining


def found(number, **more):
    revision = f"{number:02x}" * 20
    return Found(revision, "b" * 40, 1_000 + number, f"Fix number {number}", **more)


@pytest.fixture
def repository(mining):
    made = mining.repository("https://host.example/a/rope", "rope")
    mining.find(made.id, [found(n) for n in range(3)])
    return made


def test_a_repository_is_walked_by_one_at_a_time_and_known_by_its_address(mining):
    made = mining.repository("https://host.example/a/rope", "rope")
    assert mining.repository("https://host.example/a/rope", "other") == made
    assert mining.take(made.id, "one").state == "walking"
    assert mining.take(made.id, "two") is None
    assert not mining.walked(made.id, "two", asked="all")
    assert mining.walked(made.id, "one", asked="all", head="a" * 40, units=3, licence="MIT")
    [now] = mining.repositories([made.id])
    assert (now.state, now.asked, now.units, now.licence) == ("walked", "all", 3, "MIT")
    mining.take(made.id, "dead", lease_s=0)
    assert mining.take(made.id, "next").state == "walking"
    mining.walked(made.id, "next", kind="empty", reason="it has no commit", remedy="push one")
    assert mining.repositories()[0].reason == "it has no commit"


def test_the_newest_are_chosen_and_dropped_ones_keep_their_reason(mining, repository):
    mining.find(repository.id, [found(9, kind="docs", reason="it changes documents alone")])
    ids = mining.chosen(repository.id, limit=2)
    assert [c.revision[:2] for c in mining.candidates(ids=ids)] == ["01", "02"]
    assert len(mining.chosen(repository.id, until=1_001)) == 2
    [dropped] = mining.candidates(state="dropped")
    assert (dropped.kind, dropped.reason) == ("docs", "it changes documents alone")


def test_a_candidate_is_claimed_once_finished_once_and_not_found_anew(mining, repository):
    ids = mining.chosen(repository.id)
    taken = mining.claim(ids, "one")
    assert taken.label == "rope@0202020202" and taken.attempt == 1
    assert mining.claim(ids, "two").revision != taken.revision
    assert not mining.finish(taken.id, "two", "task")
    assert mining.finish(taken.id, "one", "task", tasks=["t"], cpu_s=2.5, body=b'{"a":1}')
    mining.find(repository.id, [found(2, kind="feature", reason="now it looks like one")])
    over = mining.candidate("rope@02")
    assert (over.state, over.tasks, over.cpu_s, over.body) == ("task", ["t"], 2.5, b'{"a":1}')
    assert [c.id for c in mining.candidates(tasks=["t", "u"])] == [taken.id]
    total = {(c.state, c.kind): (c.candidates, c.tasks) for c in mining.counts([repository.id])}
    assert total == {("running", ""): (1, 0), ("task", ""): (1, 1), ("waiting", ""): (1, 0)}


def test_what_a_dead_worker_held_goes_to_the_next_and_is_given_up_in_the_end(mining, repository):
    ids = mining.chosen(repository.id, limit=1)
    for number in range(TRIES):
        assert mining.claim(ids, f"w{number}", lease_s=0).attempt == number + 1
    assert mining.claim(ids, "last") is None
    [over] = mining.candidates(ids=ids)
    assert (over.state, over.kind) == ("failed", "worker died")
    assert mining.reopen(ids) == 1
    assert mining.claim(ids, "again").attempt == 1


def test_a_lease_is_renewed_and_given_back(mining, repository):
    ids = mining.chosen(repository.id, limit=1)
    taken = mining.claim(ids, "one", lease_s=0)
    mining.beat("one")
    assert mining.claim(ids, "two") is None
    assert mining.give_back(taken.id, "one")
    again = mining.claim(ids, "two")
    assert again.attempt == 1


def test_many_at_once_take_each_candidate_once(mining):
    made = mining.repository("/tmp/many", "many")
    mining.find(made.id, [found(n) for n in range(40)])
    ids = mining.chosen(made.id)
    taken = []

    def work(name):
        while (one := mining.claim(ids, name)) is not None:
            taken.append(one.id)

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(ids)


def test_a_run_is_kept_once(mining):
    assert mining.kept("k") is None
    mining.keep("k", b"said", 1.5)
    mining.keep("k", b"other", 9.0)
    assert mining.kept("k") == (b"said", 1.5)


def test_unknown_and_ambiguous_names_say_so(mining, repository):
    with pytest.raises(UnknownName, match="rope@0202020202"):
        mining.candidate("rope@ff")
    mining.find(repository.id, [found(2, sort="planted")])
    with pytest.raises(InputError, match="several candidates"):
        mining.candidate("rope@02")
    assert mining.candidate(str(mining.chosen(repository.id, sort="planted")[0])).sort == "planted"


def test_text_that_the_store_cannot_hold_is_cleaned(mining):
    made = mining.repository("/tmp/odd", "odd")
    mining.find(made.id, [Found("aa" * 20, "", 1, "nul \x00 and \udcff")])
    assert mining.candidate("odd@aa").subject == "nul  and ?"
