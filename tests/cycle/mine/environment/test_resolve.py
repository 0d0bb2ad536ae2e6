"""From a tree to an environment that pytest collects in, and again from the lock alone."""

import concurrent.futures
import os
import shutil
from datetime import UTC, datetime

import pytest

from banbury.cycle.source.mine.environment import EnvironmentError, resolve
from banbury.errors import SetupError, StoreError
from banbury.gyms.code_repair.building import environment
from banbury.gyms.code_repair.building.files import path as kept
from banbury.gyms.code_repair.recipe import Pin, Recipe
from banbury.sandbox import Box, Mount

from .conftest import wheel

WHEN = datetime(2020, 6, 1, tzinfo=UTC).timestamp()


@pytest.fixture
def tree(tmp_path):
    folder = tmp_path / "tree"

    def write(files):
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return folder

    return write


def versions(recipe):
    return {pin.name: pin.version for pin in recipe.lock}


PROJECT = """
[project]
name = "thing"
dynamic = ["version"]
dependencies = ["one"]
[project.entry-points.things]
a = "thing:a"
[tool.setuptools_scm]
version_file = "src/thing/_version.py"
"""


def test_an_environment_as_of_the_commit_is_proven_and_made_again_offline(
    boxes, index, tree, cache, tmp_path
):
    folder = tree(
        {
            "pyproject.toml": PROJECT,
            "src/thing/__init__.py": "import one\nfrom thing._version import version\n",
            "tests/test_thing.py": "import thing\ndef test_a():\n    assert thing\n",
            "tests/test_two.py": "import two\ndef test_b():\n    assert two.made\n",
        }
    )
    found = resolve(folder, WHEN, cache, tag="v1.4.0")
    assert found.tests == 2
    pins = versions(found.recipe)
    assert (pins["one"], pins["two"], pins["thing"]) == ("1.1", "1.0", "1.4.0")
    assert any("built from its source in a box" in line for line in found.log)
    place = environment(found.recipe, cache)
    asked = len(index.asked)
    assert environment(found.recipe, cache) == place
    assert len(index.asked) == asked

    # Years later, elsewhere: the files by their hashes, and nothing is resolved.
    later = tmp_path / "later"
    shutil.copytree(cache / "bytecode", later / "bytecode", copy_function=os.link)
    with concurrent.futures.ThreadPoolExecutor(2) as two:
        places = list(two.map(lambda _: environment(found.recipe, later), range(2)))
    assert places[0] == places[1]
    code = "import thing, two; from importlib.metadata import *; print(version('thing'), two.made, "
    code += "thing.version, [e.value for e in entry_points(group='things')])"
    with Box([folder], mounts=[Mount(places[0], "/env")]) as box:
        for command in found.recipe.install:
            assert box.run(command).code == 0
        ran = box.run(["/env/bin/python", "-c", code], cwd="/tmp")
    assert ran.out.decode() == "1.4.0 in a box 1.4.0 ['thing:a']\n", ran.err


def test_a_file_that_is_not_the_locks_own_is_refused(index, tmp_path):
    name, _ = wheel("one", "1.0")
    url = f"{index.address}/simple/one/{name}"
    recipe = Recipe(python="3.11", lock=(Pin("one", "1.0", url, "0" * 64),))
    with pytest.raises(StoreError, match="not the file that the lock names"):
        environment(recipe, tmp_path)
    assert not kept(recipe.lock[0], tmp_path).exists()
    gone = Recipe(python="3.11", lock=(Pin("one", "1.0", url + "x", "0" * 64),))
    with pytest.raises(SetupError, match="404"):
        environment(gone, tmp_path)


def test_a_project_for_another_python_is_told_so(boxes, index, tree, cache):
    folder = tree(
        {
            "pyproject.toml": "[project]\nname = 'a'\nversion = '1'\nrequires-python = '>=3.99'\n",
            "a.py": "type A = int | = str\n",
            "test_a.py": "import a\n",
        }
    )
    with pytest.raises(
        EnvironmentError, match=r"asks for Python >=3.99, and this is 3\.\d+"
    ) as caught:
        resolve(folder, WHEN, cache)
    assert "SyntaxError" in caught.value.what and "on a Python" in caught.value.do


def test_what_cannot_be_mended_is_said_with_pytests_own_words(boxes, index, tree, cache):
    folder = tree(
        {
            "setup.py": "from setuptools import setup\nsetup(name='a', py_modules=['a'])\n",
            "a.py": "raise RuntimeError('not on this machine')\n",
            "test_a.py": "import a\n",
        }
    )
    with pytest.raises(EnvironmentError, match="RuntimeError: not on this machine") as caught:
        resolve(folder, WHEN, cache)
    assert any("a.py:1" in line for line in caught.value.log)


def test_a_commit_from_before_names_were_removed_gets_them_back(boxes, index, tree, cache):
    folder = tree(
        {
            "setup.py": "from setuptools import setup\nsetup(name='a', py_modules=['a'])\n",
            "a.py": "from collections import OrderedDict, Mapping\n",
            "test_a.py": "import a, inspect\ndef test_a():\n"
            "    assert inspect.getargspec(test_a).args == []\n",
        }
    )
    found = resolve(folder, WHEN, cache)
    assert found.tests == 1
    assert any("collections, inspect" in line for line in found.log)
