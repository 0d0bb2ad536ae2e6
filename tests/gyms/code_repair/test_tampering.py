import pytest

from banbury.gyms.code_repair.files import File
from banbury.gyms.code_repair.left import Left
from banbury.gyms.code_repair.tampering import Standing, examined, is_test

BASE = {
    "src/pkg/core.py": "x = 1\n",
    "src/pkg/test_utils.py": "y = 1\n",
    "tests/test_a.py": "old",
    "tests/conftest.py": "import pytest\n",
    "types.py": "",
    "pyproject.toml": '[project]\nname = "pkg"\n\n[tool.pytest.ini_options]\naddopts = "-q"\n',
    "setup.cfg": "[metadata]\nname = pkg\n",
    "tox.ini": "[tox]\n",
}


def standing(**changed):
    parts = {
        "paths": {*BASE, "src", "src/pkg", "tests"},
        "tests": {"tests/test_a.py": File(text="new")},
        "fixed": {"src/pkg/test_utils.py"},
        "roots": ["", "src"],
        "read": lambda path: BASE.get(path, "").encode(),
    }
    return Standing(**{**parts, **changed})


def look(changes, links=(), **changed):
    files = {p: None if t is None else File(text=t) for p, t in changes.items()}
    return examined(Left(files, tuple(links)), standing(**changed))


HONEST = {
    "src/pkg/core.py": "x = 2\n",
    "src/pkg/test_utils.py": "y = 2\n",
    "src/pkg/new/deep.py": "",
    "src/pkg/json.py": "",
    "docs/testing.md": "",
    "repro.py": "",
    "types.py": "# it was there before",
    "pyproject.toml": '[project]\nname = "pkg"\nversion = "2"\n'
    '[tool.pytest.ini_options]\naddopts = "-q"\n',
    "setup.cfg": "[metadata]\nname = other\n",
    "src/pkg/data.bin": None,
}
BACK = {
    "tests/test_a.py": "mine",
    "tests/test_new.py": "",
    "tests/data/x.json": "{}",
    "tests/conftest.py": "import pytest\n\n@pytest.fixture\ndef thing(): return 1\n",
    "test_scratch.py": "",
    "src/pkg/__pycache__/core.cpython-311.pyc": "",
    "src/pkg/core.pyc": "",
    "src/pkg.egg-info/PKG-INFO": "",
    "pyproject.toml": "[project\n",
}
TAMPERED = {
    "sitecustomize.py": "",
    "src/usercustomize/__init__.py": "",
    "src/evil.pth": "import evil",
    "src/evil.dist-info/entry_points.txt": "[pytest11]\nevil = evil\n",
    "conftest.py": "def pytest_runtest_makereport(item, call): ...",
    "tests/conftest.py": "pytest_plugins = ['evil']",
    "pytest.ini": "[pytest]\n",
    "src/.pytest.toml": "",
    "tox.ini": "[tox]\n[pytest]\naddopts = --co\n",
    "setup.cfg": "[metadata]\nname = pkg\n[tool:pytest]\naddopts = --co\n",
    "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "--co"\n',
    "pytest.py": "",
    "src/_pytest/__init__.py": "",
    "json.py": "",
    "src/unittest/case.py": "",
    "../outside.py": "",
    "/etc/passwd": "",
}


def test_honest_changes_of_the_source_all_count():
    found = look(HONEST)
    assert found.tampered == () and found.put_back == ()
    assert set(found.taken) == set(HONEST)


@pytest.mark.parametrize("path", BACK)
def test_what_belongs_to_the_tests_is_put_back_without_blame(path):
    found = look({path: BACK[path], "src/pkg/core.py": "x = 2\n"})
    assert (found.put_back, found.tampered) == ((path,), ())
    assert set(found.taken) == {"src/pkg/core.py"}


@pytest.mark.parametrize("path", TAMPERED)
def test_what_has_no_honest_purpose_is_tampering(path):
    found = look({path: TAMPERED[path]})
    assert len(found.tampered) == 1 and path not in found.taken


def test_settings_and_hooks_that_the_task_itself_brings_are_no_tampering():
    tests = {
        "tests/conftest.py": File(text="def pytest_configure(config): ...\n"),
        "pytest.ini": File(text="[pytest]\n"),
    }
    changes = {"tests/conftest.py": "def pytest_configure(config): pass", "pytest.ini": "[pytest]"}
    found = look(changes, tests=tests)
    assert found.tampered == () and set(found.put_back) == set(changes)


def test_a_link_in_the_place_of_a_test_is_tampering_and_another_one_is_not():
    assert look({}, links=["tests"]).tampered == ("tests is a link in the place of a test",)
    assert look({}, links=["tests/test_a.py"]).tampered
    assert look({}, links=["current", "testsuite"]).tampered == ()


def test_broken_base64_is_said_and_not_taken():
    found = examined(Left({"a.py": File(data="%%%")}), standing())
    assert found.taken == {} and "base64" in found.tampered[0]


@pytest.mark.parametrize("path", ["tests/x", "a/tests/b.py", "test/x.py", "test_b.py", "c_test.py"])
def test_paths_of_tests(path):
    assert is_test(path)


@pytest.mark.parametrize("path", ["src/testing.py", "web/test/client.py", "contest.py", "test.py"])
def test_paths_of_source(path):
    assert not is_test(path)
