"""The version of a project, as its files say it."""

from __future__ import annotations

import ast
import re

from packaging.version import InvalidVersion, Version

from banbury.cycle.source.mine.environment.reading.tree import Tree

ASSIGNED = re.compile(
    r"^\s*(?:__version__|__VERSION__|VERSION|version)\s*(?::\s*\w+\s*)?=\s*(?:__version__\s*=\s*)?"
    r"[rbuRBU]?[\"']([^\"']+)[\"']",
    re.M,
)
TUPLE = re.compile(
    r"^\s*(?:__version__|VERSION|version_info|__version_info__|version)\s*=\s*"
    r"\(?\s*(\d+\s*(?:,\s*[\w\"']+\s*)*)\)?",
    re.M,
)
MODULES = (
    "__init__.py",
    "_version.py",
    "version.py",
    "__about__.py",
    "__version__.py",
    "_meta.py",
    "__meta__.py",
    "about.py",
    "release.py",
)


def normal(version: str) -> str:
    """Return a version as PEP 440 writes it, "" where it is none."""
    try:
        return str(Version(version.strip()))
    except InvalidVersion:
        return ""


def of_tag(tag: str) -> str:
    """Return the version that a tag such as `v1.2.0` or `name-1.2` names, or ""."""
    match = re.search(r"v?(\d+(?:[._]\d+)*[\w.+-]*)$", tag.strip())
    return normal(match[1].replace("_", ".")) if match else ""


def read(tree: Tree, source: str, roots: list[str], name: str) -> str:
    """Return the version that the files say, "" where they do not.

    Args:
        tree: the files.
        source: `attr:PACKAGE.NAME`, `file:PATH`, `module:NAME` or "".
        roots: folders with packages.
        name: the project's name.
    """
    kind, _, rest = source.partition(":")
    files: list[str] = []
    if kind == "file":
        files = [rest.strip("\"' ")]
    elif kind in ("attr", "module"):
        path = rest.replace(".", "/")
        parts = [path, path.rpartition("/")[0]] if kind == "attr" else [path]
        files = [
            f"{r}/{p}{end}"
            for r in roots
            for p in parts
            if p
            for end in (".py", "/__init__.py", "/_version.py", "/version.py")
        ]
    else:
        module = re.sub(r"[-.]", "_", name)
        for folder in dict.fromkeys((module, module.removeprefix("python_"), module.lower())):
            files += [f"{r}/{folder}/{m}" for r in roots for m in MODULES]
            files += [f"{r}/{folder}.py" for r in roots]
        files += ["VERSION", "VERSION.txt", "version.txt"]
    return next((v for f in files if (v := _in_file(tree, f))), "")


def _in_file(tree: Tree, file: str) -> str:
    text = tree.text(file)
    if not text:
        return ""
    if not file.endswith(".py"):
        return normal(text.strip().splitlines()[0]) if text.strip() else ""
    match = ASSIGNED.search(text)
    if match and normal(match[1]):
        return normal(match[1])
    found = TUPLE.search(text)
    if found:
        parts = [p.strip(" \"'") for p in found[1].split(",")]
        return normal(".".join(p for p in parts if p and p.isdigit()))
    return ""


def literal(text: str) -> str:
    """Return a Python string literal of a text."""
    return ast.unparse(ast.Constant(text))


CHANGES = ("CHANGES", "CHANGELOG", "HISTORY", "NEWS", "RELEASES", "docs/changelog", "docs/changes")
HEADING = re.compile(
    r"^[#\[ ]{0,8}(?:version |release |(?P<name>[A-Za-z][\w.-]{0,60}) )?v?"
    r"(?P<version>\d{1,6}(?:\.\d{1,6}){1,4}(?:\.?(?:a|b|rc|dev|post)\d{0,4})?)\b",
    re.M | re.I,
)


def of_changes(tree: Tree, title: str) -> str:
    """Return the newest version that a list of changes names, "" where there is none.

    Args:
        tree: the files.
        title: the project's name, which may stand before a version.
    """
    for stem in CHANGES:
        for name in (s + end for s in (stem, stem.lower()) for end in (".md", ".rst", ".txt", "")):
            for match in HEADING.finditer(tree.text(name)[:20_000]):
                found = normal(match["version"])
                if found and (match["name"] or title).lower() == title.lower():
                    return found
    return ""
