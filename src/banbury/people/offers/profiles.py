"""What people say of themselves, and what is believed of their skills."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Mapping

import msgspec
import sqlalchemy as sa

from banbury import clock
from banbury.errors import InputError, UnknownName
from banbury.people.matching.person import Belief, Person, check_person
from banbury.people.offers.languages import codes
from banbury.people.offers.times import TIMES
from banbury.people.offers.words import Words
from banbury.store import House


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person says: it is theirs to change at any time.

    Attributes:
        languages: codes such as `en`.
        hours: free hours a week, at most 80.
        rate: what an hour has to bring at least, in the openings' unit; 0 takes what is paid.
        most: most offers at a time, at most 10.
        looking: whether they want offers now.
        place: where they are, as coarsely as they like; "" if they do not say.
        zone: time zone, such as `Europe/Berlin`; "" if they do not say.
        times: when they are free, of `TIMES`; none says any time.
    """

    languages: tuple[str, ...] = ("en",)
    hours: float = 10.0
    rate: float = 0.0
    most: int = 3
    looking: bool = True
    place: str = ""
    zone: str = ""
    times: tuple[str, ...] = ()


class Stated(msgspec.Struct, frozen=True):
    """A skill that a person says they have.

    Attributes:
        skill: its name, in lower case with dots.
        note: what they say of it.
        since_ns: when they said so first.
    """

    skill: str
    note: str = ""
    since_ns: int = 0


class _Where(msgspec.Struct, frozen=True):
    """What stands in the person's own words, not in columns."""

    place: str = ""
    zone: str = ""
    times: tuple[str, ...] = ()


PRIOR = Belief(0.0, 1.0, 0)
"""What is believed of a skill that somebody only says they have: nothing yet."""
SKILLS = 50
"""Most skills that a person states."""


class Profiles:
    """The profiles and beliefs of a house."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._words = Words(house)

    def put(self, account: str, profile: Profile) -> None:
        """Keep what a person says.

        Raises:
            InputError: a number cannot be used, or a language or time zone is unknown.
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
        where = _where(profile)
        row = {**msgspec.structs.asdict(profile), "languages": list(codes(profile.languages)),
               "account": account}  # fmt: skip
        self._house.run(lambda c: c.execute(query, row))
        self._words.put(account, "profile", msgspec.json.encode(where).decode())

    def get(self, account: str) -> Profile | None:
        """Return what a person said, None if nothing."""
        query = sa.text(
            "SELECT languages, hours, rate, most, looking FROM work_profile WHERE account = :a"
        )
        row = self._house.run(lambda c: c.execute(query, {"a": account}).one_or_none())
        if row is None:
            return None
        said = self._words.get(account, "profile")
        where = msgspec.json.decode(said, type=_Where) if said else _Where()
        return Profile(tuple(row.languages), *row[1:], **msgspec.structs.asdict(where))

    def stated(self, account: str) -> list[Stated]:
        """Return the skills that a person says they have, by name."""
        said = self._words.get(account, "skills")
        return msgspec.json.decode(said, type=list[Stated]) if said else []

    def state(self, account: str, skill: str, note: str = "") -> Stated:
        """Keep that a person says they have a skill; work in it may be offered from then on.

        A statement is no evidence: what is believed of the skill is what it is of anybody.

        Raises:
            InputError: this cannot be a skill's name, the note is too long, or there are too many.
        """
        name = skill_named(skill)
        if len(note) > 500:
            raise InputError("a note on a skill has at most 500 characters", where=name)
        held = {s.skill: s for s in self.stated(account)}
        since = held[name].since_ns if name in held else clock.wall_ns()
        held[name] = Stated(name, note.strip(), since)
        if len(held) > SKILLS:
            raise InputError(f"at most {SKILLS} skills", do="withdraw one first")
        self._keep(account, held)
        if name not in self.beliefs(account):
            self.believe(account, {name: PRIOR})
        return held[name]

    def withdraw(self, account: str, skill: str) -> None:
        """Take back that one has a skill; what was measured of it stays.

        Raises:
            UnknownName: the person states no such skill.
        """
        held = {s.skill: s for s in self.stated(account)}
        if held.pop(skill, None) is None:
            raise UnknownName("skill", skill, list(held))
        self._keep(account, held)
        query = sa.text(
            "DELETE FROM work_belief WHERE account = CAST(:a AS uuid) AND skill = :s "
            "AND results = 0 AND mean = :mean AND variance = :variance"
        )
        prior = {"a": account, "s": skill, "mean": PRIOR.mean, "variance": PRIOR.variance}
        self._house.run(lambda c: c.execute(query, prior))

    def _keep(self, account: str, held: Mapping[str, Stated]) -> None:
        rows = [held[name] for name in sorted(held)]
        self._words.put(account, "skills", msgspec.json.encode(rows).decode())

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


def skill_named(text: str) -> str:
    """Return the name of a skill as somebody may write it: `Tax law` is `tax_law`.

    Raises:
        InputError: this cannot be a name.
    """
    name = "_".join(text.lower().split())
    if not re.fullmatch(r"[\w-]+(\.[\w-]+)*", name) or len(name) > 100:
        raise InputError(
            f"{text[:60]!r} cannot be a skill's name",
            do="use letters, digits and blanks, with dots between the parts of a path",
        )
    return name


def _where(profile: Profile) -> _Where:
    place = " ".join(profile.place.split())
    if len(place) > 100:
        raise InputError("a place has at most 100 characters", do="name the town or the region")
    zone = profile.zone.strip()
    if zone and zone not in zoneinfo.available_timezones():
        raise InputError(f"{zone[:60]!r} is no time zone", do="write one such as Europe/Berlin")
    if wrong := sorted(set(profile.times) - set(TIMES)):
        raise InputError(f"{wrong[0][:60]!r} is no time of the week", do=", ".join(TIMES))
    return _Where(place, zone, tuple(t for t in TIMES if t in profile.times))


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
