"""Frames that are missing are told from those that merely come unevenly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banbury.gyms.capture.quality.faulting import dropped, missing_frames


def steady(seconds, rate=30.0):
    return np.arange(int(seconds * rate)) / rate


def test_a_hole_loses_its_own_time_and_no_more():
    times = steady(60)
    kept = times[(times < 20) | (times >= 23)]
    (fault,) = dropped(kept, 60.0)
    assert (fault.start_s, fault.end_s) == (pytest.approx(20, abs=0.1), pytest.approx(23, abs=0.1))
    assert fault.loses and fault.kind == "dropped"


def test_ten_seconds_with_many_frames_missing_are_lost_and_with_few_are_told():
    times = steady(60)
    rng = np.random.default_rng(0)
    gone = ((times >= 20.1) & (times < 29.9) & (rng.random(len(times)) < 0.1)) | (
        (times >= 40.1) & (times < 49.9) & (rng.random(len(times)) < 0.01)
    )
    found = {(f.start_s, f.end_s): f.loses for f in dropped(times[~gone], 60.0)}
    assert found == {(20.0, 30.0): True, (40.0, 50.0): False}


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([12.0, 24.0, 29.97, 60.0, 240.0]), st.integers(0, 2**31), st.integers(1, 99))
def test_as_many_are_missing_as_were_taken_out(rate, seed, count):
    rng = np.random.default_rng(seed)
    times = steady(30, rate) + rng.uniform(-0.07, 0.07, int(30 * rate)) / rate
    # Singles, apart from each other and from both ends.
    gone = rng.choice(np.arange(2, len(times) - 2, 4), min(count, len(times) // 12), replace=False)
    assert missing_frames(np.delete(times, gone)).sum() == len(gone)


def test_uneven_frames_and_a_changing_rate_are_no_loss():
    rng = np.random.default_rng(1)
    uneven = np.cumsum(rng.uniform(0.028, 0.045, 900))
    assert list(dropped(uneven, 35.0)) == []
    slower = np.concatenate([steady(20, 30.0), 20 + steady(20, 15.0)])
    assert list(dropped(slower, 40.0)) == []
    assert list(dropped(np.zeros(0), 40.0)) == []
    assert list(dropped(np.zeros(1), 40.0)) == []
