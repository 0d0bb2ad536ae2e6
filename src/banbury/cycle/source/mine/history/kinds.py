"""What a file is for, told by its path: source, tests, docs, a list of changes, settings."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Literal

Kind = Literal["source", "data", "test", "docs", "changes", "settings", "build"]

_TEST_FILE = re.compile(r"(test_.*|.*_test|tests|conftest)\.py\Z")
_TEST_FOLDERS = {"test", "tests", "_tests", "unittests", "unit_tests"}
_TEST_ROOTS = {"testing", "t", "testsuite", "test-data", "testdata"}
_DOC_FOLDERS = {"doc", "docs", "documentation", "examples", "example", "demo", "demos", "samples"}
_DOC_SUFFIXES = {".md", ".rst", ".txt", ".adoc", ".ipynb", ".png", ".svg", ".jpg", ".gif"}
_CHANGES = re.compile(
    r"(change|changes|changelog|history|news|release[-_]?notes|whats[-_]?new)\b.*\Z", re.I
)
_CHANGE_FOLDERS = {"changelog.d", "news", "newsfragments", "changes", "releasenotes", "whatsnew"}
_BUILD = {
    "setup.py", "setup.cfg", "pyproject.toml", "tox.ini", "pytest.ini", "makefile", "noxfile.py",
    "tasks.py", "manifest.in", "poetry.lock", "uv.lock", "pdm.lock", "pipfile", "pipfile.lock",
    "pylintrc", "mypy.ini", "ruff.toml", "fabfile.py", "dodo.py", "conda.yaml", "environment.yml",
}  # fmt: skip
_SIDE_FOLDERS = {"benchmark", "benchmarks", "bench", "scripts", "script", "tools", "ci", "tasks"}
_TRANSLATED = {".po", ".mo", ".pot", ".ftl"}


def kind(path: str) -> Kind:
    """Return what a file is for.

    `data` is a file of the package that is no Python; `settings` is what serves tools (continuous
    integration, linters), `build` what the build and the test runner read.
    """
    pure = PurePosixPath(path)
    name, folders = pure.name.lower(), [part.lower() for part in pure.parts[:-1]]
    if _is_test(name, folders):
        return "test"
    if _is_changes(pure, name, folders):
        return "changes"
    if name in _BUILD or name.startswith("requirements") or "requirements" in folders[:1]:
        return "build"
    if name.startswith(".") or any(part.startswith(".") for part in folders):
        return "settings"
    if folders and (folders[0] in _DOC_FOLDERS or "docs" in folders):
        return "docs"
    if folders and folders[0] in _SIDE_FOLDERS:
        return "settings"
    if pure.suffix == ".py":
        return "source"
    if pure.suffix == ".pyi" or name == "py.typed":
        return "docs"
    if not folders or pure.suffix in _DOC_SUFFIXES:
        return "docs"
    return "docs" if pure.suffix in _TRANSLATED else "data"


def _is_test(name: str, folders: list[str]) -> bool:
    if any(part in _TEST_FOLDERS for part in folders):
        return True
    if folders and folders[0] in _TEST_ROOTS:
        return True
    return bool(_TEST_FILE.fullmatch(name))


def _is_changes(pure: PurePosixPath, name: str, folders: list[str]) -> bool:
    if any(part in _CHANGE_FOLDERS for part in folders):
        return pure.suffix != ".py"
    return pure.suffix in (".md", ".rst", ".txt", "") and bool(_CHANGES.match(name))
