"""Places that labs open, and who was found for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec
import sqlalchemy as sa
from msgspec import structs

from banbury import clock
from banbury.episode import new_id
from banbury.errors import Erased, InputError, UnknownName
from banbury.people.matching.opening import Opening, check_opening
from banbury.people.offers.languages import codes
from banbury.people.offers.profiles import skill_named
from banbury.store import House
from banbury.store.keyring import Keyring
from banbury.store.personal import person_key

WEEK_NS = 7 * 86_400 * 10**9


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a lab asks for: places in a campaign.

    Attributes:
        skills: weight of each skill that is needed.
        places: how many people.
        hours: hours of work of one place.
        days: days until it has to be done.
        languages: all of these are needed.
        difficulty: of the work, in logits.
        least: least expected quality, in [0, 1].
        rate: most that an hour may cost.
    """

    skills: dict[str, float]
    places: int = 1
    hours: float = 5.0
    days: float = 7.0
    languages: tuple[str, ...] = ()
    difficulty: float = 0.0
    least: float = 0.0
    rate: float = 0.0


def weights(words: Iterable[str]) -> dict[str, float]:
    """Return the weights of skills that are written as NAME or NAME=WEIGHT.

    Raises:
        InputError: a word is neither.
    """
    found: dict[str, float] = {}
    for word in words:
        name, sign, number = word.partition("=")
        try:
            found[name.strip()] = float(number) if sign else 1.0
        except ValueError:
            said = f"{word[:80]!r} is no skill"
            raise InputError(said, do="write NAME or NAME=WEIGHT") from None
    return found


def places_of(body: bytes) -> int:
    """Return how many places an opening's row asks for."""
    return msgspec.json.decode(bytes(body), type=Asked).places


def _as_people_say(asked: Asked) -> Asked:
    """Return it with skills and languages named as people's own records name them.

    A skill of a gym has a dot in its name and is taken as it is written.
    """
    skills = {n if "." in n else skill_named(n): w for n, w in asked.skills.items()}
    return structs.replace(asked, skills=skills, languages=codes(asked.languages))


class Candidate(msgspec.Struct, frozen=True):
    """Somebody who was found, as the lab sees them.

    Attributes:
        opening: id.
        campaign: its name.
        who: the pseudonym in this lab, "" until they accept.
        state: `offered`, `accepted`, or `ended` where nobody answered.
        told: why, in words about them, none until they accept: by these words a lab would know
            somebody again, and so who refused it before.
    """

    opening: str
    campaign: str
    who: str
    state: str
    told: tuple[str, ...]


class Listed(msgspec.Struct, frozen=True):
    """Open places and how far they are filled.

    Attributes:
        id: of the opening.
        lab: whose.
        campaign: its name.
        asked: what for.
        due_ns: when it has to be done.
        offered: places that wait for an answer.
        accepted: places that are taken.
    """

    id: str
    lab: str
    campaign: str
    asked: Asked
    due_ns: int
    offered: int
    accepted: int

    @property
    def left(self) -> int:
        """Return how many places nobody holds or is offered."""
        return max(0, self.asked.places - self.offered - self.accepted)

    def opening(self, now: int, held: Held, all: bool = False) -> Opening:
        """Return the places that are left, or all that there are, as matching takes them.

        Args:
            now: UTC nanoseconds.
            held: how the places of all openings were given that somebody holds.
            all: places that somebody holds, too.
        """
        a, taken = self.asked, self.offered + self.accepted
        weeks = max(0.0, (self.due_ns - now) / WEEK_NS)
        return Opening(
            self.id, f"{self.lab}/{self.campaign}", self.lab, a.skills,
            a.places if all else self.left, a.hours, weeks,
            frozenset(a.languages), a.difficulty, a.least, a.rate, taken=0 if all else taken,
            drawn=min(held.drawn[self.id], taken), fresh=min(held.fresh[self.id], taken),
        )  # fmt: skip


class Held(msgspec.Struct, frozen=True):
    """How places were given that somebody holds or is offered.

    Attributes:
        drawn: how many by a draw, by opening.
        fresh: how many to newcomers, by opening.
    """

    drawn: Counter[str]
    fresh: Counter[str]

    @classmethod
    def of(cls, c: sa.Connection, keys: Keyring) -> Held:
        """Read it, in a transaction that has begun; what cannot be read counts as neither."""
        drawn: Counter[str] = Counter()
        fresh: Counter[str] = Counter()
        for row in c.execute(sa.text(_HELD)):
            why = opened_why(keys, str(row.account), row.body)
            drawn[str(row.opening)] += why.explored
            fresh[str(row.opening)] += why.newcomer
        return cls(drawn, fresh)


_HELD = """
SELECT f.opening, f.account, f.body FROM work_offer f JOIN work_opening o ON o.id = f.opening
WHERE f.state IN ('offered', 'accepted') AND o.closed_ns IS NULL
"""
_LISTED = """
SELECT o.id, o.lab, o.campaign, o.body, o.due_ns,
    count(f.id) FILTER (WHERE f.state = 'offered') AS offered,
    count(f.id) FILTER (WHERE f.state = 'accepted') AS accepted
FROM work_opening o LEFT JOIN work_offer f ON f.opening = o.id
WHERE o.closed_ns IS NULL AND (:lab = '' OR o.lab = :lab)
    AND (:campaign = '' OR o.campaign = :campaign)
GROUP BY o.id ORDER BY o.id
"""


_NEAR = """
SELECT o.body FROM work_opening o WHERE o.closed_ns IS NULL AND o.lab IN (
    SELECT m.lab FROM member m WHERE m.account = CAST(:a AS uuid)
    UNION SELECT p.lab FROM work_offer f JOIN work_opening p ON p.id = f.opening
        WHERE f.account = CAST(:a AS uuid) AND f.state IN ('offered', 'accepted')
    UNION SELECT l.lab FROM link l JOIN account a ON a.email_hash = l.email_hash
        WHERE a.id = CAST(:a AS uuid) AND l.kind = 'invite' AND l.ended_ns IS NULL
            AND l.expires_ns > :now)
ORDER BY o.id
"""


class Openings:
    """The open places of a house."""

    def __init__(self, house: House) -> None:
        self._house = house

    def open(self, lab: str, campaign: str, asked: Asked, by: str = "") -> str:
        """Open places in a campaign; return the opening's id.

        Raises:
            UnknownName: there is no such lab or campaign.
            InputError: what is asked for cannot be matched, or names no skill or language.
        """
        self._house.lab(lab, create=False).queue.campaign(campaign)
        asked = _as_people_say(asked)
        check_opening(
            Opening(
                "new", campaign, lab, asked.skills, asked.places, asked.hours, asked.days / 7,
                frozenset(asked.languages), asked.difficulty, asked.least, asked.rate,
            )
        )  # fmt: skip
        if not 1 <= asked.places <= 100_000 or not 0 < asked.days <= 3660:
            raise InputError("an opening has 1 to 100,000 places, due within ten years")
        now, id = clock.wall_ns(), new_id()
        query = sa.text(
            "INSERT INTO work_opening (id, lab, campaign, body, due_ns, made_by, made_ns) VALUES "
            "(:id, :lab, :campaign, :body, :due, :by, :now)"
        )
        row = {
            "id": id, "lab": lab, "campaign": campaign, "body": msgspec.json.encode(asked),
            "due": now + round(asked.days * WEEK_NS / 7), "by": by, "now": now,
        }  # fmt: skip
        self._house.run(lambda c: c.execute(query, row))
        return id

    def close(self, lab: str, id: str) -> None:
        """Close an opening: offers that nobody answered end; who accepted goes on.

        Raises:
            UnknownName: the lab has no such open opening.
        """

        def work(connection: sa.Connection) -> int:
            shut = sa.text(
                "UPDATE work_opening SET closed_ns = :now WHERE id::text = :id AND "
                "lab = :lab AND closed_ns IS NULL"
            )
            given = {"id": id, "lab": lab, "now": clock.wall_ns()}
            ends = sa.text(
                "UPDATE work_offer SET state = 'ended' WHERE opening::text = :id "
                "AND state = 'offered'"
            )
            found = connection.execute(shut, given).rowcount
            if found:
                connection.execute(ends, given)
            return found

        if not self._house.run(work):
            raise UnknownName("opening", id, [o.id for o in self.listed(lab)])

    def listed(self, lab: str = "", campaign: str = "") -> list[Listed]:
        """Return what is open, of one lab or campaign or all, oldest first."""
        return self._house.run(lambda c: self.within(c, lab, campaign))

    def skills_near(self, account: str) -> list[str]:
        """Return the skills that labs ask for in which a person is, or into which they are asked.

        What another lab calls its work is that lab's own.
        """
        given = {"a": account, "now": clock.wall_ns()}
        rows = self._house.run(lambda c: c.execute(sa.text(_NEAR), given).scalars().all())
        asked = (msgspec.json.decode(body, type=Asked) for body in rows)
        return list(dict.fromkeys(skill for one in asked for skill in one.skills))

    @staticmethod
    def within(c: sa.Connection, lab: str = "", campaign: str = "") -> list[Listed]:
        """Return what is open, in a transaction that has begun."""
        rows = c.execute(sa.text(_LISTED), {"lab": lab, "campaign": campaign}).all()
        return [
            Listed(
                str(r.id), r.lab, r.campaign, msgspec.json.decode(r.body, type=Asked), r.due_ns,
                r.offered, r.accepted,
            )
            for r in rows
        ]  # fmt: skip

    def found(self, lab: str, campaign: str = "") -> list[Candidate]:
        """Return who was found for a lab's openings; refusals are nobody's business."""
        query = sa.text(
            "SELECT f.opening, f.account, o.campaign, f.state, f.body, "
            "CASE WHEN f.state = 'accepted' THEN p.name END AS who "
            "FROM work_offer f JOIN work_opening o ON o.id = f.opening "
            "LEFT JOIN pseudonym p ON p.lab = o.lab AND p.account = f.account WHERE o.lab = :lab "
            "AND (:campaign = '' OR o.campaign = :campaign) AND f.state <> 'refused' "
            "ORDER BY o.id, f.id"
        )
        given = {"lab": lab, "campaign": campaign}
        rows = self._house.run(lambda c: c.execute(query, given).all())
        return [
            Candidate(str(r.opening), r.campaign, r.who or "", r.state,
                      opened_why(self._house.keyring, str(r.account), r.body).told
                      if r.state == "accepted" else ())
            for r in rows
        ]  # fmt: skip

    def conflict(self, lab: str, other: str) -> None:
        """Keep that nobody may work for both labs. Raises InputError for one and the same."""
        if lab == other:
            raise InputError("a lab is in no conflict with itself", where=lab)
        for name in (lab, other):
            self._house.lab(name, create=False)
        query = sa.text(
            "INSERT INTO lab_conflict (lab, other) VALUES (:a, :b) ON CONFLICT DO NOTHING"
        )
        # PostgreSQL's order may differ from Python's, and the row wants the lesser one first.
        pair = sa.text("SELECT least(:a, :b), greatest(:a, :b)")

        def work(connection: sa.Connection) -> None:
            a, b = connection.execute(pair, {"a": lab, "b": other}).one()
            connection.execute(query, {"a": a, "b": b})

        self._house.run(work)


class Why(msgspec.Struct, frozen=True):
    """What is kept of an offer: why, for both sides.

    Attributes:
        explored: whether it was given by a draw.
        quality: expected, in [0, 1].
        value: in the plan.
        reasons: addressed to the person.
        told: about the person, for the lab.
        newcomer: whether they were one.
    """

    explored: bool
    quality: float
    value: float
    reasons: tuple[str, ...]
    told: tuple[str, ...]
    newcomer: bool = False


_BODY = b"work_offer.body"


def sealed_why(keys: Keyring, account: str, why: Why) -> bytes:
    """Return why work was offered to somebody, in a box of theirs."""
    return keys.seal(person_key(account), msgspec.json.encode(why), _BODY)


def opened_why(keys: Keyring, account: str, box: bytes) -> Why:
    """Return what such a box holds; nothing of somebody who was erased."""
    try:
        return msgspec.json.decode(keys.open(person_key(account), bytes(box), _BODY), type=Why)
    except Erased:
        return Why(False, 0.0, 0.0, (), ())
