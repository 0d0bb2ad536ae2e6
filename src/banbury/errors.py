"""One tree of errors, each named by the boundary that failed.

    BanburyError
    ├── InputError            what the caller gave cannot be used
    │   ├── UnknownName       no such skill, gym, model, lab, release, ...; lists the nearest
    │   ├── Unkept            the database refuses it, in words that are for a log
    │   ├── Misplaced         bytes that do not begin where the upload ends
    │   └── Garbled           bytes that do not have the checksum which came with them
    ├── AccessError           whoever asks may not
    │   ├── SignInNeeded      nobody is signed in, or what was shown is not valid (any more)
    │   ├── Forbidden         the table of permissions says no
    │   └── TooOften          asked too often, or too many wait; says in how many seconds again
    ├── SetupError            something this machine lacks
    ├── StoreError            rows and blobs
    │   ├── StoreUnavailable  the database does not answer
    │   ├── StoreVersion      the database was made by another version of Banbury
    │   ├── StoreFull         no space left, or the folder cannot be written
    │   ├── CorruptBlob       stored bytes do not have the hash that names them
    │   ├── Erased            the key of the person whom it concerned was destroyed, for good
    │   ├── Occupied          somebody else writes there at this moment
    │   ├── Reserved          a reserved task was about to reach training or a release
    │   └── Sealed            an append to an episode that is closed
    ├── GymError              the gym raised, or broke its contract
    │   └── Unjudged          whoever has to grade has not yet; no score, and no fault
    ├── ActorError            the actor could not be asked (endpoint down, checkpoint unreadable)
    ├── SandboxError          the box itself failed; what a program does in it is no error
    ├── DeadlineError         the machine's own time limit passed
    ├── Interrupted           an episode was cut off, and cannot be carried on where it was
    ├── TrainError            training could not go on
    └── ReleaseError          a release could not be made or read whole

Each says what is wrong, where, and what to do. A failure of the actor at its task is
a score, never one of these.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class BanburyError(Exception):
    """Root of all errors that Banbury raises on purpose.

    Args:
        what: what is wrong, one sentence.
        where: the file, row, argument or address that it concerns, or "".
        do: what the reader can do about it, or "".
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", do: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.do = do

    def __str__(self) -> str:
        """Return one line: what, where, what to do."""
        text = self.what
        if self.where:
            text += f" ({self.where})"
        if self.do:
            text += f". {self.do[0].upper()}{self.do[1:]}"
        return text


class InputError(BanburyError):
    """What the caller gave cannot be used."""

    exit_code = 2


class UnknownName(InputError):
    """A name that does not exist; the nearest known ones are listed, then what else may help."""

    def __init__(
        self, kind: str, name: str, known: Iterable[str], *, where: str = "", hint: str = ""
    ) -> None:
        names = sorted(set(known))
        near = difflib.get_close_matches(name, names, n=5, cutoff=0.4)
        near = near or [n for n in names if name and (name in n or n in name)][:5]
        if near:
            do = "the nearest: " + ", ".join(near)
        elif names:
            do = "known: " + ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
        else:
            do = f"there is no {kind} yet"
        super().__init__(
            f"there is no {kind} {name!r}", where=where, do=f"{do}. {hint}" if hint else do
        )
        self.nearest = near


class Unkept(InputError):
    """What the database refuses to keep; its own words, which are for a log and not for people."""


class Misplaced(InputError):
    """Bytes that do not begin where the upload ends, or come after its end."""


class Garbled(InputError):
    """Bytes that do not have the checksum which came with them."""


class AccessError(BanburyError):
    """Whoever asks may not."""


class SignInNeeded(AccessError):
    """Nobody is signed in, or a password, link, session or token is not valid (any more)."""


class LinkOver(SignInNeeded):
    """A one-time link was used or withdrawn, its time is over, or it never was one."""


class Forbidden(AccessError):
    """The caller is known, and the table of permissions says no."""


class TooOften(AccessError):
    """Asked too often, or too many wait already.

    Args:
        what: what was asked too often, one sentence.
        seconds: when to try again.
        crowd: whether others are the cause (503), not the caller (429).
    """

    def __init__(self, what: str, *, seconds: int, crowd: bool = False) -> None:
        word = "second" if seconds == 1 else "seconds"
        super().__init__(what, do=f"try again in {seconds} {word}")
        self.seconds = seconds
        self.crowd = crowd


class SetupError(BanburyError):
    """Something that this machine lacks."""


class StoreError(BanburyError):
    """The boundary to rows and blobs failed."""


class StoreUnavailable(StoreError):
    """The database does not answer, or refuses this role."""


class StoreVersion(StoreError):
    """The database was made by another version of Banbury."""


class StoreFull(StoreError):
    """No space is left, or the folder cannot be written."""


class CorruptBlob(StoreError):
    """Stored bytes do not have the hash that names them."""


class Erased(StoreError):
    """What was asked for was erased: the key of the person whom it concerned was destroyed."""


class Occupied(StoreError):
    """Somebody else writes there at this moment."""


class Reserved(StoreError):
    """A reserved task was about to reach training or a release."""


class Sealed(StoreError):
    """An append to an episode that is closed."""


class GymError(BanburyError):
    """The gym raised, or broke its contract."""


class Unjudged(GymError):
    """A judge cannot decide, since whoever has to grade has not yet."""


class ActorError(BanburyError):
    """The actor could not be asked: an endpoint is down, a checkpoint cannot be read."""


class SandboxError(BanburyError):
    """The sandbox itself failed, or cannot be had here; never what a program in it did."""


class DeadlineError(BanburyError):
    """The machine's own time limit passed."""


class Interrupted(BanburyError):
    """An episode was cut off by a crash, and cannot be carried on where it was."""


class TrainError(BanburyError):
    """Training could not go on."""


class ReleaseError(BanburyError):
    """A release could not be made, or is not whole."""
