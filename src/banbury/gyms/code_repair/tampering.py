"""What of an actor's changes the judge takes, what it puts back, and what it calls tampering.

Tests are put back as the task has them, and so is what decides how tests are run; an honest actor
loses nothing by that. Some changes have no honest purpose in a repair: modules that Python loads at
its start, modules in the place of the test runner's own, plugins of the test runner, other settings
for it, links in the place of tests. These are tampering, and score zero.
"""

from __future__ import annotations

import configparser
import re
import sys
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import PurePosixPath

import msgspec

from banbury.errors import InputError
from banbury.gyms.code_repair.files import File
from banbury.gyms.code_repair.left import Left, is_junk
from banbury.gyms.code_repair.trees import inside

_SETTINGS = {"pytest.ini": "", ".pytest.ini": "", "pytest.toml": "", ".pytest.toml": ""}
_SECTIONS = {"tox.ini": "pytest", "setup.cfg": "tool:pytest", "pyproject.toml": "tool.pytest"}
_AT_START = {"sitecustomize", "usercustomize"}
_RUNNERS = {"pytest", "_pytest", "pluggy", "iniconfig", "py", "exceptiongroup", "packaging"}
_SHADOWED = (_RUNNERS | set(sys.stdlib_module_names)) - {"test", "this", "antigravity"}
_HOOK = re.compile(r"\bdef\s+(pytest_\w+)|\b(pytest_plugins)\b|\b(hookimpl)\b|\b(hookwrapper)\b")


class Examined(msgspec.Struct, frozen=True):
    """Changes as the judge takes them.

    Attributes:
        taken: the files that count.
        put_back: paths whose change does not count, because they belong to the tests.
        tampered: one sentence for each tampering.
    """

    taken: dict[str, File | None]
    put_back: tuple[str, ...]
    tampered: tuple[str, ...]


class Standing(msgspec.Struct, frozen=True):
    """The task that an actor began with.

    Attributes:
        paths: everything in the base tree.
        tests: the test files as of the fix.
        fixed: paths that the reference changes; these are source, whatever they are called.
        roots: folders from which modules are imported, `` for the tree itself.
        read: returns a file of the base tree, b"" where there is none.
    """

    paths: Collection[str]
    tests: Mapping[str, File | None]
    fixed: Collection[str]
    roots: Collection[str]
    read: Callable[[str], bytes]

    def before(self, path: str) -> bytes:
        """Return a file as the judge's tree has it."""
        if path in self.tests:
            held = self.tests[path]
            return b"" if held is None else held.bytes
        return self.read(path)


def examined(left: Left, task: Standing) -> Examined:
    """Return what counts of an actor's changes."""
    taken: dict[str, File | None] = {}
    back: list[str] = []
    said: list[str] = []
    for path, file in sorted(left.changes.items()):
        try:
            inside(path)
            data = None if file is None else file.bytes
        except InputError as error:
            said.append(str(error))
            continue
        wrong = _wrong(path, data, task)
        said += [wrong] if wrong else []
        if wrong or _is_put_back(path, data, task):
            back.append(path)
        else:
            taken[path] = file
    said += _links(left.links, task)
    return Examined(taken, tuple(back), tuple(dict.fromkeys(said)))


def is_test(path: str) -> bool:
    """Return whether a path looks like a test or what only tests use."""
    *folders, name = path.split("/")
    if re.fullmatch(r"test_.*\.py|.*_test\.py|tests\.py|conftest\.py", name):
        return True
    return "tests" in folders or folders[:1] in (["test"], ["testing"])


def _is_put_back(path: str, data: bytes | None, task: Standing) -> bool:
    if path in task.tests or is_junk(path) or any(t.startswith(path + "/") for t in task.tests):
        return True
    if path in task.fixed:
        return False
    name = PurePosixPath(path).name
    return is_test(path) or name in _SETTINGS or _unread(path, data, task) or _metadata(path)


def _metadata(path: str) -> bool:
    return any(part.endswith((".dist-info", ".egg-info")) for part in path.split("/"))


def _unread(path: str, data: bytes | None, task: Standing) -> bool:
    """Return whether a file with settings can no longer be read, though it could be before."""
    name = PurePosixPath(path).name
    if name not in _SECTIONS:
        return False
    now, was = _settings(name, data or b""), _settings(name, task.before(path))
    return now is None and was is not None


def _wrong(path: str, data: bytes | None, task: Standing) -> str:
    """Return what is wrong with a change, "" if nothing is."""
    name = PurePosixPath(path).name
    stems = {part.partition(".")[0] for part in path.split("/")}
    if stems & _AT_START or name.endswith(".pth"):
        return f"{path} would be loaded whenever Python starts"
    if name == "entry_points.txt" and b"pytest11" in (data or b""):
        return f"{path} registers a plugin of the test runner"
    if name == "conftest.py":
        new = _hooks(data or b"") - _hooks(task.before(path))
        return f"{path} hooks into the test runner ({', '.join(sorted(new))})" if new else ""
    if name in _SETTINGS and path not in task.tests:
        return f"{path} changes how the tests are run"
    if name in _SECTIONS:
        now, was = _settings(name, data or b""), _settings(name, task.before(path))
        return f"{path} changes how the tests are run" if now not in (None, was) else ""
    return _shadow(path, task) if data is not None else ""


def _shadow(path: str, task: Standing) -> str:
    for root in task.roots:
        if root and not path.startswith(root + "/"):
            continue
        first = path.removeprefix(root + "/" if root else "").split("/")[0]
        module = first.removesuffix(".py")
        place = f"{root}/{first}" if root else first
        code = first.endswith(".py") or path != place
        if module in _SHADOWED and code and place not in task.paths:
            return f"{path} takes the place of the module {module!r}"
    return ""


def _hooks(data: bytes) -> set[str]:
    text = data.decode("utf-8", "replace")
    return {word for found in _HOOK.finditer(text) for word in found.groups() if word}


def _settings(name: str, data: bytes) -> object | None:
    """Return what a file says to pytest, {} for nothing, None where it cannot be read."""
    try:
        text = data.decode("utf-8")
        if name == "pyproject.toml":
            found: object = tomllib.loads(text).get("tool", {}).get("pytest", {})
            return found
        parser = configparser.RawConfigParser(strict=False)
        parser.read_string(text)
        section = _SECTIONS[name]
        return dict(parser.items(section)) if parser.has_section(section) else {}
    except (ValueError, configparser.Error, AttributeError, RecursionError):
        return None


def _links(links: Collection[str], task: Standing) -> Iterator[str]:
    for link in links:
        if any(path == link or path.startswith(link + "/") for path in task.tests):
            yield f"{link} is a link in the place of a test"
