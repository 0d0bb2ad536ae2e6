"""The résumés of a house: words of each person, under their own key."""

from __future__ import annotations

from banbury.people.offers.words import Words
from banbury.people.resumes.reading import read
from banbury.store import House

KIND = "resume"


class Resumes:
    """The résumés of a house; no lab sees one, and no result rests on one."""

    def __init__(self, house: House) -> None:
        self._words = Words(house)

    def put(self, account: str, data: bytes) -> str:
        """Read a file and keep its words in place of those before; return them.

        Raises:
            InputError: see `read`.
            SandboxError: see `read`.
        """
        words = read(data)
        self._words.put(account, KIND, words)
        return words

    def get(self, account: str) -> str:
        """Return a person's résumé, "" where there is none."""
        return self._words.get(account, KIND)

    def remove(self, account: str) -> bool:
        """Remove it; say whether there was one."""
        return self._words.remove(account, KIND)
