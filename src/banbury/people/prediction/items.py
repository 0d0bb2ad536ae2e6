"""What became of a bank's items: parameters from answers in versions, items that are retired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import sqlalchemy as sa

from banbury import clock
from banbury.errors import InputError, UnknownName
from banbury.gyms.interview.bank import Bank, parameters
from banbury.people.ability.predicting import ItemUse
from banbury.people.prediction.taken import Taken
from banbury.statistics.response.calibration import calibrated
from banbury.store import House

Known = Mapping[str, tuple[float, float, float]]
"""(a, b, guess) of items, by name."""
LEAST = 30
"""Answers from which on an item's parameters are those that its answers show."""
MOST = 0.2
"""Share of a bank that may be retired, so that enough is left to ask."""


def known(bank: Bank) -> Known:
    """Return the parameters of a bank's items."""
    return {i.id: (i.discrimination, i.difficulty, i.guess) for i in bank.items}


class Fitted(msgspec.Struct, frozen=True):
    """An item's parameters as its answers show them.

    Attributes:
        discrimination: a, in [0.1, 4].
        difficulty: b, in [-6, 6].
        discrimination_error: standard error.
        difficulty_error: likewise.
        answers: that it rests on.
    """

    discrimination: float
    difficulty: float
    discrimination_error: float
    difficulty_error: float
    answers: int


class Version(msgspec.Struct, frozen=True):
    """One calibration of a bank; results of interviews keep the one under which they were asked.

    Attributes:
        skill: of the bank.
        version: from 1.
        made_ns: when.
        interviews: that it rests on.
        left_out: interviews under suspicion, which never count.
        items: by name; those with too few answers keep their authors' estimates.
        moved: the mean change of difficulty against what was asked before.
        note: such as from which version it was taken back.
    """

    skill: str
    version: int
    made_ns: int
    interviews: int
    left_out: int
    items: dict[str, Fitted]
    moved: float
    note: str = ""


class Act(msgspec.Struct, frozen=True, omit_defaults=True):
    """An item was retired, or is asked again.

    Attributes:
        kind: `retire` or `restore`.
        when_ns: wall time.
        by: account of whoever did it, "" for the rule.
        reason: with the evidence.
    """

    kind: str
    when_ns: int
    by: str
    reason: str


class Retired(msgspec.Struct, frozen=True):
    """An item that is asked no more, since when and why."""

    skill: str
    item: str
    since_ns: int
    reason: str
    by_rule: bool


class Items:
    """The state of a house's items."""

    def __init__(self, house: House) -> None:
        self._house = house

    def current(self, bank: Bank) -> Bank:
        """Return a bank as it is asked now: newest parameters, retired items marked.

        Items keep their places, so that a person's tries share none whatever changes in between.
        """
        versions = self.versions(bank.skill)
        fitted = versions[-1].items if versions else {}
        gone = {one.item for one in self.retired(bank.skill)}
        items = []
        for item in bank.items:
            now = fitted.get(item.id)
            a = now.discrimination if now else item.discrimination
            b = now.difficulty if now else item.difficulty
            items.append(
                msgspec.structs.replace(
                    item, discrimination=a, difficulty=b, retired=item.id in gone
                )
            )
        return msgspec.structs.replace(bank, items=tuple(items))

    def calibrate(self, bank: Bank, interviews: Sequence[Taken], left_out: int = 0) -> Version:
        """Estimate a bank's parameters from interviews that were taken; keep them as a version.

        Raises:
            InputError: no item has enough answers.
        """
        mine = [one for one in interviews if one.skill == bank.skill]
        place = {item.id: n for n, item in enumerate(bank.items)}
        table = np.full((len(mine), len(place)), np.nan)
        for n, one in enumerate(mine):
            for item, right in one.answers.items():
                if item in place:
                    table[n, place[item]] = right
        counts = (~np.isnan(table)).sum(axis=0)
        if not (counts >= LEAST).any():
            raise InputError(
                f"no item of {bank.skill} has {LEAST} answers", do="calibrate after more interviews"
            )
        first = parameters(bank.items)
        answered = ~np.isnan(table).all(axis=1)
        found = calibrated(table[answered], guess=first.guess, first=first, slope_spread=0.3)
        a = np.clip(found.items.discrimination, 0.1, 4.0)
        b = np.clip(found.items.difficulty, -6.0, 6.0)
        fitted = {
            item: Fitted(float(a[n]), float(b[n]), float(found.discrimination_error[n]),
                         float(found.difficulty_error[n]), int(counts[n]))
            for item, n in place.items() if counts[n] >= LEAST
        }  # fmt: skip
        before = {item.id: item.difficulty for item in self.current(bank).items}
        moved = float(np.mean([abs(f.difficulty - before[i]) for i, f in fitted.items()]))
        made = Version(bank.skill, 0, clock.wall_ns(), int(answered.sum()), left_out, fitted, moved)
        return self._keep(made)

    def versions(self, skill: str) -> list[Version]:
        """Return a bank's calibrations, oldest first; the last one is asked."""
        query = sa.text("SELECT body FROM item_version WHERE skill = :s ORDER BY version")
        rows = self._house.run(lambda c: c.execute(query, {"s": skill}).scalars().all())
        return [msgspec.json.decode(bytes(body), type=Version) for body in rows]

    def back(self, skill: str, version: int) -> Version:
        """Ask by an older version again, as a new one; 0 goes back to the authors' estimates.

        Raises:
            UnknownName: there is no such version.
        """
        known = {v.version: v for v in self.versions(skill)}
        if version and version not in known:
            raise UnknownName("version", str(version), [str(n) for n in known])
        old = known.get(version, Version(skill, 0, 0, 0, 0, {}, 0.0))
        note = f"as version {version} was" if version else "the authors' estimates"
        return self._keep(msgspec.structs.replace(old, made_ns=clock.wall_ns(), note=note))

    def retired(self, skill: str = "") -> list[Retired]:
        """Return the items that are asked no more."""
        found = []
        for (name, item), acts in sorted(self._acts(skill).items()):
            last = acts[-1]
            if last.kind == "retire":
                found.append(Retired(name, item, last.when_ns, last.reason, not last.by))
        return found

    def act(self, bank: Bank, item: str, kind: str, by: str, reason: str) -> None:
        """Retire an item, or ask it again.

        Raises:
            UnknownName: the bank has no such item.
            InputError: it is so already, a reason is missing, or too few would be left.
        """
        if item not in {one.id for one in bank.items}:
            raise UnknownName("item", item, [one.id for one in bank.items], where=bank.skill)
        gone = {one.item for one in self.retired(bank.skill)}
        if kind not in ("retire", "restore") or (item in gone) == (kind == "retire"):
            raise InputError(f"this item cannot be {kind}d now", where=item)
        if not reason.strip():
            raise InputError("a reason is needed", where=item)
        if kind == "retire" and len(gone) + 1 > MOST * len(bank.items):
            raise InputError(
                f"more than {MOST:.0%} of the bank would be retired",
                where=bank.skill,
                do="write new items first",
            )
        body = msgspec.json.encode(Act(kind, clock.wall_ns(), by, reason.strip()[:2000]))
        query = sa.text(
            "INSERT INTO item_act (skill, item, seq, body) SELECT :s, :i, count(*), :body "
            "FROM item_act WHERE skill = :s AND item = :i"
        )
        given = {"s": bank.skill, "i": item, "body": body}
        self._house.run(lambda c: c.execute(query, given))

    def by_rule(self, bank: Bank, uses: Sequence[ItemUse], field: str) -> list[str]:
        """Retire the items that are shown to predict nothing of a field of work; return which.

        One that a person restored is left to people.
        """
        mine, acts, done = {one.id for one in bank.items}, self._acts(bank.skill), []
        for one in uses:
            if not one.retire or one.item not in mine or (bank.skill, one.item) in acts:
                continue
            try:
                self.act(bank, one.item, "retire", "", f"{one.why} Looked at beside {field}.")
            except InputError:
                break  # as much of the bank as may be is retired
            done.append(one.item)
        return done

    def _acts(self, skill: str) -> dict[tuple[str, str], list[Act]]:
        query = sa.text(
            "SELECT skill, item, body FROM item_act WHERE :s = '' OR skill = :s "
            "ORDER BY skill, item, seq"
        )
        found: dict[tuple[str, str], list[Act]] = {}
        for r in self._house.run(lambda c: c.execute(query, {"s": skill}).all()):
            act = msgspec.json.decode(bytes(r.body), type=Act)
            found.setdefault((r.skill, r.item), []).append(act)
        return found

    def _keep(self, version: Version) -> Version:
        def work(c: sa.Connection) -> Version:
            lock = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 10))")
            c.execute(lock, {"key": version.skill})
            count = sa.text("SELECT count(*) FROM item_version WHERE skill = :s")
            number = int(c.execute(count, {"s": version.skill}).scalar_one()) + 1
            kept = msgspec.structs.replace(version, version=number)
            new = sa.text(
                "INSERT INTO item_version (skill, version, made_ns, body) VALUES (:s, :v, :t, :b)"
            )
            row = {"s": kept.skill, "v": number, "t": kept.made_ns, "b": msgspec.json.encode(kept)}
            c.execute(new, row)
            return kept

        return self._house.run(work)
