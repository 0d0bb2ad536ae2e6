"""What `banbury.open(url)` may be given, and which server it means."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from banbury.errors import InputError
from banbury.store.embedded import Embedded
from banbury.store.external import External
from banbury.store.server import Server

HOME = "~/.local/share/banbury"
_POSTGRES = ("postgresql", "postgres")


def server_at(url: str | None = None) -> Server:
    """Return the server that an address means.

    Args:
        url: None: the environment's BANBURY_URL, else a folder: BANBURY_HOME, else
            `~/.local/share/banbury`. A folder, or `banbury:///folder`: the embedded server there;
            with `?durable=no` it does not wait for the disk, for a store that is thrown away.
            `postgresql://...`: that server, its blobs in the folder that `?blobs=/folder` or
            BANBURY_BLOBS names. People's keys lie in the folder BANBURY_KEYS, else in `keys` of
            the embedded server's folder, which for `postgresql://` is BANBURY_HOME's.

    Raises:
        InputError: the address is of no known kind, or names no folder for the blobs.
        StoreError: the server cannot be had.
    """
    url = url or os.environ.get("BANBURY_URL") or ""
    parts = urlsplit(url)
    if not url:
        return Embedded(_home())
    if parts.scheme in _POSTGRES:
        return _external(url)
    if parts.scheme == "banbury":
        folder = unquote(parts.netloc + parts.path)
        query = dict(parse_qsl(parts.query))
        durable = query.pop("durable", "yes")
        if query or durable not in ("yes", "no"):
            raise InputError(
                "the address has an unknown option", where=url, do="the only one is ?durable=no"
            )
        if not folder:
            raise InputError("the address names no folder", where=url, do="write banbury:///folder")
        return Embedded(Path(folder), durable == "yes")
    if "://" in url:
        raise InputError(
            f"there is no store of the kind {parts.scheme!r}",
            where=parts.scheme + "://",
            do="give a folder, banbury:///folder or postgresql://user:secret@host/database",
        )
    return Embedded(Path(url))


def _external(url: str) -> External:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    blobs = query.pop("blobs", None) or os.environ.get("BANBURY_BLOBS")
    if not blobs:
        raise InputError(
            "a store on a PostgreSQL server needs a folder for its blobs",
            where=f"postgresql://{parts.hostname or ''}{parts.path}",
            do="add ?blobs=/folder to the address, or set BANBURY_BLOBS",
        )
    plain = urlunsplit(parts._replace(query=urlencode(query)))
    folder, keys = Path(blobs).expanduser().absolute(), _home().expanduser().absolute() / "keys"
    return External(plain, folder, keys)


def _home() -> Path:
    return Path(os.environ.get("BANBURY_HOME") or HOME)
