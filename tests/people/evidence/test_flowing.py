"""What labs find of people's work reaches the house, once and in order, and becomes beliefs."""

import subprocess
import sys

import msgspec
import pytest
import sqlalchemy as sa

from banbury import clock
from banbury.cycle.compare.compare import SkillChange, tell_makers
from banbury.episode import Actor
from banbury.errors import InputError
from banbury.people.ability.belief import Measured
from banbury.people.offers import Asked, Openings, Profile
from banbury.statistics.paired import paired_difference
from banbury.store.applying import apply
from banbury.store.database import raw


def test_gold_tasks_become_a_belief_and_a_standing(shop):
    account, person = shop.hire()
    shop.fill(6)
    shop.do(person, [1, 1, 0, 1, 1, 1])
    assert shop.told() == 1
    held = shop.ledger.of(account)
    assert [(e.source, e.score, e.skill, e.lab) for e in held] == [
        ("gold", score, shop.skill, shop.lab.name) for score in (1, 1, 0, 1, 1, 1)
    ]
    believed = shop.profiles.beliefs(account)[shop.skill]
    assert believed.mean > 0.3
    assert believed.results == 6
    assert [r.score for r in shop.standings.results(account, shop.skill)] == [1, 1, 0, 1, 1, 1]
    assert shop.told() == 0, "nothing is told twice"


def test_work_tells_of_the_skill_that_its_campaign_names(shop):
    trade = shop.skill.replace(".", "_")
    account, person = shop.hire()
    shop.fill(7, shows=f"{trade}.houses")
    shop.do(person, [1, 0, 1])
    shop.told()
    assert {e.skill for e in shop.ledger.of(account)} == {f"{trade}.houses"}
    assert shop.profiles.beliefs(account)[f"{trade}.houses"].results == 3
    assert shop.queue.has("c", trade) and not shop.queue.has("c", shop.skill)
    assert shop.queue.gold.left("c", person, [trade]) == 4
    assert shop.queue.gold.left("c", person, [shop.skill]) == 0
    assert not shop.queue.claim("c", person, "", 2, ("work",), without=[trade])
    assert len(shop.queue.claim("c", person, "", 2, ("work",), without=[shop.skill])) == 2
    assert len(shop.queue.gold.claim("c", person, "", 2, [trade])) == 2


def test_what_a_campaign_shows_is_a_name(shop):
    shop.fill(1)
    for wrong in ("two words", "a..b", ".", "x" * 101, "a\n"):
        with pytest.raises(InputError, match="skill's name"):
            shop.queue.change("c", shows=wrong)
    assert shop.queue.change("c", shows="law").shows == "law"
    assert shop.queue.change("c", shows="").shows == ""


def test_a_row_counts_once_though_a_process_was_killed_at_each_step(shop):
    account, person = shop.hire()
    shop.fill(4)
    shop.do(person, [1, 0, 1, 1])
    database = shop.lab._database
    for _ in range(3):  # Killed before the lab notes what was applied.
        apply(shop.house._database, shop.lab.name, database)
        database.run(lambda c: raw(c).execute("UPDATE outbox SET applied_ns = NULL"))
    # Killed after the house noted the rows, before they were weighed: the next process weighs them.
    assert shop.ledger.of(account)
    assert not shop.standings.results(account, shop.skill)
    assert shop.told() == 1
    again = sa.text("UPDATE evidence SET weighed = false WHERE account = CAST(:a AS uuid)")
    before = shop.profiles.beliefs(account)
    shop.house.run(lambda c: c.execute(again, {"a": account}))
    shop.told()
    assert len(shop.standings.results(account, shop.skill)) == 4
    after = shop.profiles.beliefs(account)
    assert after[shop.skill].results == before[shop.skill].results == 4
    assert abs(after[shop.skill].mean - before[shop.skill].mean) < 1e-3


_KILLED = """
import sys
from banbury import store
from banbury.people.evidence import Ledger
with store.open(sys.argv[1]) as house:
    ledger = Ledger(house)
    print("ready", flush=True)
    house.apply_outbox(sys.argv[2])
    print("applied", flush=True)
    ledger.take_in()
    print("weighed", flush=True)
"""


@pytest.mark.slow
def test_a_row_counts_once_though_processes_are_killed(shop, address):
    account, person = shop.hire()
    shop.fill(12)
    for word in ("ready", "applied", "weighed"):
        shop.do(person, [1, 0, 1, 1])
        command = [sys.executable, "-c", _KILLED, address, shop.lab.name]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert any(line.strip() == word for line in process.stdout)
            process.kill()
    shop.told()
    scores = [1, 0, 1, 1] * 3
    assert [e.score for e in shop.ledger.of(account)] == scores
    assert [r.score for r in shop.standings.results(account, shop.skill)] == scores
    assert shop.profiles.beliefs(account)[shop.skill].results == 12


def test_reviews_are_told_with_the_reviewers_pseudonym(shop):
    account, person = shop.hire()
    _, other = shop.hire()
    shop.fill(3, gold=False, review=1.0)
    done = shop.do(person, [1, 1, 1])
    for verdict, reasons in (("accept", ()), ("mend", ("a slip",)), ("return", ("no",))):
        [lease] = shop.claim(other, kinds=("review",))
        shop.review(lease, verdict, reasons=reasons)
    shop.told()
    held = shop.ledger.of(account)
    assert [(e.source, e.score, e.by) for e in held] == [
        ("reviews", score, other) for score in (1.0, 0.5, 0.0)
    ]
    assert {e.piece for e in held} == {d.episode for d in done}
    results = shop.standings.results(account, shop.skill)
    assert {r.by for r in results} == {f"{shop.lab.name}/{other}"}
    assert all("slip" not in str(body) for body in shop.bodies("review")), "no words"


def test_what_a_third_person_decides_takes_the_reviews_place(shop):
    account, person = shop.hire()
    _, second = shop.hire()
    _, third = shop.hire()
    shop.fill(1, gold=False, review=1.0)
    shop.do(person, [1])
    [lease] = shop.claim(second, kinds=("review",))
    shop.review(lease, "mend", "worse", reasons=("I think so",))
    shop.told()
    assert [r.score for r in shop.standings.results(account, shop.skill)] == [0.5]
    mine = shop.queue.recent(person)[0]
    shop.queue.dispute(mine.id, ["It was right."])
    [lease] = shop.claim(third, kinds=("third",))
    shop.review(lease, "accept", picked=mine.episode)
    shop.told()
    [entry] = shop.ledger.of(account)
    assert (entry.score, entry.by) == (1.0, third)
    assert [r.score for r in shop.standings.results(account, shop.skill)] == [1.0]


def test_agreement_counts_until_somebody_reviewed_the_answer(shop):
    account, person = shop.hire()
    other, second = shop.hire()
    _, third = shop.hire()
    shop.fill(2, gold=False, overlap=2)
    for who, answers in ((person, ("a", "b")), (second, ("a", "c"))):
        for text in answers:
            [lease] = shop.claim(who)
            shop.submit(lease, text)
    shop.told()
    assert [(e.source, e.score) for e in shop.ledger.of(account)] == [
        ("agreement", 1.0), ("agreement", 0.0),
    ]  # fmt: skip
    assert not shop.standings.results(account, shop.skill), "others' answers pause nobody"
    [lease] = shop.claim(third, kinds=("third",))
    picked = next(e.episode for e in shop.ledger.of(other) if e.score == 0.0)
    shop.review(lease, "accept", picked=picked)
    shop.told()
    assert shop.profiles.beliefs(account)[shop.skill].results == 2, "one piece counts once"
    assert (
        shop.profiles.beliefs(other)[shop.skill].mean
        > shop.profiles.beliefs(account)[shop.skill].mean
    )


def test_an_answer_that_was_taken_back_counts_as_it_was_given_last(shop):
    account, person = shop.hire()
    shop.fill(1)
    [done] = shop.do(person, [0])
    shop.told()
    shop.answer(shop.queue.undo(done.lease.id), 1)
    shop.told()
    assert [e.score for e in shop.ledger.of(account)] == [1.0]
    assert [r.score for r in shop.standings.results(account, shop.skill)] == [1.0]


def test_how_fast_and_for_how_much_says_nothing_of_how_good(shop):
    """Two people with the same answers are believed the same, whatever their time and price."""
    beliefs = []
    for busy, rate, name in ((1, 90.0, "slow"), (3_600, 0.0, "fast")):
        account, person = shop.hire()
        shop.fill(4, name=name, first=100 * busy)
        shop.profiles.put(account, shop.profiles.get(account) or _asking(rate))
        for score in (1, 0, 1, 1):
            [lease] = shop.claim(person, name=name)
            record = shop.record(lease, "x")
            shop.answer(lease, score, cost=_busy(record, busy))
        shop.told()
        beliefs.append(shop.ledger.belief(account, shop.skill, clock.wall_ns() + 10**9))
    slow, fast = beliefs
    assert abs(slow.mean - fast.mean) < 1e-4
    assert abs(slow.error - fast.error) < 1e-4
    told = {key for kind in ("gold",) for body in shop.bodies(kind) for key in body}
    assert told <= {"person", "skill", "score", "line", "lease", "by", "campaign", "passed", "of"}


def test_a_lab_hears_nothing_of_another_labs_results(shop, house):
    account, person = shop.hire()
    other = house.lab(f"{shop.lab.name}-other")
    shop.accounts.members.join(other.name, account, "expert")
    shop.fill(3)
    shop.do(person, [1, 1, 1])
    shop.told()
    # What a lab can ask of the house about people: who was found for its own openings.
    other.queue.put(shop.queue.campaign("c"))
    openings = Openings(house)
    openings.open(other.name, "c", Asked({shop.skill: 1.0}))
    assert shop.lab.name not in str(openings.found(other.name))
    assert all(e.lab == shop.lab.name for e in shop.ledger.of(account))


def test_what_an_interview_measured_counts_once(shop):
    account, _ = shop.hire()
    found = Measured("interview", 0.8, 0.4, clock.wall_ns(), "episode-1")
    for _ in range(2):
        shop.ledger.measured(account, shop.skill, found)
    assert [e.source for e in shop.ledger.of(account)] == ["interview"]
    held = shop.profiles.beliefs(account)[shop.skill]
    assert 0.5 < held.mean < 0.8
    assert held.variance < 0.16


def _asking(rate):
    return Profile(rate=rate)


def _busy(record, seconds):
    return msgspec.structs.replace(record.episode.cost, busy_ns=seconds * 10**9)


def test_what_came_of_a_release_is_told_to_whoever_made_it(shop):
    account, person = shop.hire()
    idle, _ = shop.hire()
    shop.fill(3, gold=False)
    done = shop.do(person, [1, 1, 1])
    release = shop.lab.put_artifact("release", "first", {"rows": 3})
    rows = [(d.episode, d.lease.task, "train", "0" * 64) for d in done]
    shop.lab.put_release_rows(release.id, rows)
    shop.lab.put_artifact("checkpoint", "c", {"revision": "r1"}, parents=[release.id])
    change = SkillChange(shop.skill, paired_difference([0, 0], [1, 1]), None, None, True, {})
    for revision in ("", "r0", "r1", "r1"):
        tell_makers(shop.lab, Actor("model", "base+c", revision), [change])
    shop.told()
    [entry] = shop.ledger.of(account)
    assert (entry.source, entry.good, entry.of) == ("outcome", 1.0, "first")
    assert shop.ledger.of(idle) == []
    assert not shop.standings.results(account, shop.skill), "what came of data pauses nobody"
    assert 0 < shop.profiles.beliefs(account)[shop.skill].mean < 0.3, "one outcome says little"
