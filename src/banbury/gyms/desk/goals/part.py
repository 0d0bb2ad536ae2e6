"""Part: one thing that must hold in the end; it is met, or says what is missing.

It also explains those changes that serve it. What no part and no permission explains is harm: a
goal that is reached by harming something else is not reached.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from banbury.gyms.desk.changes import Change
from banbury.gyms.desk.world import World


class Part(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="part", tag=str.lower):
    """One thing that must hold in the end."""

    def missing(self, start: World, end: World) -> str:
        """Return what is missing, "" if the part is met."""
        raise NotImplementedError

    def explains(self, start: World, end: World) -> Iterator[Change]:
        """Yield the changes that serve this part."""
        raise NotImplementedError


def holds(text: str, words: str) -> bool:
    """Return whether words occur in a plain text, not as part of longer words or numbers."""
    want = plain(words)
    if not want:
        return True
    at = text.find(want)
    while at >= 0:
        after = at + len(want)
        if not (text[at - 1 : at].isalnum() and want[0].isalnum()) and not (
            text[after : after + 1].isalnum() and want[-1].isalnum()
        ):
            return True
        at = text.find(want, at + 1)
    return False


def plain(text: str) -> str:
    """Return a text in lower case, with single blanks."""
    return " ".join(text.casefold().split())
