"""tus 1.0.0: the words of the protocol for resumable uploads, as headers say them.

Source: https://tus.io/protocols/resumable-upload
"""

from __future__ import annotations

import base64
import binascii
from email.utils import formatdate
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import ClientException

from banbury.errors import InputError
from banbury.store.appending import CHECKSUMS, Checksum
from banbury.store.upload import LARGEST, Upload

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,checksum,termination"
BYTES = "application/offset+octet-stream"
_DIGITS = {"sha256": 32, "sha1": 20}

OFFER = {
    "Tus-Version": VERSION,
    "Tus-Extension": EXTENSIONS,
    "Tus-Max-Size": str(LARGEST),
    "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
}
"""What OPTIONS answers."""


class Named(msgspec.Struct, frozen=True):
    """What `Upload-Metadata` says of a file, empty where it says nothing."""

    filename: str = ""
    filetype: str = ""
    task: str = ""
    fingerprint: str = ""


def spoken(request: Request[Any, Any, Any]) -> None:
    """Let a request pass that speaks this version.

    Raises:
        ClientException: it does not (412).
    """
    if request.headers.get("tus-resumable", "") != VERSION:
        raise ClientException(
            f"this takes uploads by tus {VERSION}, which each request says in Tus-Resumable",
            status_code=412,
            headers={"Tus-Version": VERSION},
        )


def number(request: Request[Any, Any, Any], name: str) -> int:
    """Return the whole number that a header holds.

    Raises:
        InputError: it holds none.
    """
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise InputError(f"the header {name} is {text[:40]!r}, which is no length", where=name)
    return int(text)


def named(request: Request[Any, Any, Any]) -> Named:
    """Return what `Upload-Metadata` says; keys that nobody here asks for are passed over.

    Raises:
        InputError: it is not pairs of a key and base64 of UTF-8.
    """
    held: dict[str, str] = {}
    text = request.headers.get("upload-metadata", "")
    if len(text) > 8192:
        raise InputError("the header Upload-Metadata has more than 8,192 characters")
    for pair in filter(None, (p.strip() for p in text.split(","))):
        key, _, value = pair.partition(" ")
        try:
            held[key] = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise InputError(
                f"the value of {key[:40]!r} in Upload-Metadata is no base64 of UTF-8"
            ) from error
    return Named(**{k: v for k, v in held.items() if k in Named.__struct_fields__})


def checksum(request: Request[Any, Any, Any]) -> Checksum | None:
    """Return what the body must hash to, None where nothing is said of it.

    Raises:
        InputError: the algorithm is not offered, or the digest is none.
    """
    text = request.headers.get("upload-checksum", "")
    if not text:
        return None
    name, _, value = text.partition(" ")
    if name not in CHECKSUMS:
        raise InputError(
            f"there is no checksum {name[:40]!r} here", do=f"use {' or '.join(CHECKSUMS)}"
        )
    try:
        digest = base64.b64decode(value.strip(), validate=True)
    except binascii.Error:
        digest = b""
    if len(digest) != _DIGITS[name]:
        raise InputError(f"the header Upload-Checksum holds no base64 of a {name}")
    return Checksum(name, digest)


def naming(upload: Upload) -> str:
    """Return `Upload-Metadata` of what is kept of it."""
    held = Named(upload.name, upload.media, upload.task, upload.fingerprint)
    pairs = ((k, getattr(held, k)) for k in Named.__struct_fields__)
    return ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in pairs if v)


def is_bytes(request: Request[Any, Any, Any]) -> bool:
    """Say whether the body is bytes of a file."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == BYTES


def standing(upload: Upload) -> dict[str, str]:
    """Return the headers that say how far an upload is."""
    said = {"Upload-Offset": str(upload.received)}
    if upload.state == "open":
        said["Upload-Expires"] = formatdate(upload.expires_ns // 10**9, usegmt=True)
    return said
