"""Whether what a gym's judge returned can be kept."""

from __future__ import annotations

import re

import msgspec

from banbury.episode import Judgement, Record
from banbury.errors import GymError
from banbury.gyms.contract import Gym

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Judgement).decode
_uuid = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch


def sound(gym: Gym, record: Record, verdict: object) -> Judgement:
    """Return a gym's verdict if it can be stored.

    Raises:
        GymError: it is none, of another episode, or has parts that are no numbers in [0, 1].
    """
    try:
        if not isinstance(verdict, Judgement):
            raise TypeError(f"judge returned {type(verdict).__name__}, not a Judgement")
        _decode(_encode(verdict))
        if verdict.episode != record.episode.id:
            raise ValueError(f"the judgement is of episode {verdict.episode}")
        if not _uuid(verdict.id):
            raise ValueError(f"its id {verdict.id!r} is no UUID; make it with new_id()")
        parts = {"score": verdict.score, **verdict.components}
        if bad := {name: part for name, part in parts.items() if not 0 <= part <= 1}:
            raise ValueError(f"the parts of a judgement lie in [0, 1], unlike {bad}")
    except (TypeError, ValueError, msgspec.MsgspecError) as error:
        raise GymError(
            f"a judgement cannot be kept: {error}",
            where=f"gym {gym.name!r} {gym.version}",
            do="mend its judge",
        ) from error
    return verdict
