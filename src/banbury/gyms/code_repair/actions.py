"""What can be done in a repair. Docstrings and field descriptions are what actors read."""

from __future__ import annotations

import base64
import shlex
from typing import Annotated

from msgspec import Meta

from banbury.gyms.code_repair.files import File
from banbury.gyms.contract import Action

Path = Annotated[str, Meta(description="Path of a file in the project, such as src/a.py.")]


class Shell(Action, frozen=True, tag="shell"):
    """Run a shell command in the project's folder. There is no network."""

    command: Annotated[str, Meta(description="Command line for bash.")]


class Read(Action, frozen=True, tag="read"):
    """Show a file with line numbers, or list a folder."""

    path: Annotated[str, Meta(description="Path of a file or folder; . is the project.")]
    first: Annotated[int, Meta(description="First line to show, from 1.", ge=1)] = 1
    lines: Annotated[int, Meta(description="How many lines to show, at most 1000.", ge=1)] = 200


class Search(Action, frozen=True, tag="search"):
    """List the lines that match a regular expression, with file and line number."""

    pattern: Annotated[str, Meta(description="Regular expression, as in Python.")]
    path: Annotated[str, Meta(description="File or folder to look in; . is the project.")] = "."


class Edit(Action, frozen=True, tag="edit"):
    """Replace one passage of a file; it must occur exactly once."""

    path: Path
    old: Annotated[str, Meta(description="The passage as it stands, with its white space.")]
    new: Annotated[str, Meta(description="What shall stand there instead.")]


class Write(Action, frozen=True, tag="write"):
    """Write a whole file: a new one, or in place of what it held."""

    path: Path
    text: Annotated[str, Meta(description="All that the file shall hold.")]


class RunTests(Action, frozen=True, tag="run_tests"):
    """Run the project's tests and list how each came out that did not pass."""

    files: Annotated[
        tuple[str, ...], Meta(description="Test files to run; none for the whole suite.")
    ] = ()


class Note(Action, frozen=True, tag="note"):
    """Say why: what you think is wrong, what you mean to do. It is recorded and changes nothing."""

    reason: Annotated[str, Meta(description="Your reasons, in words.")]


class Submit(Action, frozen=True, tag="submit"):
    """Hand the work in as it stands."""


RepairAction = Shell | Read | Search | Edit | Write | RunTests | Note | Submit
"""Everything that can be done in a repair."""


def leaving(path: str, file: File | None) -> Shell | Write:
    """Return the action that leaves this file."""
    quoted = shlex.quote(path)
    if file is None:
        return Shell(f"rm -f {quoted}")
    if file.link:
        return Shell(f"ln -sfn {shlex.quote(file.link)} {quoted}")
    if file.data or file.executable:
        data = base64.b64encode(file.bytes).decode()
        mode = f"\nchmod +x {quoted}" if file.executable else ""
        folder = f'mkdir -p "$(dirname {quoted})"'
        return Shell(f"{folder} && base64 -d > {quoted} <<'E'\n{data}\nE{mode}")
    return Write(path, file.text)
