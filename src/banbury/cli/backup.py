"""`banbury backup FOLDER` and `banbury restore FOLDER`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from banbury import store
from banbury.cli.terminal import Json, counted, notes, out, print_json
from banbury.people.erasing import Erasures
from banbury.store.backup import Manifest, back_up
from banbury.store.restoring import restore as bring_back
from banbury.store.restoring import unreadable

Store = Annotated[str | None, Parameter(name="--store")]


def backup(folder: Path, /, *, at: Store = None, json: Json = False) -> None:
    """Write a back-up of the house and every lab into a new folder; people's keys are not in it.

    Back the folder of the keys up elsewhere, and shortly: whoever has both can read what was
    erased since.

    Args:
        folder: where to; it must not hold anything yet.
        at: folder or postgresql:// address; as BANBURY_URL or BANBURY_HOME say if not given.
        json: print JSON instead.
    """
    with store.open(at) as house, _bar(quiet=json) as show:
        made = back_up(house, folder, show)
        keys = house.keyring.folder
    if json:
        print_json({**_told(made), "keys": str(keys)})
        return
    files, size = sum(lab.files for lab in made.labs), sum(lab.bytes for lab in made.labs)
    labs = counted(len(made.labs), "lab is", "labs are")
    out.print(f"{labs} in {folder}, files: {files:,} ({size:,} bytes)",
              markup=False, highlight=False)  # fmt: skip
    out.print(f"The keys are not: they lie in {keys}", markup=False, highlight=False)


def restore(folder: Path, /, *, at: Store = None, json: Json = False) -> None:
    """Bring a back-up into a store that holds nothing, and erase again who was erased since.

    Args:
        folder: what `banbury backup` wrote.
        at: folder or postgresql:// address; as BANBURY_URL or BANBURY_HOME say if not given.
        json: print JSON instead.
    """
    with _bar(quiet=json) as show:
        made = bring_back(folder, at, show)
    with store.open(at) as house:
        again = Erasures(house).replay()
        keys, shut = house.keyring.folder, unreadable(house)
    if json:
        said = {"erased_again": again, "keys": str(keys), "unreadable": shut}
        print_json({**_told(made), **said})
        return
    out.print(f"{counted(len(made.labs), 'lab is', 'labs are')} back", highlight=False)
    if again:
        told = ("key or person who was erased since is", "keys or people who were erased since are")
        out.print(f"{counted(again, *told)} erased again", highlight=False)
    if shut:
        closed = counted(shut, "account is", "accounts are")
        out.print(f"{closed} unreadable, with what was said there, "
                  f"until the keys lie in {keys}", markup=False, highlight=False)  # fmt: skip


def _told(made: Manifest) -> dict[str, object]:
    return dict(msgspec.to_builtins(made))


@contextmanager
def _bar(*, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn())
    hidden = quiet or not notes.is_terminal
    with Progress(*columns, console=notes, transient=True, disable=hidden) as progress:
        line = progress.add_task("back-up", total=None)

        def show(what: str, done: int, total: int) -> None:
            progress.update(line, description=what, completed=done, total=total or None)

        yield show
