"""The project itself, as an editable wheel: a path and metadata, and no code."""

from __future__ import annotations

import hashlib
import re

from banbury.cycle.source.mine.environment.archive import archive
from banbury.cycle.source.mine.environment.needs import Project
from banbury.gyms.code_repair.building.files import inline
from banbury.gyms.code_repair.recipe import Pin

UNKNOWN = "0.0.0"
"""The version of a project of which nothing tells one."""
TEMPLATE = """\
# file generated from the nearest tag
__version__ = version = {version!r}
__version_tuple__ = version_tuple = {version_tuple!r}
"""


def pin(project: Project, version: str) -> Pin:
    """Return a pin that carries the project's editable wheel in its URL.

    The environment of a task can thereby be made from the lock alone, and the tests find the
    project's version and entry points; its code stays in /work, where an actor changes it.

    Args:
        project: what its files say of it.
        version: its version as of the commit, or "".
    """
    name = project.name or "project-under-test"
    version = version or UNKNOWN
    data = wheel(name, project.title or name, version, project.roots, project.entry_points)
    return Pin(
        name=name,
        version=version,
        url=inline(data),
        sha256=hashlib.sha256(data).hexdigest(),
        kind="wheel",
    )


def wheel(name: str, title: str, version: str, roots: tuple[str, ...], entry_points: str) -> bytes:
    """Return an editable wheel, the same bytes each time.

    Args:
        name: normalised name.
        title: name as the project writes it.
        version: its version.
        roots: folders below /work that go on sys.path.
        entry_points: text of entry_points.txt, or "".
    """
    stem = f"{re.sub(r'[-.]+', '_', name)}-{version.replace('-', '_')}"
    paths = "".join("/work\n" if root == "." else f"/work/{root}\n" for root in roots)
    files = {f"__editable__.{stem}.pth": paths}
    if entry_points:
        files[f"{stem}.dist-info/entry_points.txt"] = entry_points
    return archive(title, version, stem, files)


def written(project: Project, version: str) -> list[tuple[str, str]]:
    """Return the files that a build would write from the version: path and text.

    Args:
        project: says which, and by what template.
        version: the version as of the commit, or "".
    """
    version = version or UNKNOWN
    parts: tuple[int | str, ...] = tuple(
        int(p) if p.isdigit() else p for p in re.split(r"[.+]", version)
    )
    out = {}
    for path, template in project.written:
        if path.startswith("/") or ".." in path.split("/"):
            continue
        try:
            text = (template or (TEMPLATE if path.endswith(".py") else "{version}\n")).format(
                version=version, version_tuple=parts, scm_version=version, full_version=version
            )
        except (KeyError, IndexError, ValueError, AttributeError):
            text = TEMPLATE.format(version=version, version_tuple=parts)
        out[path] = text
    return list(out.items())
