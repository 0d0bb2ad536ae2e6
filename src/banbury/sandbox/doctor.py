"""Whether boxes can be made here, how well they hold, and what to do where they do not."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from banbury.errors import SandboxError
from banbury.sandbox import machine
from banbury.sandbox.box import Box
from banbury.sandbox.launcher import filter

State = Literal["fine", "weaker", "missing"]
PROBE = "mkdir d && touch d/x"
AGAIN = "rm -r d && mkdir d && touch d/y && python3 -c 'import ssl'"


class Row(Struct, frozen=True):
    """One line of a report.

    Attributes:
        name: what was looked at.
        state: `fine`; `weaker`, where something works less well; `missing`.
        found: what there is.
        do: what to install or change, or "".
    """

    name: str
    state: State
    found: str
    do: str = ""


def available() -> str:
    """Return "" where boxes can be made, else why not and what to do, in one sentence."""
    return probe()[0]


def report() -> list[Row]:
    """Return what this machine can do for boxes, and what to change, for a person."""
    trouble, grouped = probe()
    rows = [Row("boxes", "missing" if trouble else "fine", trouble or "can be made")]
    for name, (found, do) in (
        ("Linux", machine.kernel()),
        ("bubblewrap", machine.bubblewrap()),
        ("user namespaces", machine.user_namespaces()),
    ):
        rows.append(Row(name, "missing" if do else "fine", found, do))
    return rows if trouble else [*rows, *strength(grouped)]


def strength(grouped: bool) -> list[Row]:
    """Return how well boxes hold that can be made."""
    rows = [Row("layers", "fine", "overlays in user namespaces, on a disk in memory")]
    if grouped:
        rows.append(Row("memory and processes", "fine", "held by control groups"))
    else:
        rows.append(
            Row("memory and processes", "weaker", "held by a supervisor and limits of each process",
                "delegate control groups: start Banbury by systemd-run --user --scope "
                "-p Delegate=yes, or as root")
        )  # fmt: skip
    if filter.program(counted=grouped):
        rows.append(Row("system calls", "fine", "filtered"))
    else:
        rows.append(Row("system calls", "weaker", "no filter is known for this processor"))
    return rows


def probe() -> tuple[str, bool]:
    """Make a box that works as others do; return (what went wrong, whether it is grouped)."""
    try:
        with Box() as box:
            for words in (PROBE, AGAIN):
                ran = box.run(["sh", "-c", words])
                if ran.code != 0:
                    said = ran.err.decode(errors="replace").strip()
                    return f"a box was made and does not work: {said}", False
                box.snapshot()
            return "", box.grouped
    except SandboxError as error:
        return str(error), False
