"""A task made of a small project of this test's own, with a bug that one test finds."""

from banbury.episode import Origin
from banbury.gyms.code_repair import trees
from banbury.gyms.code_repair.files import File
from banbury.gyms.code_repair.recipe import Recipe
from banbury.gyms.code_repair.repair import Key, Repair, problem

RECIPE = Recipe("3.11", test=("python", "-m", "unittest"), env={"PYTHONPATH": "src"})
TEST = """import unittest

from pkg.core import double, half


class Core(unittest.TestCase):
    def test_double(self):
        self.assertEqual(double(4), 8)

    def test_zero(self):
        self.assertEqual(double(0), 0)

    def test_half(self):
        self.assertEqual(half(4), 2)
"""
OLD_TEST = TEST.replace("        self.assertEqual(double(4), 8)\n", "        double(4)\n")
FIXED = "def double(n):\n    return 2 * n\n\n\ndef half(n):\n    return n // 2\n"
BROKEN = FIXED.replace("2 * n", "n")
BASE = {
    "README.md": "A project.\n",
    "src/pkg/__init__.py": "",
    "src/pkg/core.py": BROKEN,
    "tests/__init__.py": "",
    "tests/test_core.py": OLD_TEST,
}
ID = "tests/test_core.py::Core::test_{}".format
KEY = Key(
    tests={"tests/test_core.py": File(text=TEST), "tests/gone.py": None},
    fix="",
    fail_to_pass=(ID("double"),),
    pass_to_pass=(ID("half"), ID("zero")),
)


def task(base=None, key=KEY, recipe=RECIPE, fixed=None, **changed):
    """Return the task; the given files come on top of its base."""
    tree = trees.tree(trees.archived({p: t.encode() for p, t in {**BASE, **(base or {})}.items()}))
    repair = Repair("example", "0" * 40, tree, recipe)
    parts = {
        "skill": "code_repair.mined",
        "difficulty": "easy",
        "origin": Origin("mined", "example", "0" * 40),
        **changed,
    }
    fixed = fixed or {"src/pkg/core.py": File(text=FIXED)}
    return problem(repair, key, fixed, "double(4) gives 4.", **parts)
