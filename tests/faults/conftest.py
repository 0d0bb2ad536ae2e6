"""A journal with steps to come."""

import pytest

from banbury.episode import Episode, RunKey, Step, new_id


@pytest.fixture
def make_steps():
    """Return a function that opens a journal and gives it with twenty steps."""

    def made(lab):
        key = RunKey("live", "task", "actor")
        journal = lab.journal(Episode(new_id(), lab.name, key, "g", "1", "a.b", 0))
        return journal, tuple(Step(n, "action", 0, "s", "main", n, n) for n in range(20))

    return made
