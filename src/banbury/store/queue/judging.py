"""Judging: whether a task's answers agree, and so where the task goes next."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from banbury import clock
from banbury.episode import Record
from banbury.errors import UnknownName
from banbury.store import reading, wire
from banbury.store.database import raw
from banbury.store.keyring import Keyring
from banbury.store.queue.standing import Answered, Rules, Standing, Task, answers

Agree = Callable[[Record, Record], float]
"""How alike two answers to one task are, in [0, 1]."""


class Judging:
    """What a task's way is decided with, within one transaction.

    Args:
        connection: to the lab.
        lab: its name.
        agree: the gym's measure; None: two answers are alike if they are the same.
        newest: the answer that comes now, which nobody needs to read again.
        keyring: that opens the others.

    Attributes:
        each: how alike each answer was to the others', by episode, once they were compared.
    """

    def __init__(
        self, connection: Any, lab: str, agree: Agree | None, newest: Record, keyring: Keyring
    ) -> None:
        self._connection = connection
        self._keyring = keyring
        self._lab = lab
        self._agree = agree
        self._newest = newest
        self.each: dict[str, float] = {}

    def next(self, standing: Standing, *, stubborn: bool) -> Task:
        """Return where a task goes once the newest answer counts.

        Args:
            standing: with that answer counted, not yet written.
            stubborn: a reviewer had returned it, and the same answer came back.
        """
        task, rules = standing.task, standing.rules
        if task.stage != "work" or task.done < rules.overlap:
            return task
        given = self._given(standing)
        if len(given) > 1:
            alike = self.alike(given)
            task = task.but(compared_ns=clock.wall_ns(), agreed=alike)
            stubborn = stubborn or alike < rules.enough
        back = standing.lease.outcome == "returned"
        first = self._newest.episode.id if back else given[0].episode
        if stubborn:
            return task.but(stage="third", open=1, subject=first, requeue=True)
        if back or in_share(rules):
            return task.but(stage="review", open=1, subject=first, requeue=True)
        return task.but(stage="settled", open=0, subject="", accepted=first)

    def _given(self, standing: Standing) -> list[Answered]:
        """Return the answers that count, the oldest first, the newest among them."""
        lease = standing.lease
        new = Answered(lease.id, lease.person, lease.episode, standing.answer or b"")
        if standing.task.done == 1:
            return [new]
        held = answers(raw(self._connection), standing.rules.campaign, standing.rules.pos)
        return [*(a for a in held if a.lease != new.lease), new]

    def alike(self, given: Sequence[Answered]) -> float:
        """Return the mean agreement over all pairs of answers, in [0, 1]."""
        pairs = [(a, b) for i, a in enumerate(given) for b in given[i + 1 :]]
        alike = self._pairs(pairs)
        for one in given:
            mine = [x for (a, b), x in zip(pairs, alike, strict=True) if one in (a, b)]
            self.each[one.episode] = sum(mine) / len(mine)
        return sum(alike) / len(alike)

    def _pairs(self, pairs: Sequence[tuple[Answered, Answered]]) -> list[float]:
        """Return how alike the two of each pair are."""
        agree = self._agree
        if agree is None:
            return [float(a.answer == b.answer) for a, b in pairs]
        differ = {x.episode for a, b in pairs if a.answer != b.answer for x in (a, b)}
        held = {self._newest.episode.id: self._newest}
        wanted = sorted(differ - held.keys())
        for record in episodes(self._connection, self._lab, wanted, self._keyring):
            held[record.episode.id] = record
        return [
            1.0 if a.answer == b.answer
            else min(1.0, max(0.0, agree(held[a.episode], held[b.episode])))
            for a, b in pairs
        ]  # fmt: skip


def answer_hash(record: Record, keyring: Keyring) -> bytes:
    """Return 16 bytes that two records share if they came to the same; b"" if to nothing.

    It is under a key of the lab: a short answer could be guessed by a plain hash.
    """
    if not record.answer:
        return b""
    key = f"lab:{record.episode.lab}"
    keyring.make(key)
    return keyring.hashed(key, record.answer)[:16]


def episodes(connection: Any, lab: str, ids: Sequence[str], keyring: Keyring) -> list[Record]:
    """Return episodes with their bodies, in the order given, within a transaction.

    Raises:
        UnknownName: the lab has none of one id.
        Erased: one is of a person who was erased.
    """
    if not ids:
        return []
    keys = [str(wire.as_uuid(id, "episode")) for id in ids]
    query = "SELECT id, header, body FROM episode WHERE id = ANY(%s::uuid[])"
    rows = raw(connection).execute(query, [keys], binary=True).fetchall()
    found = {str(id): (wire.decode_header(h, str(id), lab), body) for id, h, body in rows}
    if missing := [id for id in keys if id not in found]:
        raise UnknownName("episode", missing[0], (), where=f"lab {lab}")
    return reading.bodies(connection, [found[id] for id in keys], keyring)


def in_share(rules: Rules) -> bool:
    """Return whether a second person sees a task's answer: by a hash of it, always the same."""
    seen = hashlib.sha256(f"{rules.run} {rules.pos}".encode()).digest()
    return int.from_bytes(seen[:4]) < rules.review * 2**32
