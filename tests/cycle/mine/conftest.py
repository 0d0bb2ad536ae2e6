"""Small repositories with a bug fix in each, and an environment that needs no package index."""

import pytest
from tests.cycle.mine.history.conftest import Maker
from tests.gyms.code_repair.projects import environment

from banbury.cycle.source.mine.environments import Made
from banbury.cycle.source.mine.suites import Base
from banbury.cycle.source.mine.trees import exported
from banbury.episode import canonical, digest
from banbury.gyms.code_repair.recipe import Pin, Recipe

RECIPE = Recipe("3.11", lock=(Pin("pytest", "9", "", "0" * 64),))
ROPE = "def length(strands):\n    return len(strands) - 1\n\n\ndef knots(n):\n    return n * 2\n"
TESTS = "from rope import knots\n\n\ndef test_knots():\n    assert knots(2) == 4\n"
MORE = (
    "from rope import knots, length\n\n\ndef test_knots():\n    assert knots(2) == 4\n\n\n"
    "def test_length():\n    assert length([1, 2, 3]) == 3\n    assert length([]) == 0\n"
)
MESSAGE = (
    "Fix the length of a rope\n\nThe length of a rope came out one too short, whatever number of "
    "strands it had, so that an empty rope had a negative length."
)


@pytest.fixture
def make(tmp_path):
    return lambda name="rope", **kwargs: Maker(tmp_path / "repositories" / name, **kwargs)


@pytest.fixture
def fixed(make):
    """Make a repository whose last commit fixes a bug; files may be put over base and fix."""

    def made(name="rope", base=None, fix=None, message=MESSAGE):
        maker = make(name)
        first = {"rope.py": ROPE, "tests/test_rope.py": TESTS, "LICENSE": "as you like\n"}
        maker.commit("Begin", {**first, **(base or {})})
        right = ROPE.replace("len(strands) - 1", "len(strands)")
        maker.commit(message, {"rope.py": right, "tests/test_rope.py": MORE, **(fix or {})})
        return maker

    return made


@pytest.fixture(scope="session")
def with_pytest(tmp_path_factory):
    return environment(tmp_path_factory.mktemp("env"))


class Here:
    """Environments that are this Python's own pytest, so that no index is asked."""

    def __init__(self, place, cache):
        self._place, self._cache = place, cache

    def base(self, repository, commit, when):
        key, folder = exported(repository, commit, self._cache)
        whole = digest(canonical([key, RECIPE]))
        return Base(whole, folder, RECIPE, self._place), Made(RECIPE), 0.0
