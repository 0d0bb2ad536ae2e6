"""How far people agree, as the campaign's page shows it."""

import pytest

from banbury.errors import InputError
from banbury.statistics.agreement import krippendorffs_alpha


def answered(desk, answers):
    """Let three people answer as many tasks; `answers` has a row for each person."""
    desk.open(len(answers[0]), overlap=len(answers))
    for person, row in enumerate(answers):
        for lease, word in zip(desk.claim(f"p-{person}", 10), row, strict=True):
            desk.submit(lease, word)


def test_agreement_is_krippendorffs_alpha_of_the_answers(desk):
    answered(desk, ["aabbc", "aabba", "abbbc"])
    found = desk.queue.sight.agreement("c")
    codes = [[ord(x) for x in row] for row in ("aabbc", "aabba", "abbbc")]
    theirs = krippendorffs_alpha(codes)
    assert found.alpha.estimate == pytest.approx(theirs.estimate)
    assert found.alpha.low < found.alpha.estimate < found.alpha.high
    assert (found.measure, found.tasks, found.newest) == ("same", 5, False)
    assert found.alike == pytest.approx((1 + 1 / 3 + 1 + 1 + 1 / 3) / 5)
    assert found.people == pytest.approx({"p-0": 4 / 5, "p-1": 7 / 10, "p-2": 7 / 10})


def test_a_gyms_own_measure_counts_where_it_has_one(desk):
    def near(one, other):
        a, b = (int(r.answer[-3:-2]) for r in (one, other))
        return 1 - abs(a - b) / 9

    desk.open(6, overlap=2)
    for person, row in (("p-a", "102938"), ("p-b", "112839")):
        for lease, word in zip(desk.claim(person, 6), row, strict=True):
            desk.submit(lease, word, agree=near)
    found = desk.queue.sight.agreement("c", agree=near)
    assert (found.measure, found.tasks) == ("gym", 6)
    assert found.alike == pytest.approx(1 - 3 / 9 / 6)
    assert found.alpha.estimate > 0.7


def test_where_there_is_no_alpha_it_says_why(desk):
    desk.open(2, overlap=2)
    nothing = desk.queue.sight.agreement("c")
    assert (nothing.alpha, nothing.tasks, nothing.why) == (None, 0, "no task has two answers yet")
    for person in ("p-a", "p-b"):
        for lease in desk.claim(person, 2):
            desk.submit(lease, "yes")
    found = desk.queue.sight.agreement("c")
    assert (found.alpha, found.alike) == (None, 1.0)
    assert "every rating is the same" in found.why
    with pytest.raises(InputError, match="cannot be looked at"):
        desk.queue.sight.agreement("c", limit=1)


def test_only_the_newest_tasks_are_looked_at(desk):
    answered(desk, ["abab", "baab"])
    found = desk.queue.sight.agreement("c", limit=2)
    assert (found.tasks, found.newest, found.alike) == (2, True, 1.0)
