"""Paths of a foreign tree: which may be written, and where a link would lead."""

from __future__ import annotations

from collections.abc import Mapping

HOPS = 40
"""Links followed for one path before it counts as endless, as in Linux."""


def refused(path: str) -> str:
    """Return why a path of a tree is not written, "" where it may be.

    A path may be written where each of its parts is an ordinary name: none is empty, `.`, `..`
    or git's own folder in any case, and none is longer than a file system takes.
    """
    if not path or "\0" in path:
        return "is no path"
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts):
        return "leaves the tree or is not normal"
    if any(part.lower().rstrip(" .") in (".git", "git~1") for part in parts):
        return "is a git folder"
    if any(len(part.encode(errors="surrogateescape")) > 255 for part in parts):
        return "has a name of over 255 bytes"
    return "" if len(path) < 2000 else "is too long"


def inside(link: str, links: Mapping[str, str]) -> bool:
    """Say whether a link stays inside the tree, all links on its way followed.

    Args:
        link: the link's path.
        links: where each link of the tree points, by path.
    """
    todo = [*reversed(link.split("/"))]
    at: list[str] = []
    hops = 0
    while todo:
        part = todo.pop()
        if part in ("", "."):
            continue
        if part == "..":
            if not at:
                return False
            at.pop()
            continue
        at.append(part)
        target = links.get("/".join(at))
        if target is None:
            continue
        hops += 1
        if hops > HOPS or not target or target.startswith("/") or "\0" in target:
            return False
        at.pop()
        todo.extend(reversed(target.split("/")))
    return True
