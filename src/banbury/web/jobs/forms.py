"""Forms: what every stage may be told, asked once of the command line, in a process of its own.

The verbs load PyTorch and more for their signatures; the server needs none of that.
"""

from __future__ import annotations

import subprocess
import threading

import msgspec

from banbury.errors import SetupError, UnknownName
from banbury.web.jobs.form import Form
from banbury.web.keeper import module

STAGES = (
    "probe",
    "gaps",
    "skills propose",
    "source",
    "mine",
    "capture check",
    "review",
    "release",
    "train",
    "compare",
    "report",
)
"""In the loop's order."""
_HEAVY = ("skills propose", "train")
"""Read last: they load scikit-learn and PyTorch, and nobody should wait for that."""
SOURCE = "banbury.cli.up_forms"
PATIENCE_S = 120.0


class Forms:
    """The stages' forms; they are read in the background from the first question on."""

    def __init__(self) -> None:
        self._known: dict[str, Form] = {}
        self._more = threading.Condition()
        self._state = "new"

    def begin(self) -> None:
        """Begin to read, so that the first page need not wait."""
        with self._more:
            if self._state == "new":
                self._state = "reading"
                threading.Thread(target=self._read, daemon=True, name="banbury-forms").start()

    def form(self, verb: str) -> Form:
        """Return a stage's form, by its verb or slug.

        Raises:
            UnknownName: there is no such stage.
            SetupError: the command line does not answer.
        """
        name = next((s for s in STAGES if verb in (s, s.replace(" ", "-"))), None)
        if name is None:
            raise UnknownName("stage", verb[:60], STAGES)
        self.begin()
        with self._more:
            self._more.wait_for(lambda: name in self._known or self._state == "new", PATIENCE_S)
            if name not in self._known:
                raise SetupError(
                    f"what `banbury {name}` may be told cannot be read",
                    do="try `banbury --help` on this machine, and look at the server's log",
                )
            return self._known[name]

    def _read(self) -> None:
        words = module(SOURCE, *sorted(STAGES, key=_HEAVY.__contains__))
        with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as asked:
            for line in asked.stdout or ():
                form = msgspec.json.decode(line, type=Form)
                with self._more:
                    self._known[form.verb] = form
                    self._more.notify_all()
        with self._more:
            self._state = "read" if len(self._known) == len(STAGES) else "new"
            self._more.notify_all()
