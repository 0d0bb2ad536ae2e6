"""A small project with a bug, its fix and its tests, run by the standard library's unittest."""

import msgspec

from banbury.episode import Origin
from banbury.gyms.code_repair import patches, trees
from banbury.gyms.code_repair.files import File
from banbury.gyms.code_repair.recipe import Recipe
from banbury.gyms.code_repair.repair import Key, Repair, problem

WRONG = "def total(prices):\n    return sum(prices[1:])\n"
RIGHT = "def total(prices):\n    return sum(prices)\n"
TESTS = (
    "import unittest\n\nfrom shop.prices import total\n\n\nclass Prices(unittest.TestCase):\n"
    "    def test_none(self):\n        self.assertEqual(total([]), 0)\n\n"
    "    def test_all(self):\n        self.assertEqual(total([1, 2, 4]), 7)\n"
)
RECIPE = Recipe("3.11", test=("python", "-m", "unittest"))


def repair(folder):
    """Return the task of the project, written into a folder."""
    for name, text in {
        "shop/__init__.py": "",
        "shop/prices.py": WRONG,
        "README.md": "A shop.\n",
    }.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    archive = trees.packed(folder)
    key = Key(
        tests={
            "tests/__init__.py": File(),
            "tests/test_prices.py": File(text=TESTS),
            "tests/old.py": None,
        },
        fix=patches.diff("shop/prices.py", WRONG.splitlines(True), RIGHT.splitlines(True)),
        fail_to_pass=("tests/test_prices.py::Prices::test_all",),
        pass_to_pass=("tests/test_prices.py::Prices::test_none",),
        runs=12,
    )
    return problem(
        Repair("https://example.org/acme/shop.git", "a" * 40, trees.tree(archive), RECIPE),
        key,
        {"shop/prices.py": File(text=RIGHT)},
        "The total leaves out the first price.\n\ntotal([1, 2, 4]) gives 6.",
        skill="code_repair.mined",
        difficulty="small",
        origin=Origin("mined", "https://example.org/acme/shop.git", "b" * 40),
        licence="MIT",
    )


def changed(of, **secret):
    """Return a task with another key."""
    held = msgspec.json.decode(of.secret.answer)
    answer = msgspec.json.encode({**held, **secret}).decode()
    return msgspec.structs.replace(of, secret=msgspec.structs.replace(of.secret, answer=answer))
