"""Judgement: a verdict on an episode, kept beside it; more may follow, none is rewritten."""

from __future__ import annotations

import msgspec


class Judgement(msgspec.Struct, frozen=True, omit_defaults=True):
    """A verdict of one judge on one episode.

    Attributes:
        id: UUIDv7.
        episode: id of the episode.
        judge: name of the judge, such as `reasoning/exact`.
        judge_hash: hash of the judge's own code and settings.
        score: in [0, 1].
        passed: whether the score counts as done.
        components: named parts, each in [0, 1], such as `strict`, `lenient`.
        evidence: canonical JSON of what led to it.
        created_ns: UTC nanoseconds.
    """

    id: str
    episode: str
    judge: str
    judge_hash: str
    score: float
    passed: bool
    components: dict[str, float] = {}
    evidence: str = "{}"
    created_ns: int = 0
