"""All files of a tree together: what it needs."""

from __future__ import annotations

from pathlib import Path

from packaging.utils import canonicalize_name

from banbury.cycle.source.mine.environment import removed
from banbury.cycle.source.mine.environment.modules import FIXTURES, PREFIXES, TOOLS, distribution
from banbury.cycle.source.mine.environment.needs import Needs, Project, Requirement
from banbury.cycle.source.mine.environment.reading import (
    automation,
    files,
    layout,
    locks,
    pyproject,
    pytest,
    setup_cfg,
    setup_py,
    tests,
    version,
)
from banbury.cycle.source.mine.environment.reading.declared import Found
from banbury.cycle.source.mine.environment.reading.tree import Tree

PKG_RESOURCES = Requirement(
    "setuptools", (), "<81", "other", "pkg_resources, which some file imports"
)
PLAIN = frozenset({"settings", "snapshot", "fs", "rf", "cov", "virtualenv", "benchmark", "faker"})
"""Names of fixtures that projects also define on their own; a plug-in is not guessed from them."""


def requirements(tree: Path) -> Needs:
    """Find out what a tree needs to be tested; runs nothing of it.

    Args:
        tree: folder with the files of one commit.
    """
    opened = Tree(tree)
    found = Found()
    for reader in (pyproject, setup_cfg, setup_py, files, automation):
        reader.read(opened, found)
    used = tests.Used(opened)
    project = _project(opened, found)
    told = pytest.told(opened)
    notes = list(told.notes)
    texts = list(tests.sources(opened))
    chosen, left = _choose(found, used, project)
    if project.name != "setuptools" and any("pkg_resources" in text for text in texts):
        chosen.append(PKG_RESOURCES)
    if left:
        notes.append("left out, since no test imports them: " + ", ".join(sorted(left)))
    return Needs(
        project=project,
        chosen=tuple(chosen),
        pool=tuple(found.requirements),
        python=found.python,
        test=told.arguments,
        addopts=told.addopts,
        filters=told.filters,
        empty=layout.empty_submodules(opened),
        locked=locks.versions(opened),
        removed=tuple(sorted({m for t in texts for m in removed.used(t)})),
        notes=(*opened.notes, *notes),
    )


def _project(tree: Tree, found: Found) -> Project:
    folders = layout.roots(tree, found.roots, found.title)
    packages = layout.packages(tree, folders)
    tagged = found.version_from == "tag"
    text = version.normal(found.version)
    if not text and not tagged:
        text = version.read(tree, found.version_from, [*folders, "."], found.title)
    if not text and not tagged:
        text = next((v for p in packages if (v := version.read(tree, "", list(folders), p))), "")
    title = found.title or (packages[0] if len(packages) == 1 else "")
    return Project(
        name=canonicalize_name(title),
        title=title,
        version=text,
        tagged=tagged,
        roots=folders,
        entry_points="\n".join(
            f"[{group}]\n" + "".join(f"{n} = {t}\n" for n, t in sorted(entries.items()))
            for group, entries in sorted(found.entry_points.items())
        ),
        backend=found.backend,
        builds=tuple(dict.fromkeys(found.builds)),
        written=tuple(found.written),
        extensions=found.extensions,
        packages=packages,
        told="" if text else version.of_changes(tree, title),
    )


def _choose(
    found: Found, used: tests.Used, project: Project
) -> tuple[list[Requirement], list[str]]:
    """Return the requirements to install, and the names of tools that are left out."""
    runtime = [r for r in found.requirements if r.role == "runtime"]
    chosen = list(runtime)
    tests = [r for r in found.requirements if r.role == "test"]
    extra = [r for r in found.requirements if _wanted(r, found)]
    if not any(r.name in ("pytest", "nose") for r in tests):
        tests += [r for r in found.requirements if r.role == "dev"]
    if not tests or not (runtime or found.metadata):
        tests += [r for r in found.requirements if r.role == "hint"]
    imported = {distribution(m) for m in used.modules}
    left: list[str] = []
    for need in [*tests, *extra]:
        tool = need.name in TOOLS or need.name.startswith(PREFIXES)
        if tool and need.name not in imported:
            left.append(need.name)
        else:
            chosen.append(need)
    chosen += _guessed(used, found)
    return _once([r for r in chosen if r.name != project.name]), sorted(set(left))


def _wanted(need: Requirement, found: Found) -> bool:
    """Say whether tox or CI installs the extra that this is from."""
    return need.role in ("other", "dev") and any(
        need.origin.endswith((f".{e}]", f" {e}")) for e in found.wanted
    )


def _guessed(used: tests.Used, found: Found) -> list[Requirement]:
    """Return plug-ins of pytest whose fixtures the tests use."""
    names = {FIXTURES[a] for a in used.arguments & (FIXTURES.keys() - PLAIN)}
    known = {r.name: r for r in reversed(found.requirements)}
    return [
        known.get(n) or Requirement(n, (), "", "test", "a fixture that the tests use")
        for n in sorted(names)
        if n in known
    ]


def _once(needs: list[Requirement]) -> list[Requirement]:
    return list(dict.fromkeys(needs))
