"""The libraries that looking at footage needs, and one clear error where they are missing."""

from __future__ import annotations

from banbury.errors import SetupError

try:
    import av
    import cv2
    import onnxruntime
except ImportError as error:  # pragma: no cover - the extra is there where tests run
    raise SetupError(
        f"looking at footage needs {error.name}", do="pip install 'banbury[capture]'"
    ) from error

cv2.setNumThreads(1)  # pictures are small, and takes are looked at side by side

__all__ = ["av", "cv2", "onnxruntime"]
