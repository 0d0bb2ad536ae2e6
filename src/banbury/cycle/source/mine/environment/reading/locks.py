"""Lock files that a project keeps in its tree: which versions its authors had."""

from __future__ import annotations

from packaging.utils import canonicalize_name

from banbury.cycle.source.mine.environment.reading.tree import Tree, table

FILES = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml")


def versions(tree: Tree) -> dict[str, str]:
    """Return the locked version of each distribution, by normalised name; {} without a lock."""
    out: dict[str, str] = {}
    for name in FILES:
        data = tree.toml(name) if tree.path(name) else {}
        packages = data.get("package") or data.get("packages") or []
        for package in packages if isinstance(packages, list) else []:
            entry = table(package)
            if isinstance(entry.get("name"), str) and isinstance(entry.get("version"), str):
                out.setdefault(canonicalize_name(entry["name"]), entry["version"])
    for name, value in table(tree.json("Pipfile.lock"), "default").items():
        version = str(table(value).get("version", ""))
        if version.startswith("=="):
            out.setdefault(canonicalize_name(name), version[2:])
    return out
