"""How people stand, kept in the house: results come in, the test looks, a pause is an act."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from uuid import UUID

import msgspec
import sqlalchemy as sa

from banbury import clock
from banbury.errors import InputError, UnknownName
from banbury.people.standing.finding import Result, found
from banbury.people.standing.requalifying import Requalifying, requalifying
from banbury.people.standing.standing import ANSWER_NS, Act, Kind, Standing, after, replayed
from banbury.store import House
from banbury.store.keyring import Keyring
from banbury.store.personal import opened_text, sealed_text

LONGEST = 4000
"""Characters of a reason."""
_BOX, _REASON = "sealed:", "standing_act.reason"
_RESULTS = "SELECT body FROM standing_result WHERE account = :a AND skill = :s ORDER BY seq"
_ACTS = "SELECT body FROM standing_act WHERE account = :a AND skill = :s ORDER BY seq"


_NEW = """
INSERT INTO standing_result (account, skill, seq, id, body) SELECT
    CAST(:a AS uuid), :s, count(*), :id, :body FROM standing_result
    WHERE account = CAST(:a AS uuid) AND skill = :s
ON CONFLICT (account, skill, id) DO UPDATE SET body = excluded.body
"""


class Standings:
    """The standings of a house."""

    def __init__(self, house: House, alpha: float = 0.01) -> None:
        self._house = house
        self._alpha = alpha

    def get(self, account: str, skill: str) -> Standing:
        """Return how a person stands in a skill; an appeal that nobody decided in time ends."""
        return self._house.run(lambda c: self._current(c, account, skill))

    def skills(self, account: str) -> list[str]:
        """Return the skills in which a person was ever paused."""
        query = sa.text("SELECT DISTINCT skill FROM standing_act WHERE account = :a ORDER BY 1")
        return list(self._house.run(lambda c: c.execute(query, {"a": account}).scalars().all()))

    def add(self, account: str, skill: str, results: Sequence[Result]) -> Standing:
        """Take in results, each once by its id, and pause where they show that quality fell.

        A result that comes again with another score, since somebody decided anew about that piece
        of work, takes its place. Where work is paused, fresh gold tasks may end the pause.
        """
        return self._house.run(lambda c: self.add_within(c, account, skill, results))

    def add_within(
        self, c: sa.Connection, account: str, skill: str, results: Sequence[Result]
    ) -> Standing:
        """Take in results as `add` does, in a transaction that has begun."""
        given = {"a": account, "s": skill}
        _alone(c, account, skill)
        for result in results:
            body = msgspec.json.encode(result)
            c.execute(sa.text(_NEW), {**given, "id": result.id, "body": body})
        standing = self._current(c, account, skill)
        held = _results(c, account, skill)
        fresh, now = held[standing.fresh :], clock.wall_ns()
        if standing.state == "working" and fresh:
            finding = found(fresh, self._alpha)
            if finding.fallen:
                return _kept(
                    c,
                    self._house.keyring,
                    standing,
                    Act("pause", now, finding=finding, gone=len(held)),
                )
        way = _way(standing, held)
        if way is not None and way.back and "requalify" in standing.can:
            return _kept(c, self._house.keyring, standing, Act("requalify", now, gone=len(held)))
        return standing

    def results(self, account: str, skill: str) -> list[Result]:
        """Return a person's results in a skill, in the order in which they came."""
        return self._house.run(lambda c: _results(c, account, skill))

    def way_back(self, account: str, skill: str) -> Requalifying | None:
        """Return how far a person is on the way back, None where work is not paused."""
        held = self.get(account, skill)
        return _way(held, self.results(account, skill))

    def away(self, account: str) -> list[Standing]:
        """Return a person's standings in the skills in which their work is paused now."""
        held = [self.get(account, skill) for skill in self.skills(account)]
        return [s for s in held if s.state != "working"]

    def paused_now(self) -> list[Standing]:
        """Return all standings in which work is paused, those with an appeal first."""
        paused = self._house.run(self.paused)
        held = [self.get(a, s) for a, skills in sorted(paused.items()) for s in skills]
        return sorted(held, key=lambda s: (s.state != "appealed", s.acts[-1].when_ns))

    def act(self, account: str, skill: str, kind: Kind, by: str, reason: str) -> Standing:
        """Appeal, or decide.

        Raises:
            UnknownName: there is no such account.
            InputError: it is not possible in this state, or not for them, or the reason is too
                long.
        """
        if len(reason) > LONGEST:
            raise InputError(f"a reason has at most {LONGEST:,} characters", where="reason")
        if not _is_id(account):
            raise UnknownName("account", account[:64], ())

        def work(c: sa.Connection) -> Standing:
            _alone(c, account, skill)
            standing = self._current(c, account, skill)
            gone = _gone(c, account, skill)
            return _kept(
                c, self._house.keyring, standing, Act(kind, clock.wall_ns(), by, reason, gone=gone)
            )

        return self._house.run(work)

    def pause(self, c: sa.Connection, account: str, skill: str, by: str, reason: str) -> None:
        """Pause work since a person decided so, in a transaction; nothing where it is paused."""
        _alone(c, account, skill)
        standing = self._current(c, account, skill)
        if standing.state == "working":
            gone = _gone(c, account, skill)
            _kept(
                c,
                self._house.keyring,
                standing,
                Act("pause", clock.wall_ns(), by, reason, gone=gone),
            )

    def resume(self, c: sa.Connection, account: str, skill: str, by: str, reason: str) -> None:
        """End a pause that a person decided on, in a transaction; nothing where there is none."""
        _alone(c, account, skill)
        standing = self._current(c, account, skill)
        last = next((a for a in reversed(standing.acts) if a.kind == "pause"), None)
        if standing.state != "working" and last is not None and last.by:
            gone = _gone(c, account, skill)
            _kept(
                c,
                self._house.keyring,
                standing,
                Act("lift", clock.wall_ns(), by, reason, gone=gone),
            )

    def _current(self, c: sa.Connection, account: str, skill: str) -> Standing:
        rows = c.execute(sa.text(_ACTS), {"a": account, "s": skill}).scalars().all()
        acts = [_opened(self._house.keyring, account, body) for body in rows]
        standing = replayed(account, skill, acts)
        now = clock.wall_ns()
        if standing.state == "appealed" and now >= acts[-1].when_ns + ANSWER_NS:
            return _kept(c, self._house.keyring, standing, Act("expire", now, gone=acts[-1].gone))
        return standing

    @staticmethod
    def paused(c: sa.Connection, account: str = "") -> dict[str, list[str]]:
        """Return the skills in which each person's work, or one's, is paused, in a transaction."""
        one = "WHERE account = CAST(:a AS uuid) " if account else ""
        query = sa.text(
            f"SELECT account, skill, body FROM standing_act {one}ORDER BY account, skill, seq"
        )
        acts: dict[tuple[str, str], list[Act]] = {}
        for r in c.execute(query, {"a": account}):
            held = acts.setdefault((str(r.account), r.skill), [])
            held.append(msgspec.json.decode(r.body, type=Act))
        found: dict[str, list[str]] = {}
        now = clock.wall_ns()
        for (who, skill), mine in acts.items():
            state = replayed(who, skill, mine).state
            over = state == "appealed" and now >= mine[-1].when_ns + ANSWER_NS
            if state != "working" and not over:
                found.setdefault(who, []).append(skill)
        return found


def _is_id(account: str) -> bool:
    try:
        return str(UUID(account)) == account
    except ValueError:
        return False


def _alone(c: sa.Connection, account: str, skill: str) -> None:
    """Let one transaction at a time act on a standing."""
    key = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 8))")
    c.execute(key, {"key": f"{account}/{skill}"})


def _results(c: sa.Connection, account: str, skill: str) -> list[Result]:
    rows = c.execute(sa.text(_RESULTS), {"a": account, "s": skill}).scalars().all()
    return [msgspec.json.decode(body, type=Result) for body in rows]


def _way(standing: Standing, results: Sequence[Result]) -> Requalifying | None:
    pause = standing.pause
    if pause is None or pause.finding is None:
        return None
    return requalifying(pause.finding, results[pause.gone :])


def _gone(c: sa.Connection, account: str, skill: str) -> int:
    """Return how many results there are."""
    count = sa.text(
        "SELECT count(*) FROM standing_result WHERE account = CAST(:a AS uuid) AND skill = :s"
    )
    return int(c.execute(count, {"a": account, "s": skill}).scalar_one())


def _kept(c: sa.Connection, keys: Keyring, standing: Standing, act: Act) -> Standing:
    now = after(standing, act)
    row = {"a": standing.person, "s": standing.skill, "seq": len(standing.acts),
           "body": _sealed(keys, standing.person, act)}  # fmt: skip
    query = sa.text(
        "INSERT INTO standing_act (account, skill, seq, body) VALUES (CAST(:a AS uuid), :s, :seq, "
        ":body)"
    )
    c.execute(query, row)
    return now


def _sealed(keys: Keyring, account: str, act: Act) -> bytes:
    """Return an act with its words in a box of the person's; the rest is read for all at once."""
    if act.reason:
        box = sealed_text(keys, account, act.reason, _REASON)
        act = msgspec.structs.replace(act, reason=_BOX + base64.b64encode(box).decode())
    return msgspec.json.encode(act)


def _opened(keys: Keyring, account: str, body: bytes) -> Act:
    act = msgspec.json.decode(body, type=Act)
    if act.reason.startswith(_BOX):
        box = base64.b64decode(act.reason.removeprefix(_BOX))
        act = msgspec.structs.replace(act, reason=opened_text(keys, account, box, _REASON))
    return act
