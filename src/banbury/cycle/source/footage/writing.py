"""Writing a sidecar beside originals on disk: the whole file, or none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from banbury.errors import InputError


def write(into: Path, body: Mapping[str, Any]) -> None:
    """Write a sidecar into a file of its own, all or nothing.

    Raises:
        InputError: there is a file that is no sidecar, or the folder cannot be written.
    """
    if into.exists() and not _sidecar(into):
        raise InputError(
            "there is a file of this name that is no sidecar",
            where=str(into),
            do="choose another name",
        )
    aside = into.with_name(f".{into.name}.part")
    try:
        aside.write_bytes(msgspec.json.format(msgspec.json.encode(body), indent=1) + b"\n")
        aside.replace(into)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise InputError(
            f"the sidecar cannot be written: {error.strerror}", where=str(into)
        ) from error


def _sidecar(path: Path) -> bool:
    try:
        said = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.MsgspecError):
        return False
    return said.get("format") == "banbury.footage"
