"""Step: one event of an episode."""

from __future__ import annotations

from typing import Literal

import msgspec

from banbury.episode.span import Span
from banbury.episode.tokens import Tokens

StepKind = Literal["action", "observation", "reward", "note", "control"]

GYM = -1
"""The value of `Step.actor` for what the gym itself did."""


class Step(msgspec.Struct, frozen=True, array_like=True):
    """One event by one actor on one track, appended and never edited.

    Attributes:
        seq: position in the episode, from 0 without holes.
        kind: action, observation, reward, note or control.
        actor: index into `Episode.actors`, or `GYM`.
        seat: name of the seat acted from or observed at; "" for the whole episode.
        track: name of the stream, such as `main`, `head-camera`, `joints`, `state`.
        start_ns: start on the episode's monotonic clock (0 is the episode's anchor).
        end_ns: end on the same clock; equal to the start for a point in time.
        payload: raw JSON (UTF-8), readable when the gym is not installed.
        schema: hash of the JSON Schema that the payload follows, "" if it has none.
        reply_to: seq of the step that this one answers, or None.
        corrects: seq of the step that this one corrects, only in gyms declared stateless.
        spans: media that belong to the step.
        tokens: what a model read and wrote, if a model acted.
    """

    seq: int
    kind: StepKind
    actor: int
    seat: str
    track: str
    start_ns: int
    end_ns: int
    payload: bytes = b"null"
    schema: str = ""
    reply_to: int | None = None
    corrects: int | None = None
    spans: tuple[Span, ...] = ()
    tokens: Tokens | None = None
