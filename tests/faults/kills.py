"""Kill -9 at random moments: the real commands, or a process of the database below them.

Each kill has a lab of its own. The command runs as a process; at a moment between its opening of
the store and its end it is killed, or a process of the database is. Just before, a witness reads
what is committed; what the store acknowledged to the driver stands in the driver's log. Then the
same command runs again until it ends, and the lab is held against that of an undisturbed run.
"""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import msgspec
import psycopg
from tests.faults import driver, processes, state

from banbury import store
from banbury.cli import app
from banbury.cycle.release import verify
from banbury.store.embedded import supervised

TRIES = 5
DRIVER = "writes and journals"


class Case(NamedTuple):
    """A command's words, those that must have run before it, and how often what is killed."""

    name: str
    words: list[str]
    before: list[list[str]]
    kills: dict[str, int]


class Found(msgspec.Struct):
    """What became of one kill.

    Attributes:
        case: name of the case.
        victim: `command`, `postmaster`, `backend` or `supervisor`.
        share: when, as a share of the undisturbed run.
        restarts: how often the command was started again.
        seconds: from the kill to the end of the last start.
        lost: what was committed or acknowledged and is gone.
        doubled: what is there twice.
        differs: in what the lab differs from that of an undisturbed run.
        orphans: processes of the killed one that outlived it for long.
        traceback: an error was no sentence but a traceback.
    """

    case: str
    victim: str
    share: float
    restarts: int = 0
    seconds: float = 0.0
    lost: int = 0
    doubled: int = 0
    differs: list[str] = []
    orphans: int = 0
    traceback: bool = False

    @property
    def good(self):
        return not (self.lost or self.doubled or self.differs or self.orphans or self.traceback)

    def __str__(self):
        told = {k: getattr(self, k) for k in ("lost", "doubled", "differs", "orphans", "traceback")}
        wrong = ", ".join(f"{k} {v}" for k, v in told.items() if v)
        return (
            f"{self.case}, {self.victim} killed at {self.share:.0%}: {self.restarts} restarts, "
            f"{self.seconds:.1f} s, {wrong or 'as undisturbed'}"
        )


def cases(tiny):
    """Return the cases of fifty kills; `tiny` is the folder of a small model."""
    source = ["source", "reasoning.add", "reasoning.larger", "--name", "s"]
    many = [*source, "--train", "300", "--reserve", "20", "--unseen", "5"]
    few = [*source, "--train", "16", "--reserve", "6", "--unseen", "2"]
    release = ["release", "r", "--run", "s", "--validation", "0.2"]
    probe = ["probe", "script:7", "reasoning", "--name", "p", "--batch", "8", "--most", "48"]
    train = ["train", "r", "--model", str(tiny), "--others", "reasoning.even", "--grpo-steps", "1"]
    review, export = ["review", "s"], ["release", "export", "r", "OUT"]
    server = {"postmaster": 2, "backend": 2, "supervisor": 2}
    return [
        Case("probe", probe, [], {"command": 9, **server}),
        Case("source", many, [], {"command": 4, "postmaster": 1, "backend": 1}),
        Case("review", review, [many], {"command": 5}),
        Case("release", release, [many, review], {"command": 8, "postmaster": 1, "backend": 1}),
        Case("release export", export, [many, review, release], {"command": 3}),
        Case("train", train, [few, review, release], {"command": 3}),
        Case(DRIVER, [], [], {"command": 3, "postmaster": 2, "backend": 2, "supervisor": 1}),
    ]


def moments(found, randomly):
    """Return (case, victim, share) of each kill: random within equal parts of the run."""
    out = []
    for case in found:
        for victim, count in case.kills.items():
            shares = [0.97 * (n + randomly.random()) / count for n in range(count)]
            out += [(case, victim, share) for share in shares]
    return out


class Killer:
    """One store in a folder, and a lab for each kill; a context manager.

    Args:
        folder: where the store and the logs are.
        alone: the killed command is the only user of the store, so that the server ends with it.
    """

    def __init__(self, folder, alone=False):
        self.folder = Path(folder)
        self.home = self.folder / "home"
        self.alone = alone
        self._house = None
        self._wholes = {}
        self._databases = {}
        self._made = 0

    def kill(self, case, victim, share):
        """Kill once and return what became of it.

        A run that was over before its moment does not count: it is tried again, earlier.
        """
        seconds, expected = self.whole(case)
        for _ in range(TRIES):
            lab = self._prepared(case)
            child = self._start(case, lab)
            time.sleep(share * seconds)
            seen = self._seen(lab)
            workers = processes.below(child.pid)
            if child.poll() is None and self._strike(child, victim, lab):
                found = Found(case.name, victim, share)
                if victim == "command":
                    found.orphans = len(processes.left_over(workers))
                    self._look(case, lab, seen)
                self._again(case, lab, child, found)
                return self._judged(case, lab, seen, expected, found)
            child.wait()
            share *= 0.8
        raise AssertionError(f"{case.name} is always over before it can be killed")

    def whole(self, case):
        """Run a case undisturbed, once; return its seconds from opening the store, and its lab."""
        if case.name not in self._wholes:
            lab = self._prepared(case)
            child = self._start(case, lab)
            begun = time.monotonic()
            assert child.wait() == 0, self._said(lab)
            seconds = time.monotonic() - begun
            with self._opened() as house:
                self._wholes[case.name] = seconds, self._state(case, house.lab(lab))
        return self._wholes[case.name]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._house:
            self._house.close()
        while supervised(self.home):
            time.sleep(0.05)

    @contextlib.contextmanager
    def _opened(self):
        if self.alone:
            with store.open(str(self.home)) as house:
                yield house
        else:
            self._house = self._house or store.open(str(self.home))
            yield self._house

    def _prepared(self, case):
        """Make a lab in which all has run that comes before the case; return its name."""
        self._made += 1
        lab = f"lab-{self._made}"
        with self._opened() as house:
            self._databases[lab] = house.lab(lab)._database.name
            for words in case.before:
                with contextlib.redirect_stdout(io.StringIO()):
                    more = ("--store", str(self.home), "--lab", lab, "--json")
                    app([*words, *more], exit_on_error=False, result_action="return_value")
        return lab

    def _start(self, case, lab):
        """Start the command; return when it has begun to open the store."""
        if case.name == DRIVER:
            log = str(self.folder / f"{lab}.log")
            words = [sys.executable, driver.__file__, str(self.home), lab, log]
        else:
            own = [str(self._out(lab)) if w == "OUT" else w for w in case.words]
            words = [sys.executable, "-m", "banbury", *own, "--store", str(self.home), "--lab", lab]
        with (self.folder / f"{lab}.err").open("ab") as said:
            child = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=said)
        while child.poll() is None and not processes.opened(child.pid, self.home / "users.lock"):
            time.sleep(0.002)
        return child

    def _strike(self, child, victim, lab):
        """Kill the victim; return False if it was not there."""
        if victim == "command":
            child.kill()
            return child.wait() == -signal.SIGKILL
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, psycopg.Error):
            told = json.loads((self.home / "server.json").read_bytes())
            os.kill(self._backend(lab) if victim == "backend" else told[victim], signal.SIGKILL)
            return True
        return False

    def _again(self, case, lab, child, found):
        """Wait for the command's end, and start it again until it ends well."""
        begun = time.monotonic()
        while child.wait() != 0:
            assert found.restarts < TRIES, self._said(lab)
            found.restarts += 1
            child = self._start(case, lab)
        found.seconds = time.monotonic() - begun
        found.traceback = "Traceback" in self._said(lab)

    def _judged(self, case, lab, seen, expected, found):
        with self._opened() as house:
            held = house.lab(lab, create=False)
            there = self._state(case, held)
            found.differs = [k for k, v in expected.items() if there[k] != v]
            found.lost = sum(len(ids - state.ids(held, table)) for table, ids in seen.items())
            found.lost += len(driver.noted(self.folder / f"{lab}.log") - driver.held(held))
            found.doubled = state.doubles(held)
        return found

    def _state(self, case, lab):
        there = state.fingerprint(lab)
        if "OUT" in case.words:
            verify(self._out(lab.name))
            there["beside the export"] = [p.name for p in self.folder.glob(f".out-{lab.name}.*")]
        return there

    def _look(self, case, lab, seen):
        """Look before anything is started again: all that was seen is there, releases are whole."""
        with self._opened() as house:
            held = house.lab(lab, create=False)
            for table, ids in seen.items():
                assert ids <= state.ids(held, table), f"{lab}: an {table} was lost"
            for release in held.artifacts("release"):
                assert state.whole_release(held, release), f"{lab}: a release is there in part"
        if "OUT" in case.words and self._out(lab).exists():
            verify(self._out(lab))

    def _seen(self, lab):
        """Return the ids of what anybody can see now, asked without being a user of the server."""
        seen = {"episode": set(), "artifact": set()}
        with contextlib.suppress(OSError, ValueError, psycopg.Error), self._admin(lab) as link:
            for table in seen:
                seen[table] = {row[0] for row in link.execute(f"SELECT id::text FROM {table}")}
        return seen

    def _backend(self, lab):
        """Return the process that serves the lab, or one that serves somebody."""
        query = (
            "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
            "backend_type = 'client backend' ORDER BY datname = %s DESC LIMIT 1"
        )
        with self._admin(lab) as link:
            return link.execute(query, [self._databases[lab]]).fetchone()[0]

    def _admin(self, lab):
        told = json.loads((self.home / "server.json").read_bytes())
        return psycopg.connect(
            host=told["sockets"],
            dbname=self._databases[lab],
            user="banbury",
            password=(self.home / "secret").read_text(),
        )

    def _out(self, lab):
        return self.folder / f"out-{lab}"

    def _said(self, lab):
        return (self.folder / f"{lab}.err").read_text()
