"""What people type about themselves: e-mail, name, password; each checked, or refused in words."""

from __future__ import annotations

import re
import unicodedata

from banbury.errors import InputError

SHORTEST, LONGEST = 10, 1024
"""Characters of a password."""
_EMAIL = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_{|}~-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
_COMMON = frozenset(
    """
    1234567890 12345678910 0123456789 9876543210 0987654321 1q2w3e4r5t 1qaz2wsx3edc
    qwertyuiop qwerty12345 qwerty123456 password12 password123 password1234 passw0rd123
    letmein123 iloveyou12 iloveyou123 administrator welcome123 welcome1234 changeme123
    abc1234567 abcdefghij abcdefghijk asdfghjkl123 trustno1234 football123 sunshine123
    princess123
    """.split()  # noqa: SIM905  a list of words reads better
)


def email(text: str) -> str:
    """Return an e-mail address in lower case, as it is stored and compared.

    Only ASCII is taken, so that no two addresses look alike and none turns into another one by
    folding; a domain in other letters is written in its `xn--` form.

    Raises:
        InputError: this is no address, or it holds other letters.
    """
    address = text.strip(" ")
    if not address.isascii():
        raise InputError(
            "an e-mail address holds ASCII characters only",
            do="write a domain in other letters in its xn-- form",
        )
    address = address.lower()
    local = address.partition("@")[0]
    if len(address) > 254 or len(local) > 64 or not _EMAIL.fullmatch(address):
        raise InputError("this is no e-mail address", do="write one such as ann@example.org")
    return address


def name(text: str, what: str = "name") -> str:
    """Return a name of 1 to 100 characters with single spaces.

    Raises:
        InputError: it is empty or too long, or holds characters that are not seen or turn the
            direction of writing.
    """
    clean = " ".join(unicodedata.normalize("NFC", text[:1000]).split())
    if not 1 <= len(clean) <= 100:
        raise InputError(f"a {what} has 1 to 100 characters, this one {len(text.strip())}")
    hidden = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    # A zero-width joiner shapes letters and faces; it is the one of its kind that names need.
    if any(unicodedata.category(c) in hidden and c not in "\u200c\u200d" for c in clean):
        raise InputError(f"this {what} holds a character that cannot be seen", do="leave it out")
    return clean


def password(text: str, *about: str) -> str:
    """Return a password as it is hashed (NFKC, see NIST SP 800-63B).

    Args:
        text: what was typed.
        about: e-mail and name, which it may not be.

    Raises:
        InputError: it is too short or too long, or among the first that anybody would try.
    """
    if len(text) > LONGEST:
        raise InputError(f"a password has at most {LONGEST:,} characters, this one {len(text):,}")
    typed = normal(text)
    if len(typed) < SHORTEST:
        raise InputError(
            f"a password has at least {SHORTEST} characters, this one {len(typed)}",
            do="four words that you can remember are good",
        )
    low = typed.casefold()
    known = {a.casefold() for a in about} | {a.partition("@")[0].casefold() for a in about}
    if low in _COMMON or low in known or len(set(low)) < 5:
        raise InputError(
            "this password is among the first that anybody would try", do="choose another"
        )
    return typed


def normal(text: str) -> str:
    """Return a password in one form, however the keyboard composed it.

    Raises:
        InputError: it holds half of a character.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise InputError("this password holds half of a character", do="type it again") from None
    return unicodedata.normalize("NFKC", text)


def words(full_name: str, address: str) -> frozenset[str]:
    """Return what one finds an account by: the beginnings of these words."""
    parts = re.findall(r"\w+", folded(full_name))
    local, _, domain = address.partition("@")
    return frozenset({*parts, folded(full_name)[:60], address, local, domain} - {""})


def folded(text: str) -> str:
    """Return a text without marks and case, to sort and to search by."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))
