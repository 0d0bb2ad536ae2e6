import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banbury.gyms.capture.sync import line, pieces, track
from banbury.gyms.capture.sync.windows import Hits

SEEDS = st.integers(0, 10_000)


def _stray(seed: int, count: int, spread_s: float) -> Hits:
    rng = np.random.default_rng(seed)
    lag = rng.normal(0, spread_s, count) * rng.choice([0.01, 1, 50], count)
    z = rng.uniform(4.7, 30, count)
    return Hits(np.sort(rng.uniform(0, 200, count)), lag, z)


@settings(deadline=None, max_examples=50)
@given(SEEDS, st.integers(3, 60), st.sampled_from([0.0, 1e-6, 1e-4, 1e-2]))
def test_whatever_the_windows_say_lines_can_be_laid(seed: int, count: int, spread: float) -> None:
    hits = _stray(seed, count, spread)
    for made in (pieces.stretches(track.path(hits)), pieces.stretches([hits])):
        for stretch in made:
            assert len(stretch.hits.t_s) >= 1
            assert np.isfinite(stretch.line.slope) and np.isfinite(stretch.line.lag_s)


@settings(deadline=None, max_examples=50)
@given(SEEDS)
def test_a_third_of_stray_windows_moves_no_line(seed: int) -> None:
    rng = np.random.default_rng(seed)
    t = np.arange(0, 90, 1.5)
    lag = 2.0 + 30e-6 * t + rng.normal(0, 1e-5, len(t))
    stray = rng.choice(len(t), 20, replace=False)
    lag[stray] += rng.uniform(-0.2, 0.2, 20)
    fitted = line.fit(Hits(t, lag, np.full(len(t), 12.0)))
    assert fitted.slope == pytest.approx(30e-6, abs=1e-6)
    assert float(fitted.of(np.array([45.0]))[0]) == pytest.approx(2.00135, abs=2e-5)
