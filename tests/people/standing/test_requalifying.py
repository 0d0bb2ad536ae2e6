"""Coming back by gold tasks: who works as asked for gets back, who works as before hardly ever."""

import random

import pytest

from banbury.people.standing import Result, found
from banbury.people.standing.requalifying import ALPHA, MOST, requalifying


def results(scores, kind="gold", line=0.7):
    return [Result(str(n), kind, float(s), line) for n, s in enumerate(scores)]


FALL = found(results([0, 1, 0] * 20))


def back(mean, seed):
    draw = random.Random(seed)
    scores = [draw.random() < mean for _ in range(MOST)]
    return requalifying(FALL, results(scores)).back


def test_who_works_as_before_rarely_comes_back_and_who_works_well_mostly_does():
    runs = range(400)
    assert sum(back(FALL.score, n) for n in runs) / 400 <= ALPHA
    assert sum(back(0.95, n) for n in runs) / 400 >= 0.8


def test_reviews_do_not_count_and_no_more_than_the_most_do():
    assert requalifying(FALL, results([1] * 40, "review")).n == 0
    way = requalifying(FALL, results([0] * MOST + [1] * 40))
    assert (way.n, way.left, way.back) == (MOST, 0, False)


def test_what_is_left_and_how_far_it_is_can_be_told():
    way = requalifying(FALL, results([1] * 4))
    assert (way.n, way.score, way.left) == (4, 1.0, MOST - 4)
    assert 0 < way.progress < 1
    assert way.was == pytest.approx(min(FALL.high, 0.6))
    assert requalifying(FALL, results([1] * 30)).progress == 1.0
