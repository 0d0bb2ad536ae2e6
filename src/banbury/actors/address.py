"""The address of an endpoint, its key and its proxy: what may be sent, and what may be kept."""

from __future__ import annotations

import os
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from banbury.errors import InputError


def root(url: str) -> str:
    """Return the root of an endpoint without a slash at its end.

    Raises:
        InputError: it is no address, or carries a secret: it is kept with every episode.
    """
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise InputError(
            f"{url!r} is no address of an endpoint", do="give one like http://host:8000/v1"
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise InputError(
            f"the address of {parts.hostname} holds a name, a password, or something behind ? or #",
            do="give the bare address; the key goes into OPENAI_API_KEY",
        )
    return url.rstrip("/")


def proxy(url: str) -> str | None:
    """Return the proxy that the environment names for an address."""
    parts = urlsplit(url)
    return None if proxy_bypass(parts.netloc) else getproxies().get(parts.scheme)


def key_for(url: str) -> str:
    """Return the environment's OPENAI_API_KEY for an address, "" where it is meant for others.

    BANBURY_KEY_FOR names the addresses that get it, parted by spaces; without it, all do, which is
    right where whoever names the address also holds the key.
    """
    named = os.environ.get("BANBURY_KEY_FOR")
    if named is not None and _origin(url) not in map(_origin, named.split()):
        return ""
    return os.environ.get("OPENAI_API_KEY", "")


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return parts.scheme, parts.hostname or "", port


def secret(key: str) -> str:
    """Return a key without blanks around it.

    Raises:
        InputError: no header can carry it.
    """
    key = key.strip()
    if not (key.isascii() and (key.isprintable() or not key)):
        raise InputError("the key holds characters that no header can carry", do="copy it again")
    return key
