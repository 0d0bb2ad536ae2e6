"""Judgements: all are kept; the newest also stands in the row of its episode, to be asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from banbury.episode import NO_KEY, Judgement
from banbury.errors import InputError
from banbury.store import wire
from banbury.store.keyring import Keyring
from banbury.store.rows import copy, temporary
from banbury.store.server import Connection
from banbury.store.wire import Verdict

_JUDGEMENT = {
    "episode": "bytea",
    "id": "bytea",
    "judge": "text",
    "judge_hash": "text",
    "score": "float8",
    "passed": "bool",
    "components": "text",
    "evidence": "bytea",
    "created_ns": "int8",
}


def newest(verdicts: Iterable[Verdict]) -> dict[bytes, Verdict]:
    """Return the newest judgement by episode: ids sort by time."""
    out: dict[bytes, Verdict] = {}
    for verdict in verdicts:
        held = out.setdefault(verdict[0], verdict)
        if held[1] < verdict[1]:
            out[verdict[0]] = verdict
    return out


def add_first(link: Connection, verdicts: Sequence[Verdict]) -> None:
    """Add judgements of episodes that came in this transaction with their newest verdict."""
    if verdicts:
        copy(link, "judgement", _JUDGEMENT, verdicts)


def add(link: Connection, judgements: Iterable[Judgement], keyring: Keyring) -> None:
    """Add judgements; those that are there already are left as they are.

    Raises:
        InputError: an episode is not in this lab, or a score is not in [0, 1].
        Erased: an episode is of a person who was erased.
    """
    said = list(judgements)
    if not said:
        return
    episodes = sorted({wire.id_bytes(j.episode, "episode") for j in said})
    # Locked in one order, so that of two judges at once each sees what the other wrote.
    found = link.execute(
        "SELECT uuid_send(id), body_key FROM episode WHERE id = ANY(%s::uuid[]) ORDER BY id "
        "FOR NO KEY UPDATE",
        [[wire.id_text(id) for id in episodes]],
        binary=True,
    )
    keys = {wire.id_text(bytes(id)): key or NO_KEY for id, key in found}
    if missing := {id for id in episodes if wire.id_text(id) not in keys}:
        raise InputError(
            "the store refuses a judgement of an episode that it does not hold",
            where=f"episode {wire.id_text(min(missing))}",
            do="write the episode first",
        )
    rows = [
        wire.judgement_row(j, keys[wire.id_text(wire.id_bytes(j.episode, "episode"))], keyring)
        for j in said
    ]
    temporary(link, "incoming_judgement", "judgement", _JUDGEMENT)
    copy(link, "incoming_judgement", _JUDGEMENT, rows)
    names = ", ".join(_JUDGEMENT)
    link.execute(
        f"INSERT INTO judgement ({names}) SELECT {names} FROM incoming_judgement "
        "ORDER BY episode, id ON CONFLICT DO NOTHING"
    )
    show(link, [wire.id_text(id) for id in episodes])


def show(link: Connection, episodes: Sequence[str]) -> None:
    """Put the newest judgement of each of these episodes, if it is done, in its row."""
    link.execute(
        "UPDATE episode SET score = newest.score, passed = newest.passed FROM ("
        "SELECT DISTINCT ON (episode) episode, score, passed FROM judgement "
        "WHERE episode = ANY(%s::uuid[]) ORDER BY episode, id DESC) AS newest "
        "WHERE episode.id = newest.episode AND episode.status = 'done' AND "
        "(episode.score, episode.passed) IS DISTINCT FROM (newest.score, newest.passed)",
        [list(episodes)],
    )
