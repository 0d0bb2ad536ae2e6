"""Fit the router on prompts: whose adapter answers this, or is it the base's own?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from sklearn.linear_model import LogisticRegression

from banbury.actors.router import BASE, Router, features
from banbury.errors import TrainError

THRESHOLD = 0.6
"""Below this share of certainty the base answers; a wrong adapter costs more than a missed one."""


class Confusion(msgspec.Struct, frozen=True):
    """Prompts that the router never saw: where they belong (row) and where they went (column)."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


def fit_router(prompts: Mapping[str, Sequence[str]], *, seed: int) -> Router:
    """Fit a router on prompts by where they belong; `base` is one of the keys.

    Classes weigh the same however many prompts they have. Multinomial logistic regression with an
    L2 penalty (scikit-learn, C = 100).

    Raises:
        TrainError: there are not at least two classes, `base` among them.
    """
    labels = sorted(prompts)
    if BASE not in prompts or len(labels) < 2:
        raise TrainError(
            "a router needs prompts for the base and for at least one adapter",
            where="router",
            do="probe skills that are not worked on as well, and give them as others",
        )
    texts = [t for label in labels for t in prompts[label]]
    classes = np.array([i for i, label in enumerate(labels) for _ in prompts[label]])
    model = LogisticRegression(C=100.0, class_weight="balanced", max_iter=300, random_state=seed)
    model.fit(features(texts), classes)
    weights, biases = model.coef_, model.intercept_
    if len(labels) == 2:  # scikit-learn keeps one row for two classes
        weights, biases = np.vstack([-weights, weights]) / 2, np.array([-biases[0], biases[0]]) / 2
    return Router(labels, weights.astype(np.float32), biases.astype(np.float32), THRESHOLD)


def confusion(router: Router, prompts: Mapping[str, Sequence[str]]) -> Confusion:
    """Route prompts that the router never saw and count where they went."""
    labels = tuple(sorted(router.labels, key=lambda label: (label == BASE, label)))
    rows: list[tuple[int, ...]] = []
    for label in labels:
        held = list(prompts.get(label, ()))
        went = router.routes(held) if held else []
        rows.append(tuple(went.count(column) for column in labels))
    return Confusion(labels, tuple(rows))
