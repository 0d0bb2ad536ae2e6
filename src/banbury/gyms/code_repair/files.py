"""Files as values: text where they are text, so that a task or a record can be read."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

import msgspec

from banbury.errors import InputError


class File(msgspec.Struct, frozen=True, omit_defaults=True):
    """One file, or a symbolic link; at most one of `text`, `data`, `link` and `sha256` is given.

    Attributes:
        text: what it holds, if that is UTF-8.
        data: what it holds, else, in base64.
        link: where a symbolic link leads.
        sha256: hash of a blob that holds what it holds, for files too large to stand here.
        executable: whether it may be executed.
    """

    text: str = ""
    data: str = ""
    link: str = ""
    sha256: str = ""
    executable: bool = False

    @property
    def bytes(self) -> bytes:
        """Return what it holds; b"" for a link, and for what stands in a blob.

        Raises:
            InputError: the base64 is broken.
        """
        if not self.data:
            return self.text.encode("utf-8", "surrogatepass")
        try:
            return base64.b64decode(self.data, validate=True)
        except (binascii.Error, ValueError) as error:
            raise InputError(f"a file's base64 is broken: {error}") from error


Changes = Mapping[str, File | None]
"""Files by their path relative to the tree, with `/`; None where one was deleted."""


def file(data: bytes, *, executable: bool = False) -> File:
    """Return a file that holds these bytes."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return File(data=base64.b64encode(data).decode(), executable=executable)
    return File(text=text, executable=executable)
