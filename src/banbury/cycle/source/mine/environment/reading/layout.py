"""Which folders of a tree go on sys.path."""

from __future__ import annotations

import re

from banbury.cycle.source.mine.environment.reading.tree import Tree


def roots(tree: Tree, declared: list[str], name: str) -> tuple[str, ...]:
    """Return the folders with the project's packages, as declared, else as found.

    Args:
        tree: the files.
        declared: what the back-end's settings say; may be wrong.
        name: the project's name.
    """
    plain = dict.fromkeys(_plain(d) for d in declared)
    known = [p for p in plain if p is not None and tree.folder(p)]
    if known:
        return tuple(known)
    module = re.sub(r"[-.]", "_", name).lower()
    if _has(tree, ".", module):
        return (".",)
    for folder in ("src", "lib", "python", "source", "Lib"):
        if tree.folder(folder) and (_has(tree, folder, module) or _packages(tree, folder)):
            return (folder,)
    return (".",)


def _plain(folder: str) -> str | None:
    parts = [p for p in folder.replace("\\", "/").split("/") if p not in ("", ".")]
    return None if ".." in parts or folder.startswith("/") else "/".join(parts) or "."


def _has(tree: Tree, folder: str, module: str) -> bool:
    names = {n.lower() for n in tree.names(folder)}
    return bool(module) and (module in names or f"{module}.py" in names)


def _packages(tree: Tree, folder: str) -> bool:
    names = tree.names(folder)
    return any(n.endswith(".py") or tree.path(f"{folder}/{n}/__init__.py") for n in names)


ASIDE = frozenset(
    {
        "tests",
        "test",
        "testing",
        "docs",
        "doc",
        "examples",
        "example",
        "benchmarks",
        "bench",
        "setup",
        "conftest",
        "noxfile",
        "tasks",
        "scripts",
        "tools",
        "fabfile",
        "ci",
        "util",
        "build",
        "dist",
        "artwork",
        "performance",
        "extras",
        "demo",
        "samples",
    }
)


def packages(tree: Tree, folders: tuple[str, ...]) -> tuple[str, ...]:
    """Return the top-level packages of a project, or its modules where it has no package."""
    found: list[str] = []
    modules: list[str] = []
    for folder in folders:
        for name in tree.names(folder):
            if name.removesuffix(".py") in ASIDE:
                continue
            if name.isidentifier() and tree.path(f"{folder}/{name}/__init__.py"):
                found.append(name)
            elif name.endswith(".py") and name[:-3].isidentifier():
                modules.append(name[:-3])
    return tuple(found or modules)


def empty_submodules(tree: Tree) -> tuple[str, ...]:
    """Return the folders of submodules that have no files."""
    named = re.findall(r"^\s*path\s*=\s*(\S+)\s*$", tree.text(".gitmodules"), re.M)
    return tuple(folder for folder in named if not tree.names(folder))
