"""The router: reads a prompt and picks an adapter, or the base where it is not sure.

A linear classifier over hashed word and character n-grams: it costs a tenth of a millisecond, and
its whole state is one matrix, kept as safetensors and never as a pickle.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import HashingVectorizer

from banbury.actors.policy import BASE

_BITS = 15


class Router:
    """Classes, weights of shape (classes, 2 * 2^15), biases of shape (classes,), a threshold."""

    def __init__(
        self,
        labels: Sequence[str],
        weights: NDArray[np.float32],
        biases: NDArray[np.float32],
        threshold: float,
    ) -> None:
        self.labels = list(labels)
        # safetensors writes memory as it lies; a fit may leave columns before rows.
        self._weights = np.ascontiguousarray(weights, dtype=np.float32)
        self._biases = np.ascontiguousarray(biases, dtype=np.float32)
        self.threshold = threshold

    def route(self, prompt: str) -> str:
        """Return the adapter for one prompt, or `base`."""
        return self.routes([prompt])[0]

    def routes(self, prompts: Sequence[str]) -> list[str]:
        """Return the adapter for each prompt, or `base` where the best is below the threshold."""
        shares = self.probabilities(prompts)
        best = shares.argmax(axis=1)
        sure = shares[np.arange(len(best)), best] >= self.threshold
        return [self.labels[b] if ok else BASE for b, ok in zip(best, sure, strict=True)]

    def probabilities(self, prompts: Sequence[str]) -> NDArray[np.float64]:
        """Return the share of each class for each prompt, shape (prompts, classes)."""
        scores = features(prompts) @ self._weights.T + self._biases
        shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))

    def to_bytes(self) -> bytes:
        """Return the router as safetensors."""
        about = msgspec.json.encode({"labels": self.labels, "threshold": self.threshold})
        arrays = {"biases": self._biases, "weights": self._weights}
        # One key: safetensors writes several in no fixed order, and the bytes are hashed.
        return bytes(save(arrays, metadata={"router": about.decode()}))

    @staticmethod
    def from_bytes(data: bytes) -> Router:
        """Return the router that `to_bytes` wrote."""
        size = int.from_bytes(data[:8], "little")
        about = msgspec.json.decode(
            msgspec.json.decode(data[8 : 8 + size])["__metadata__"]["router"]
        )
        arrays = load(data)
        return Router(about["labels"], arrays["weights"], arrays["biases"], about["threshold"])


_words = HashingVectorizer(n_features=1 << _BITS, ngram_range=(1, 2), alternate_sign=False)
_characters = HashingVectorizer(
    n_features=1 << _BITS, analyzer="char_wb", ngram_range=(2, 4), alternate_sign=False
)


def features(prompts: Sequence[str]) -> csr_matrix:
    """Return hashed n-grams of each prompt, shape (prompts, 2 * 2^15), rows of length 1 a half."""
    return csr_matrix(hstack([_words.transform(prompts), _characters.transform(prompts)]))
