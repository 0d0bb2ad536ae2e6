"""Small repositories with a bug fix in each, and an environment that needs no package index."""

import pytest
from tests.cycle.mine.history.conftest import Maker

from banbury.cycle.source.mine.environments import Environments, Made
from banbury.cycle.source.mine.suites import Base
from banbury.cycle.source.mine.trees import exported
from banbury.episode import canonical, digest
from banbury.gyms.code_repair.recipe import Recipe

RECIPE = Recipe("3.11", test=("python", "-m", "unittest"))
ROPE = "def length(strands):\n    return len(strands) - 1\n\n\ndef knots(n):\n    return n * 2\n"
HEAD = "import unittest\n\nfrom rope import knots, length\n\n\nclass Ropes(unittest.TestCase):\n"
KNOTS = "    def test_knots(self):\n        self.assertEqual(knots(2), 4)\n"
LENGTH = (
    "    def test_length(self):\n        self.assertEqual(length([1, 2, 3]), 3)\n"
    "        self.assertEqual(length([]), 0)\n"
)
TESTS, MORE = HEAD + KNOTS, f"{HEAD}{KNOTS}\n{LENGTH}"
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
        first = {
            "rope.py": ROPE,
            "tests/__init__.py": "",
            "tests/test_rope.py": TESTS,
            "LICENSE": "as you like\n",
        }
        maker.commit("Begin", {**first, **(base or {})})
        right = ROPE.replace("len(strands) - 1", "len(strands)")
        maker.commit(message, {"rope.py": right, "tests/test_rope.py": MORE, **(fix or {})})
        return maker

    return made


class Here(Environments):
    """Environments that are this Python alone, so that no index is asked."""

    def base(self, repository, commit, when):
        key, folder = exported(repository, commit, self._cache)
        return Base(digest(canonical([key, RECIPE])), folder, RECIPE, None), Made(RECIPE), 0.0
