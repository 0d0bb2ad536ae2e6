"""What the code of the tests uses: modules, pytest's fixtures."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from banbury.cycle.source.mine.environment.reading.tree import MOST, Tree

FOLDERS = ("tests", "test", "testing", "unittests", "t")
MOST_FILES = 2000
IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+([A-Za-z_]\w*)[\w.]*[ \t]+import|import[ \t]+([\w., \t]+))", re.M
)
ARGUMENTS = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+\w+\(([^)]*)\)", re.M)
FIXTURES = re.compile(r"usefixtures\(([^)]*)\)")


def files(tree: Tree) -> list[Path]:
    """Return the Python files that look like tests, in order, never through a link."""
    out: list[Path] = []
    for folder, folders, names in os.walk(tree.root):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f != "node_modules")
        inside = any(p in FOLDERS for p in Path(folder).relative_to(tree.root).parts)
        for name in sorted(names):
            test = name.startswith("test") or name.endswith("_test.py") or name == "conftest.py"
            if name.endswith(".py") and (inside or test):
                out.append(Path(folder) / name)
        if len(out) > MOST_FILES:
            break
    return [p for p in out if not p.is_symlink() and p.stat().st_size <= MOST][:MOST_FILES]


def sources(tree: Tree) -> Iterator[str]:
    """Yield the texts of the Python files, at most so many, never through a link."""
    count = 0
    for folder, folders, names in os.walk(tree.root):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f != "node_modules")
        for path in (Path(folder) / name for name in sorted(names) if name.endswith(".py")):
            count += 1
            if count > MOST_FILES:
                return
            if not path.is_symlink() and path.stat().st_size <= MOST:
                yield path.read_bytes().decode("utf-8", errors="replace")


class Used:
    """Names that the tests use.

    Args:
        modules: top-level modules that they import, the standard library's apart.
        arguments: names of their functions' parameters: fixtures among them.
        runs: whether they use pytest, unittest alone, or nose.
    """

    def __init__(self, tree: Tree) -> None:
        self.modules: set[str] = set()
        self.arguments: set[str] = set()
        for path in files(tree):
            text = path.read_bytes().decode("utf-8", errors="replace")
            for match in IMPORT.finditer(text):
                parts = [match[1]] if match[1] else (match[2] or "").split(",")
                self.modules |= {p.split(" as ")[0].strip().split(".")[0] for p in parts}
            for match in ARGUMENTS.finditer(text):
                self.arguments |= set(re.findall(r"(?:^|,)\s*(\w+)", match[1]))
            for match in FIXTURES.finditer(text):
                self.arguments |= set(re.findall(r"[\"'](\w+)[\"']", match[1]))
        self.modules -= set(sys.stdlib_module_names) | {""}
