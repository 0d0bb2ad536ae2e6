"""The file tools."""

from __future__ import annotations

import re

from msgspec.structs import replace

from banbury.gyms.desk import actions as do
from banbury.gyms.desk.mailbox import readable
from banbury.gyms.desk.refusal import Refused, addresses, body, line, plural
from banbury.gyms.desk.world import File, World

_PATH = re.compile(r"(?:/[\w.-]{1,60}){1,6}", re.ASCII)


def list_files(world: World, action: do.ListFiles) -> str:
    """Return the files below a folder as lines."""
    folder = "/" + line(action.folder, "folder").strip("/")
    below = folder if folder == "/" else f"{folder}/"
    found = sorted(
        (f for f in world.files.values() if f.path.startswith(below) and _seen(world, f)),
        key=lambda f: f.path,
    )
    head = f"{plural(len(found), 'file')} in {folder}{':' if found else '.'}"
    return "\n".join([head, *(_row(world, file) for file in found)])


def read_file(world: World, action: do.ReadFile) -> str:
    """Return a file's text."""
    return readable(world, action.path).text


def write_file(world: World, action: do.WriteFile) -> str:
    """Write a file, new or over one's own."""
    path = _path(action.path)
    text = body(action.text, "file")
    old = world.files.get(path)
    if old is None:
        world.files[path] = File(path, text, world.me)
        return f"{path} is written."
    world.files[path] = replace(_own(world, path), text=text)
    return f"{path} is replaced."


def move_file(world: World, action: do.MoveFile) -> str:
    """Move or rename a file."""
    file = _own(world, action.path)
    to = _path(action.to)
    if to in world.files:
        raise Refused(f"there is a file {to!r} already")
    del world.files[file.path]
    world.files[to] = replace(file, path=to)
    return f"{file.path} is {to} now."


def share_file(world: World, action: do.ShareFile) -> str:
    """Let people read a file."""
    file = _own(world, action.path)
    wanted = addresses(action.people)
    shared = tuple(dict.fromkeys((*file.shared, *(p for p in wanted if p != file.owner))))
    return _shared(world, file, shared)


def unshare_file(world: World, action: do.UnshareFile) -> str:
    """Stop letting people read a file."""
    file = _own(world, action.path)
    unwanted = addresses(action.people)
    for one in unwanted:
        if one not in file.shared:
            raise Refused(f"{file.path} is not shared with {one}")
    return _shared(world, file, tuple(p for p in file.shared if p not in unwanted))


def _shared(world: World, file: File, shared: tuple[str, ...]) -> str:
    world.files[file.path] = replace(file, shared=shared)
    return f"{file.path} is shared with {', '.join(shared) or 'nobody'} now."


def _seen(world: World, file: File) -> bool:
    return file.owner == world.me or world.me in file.shared


def _own(world: World, path: str) -> File:
    file = world.files.get(path)
    if file is not None and file.owner == world.me:
        return file
    if file is not None and world.me in file.shared:
        raise Refused(f"{path} belongs to {file.owner}; only they may change it")
    raise Refused(f"you have no file {path[:200]!r}; see list_files")


def _path(text: str) -> str:
    if not _PATH.fullmatch(text) or {".", ".."} & set(text.split("/")):
        raise Refused(f"{text[:80]!r} is no path; write one such as /orders/AB123.txt")
    return text


def _row(world: World, file: File) -> str:
    owner = "yours" if file.owner == world.me else f"of {file.owner}"
    return f"{file.path} | {owner} | shared with {', '.join(file.shared) or 'nobody'}"
