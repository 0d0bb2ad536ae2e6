"""Fit the router on prompts: whose adapter answers this, or is it the base's own?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from sklearn.linear_model import LogisticRegression

from banbury.actors.policy import BASE
from banbury.actors.router import Router, features
from banbury.arena import draw
from banbury.cycle.difficulty import Difficulty, at
from banbury.cycle.train.examples import asked, released
from banbury.episode import Blob
from banbury.errors import TrainError
from banbury.store import Artifact, Lab

THRESHOLD = 0.5
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


def train_router(
    lab: Lab,
    release: Artifact,
    skills: Sequence[str],
    others: Sequence[str],
    *,
    prompts: int,
    seed: int,
    difficulty: Difficulty = None,
) -> tuple[Blob, dict[str, Any]]:
    """Fit the router on training prompts, and try it on the prompts of reserved and probe items.

    Args:
        lab: where the release is.
        release: its prompts belong to its skills' adapters.
        skills: what has an adapter.
        others: skills whose prompts belong to the base.
        prompts: fresh prompts of each of these to learn from.
        seed: of the draw and the fit.
        difficulty: of the others' prompts, for all or by skill; the easiest if None.

    Returns:
        The router's blob, and its confusion on prompts that it never saw.
    """
    seen: dict[str, list[str]] = {
        skill: list(dict.fromkeys(map(asked, rows)))
        for skill, rows in released(lab, release).items()
    }
    seen[BASE] = [
        p.task.public.instruction
        for other in others
        for p in draw(lab, other, prompts, "train", seed=seed, difficulty=at(difficulty, other))
    ]
    unseen: dict[str, list[str]] = {
        skill: [t.public.instruction for t in lab.tasks(skill=skill, split="reserved")]
        for skill in skills
    }
    unseen[BASE] = [
        t.public.instruction for other in others for t in lab.tasks(skill=other, split="probe")
    ]
    router = fit_router(seen, seed=seed)
    blob = lab.blobs.put(router.to_bytes(), "application/x-safetensors")
    return blob, msgspec.to_builtins(confusion(router, unseen))
