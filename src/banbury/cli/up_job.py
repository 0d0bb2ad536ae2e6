"""A job's process: `python -m banbury.cli.up_job LIFE HOME VERB ARGUMENTS WORDS...`.

It is the command line, with a few things more: ARGUMENTS are JSON, which is checked against the
verb's form; it stops when the worker is gone that holds the other end of the pipe LIFE; it writes
into the folder HOME how far it is, and what the verb writes goes there, too.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Any

import msgspec

from banbury import clock
from banbury.arena import Tally
from banbury.cli import main, terminal
from banbury.cli.up_forms import form_of
from banbury.errors import BanburyError
from banbury.web.jobs.process import Progress
from banbury.web.keeper import end_with

EVERY_NS = 300_000_000
GRACE_S = 5.0
"""Less than a lease, so that no second process runs the same job."""


def writer(path: Path) -> terminal.Watch:
    """Return a function that writes into a file how far a run is, three times a second."""
    written = 0

    def write(label: str, tally: Tally) -> None:
        nonlocal written
        now = clock.mono_ns()
        if now - written < EVERY_NS and tally.done < tally.total:
            return
        written = now
        note = ", ".join(w for w in (label, terminal.spend(tally)) if w)
        aside = path.with_suffix(".part")
        aside.write_bytes(msgspec.json.encode(Progress(tally.done, tally.total, note)))
        aside.replace(path)

    return write


def command(verb: str, arguments: str, home: Path) -> list[str]:
    """Return the command line of a job.

    Raises:
        InputError: the arguments do not fit the verb's form.
    """
    form = form_of(verb)
    words = form.words(msgspec.json.decode(arguments, type=dict[str, Any]))
    folder = [f"--{form.folder.replace('_', '-')}={home / 'written'}"] if form.folder else []
    return [*words, *folder]


def run(words: list[str]) -> None:
    """Run a job to its end."""
    life, home, verb, arguments, *more = words
    end_with(int(life), GRACE_S, signal.SIGINT)
    terminal.watched = writer(Path(home) / "progress")
    try:
        told = command(verb, arguments, Path(home))
    except BanburyError as error:
        sys.stderr.write(f"banbury: {error}\n")
        raise SystemExit(error.exit_code) from None
    main([*told, *more])


if __name__ == "__main__":
    # A worker may be started with Ctrl-C ignored, and a child inherits that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    run(sys.argv[1:])
