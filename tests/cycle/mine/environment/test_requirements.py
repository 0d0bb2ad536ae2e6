"""What a tree needs is read from its files, and nothing of it is run."""

from datetime import datetime

import pytest

from banbury.cycle.source.mine.environment import requirements
from banbury.cycle.source.mine.environment.reading.poetry import bounds
from banbury.cycle.source.mine.environment.reading.pytest import kept
from banbury.cycle.source.mine.environment.reading.version import of_tag
from banbury.cycle.source.mine.environment.shares import Attempt, lines, shares


@pytest.fixture
def tree(tmp_path):
    def write(**files):
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/", 1).replace("_DOT_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write


def texts(needs):
    return sorted({r.text for r in needs.chosen})


def test_extras_that_name_the_project_are_followed_and_tools_left_out(tree):
    needs = requirements(
        tree(
            pyproject_DOT_toml="""
[project]
name = "Thing.One"
dynamic = ["version"]
dependencies = ["click>=8", "tomli; python_version < '3.8'"]
[project.optional-dependencies]
tests = ["pytest>=7", "thing.one[extra]", "mypy"]
extra = ["attrs"]
docs = ["sphinx"]
[project.scripts]
thing = "thing.cli:main"
[tool.hatch.version]
path = "src/thing/__init__.py"
""",
            src__thing='__version__ = "1.2.0"\n',
        )
    )
    assert texts(needs) == ["attrs", "click>=8", "pytest>=7"]
    assert needs.project.name == "thing-one"
    assert "thing = thing.cli:main" in needs.project.entry_points


def test_a_setup_py_is_read_and_not_run(tree, tmp_path):
    needs = requirements(
        tree(
            setup_DOT_py=f"""
from setuptools import setup, find_packages
open({str(tmp_path / "ran")!r}, "w")
base = ["six"]
extras = {{"dev": ["pytest<5"]}}
extras["test"] = base + ["pytest", "mock; python_version < '3'"]
setup(name="old", version="1.0", package_dir={{"": "src"}}, packages=find_packages("src"),
      install_requires=open("requirements.txt").read().splitlines(), extras_require=extras)
""",
            requirements_DOT_txt="requests==2.0\n-e .\n",
            src__old="",
        )
    )
    assert not (tmp_path / "ran").exists()
    assert texts(needs) == ["pytest", "requests==2.0", "six"]
    assert needs.project.roots == ("src",)
    assert needs.project.version == "1.0"


def test_groups_include_groups_and_do_not_go_round(tree):
    needs = requirements(
        tree(
            pyproject_DOT_toml="""
[project]
name = "a"
version = "1"
[dependency-groups]
test = ["pytest", {include-group = "Plug_ins"}]
plug-ins = ["trustme", {include-group = "test"}]
"""
        )
    )
    assert texts(needs) == ["pytest", "trustme"]


def test_tox_and_requirements_files_tell_what_tests_need(tree):
    needs = requirements(
        tree(
            setup_DOT_cfg="[metadata]\nname = b\nversion = attr: b.__version__\n",
            b__init="",
            tox_DOT_ini="""
[base]
deps = freezegun
[testenv]
deps =
    {[base]deps}
    -r requirements/tests.txt
    lint: ruff
""",
            requirements__tests_DOT_in="pytest\nresponses",
            requirements__tests_DOT_txt="# by pip-compile\npytest==3.0\nresponses==0.1\nsix==1.0\n",
        )
    )
    assert texts(needs) == ["freezegun", "pytest", "responses"]


def test_a_link_out_of_the_tree_is_not_followed(tree, tmp_path):
    (tmp_path.parent / "secret.txt").write_text("requests\n")
    (tmp_path / "requirements-test.txt").symlink_to(tmp_path.parent / "secret.txt")
    assert texts(requirements(tree(setup_DOT_py="x = 1"))) == []


def test_a_broken_file_is_a_note_and_no_failure(tree):
    needs = requirements(tree(pyproject_DOT_toml="[project", setup_DOT_py="print 'old'"))
    assert [n.split(" ")[0] for n in needs.notes] == ["pyproject.toml", "setup.py"]


@pytest.mark.parametrize(
    ("constraint", "specifier"),
    [
        ("^1.2.3", ">=1.2.3,<2"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("~1.2", ">=1.2,<1.3"),
        ("~1", ">=1,<2"),
        (">=2.7, <4", ">=2.7,<4"),
        ("*", ""),
        ("1.0", "==1.0"),
        ("~2.7 || ^3.5", ">=3.5,<4"),
    ],
)
def test_poetrys_constraints(constraint, specifier):
    assert bounds(constraint) == specifier


def test_options_that_only_measure_or_stop_are_dropped():
    stay, gone = kept("-ra --cov pkg --cov-report=xml -n auto --strict -k 'a b' -x -W error")
    assert stay == ["-ra", "-k", "a b", "-W", "error"]
    assert gone == ["--cov", "pkg", "--cov-report=xml", "-n", "auto", "--strict", "-x"]


@pytest.mark.parametrize(
    ("tag", "version"),
    [("v1.2.0", "1.2.0"), ("pkg-1.2rc1", "1.2rc1"), ("release_1_2", "1.2"), ("nightly", "")],
)
def test_versions_of_tags(tag, version):
    assert of_tag(tag) == version


def test_shares_tell_periods_apart_and_count_reasons():
    def attempt(when, reason):
        return Attempt("c", datetime.fromisoformat(when).timestamp(), 1, reason, (), 2.0)

    found = shares(
        [attempt("2020-01-01", ""), attempt("2020-02-01", "no wheel"), attempt("2023-01-01", "")]
    )
    assert [(s.period, s.built, s.of) for s in found] == [
        ("from 2022 on", 1, 1),
        ("2018 to 2021", 1, 2),
    ]
    assert lines(found)[1:] == [
        "2018 to 2021: 1 of 2 environments built (50%), median 2.0 CPU-s",
        "  1 x no wheel",
    ]


def test_a_list_of_changes_tells_a_version_and_long_lines_cost_nothing(tree):
    files = {
        "CHANGELOG.md": "# " + "#" * 50_000 + "\n## Unreleased\n## thing 1.4.0 (2020)\n1.3.0\n"
    }
    folder = tree(setup_DOT_py="from setuptools import setup\nsetup(name='thing')\n")
    (folder / "CHANGELOG.md").write_text(files["CHANGELOG.md"][-60:])
    assert requirements(folder).project.told == "1.4.0"
    (folder / "CHANGELOG.md").write_text(files["CHANGELOG.md"])
    assert requirements(folder).project.told == ""
