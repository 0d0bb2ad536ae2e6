"""Speech as words: where BANBURY_SPEECH names an endpoint, recordings are written down by it.

`http://HOST/v1#MODEL` is a server with OpenAI's `/audio/transcriptions`. Without one, or where it
fails, whoever grades listens.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

import httpx

from banbury.actors.address import key_for
from banbury.errors import InputError

SPEECH = "BANBURY_SPEECH"
TIMEOUT_S = 60.0
LONGEST = 20_000
_log = logging.getLogger("banbury.web")


class Speech:
    """The endpoint that writes recordings down.

    Raises:
        InputError: its address names no model.
    """

    def __init__(self) -> None:
        word = os.environ.get(SPEECH, "").strip()
        self._base, _, self._model = word.partition("#")
        if word and not (self._base.startswith(("http://", "https://")) and self._model):
            raise InputError(
                f"{word[:80]!r} names no model for speech",
                where=SPEECH,
                do="write http://HOST/v1#MODEL",
            )

    def __bool__(self) -> bool:
        """Return whether an endpoint is named."""
        return bool(self._base)

    def words(self, data: bytes, media: str) -> str:
        """Return what is said in a recording, "" where nobody could write it down."""
        if not self:
            return ""
        ending = media.partition("/")[2].partition(";")[0] or "webm"
        key = key_for(self._base)
        try:
            answer = httpx.post(
                f"{self._base.rstrip('/')}/audio/transcriptions",
                files={"file": (str(Path("answer").with_suffix(f".{ending}")), data, media)},
                data={"model": self._model},
                headers={"Authorization": f"Bearer {key}"} if key else {},
                timeout=TIMEOUT_S,
            )
            answer.raise_for_status()
            said = answer.json().get("text", "")
        except (httpx.HTTPError, ValueError, AttributeError) as error:
            _log.warning("a recording was not written down: %s", type(error).__name__)
            return ""
        return str(said).strip()[:LONGEST]
