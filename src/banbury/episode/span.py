"""Blob and Span: bytes named by their hash, and a stretch of them in rational time."""

from __future__ import annotations

from fractions import Fraction

import msgspec

NO_KEY = "none"
"""The encryption key id of what is not encrypted yet."""


class Blob(msgspec.Struct, frozen=True, omit_defaults=True):
    """Bytes named by their SHA-256.

    Attributes:
        sha256: 64 hex digits of the plain bytes.
        size: bytes.
        media: media type, such as `video/mp4`.
        key: id of the encryption key (a lab's, or a person's), `none` if there is none.
    """

    sha256: str
    size: int
    media: str = "application/octet-stream"
    key: str = NO_KEY


class Span(msgspec.Struct, frozen=True, omit_defaults=True):
    """A stretch of one track of a blob: [start, end) in ticks of `base_num / base_den` seconds."""

    blob: Blob
    track: str
    start: int
    end: int
    base_num: int = 1
    base_den: int = 1_000_000_000

    @property
    def seconds(self) -> Fraction:
        """Return the exact length in seconds."""
        return Fraction((self.end - self.start) * self.base_num, self.base_den)
