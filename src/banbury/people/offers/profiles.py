"""What people say of themselves, and what is believed of their skills."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import sqlalchemy as sa

from banbury.errors import InputError
from banbury.people.matching.person import Belief, Person, check_person
from banbury.store import House


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person says: it is theirs to change at any time.

    Attributes:
        languages: codes such as `en`.
        hours: free hours a week, at most 80.
        rate: what an hour has to bring at least, in the openings' unit; 0 takes what is paid.
        most: most offers at a time, at most 10.
        looking: whether they want offers now.
    """

    languages: tuple[str, ...] = ("en",)
    hours: float = 10.0
    rate: float = 0.0
    most: int = 3
    looking: bool = True


class Profiles:
    """The profiles and beliefs of a house."""

    def __init__(self, house: House) -> None:
        self._house = house

    def put(self, account: str, profile: Profile) -> None:
        """Keep what a person says.

        Raises:
            InputError: a number cannot be used.
        """
        check_person(Person(account, {}, hours=profile.hours, rate=profile.rate, most=profile.most))
        if profile.hours > 80 or profile.most > 10 or len(profile.languages) > 50:
            raise InputError("at most 80 hours a week, 10 offers at a time and 50 languages")
        query = sa.text(
            "INSERT INTO work_profile (account, languages, hours, rate, most, looking) VALUES "
            "(:account, :languages, :hours, :rate, :most, :looking) ON CONFLICT (account) DO "
            "UPDATE SET languages = excluded.languages, hours = excluded.hours, "
            "rate = excluded.rate, most = excluded.most, looking = excluded.looking"
        )
        said = sorted({x.strip().lower()[:20] for x in profile.languages if x.strip()})
        row = {**msgspec.structs.asdict(profile), "languages": said, "account": account}
        self._house.run(lambda c: c.execute(query, row))

    def get(self, account: str) -> Profile | None:
        """Return what a person said, None if nothing."""
        query = sa.text(
            "SELECT languages, hours, rate, most, looking FROM work_profile WHERE account = :a"
        )
        row = self._house.run(lambda c: c.execute(query, {"a": account}).one_or_none())
        return None if row is None else Profile(tuple(row.languages), *row[1:])

    def believe(self, account: str, beliefs: Mapping[str, Belief]) -> None:
        """Keep what is believed of some skills now, in place of what was.

        Raises:
            InputError: a belief is no distribution.
        """
        self._house.run(lambda c: believed(c, account, beliefs))

    def beliefs(self, account: str) -> dict[str, Belief]:
        """Return what is believed of a person, by skill."""
        query = sa.text(
            "SELECT skill, mean, variance, results FROM work_belief WHERE account = :a "
            "ORDER BY skill"
        )
        rows = self._house.run(lambda c: c.execute(query, {"a": account}).all())
        return {r.skill: Belief(r.mean, r.variance, r.results) for r in rows}


def believed(c: sa.Connection, account: str, beliefs: Mapping[str, Belief]) -> None:
    """Keep what is believed of some skills, in a transaction; see `Profiles.believe`."""
    check_person(Person(account, beliefs))
    query = sa.text(
        "INSERT INTO work_belief (account, skill, mean, variance, results) VALUES "
        "(:account, :skill, :mean, :variance, :results) ON CONFLICT (account, skill) DO UPDATE "
        "SET mean = excluded.mean, variance = excluded.variance, results = excluded.results"
    )
    rows = [{"account": account, "skill": s, **msgspec.structs.asdict(b)}
            for s, b in sorted(beliefs.items())]  # fmt: skip
    if rows:
        c.execute(query, rows)
