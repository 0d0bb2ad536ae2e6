"""The settings of pytest in a tree, and what of them stands in the way of a verdict."""

from __future__ import annotations

import re
import shlex
from fnmatch import fnmatch

from msgspec import Struct

from banbury.cycle.source.mine.environment.reading import tests
from banbury.cycle.source.mine.environment.reading.tree import Tree, strings, table

DROPPED = (
    "--cov",
    "--no-cov",
    "-n",
    "--numprocesses",
    "--dist",
    "--maxprocesses",
    "--tx",
    "--boxed",
    "--flake8",
    "--pep8",
    "--black",
    "--isort",
    "--pylint",
    "--ruff",
    "--mypy",
    "--flakes",
    "--pycodestyle",
    "--pydocstyle",
    "--codestyle",
    "--docstyle",
    "--junit",
    "--html",
    "--self-contained-html",
    "--strict",
    "-x",
    "--exitfirst",
    "--maxfail",
    "--lf",
    "--last-failed",
    "--ff",
    "--failed-first",
    "--nf",
    "--new-first",
    "--sw",
    "--stepwise",
    "--pdb",
    "--instafail",
    "--durations",
    "--random-order",
    "--random-order-bucket",
    "--sugar",
    "--profile",
    "--cache-clear",
    "--failed-first",
    "--color",
    "--code-highlight",
    "--pastebin",
    "--no-success-flaky-report",
    "--codspeed",
    "--annotate",
    "--clarity",
    "--cobertura",
    "--testmon",
    "--picked",
    "--looponfail",
)
"""Options that change only what is printed, measured or stopped at."""
VALUED = (
    "-n",
    "--maxfail",
    "--dist",
    "--tx",
    "--numprocesses",
    "--maxprocesses",
    "--durations",
    "--cov-report",
    "--cov-config",
    "--cov-fail-under",
    "--junitxml",
    "--junit-xml",
    "--html",
    "--random-order-bucket",
    "--color",
    "--junit-prefix",
    "--mypy-config-file",
    "--mypy-ini-file",
    "--code-highlight",
    "--cov-context",
)
LATER = (
    "DeprecationWarning",
    "PendingDeprecationWarning",
    "ImportWarning",
    "ResourceWarning",
    "EncodingWarning",
    "SyntaxWarning",
    "pytest.PytestWarning",
)
"""Warnings that a newer Python or pytest brings to code that was written before."""


def settings(tree: Tree) -> tuple[dict[str, str], str]:
    """Return pytest's settings of a tree as text by name, and the file that has them."""
    for name, section in (("pytest.ini", "pytest"), (".pytest.ini", "pytest")):
        if tree.path(name):
            ini = tree.ini(name)
            return (dict(ini.items(section)) if ini.has_section(section) else {}), name
    options = table(tree.toml("pyproject.toml"), "tool", "pytest", "ini_options")
    if options:
        return {k: _text(v) for k, v in options.items()}, "pyproject.toml"
    for name, section in (("tox.ini", "pytest"), ("setup.cfg", "tool:pytest")):
        ini = tree.ini(name)
        if ini.has_section(section):
            return dict(ini.items(section)), name
    return {}, ""


def _text(value: object) -> str:
    """Return a TOML value as an INI file writes it; a list of options as one line."""
    items = strings(value)
    if items:
        return "\n".join(shlex.quote(i) if " " in i else i for i in items)
    return str(value)


def kept(addopts: str) -> tuple[list[str], list[str]]:
    """Return the options that stay, and those that were dropped."""
    try:
        words = shlex.split(addopts.replace("\n", " "))
    except ValueError:
        words = addopts.split()
    stay: list[str] = []
    gone: list[str] = []
    skip = False
    for i, word in enumerate(words):
        after = words[i + 1] if i + 1 < len(words) else ""
        if skip:
            gone.append(word)
            skip = False
        elif _drops(word):
            gone.append(word)
            # A bare `--cov` may stand before a path; a path alone would be taken as tests.
            skip = "=" not in word and _valued(word, after)
        else:
            stay.append(word)
    return stay, gone


def _drops(word: str) -> bool:
    name = word.split("=")[0]
    if re.fullmatch(r"-n(\d+|auto)", word):
        return True
    if name.startswith(
        ("--cov", "--mypy", "--junit", "--strict", "--flake8", "--pylint", "--ruff")
    ):
        return True
    return name in DROPPED


def _valued(word: str, after: str) -> bool:
    if not after or after.startswith("-"):
        return False
    return word in VALUED or word == "--cov"


class Told(Struct, frozen=True):
    """What the settings of a tree mean for a call of pytest.

    Args:
        arguments: to be added to the call.
        addopts: the options of the settings, those apart that were dropped.
        filters: their filters of warnings, without those that make errors of all.
        notes: in words.
    """

    arguments: tuple[str, ...]
    addopts: tuple[str, ...]
    filters: tuple[str, ...]
    notes: tuple[str, ...]


def told(tree: Tree) -> Told:
    """Return what the settings of a tree mean for a call of pytest."""
    options, file = settings(tree)
    out: list[str] = []
    notes: list[str] = []
    stay, gone = kept(options.get("addopts", ""))
    if "python_files" not in options and (patterns := _patterns(tree)):
        out += ["-o", f"python_files={patterns}"]
        notes.append(f"tests are looked for in files named {patterns}")
    if gone:
        out += ["-o", f"addopts={shlex.join(stay)}"]
        notes.append(f"{file}: pytest runs without {' '.join(gone)}")
    filters = [line.strip() for line in options.get("filterwarnings", "").splitlines()]
    if any(line.startswith("error") for line in filters) or _errors(stay):
        for name in LATER:
            out += ["-W", f"default::{name}"]
        notes.append(f"{file}: warnings of a newer Python or pytest stay warnings")
    filters = [line for line in filters if line and line not in ("error", "error::Warning")]
    return Told(tuple(out), tuple(stay), tuple(filters), tuple(notes))


def _errors(words: list[str]) -> bool:
    return any(
        w in ("-Werror", "-W=error") or (w == "error" and words[i - 1] == "-W")
        for i, w in enumerate(words)
    )


def _patterns(tree: Tree) -> str:
    """Return pytest's patterns of test files with more of them, "" where its own find some."""
    names = {path.name for path in tests.files(tree)} - {"conftest.py", "__init__.py"}
    if any(n.startswith("test_") or n.endswith("_test.py") for n in names):
        return ""
    more = [p for p in ("*_tests.py", "tests.py", "test*.py") if any(fnmatch(n, p) for n in names)]
    return " ".join(["test_*.py", "*_test.py", *more]) if more else ""
