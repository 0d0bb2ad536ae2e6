"""Tokens and Sampler: what a model read and wrote, packed, so that nothing is tokenised twice."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray


class Sampler(msgspec.Struct, frozen=True, omit_defaults=True):
    """How tokens were drawn; steps refer to one by its index in `Episode.samplers`.

    Attributes:
        model: model name.
        revision: hash of the weights, adapter included.
        tokenizer: hash of the tokenizer's files.
        template: hash of the chat template.
        params: canonical JSON of the sampling parameters (temperature, top_p, max_tokens, seed).
    """

    model: str
    revision: str
    tokenizer: str = ""
    template: str = ""
    params: str = "{}"


class Tokens(msgspec.Struct, frozen=True, array_like=True):
    """The ids of one model call, little-endian.

    Attributes:
        sampler: index into `Episode.samplers`.
        kept: how many ids of the previous call's prompt + completion (same seat) this prompt
            starts with; only the rest is stored, so that a long episode stays linear in size.
        prompt: uint32 ids after the kept ones.
        completion: uint32 ids that the actor wrote; these alone are trained on.
        logprobs: float32 log-probabilities of the completion, empty if unknown.
    """

    sampler: int
    kept: int
    prompt: bytes
    completion: bytes
    logprobs: bytes = b""

    @property
    def completion_ids(self) -> NDArray[np.uint32]:
        """Return the ids that the actor wrote, shape (n,)."""
        return np.frombuffer(self.completion, dtype="<u4")

    @property
    def completion_logprobs(self) -> NDArray[np.float32]:
        """Return their log-probabilities, shape (n,), or shape (0,) if unknown."""
        return np.frombuffer(self.logprobs, dtype="<f4")


def pack(
    sampler: int,
    prompt: Sequence[int] | NDArray[np.integer],
    completion: Sequence[int] | NDArray[np.integer],
    logprobs: Sequence[float] | NDArray[np.floating] | None = None,
    previous: NDArray[np.uint32] | None = None,
) -> Tokens:
    """Pack one call; `previous` is the whole id sequence of the seat's call before, if any."""
    ids = np.asarray(prompt, dtype="<u4")
    kept = 0
    if previous is not None and len(previous) and len(ids):
        n = min(len(previous), len(ids))
        differ = np.flatnonzero(ids[:n] != previous[:n])
        kept = int(differ[0]) if len(differ) else n
    return Tokens(
        sampler,
        kept,
        ids[kept:].tobytes(),
        np.asarray(completion, dtype="<u4").tobytes(),
        b"" if logprobs is None else np.asarray(logprobs, dtype="<f4").tobytes(),
    )


def unpack(
    calls: Sequence[Tokens],
) -> list[tuple[NDArray[np.uint32], NDArray[np.uint32]]]:
    """Return (whole prompt, completion) of each of one seat's calls, in order."""
    out: list[tuple[NDArray[np.uint32], NDArray[np.uint32]]] = []
    previous = np.empty(0, dtype="<u4")
    for call in calls:
        prompt = np.concatenate([previous[: call.kept], np.frombuffer(call.prompt, dtype="<u4")])
        completion = call.completion_ids
        previous = np.concatenate([prompt, completion])
        out.append((prompt, completion))
    return out
