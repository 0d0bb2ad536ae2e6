"""The one record: an actor acting in a gym, step by step, with a judgement beside it."""

from banbury.episode.actor import Actor, Seat
from banbury.episode.codec import decode_steps, encode_steps, unkept
from banbury.episode.cost import NANO, Cost, Money
from banbury.episode.episode import STATE, Episode, Failure, Record, RunKey, Segment, Status
from banbury.episode.ids import canonical, digest, new_id
from banbury.episode.judgement import Judgement
from banbury.episode.lineage import Origin, Parent, Relation
from banbury.episode.source import SealedFile, Source
from banbury.episode.span import NO_KEY, Blob, Span
from banbury.episode.step import GYM, Step, StepKind
from banbury.episode.task import (
    UNSTATED,
    Problem,
    Public,
    Secret,
    SkillWeight,
    Split,
    Task,
    identity,
)
from banbury.episode.tokens import Sampler, Tokens, pack, unpack

__all__ = [
    "GYM",
    "NANO",
    "NO_KEY",
    "STATE",
    "UNSTATED",
    "Actor",
    "Blob",
    "Cost",
    "Episode",
    "Failure",
    "Judgement",
    "Money",
    "Origin",
    "Parent",
    "Problem",
    "Public",
    "Record",
    "Relation",
    "RunKey",
    "Sampler",
    "SealedFile",
    "Seat",
    "Secret",
    "Segment",
    "SkillWeight",
    "Source",
    "Span",
    "Split",
    "Status",
    "Step",
    "StepKind",
    "Task",
    "Tokens",
    "canonical",
    "decode_steps",
    "digest",
    "encode_steps",
    "identity",
    "new_id",
    "pack",
    "unkept",
    "unpack",
]
