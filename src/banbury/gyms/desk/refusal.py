"""What a tool says when it cannot do what was asked, and the checks that the tools share."""

from __future__ import annotations

import re
from collections.abc import Sequence

TEXT = 4_000
"""Most characters of a mail's or a file's text."""
LINE = 200
"""Most characters of a subject, title, path, name or search."""
PEOPLE = 40
"""Most addresses of one call."""

_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}", re.ASCII)


class Refused(Exception):
    """A tool cannot do this; its one sentence is shown to the actor and nothing has changed."""


def line(text: str, what: str) -> str:
    """Return a text that must be one line and say something.

    Raises:
        Refused: it is empty, too long, or several lines.
    """
    kept = text.strip()
    if not kept or len(kept) > LINE or "\n" in kept:
        raise Refused(f"the {what} must be one line of 1 to {LINE} characters")
    return kept


def body(text: str, what: str) -> str:
    """Return a text that must not be too long.

    Raises:
        Refused: it is.
    """
    if len(text) > TEXT:
        raise Refused(f"the {what} has {len(text)} characters, at most {TEXT} are allowed")
    return text


def addresses(people: Sequence[str], *, none: bool = False) -> tuple[str, ...]:
    """Return addresses in lower case, each once, in their order.

    Raises:
        Refused: there are none (unless `none`), too many, or one is no address.
    """
    if (not people and not none) or len(people) > PEOPLE:
        raise Refused(f"name 1 to {PEOPLE} e-mail addresses")
    for one in people:
        if not _ADDRESS.fullmatch(one):
            raise Refused(f"{one[:80]!r} is no e-mail address; look it up with find_contacts")
    return tuple(dict.fromkeys(one.lower() for one in people))


def plural(count: int, what: str) -> str:
    """Return a count with its noun, such as `2 mails`."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
