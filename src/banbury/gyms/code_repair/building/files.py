"""The files that a lock names, kept by their hashes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import time
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import httpx

from banbury.errors import SetupError, StoreError
from banbury.gyms.code_repair.recipe import Pin

SECONDS = 120.0
PAUSES_S = (0.5, 1.5, 2.5, 0.0)
"""Waits after a download that failed, one for each try."""
INLINE = "data:"
"""A file that is in the lock itself, in base 64: small wheels that no index has."""


def inline(data: bytes) -> str:
    """Return a URL that carries the bytes."""
    return f"{INLINE}application/octet-stream;base64,{base64.b64encode(data).decode()}"


def name(pin: Pin) -> str:
    """Return the file's name, as an installer must find it."""
    if pin.url.startswith(INLINE):
        return f"{pin.name.replace('-', '_')}-{pin.version.replace('-', '_')}-py3-none-any.whl"
    return unquote(PurePosixPath(urlsplit(pin.url).path).name)


def path(pin: Pin, cache: Path) -> Path:
    """Return where the cache keeps the pin's file."""
    return cache / "files" / pin.sha256[:2] / pin.sha256 / name(pin)


def fetch(pin: Pin, cache: Path) -> Path:
    """Return the path of the file that the pin names, downloaded once and checked.

    Raises:
        SetupError: it cannot be downloaded, so the index does not answer or has it no more.
        StoreError: what was downloaded does not have the hash that the lock names.
    """
    place = path(pin, cache)
    if place.exists():
        return place
    data = inlined(pin) if pin.url.startswith(INLINE) else _downloaded(pin)
    found = hashlib.sha256(data).hexdigest()
    if found != pin.sha256:
        raise StoreError(
            f"{name(pin)} is not the file that the lock names: its SHA-256 is {found}, "
            f"not {pin.sha256}",
            where=pin.url[:200],
            do="resolve the task's environment again",
        )
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(f".{os.getpid()}-{time.monotonic_ns()}")
    part.write_bytes(data)
    part.replace(place)
    return place


def inlined(pin: Pin) -> bytes:
    """Return the bytes that a pin carries itself."""
    try:
        return base64.b64decode(pin.url.partition("base64,")[2], validate=True)
    except binascii.Error as error:
        raise StoreError(f"the lock's file of {pin.name} is damaged: {error}") from error


def _downloaded(pin: Pin) -> bytes:
    scheme = urlsplit(pin.url).scheme
    if scheme not in ("https", "http"):
        raise StoreError(f"the lock names a file at {pin.url[:80]!r}, which is no web address")
    trouble = ""
    for pause_s in PAUSES_S:
        try:
            answer = httpx.get(pin.url, timeout=SECONDS, follow_redirects=True)
            if answer.status_code == 200:
                return answer.content
            trouble = f"the index answers {answer.status_code}"
            if answer.status_code in (401, 403, 404, 410):
                break
        except httpx.HTTPError as error:
            trouble = str(error) or type(error).__name__
        time.sleep(pause_s)
    raise SetupError(
        f"{name(pin)} cannot be downloaded: {trouble}",
        where=pin.url,
        do="look at the network, or put the file into the cache from elsewhere",
    )
