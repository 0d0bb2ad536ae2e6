"""Small projects on disk, and boxes on them."""

import os
import shutil
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest

from banbury.gyms.code_repair import testing
from banbury.gyms.code_repair.recipe import Pin, Recipe
from banbury.sandbox import Box, Limits

PLAIN = Recipe("3.11", test=("python", "-m", "unittest"))
# What is mounted below stands for the environment of a lock; nothing reads the pin itself.
PYTEST = Recipe("3.11", lock=(Pin("pytest", "9", "", "0" * 64),))

TESTS = """
import unittest

from pkg import double


class Doubles(unittest.TestCase):
    def test_two(self):
        self.assertEqual(double(2), 4)

    def test_wrong(self):
        self.assertEqual(double(2), 5)

    @unittest.skip("not now")
    def test_skipped(self):
        pass

    @unittest.expectedFailure
    def test_expected(self):
        self.fail()

    def test_raises(self):
        raise KeyError("gone")
"""
ID = "tests/test_a.py::Doubles::test_{}".format


def project(folder, files=None):
    """Write a project; the given files come on top."""
    held = {
        "pkg/__init__.py": "def double(n):\n    return 2 * n\n",
        "tests/__init__.py": "",
        "tests/test_a.py": TESTS,
        **(files or {}),
    }
    for name, text in held.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return folder


def environment(folder):
    """Make an environment with the pytest that runs this test, and nothing else."""
    site = folder / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    site.mkdir(parents=True)
    (folder / "bin").mkdir()
    base = Path(sys.executable).resolve()
    (folder / "bin" / "python").symlink_to(base)
    (folder / "pyvenv.cfg").write_text(f"home = {base.parent}\n")
    held = Path(pytest.__file__).parent.parent
    names = ["_pytest", "py.py"]
    for name in ("pytest", "pluggy", "iniconfig", "packaging", "pygments"):
        names += [name, distribution(name)._path.name]
    for name in names:
        if (held / name).is_dir():
            shutil.copytree(held / name, site / name, copy_function=_linked)
        else:
            _linked(held / name, site / name)
    return folder


def _linked(source, target):
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def checked(tree, recipe=PLAIN, env=None, *, limits=None, **asked):
    """Run a project's tests in a box of its own."""
    with Box([tree], mounts=testing.mounts(env), env=testing.variables(recipe)) as box:
        return testing.run(box, recipe, limits=limits or Limits(cpu_s=20, wall_s=120), **asked)
