"""`banbury capture upload`: files of many gigabytes to a lab, carried on after any interruption."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from banbury.arena import Tally
from banbury.cli.terminal import Json, Place, bar, print_json, print_table
from banbury.client import Client, Sent
from banbury.client.sending import fingerprint
from banbury.errors import InputError
from banbury.store import Lab

TOKEN = "BANBURY_TOKEN"
"""Environment variable with the API token for a workbench elsewhere."""
MACHINE = "this-machine"
"""The person in the record of what the machine's own operator brought in."""
_PART = 8 << 20
_MB = 10**6


def upload(
    files: Annotated[Sequence[Path], Parameter(consume_multiple=True, negative="")],
    *,
    task: str = "",
    at: str = "",
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Bring files into a lab as they are, of any size; run it again to carry on.

    With --at they go to a workbench over the network, in parts with checksums, with the token in
    the environment's BANBURY_TOKEN; else into the store of this machine. What is there already is
    not sent again.

    Args:
        files: footage, or any other files.
        task: id of the task that they belong to.
        at: address of a workbench, such as https://banbury.example.org.
        place: where the work is kept; with --at, only the name of the lab counts.
        json: print JSON instead.
    """
    for file in files:
        if not file.is_file():
            raise InputError("there is no such file", where=str(file))
    if at:
        sent = _over_the_network(files, task, at, place.lab, json)
    else:
        with place.open() as lab:
            sent = _each(files, json, lambda file, report: into(lab, file, task, report))
    if json:
        print_json(sent)
        return
    rows = [(s.name, f"{s.size:,}", s.sha256) for s in sent]
    print_table("Files of the lab", ("file", "bytes", "SHA-256"), rows, right=("bytes",))


def _over_the_network(
    files: Sequence[Path], task: str, at: str, lab: str, quiet: bool
) -> list[Sent]:
    token = os.environ.get(TOKEN, "")
    if not token:
        raise InputError(
            f"{TOKEN} is not set", do="make a token on your account's page, and export it"
        )
    with Client(at, token) as client:
        there = client.lab(lab)
        return _each(
            files, quiet, lambda file, report: there.send_file(file, task=task, report=report)
        )


def into(lab: Lab, file: Path, task: str, report: Callable[[float], None]) -> Sent:
    """Bring a file of this machine into a lab, as an upload of the machine's own.

    Raises:
        InputError: it is empty, or changes meanwhile.
        StoreFull: there is no room.
    """
    size = file.stat().st_size
    with file.open("rb") as source:
        print_ = fingerprint(source, size)
        same = [u for u in lab.uploads.listed(person=MACHINE, task=task) if u.fingerprint == print_]
        there = next((u for u in same if u.state == "kept"), same[0] if same else None)
        if there is None:
            there = lab.uploads.create(
                file.name, size, MACHINE, task=task, fingerprint=print_, sealed=False
            )
        source.seek(there.received)
        while there.state == "open":
            report(there.received / size)
            part = source.read(_PART)
            if not part:
                raise InputError("the file became shorter while it was read", where=str(file))
            there = lab.uploads.append(there.id, there.received, part)
        kept = lab.uploads.finish(there.id)
    report(1.0)
    return Sent(
        *(kept.id, kept.name, kept.size, kept.received, kept.state),
        *(kept.sha256, kept.fingerprint, kept.task),
    )


def _each(
    files: Sequence[Path], quiet: bool, send: Callable[[Path, Callable[[float], None]], Sent]
) -> list[Sent]:
    """Send one file after the other, with a bar each."""
    sent = []
    for file in files:
        whole = -(-file.stat().st_size // _MB)
        with bar(f"{file.name[:40]}, MB", quiet=quiet) as show:

            def report(
                share: float, show: Callable[[Tally], None] = show, whole: int = whole
            ) -> None:
                show(Tally(total=whole, done=round(whole * share)))

            sent.append(send(file, report))
    return sent
