"""Languages by their codes (ISO 639) and English names, as people write either."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterable, Mapping
from importlib import resources

from banbury.errors import InputError


@functools.cache
def languages() -> Mapping[str, str]:
    """Return the English name of each code, two letters where there are two."""
    text = resources.files("banbury.people.offers").joinpath("languages.txt").read_text("utf-8")
    pairs = (line.partition(" ")[::2] for line in text.splitlines())
    return dict(pairs)


def codes(said: Iterable[str]) -> tuple[str, ...]:
    """Return the codes of languages that are written as codes or as English names, sorted.

    A region after the code is left out: `en-GB` is `en`.

    Raises:
        InputError: no language is called so; the nearest names are listed.
    """
    known = languages()
    named = {name.lower(): code for code, name in known.items()}
    found = set()
    for word in said:
        plain = " ".join(word.split()).lower()
        code = plain.replace("_", "-").split("-")[0]
        if plain in named:
            found.add(named[plain])
        elif code in known:
            found.add(code)
        elif plain:
            near = difflib.get_close_matches(plain, named, 3, 0.6)
            do = f"did you mean {', '.join(known[named[n]] for n in near)}?" if near else ""
            what = f"no language is called {word[:60]!r}"
            raise InputError(what, do=do or "write its English name, such as German")
    return tuple(sorted(found))


def named(code: str) -> str:
    """Return a language's English name, the code itself where nobody knows it."""
    return languages().get(code, code)
