"""The plan kept in a process: one person's change brings new offers at once, not a round for all.

What anybody was told stays. The rows of the house decide: a place is given only if it is free
there, and only to a person as the house knows them now; what the process remembers says where to
look first. Where places were opened or closed since, a round for all is made anew, in a thread.
"""

from __future__ import annotations

import logging
import threading

import sqlalchemy as sa

from banbury import clock
from banbury.errors import BanburyError
from banbury.people.matching import Offer, Opening, Rules, Settled
from banbury.people.offers.offers import ALONE, Offers, keep, people_of, rules_of
from banbury.people.offers.openings import Held, Openings, places_of
from banbury.store import House

_log = logging.getLogger("banbury.people")
_TRIES = 8
"""People asked for one place whom the house knows otherwise by now."""
_FRESH_NS = 3600 * 10**9
"""How long the time until each deadline is taken to be what it was."""
_STATE = """
SELECT count(*) AS n, coalesce(max(made_ns), 0) AS made, coalesce(max(closed_ns), 0) AS closed,
    (SELECT count(*) FROM lab_conflict) AS conflicts FROM work_opening
"""
_FREE = """
SELECT o.body, (SELECT count(*) FROM work_offer f WHERE f.opening = o.id
    AND f.state IN ('offered', 'accepted')) AS gone
FROM work_opening o WHERE o.id = CAST(:id AS uuid) AND o.closed_ns IS NULL
"""


class Live:
    """The places that are free in a house, and who would be best in each.

    Args:
        house: the house.
        rules: of matching; those of a round if None.
    """

    def __init__(self, house: House, rules: Rules | None = None) -> None:
        self._house, self._rules = house, rules or Rules()
        self._how = self._rules
        self._lock = threading.Lock()
        self._making: threading.Thread | None = None
        self._settled: Settled | None = None
        self._openings: list[Opening] = []
        self._state: tuple[int, ...] = ()
        self._learned = 0

    @property
    def ready(self) -> bool:
        """Say whether one person's change is taken in at once."""
        return self._settled is not None

    def changed(self, account: str, freed: str = "") -> int:
        """Take in that a person answered, changed or was paused; return how many offers it brought.

        Args:
            account: whose change it is.
            freed: the opening of which a place is free by it.
        """
        with self._lock:
            told = self._house.run(lambda c: self._mended(c, account, freed))
        if told is None:
            self.again()
            return 0
        return told

    def again(self) -> None:
        """Make a round for all in a thread, and remember what is free then."""
        with self._lock:
            if self._making is None or not self._making.is_alive():
                self._making = threading.Thread(target=self._again, daemon=True)
                self._making.start()

    def round(self) -> None:
        """Make a round for all now, and remember what is free then."""
        Offers(self._house).match(self._rules)
        with self._lock:
            self._house.run(self._learn)

    def close(self) -> None:
        """Wait for a round that is being made."""
        making = self._making
        if making is not None:
            making.join()

    def _again(self) -> None:
        try:
            self.round()
        except BanburyError as error:
            _log.warning("no round of offers was made: %s", error)

    def _learn(self, c: sa.Connection) -> None:
        now = self._learned = clock.wall_ns()
        listed = [o for o in Openings.within(c) if o.due_ns > now]
        held = Held.of(c, self._house.keyring)
        self._openings = [o.opening(now, held, all=True) for o in listed]
        self._how = rules_of(c, self._rules, now)
        people = people_of(c, self._house.keyring, self._openings, self._how, now)
        free = {o.id: o.left for o in listed}
        self._settled = Settled(people, self._openings, free, self._how)
        self._state = _state(c)

    def _mended(self, c: sa.Connection, account: str, freed: str) -> int | None:
        """Make the offers that follow from one person's change; None where nothing is known."""
        c.execute(sa.text(ALONE))
        settled = self._settled
        old = clock.wall_ns() - self._learned > _FRESH_NS
        if settled is None or old or self._state != _state(c):
            self._settled = None
            return None
        self._fresh(c, account)
        told: list[Offer] = []
        known = {o.id for o in self._openings}
        if freed in known and _left(c, freed):
            settled.release(freed)
            told += self._filled(c, freed)
        while (offer := settled.best(account)) is not None:
            if _left(c, offer.opening) > sum(o.opening == offer.opening for o in told):
                told.append(offer)
            else:  # another process gave it away
                settled.undo(offer)
                settled.full(offer.opening)
        self._tell(c, told)
        return len(told)

    def _filled(self, c: sa.Connection, opening: str) -> list[Offer]:
        """Offer a place to the best person as the house knows them now."""
        settled = self._settled
        assert settled is not None
        for _ in range(_TRIES):
            offer = settled.fill(opening)
            if offer is None:
                return []
            before = settled.person(offer.person)
            settled.undo(offer)
            self._fresh(c, offer.person)
            if settled.person(offer.person) == before or settled.fits(offer.person, opening):
                again = settled.fill(opening)
                if again is not None and again.person == offer.person:
                    return [again]
                if again is not None:
                    settled.undo(again)
        return []

    def _fresh(self, c: sa.Connection, account: str) -> None:
        """Take a person in as the house knows them now."""
        settled = self._settled
        assert settled is not None
        keys, openings = self._house.keyring, self._openings
        found = people_of(c, keys, openings, self._how, self._learned, account)
        if found:
            settled.put(found[0])
        else:
            settled.drop(account)

    def _tell(self, c: sa.Connection, told: list[Offer]) -> None:
        settled, now = self._settled, clock.wall_ns()
        assert settled is not None
        people = [p for o in told if (p := settled.person(o.person)) is not None]
        keep(c, self._house.keyring, told, people, self._openings, self._how, now)


def _state(c: sa.Connection) -> tuple[int, ...]:
    return tuple(c.execute(sa.text(_STATE)).one())


def _left(c: sa.Connection, opening: str) -> int:
    row = c.execute(sa.text(_FREE), {"id": opening}).one_or_none()
    return 0 if row is None else max(0, places_of(row.body) - int(row.gone))
