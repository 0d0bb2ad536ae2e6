"""Codes: random strings of 256 bits that let one in; only their hashes are stored."""

from __future__ import annotations

import hashlib
import hmac
import secrets

TOKEN_PREFIX = "bby_"
"""Begins every API token, so that a scanner of source code can find one that was left there."""
_LONGEST = 200


def new_code(prefix: str = "") -> str:
    """Return a fresh code of 43 URL-safe characters after the prefix."""
    return prefix + secrets.token_urlsafe(32)


def hashed(code: str) -> bytes:
    """Return what is stored of a code; 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(code[:_LONGEST].encode("utf-8", "surrogatepass")).digest()


def csrf_of(code: str) -> str:
    """Return what a page of this session sends back in a header with each write."""
    key = code[:_LONGEST].encode("utf-8", "surrogatepass")
    return hmac.new(key, b"banbury csrf", hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Say whether two strings are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def new_pseudonym() -> str:
    """Return a name such as `p-7f3k2q9d`, of letters and digits that are not mistaken."""
    return "p-" + "".join(secrets.choice("23456789abcdefghjkmnpqrstuvwxyz") for _ in range(8))
