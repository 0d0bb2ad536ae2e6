"""Recordings measured at once come out as those measured one by one."""

import multiprocessing

import pytest

from banbury.cycle.source.footage.measuring import measured
from banbury.cycle.source.footage.recordings import recordings
from banbury.cycle.source.footage.views import views_of
from banbury.errors import InputError
from banbury.gyms.capture.quality import Quality


@pytest.fixture
def taken(clips):
    found, troubles = recordings(views_of([clips["a"], clips["other"]]))
    assert not troubles
    return found


def test_processes_of_their_own_find_the_same(taken):
    kept, told = {}, []
    apart = measured(taken, told.append, kept.__setitem__, processes=2)
    assert apart == measured(taken, lambda done: None)
    assert kept == dict(enumerate(apart))
    assert told == sorted(told) and told[-1] == 1.0
    assert multiprocessing.active_children() == []


def test_what_cannot_be_read_on_is_told_and_the_other_is_measured(clips, tmp_path):
    gone = tmp_path / "gone.MP4"
    gone.write_bytes(clips["a"].read_bytes())
    found, _ = recordings(views_of([gone, clips["other"]]))
    gone.unlink()
    bad, good = measured(found, lambda done: None, processes=2)
    assert isinstance(bad, InputError) and "gone.MP4" in str(bad)
    assert isinstance(good, Quality)


def test_a_stop_ends_the_processes(taken):
    def stop(done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measured(taken, stop, processes=2)
    assert multiprocessing.active_children() == []
