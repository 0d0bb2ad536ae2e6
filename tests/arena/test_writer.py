"""Back-pressure: a store that is slow holds the players back, and nothing else."""

import threading

from banbury.actors.script import fixed
from banbury.arena import Job, run
from banbury.arena.writer import BATCH


class Gated:
    """A lab whose writes wait until they may go on."""

    def __init__(self, lab):
        self._lab = lab
        self.name = lab.name
        self.go = threading.Event()
        self.writes = []

    def outcomes(self, **where):
        return self._lab.outcomes(**where)

    def write(self, records, verdicts):
        self.writes.append(len(records))
        assert self.go.wait(120)
        return self._lab.write(records, verdicts)


def test_a_store_that_stands_still_bounds_what_is_finished_and_not_saved(lab, echo, numbered):
    """The gate opens when no more may be played, else the run would never end."""
    gated, gym, concurrency = Gated(lab), echo(), 8
    jobs = [Job(gym, numbered(gym, i), {"solver": fixed("0")}) for i in range(3 * BATCH)]
    most = 2 * BATCH + concurrency
    played = []

    def count(tally):
        played.append(tally.done)
        if tally.done == 2 * BATCH - concurrency:
            gated.go.set()
        assert gated.go.is_set() or tally.done <= most

    tally = run(gated, "r", jobs, concurrency=concurrency, progress=count)
    assert tally.done == len(jobs) == sum(gated.writes)
    assert max(gated.writes) <= BATCH + concurrency
    assert len(lab.known("r")) == len(jobs)
