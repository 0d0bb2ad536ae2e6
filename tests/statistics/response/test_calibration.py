import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banbury.errors import InputError
from banbury.statistics.response.calibration import calibrated
from banbury.statistics.response.items import Items, items
from banbury.statistics.response.simulation import answers, bank, simulated
from banbury.statistics.response.stopping import Rule


def test_parameters_come_back_from_five_hundred_people():
    true = bank(60, 2)
    people = np.random.default_rng(1).standard_normal(500)
    found = calibrated(answers(true, people, 3))
    assert found.converged
    assert np.corrcoef(found.items.discrimination, true.discrimination)[0, 1] > 0.9
    assert np.corrcoef(found.items.difficulty, true.difficulty)[0, 1] > 0.97
    off = (found.items.difficulty - true.difficulty) / found.difficulty_error
    assert np.mean(np.abs(off) < 1.96) > 0.85


def test_a_known_share_of_guesses_is_taken_into_account():
    true = items(np.full(30, 1.4), np.linspace(-1.5, 1.5, 30), 0.25)
    people = np.random.default_rng(5).standard_normal(800)
    x = answers(true, people, 6)
    told, ignored = calibrated(x, guess=0.25), calibrated(x)
    assert np.abs(told.items.difficulty - true.difficulty).mean() < 0.2
    assert np.abs(ignored.items.difficulty - true.difficulty).mean() > 0.4


def test_answers_of_adaptive_interviews_correct_the_authors_estimates():
    true = bank(40, 7)
    guessed = Items(
        np.ones(40), true.difficulty + np.random.default_rng(8).normal(0, 1, 40), true.guess
    )
    people = np.random.default_rng(9).standard_normal(800)
    found = simulated(guessed, people, Rule(error=0.0, most=15), 10, truth=true)
    x = np.where(found.given, found.right, np.nan)
    first = np.abs(guessed.difficulty - true.difficulty).mean()
    mended = calibrated(x, first=guessed)
    enough = mended.answers >= 150
    off = np.abs(mended.items.difficulty - true.difficulty)
    assert off[enough].mean() < first / 2


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 5), st.integers(2, 40))
def test_any_table_of_answers_gives_finite_parameters(seed, n, people):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 2, (people, n)).astype(float)
    x[rng.random(x.shape) < 0.3] = np.nan
    x[0, 0] = 1.0
    found = calibrated(x, most=30)
    assert np.isfinite(found.items.discrimination).all()
    assert np.isfinite(found.items.difficulty).all()
    assert np.isfinite(found.discrimination_error).all()


def test_an_item_that_nobody_answered_stays_where_its_author_put_it():
    x = np.full((30, 2), np.nan)
    x[:, 0] = np.arange(30) % 2
    found = calibrated(x, first=items([1.0, 1.5], [0.0, 0.8]))
    assert found.items.difficulty[1] == pytest.approx(0.8, abs=1e-6)
    assert found.items.discrimination[1] == pytest.approx(1.5, abs=1e-6)
    assert found.answers.tolist() == [30, 0]


@pytest.mark.parametrize("bad", [[[0.5]], [[np.nan]], [1.0, 0.0], [[]], [[2.0]]])
def test_tables_that_are_none_are_refused(bad):
    with pytest.raises(InputError):
        calibrated(bad)
