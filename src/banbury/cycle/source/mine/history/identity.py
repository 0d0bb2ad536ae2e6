"""What a repository is called: OWNER/NAME on the site that it comes from."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from banbury.errors import InputError

if TYPE_CHECKING:
    from banbury.cycle.source.mine.history.repository import Repository

_SITE = re.compile(r"(?:github\.com|gitlab\.com|bitbucket\.org)[/:]([\w.-]+)/([\w.-]+)", re.I)
_TOLD = ("pyproject.toml", "setup.cfg", "setup.py")


def named(repository: Repository, address: str) -> str:
    """Return OWNER/NAME, lower case, by the address or by the links that the project gives.

    A link counts where it is the one that the project's build files name most often; "" where
    none is named.
    """
    if found := _SITE.search(address):
        return _joined(found[1], found[2])
    links: Counter[str] = Counter()
    for path in _TOLD:
        try:
            text = repository.read(repository.head, path, 1 << 20).decode(errors="replace")
        except InputError:
            continue
        links.update(_joined(*found) for found in _SITE.findall(text) if found[0] != "sponsors")
    best = links.most_common(1)
    return best[0][0] if best else ""


def _joined(owner: str, name: str) -> str:
    return f"{owner}/{name.removesuffix('.git').rstrip('.')}".lower()
