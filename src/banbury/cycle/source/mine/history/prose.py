"""Plain prose: sentences of messages without markup, references, links and credits."""

from __future__ import annotations

import re

_COMMENT = re.compile(r"<!--.*?-->|<[a-z]+[^<>]*/?>|</[a-z]+>", re.S)
_CODE = re.compile(r"```.*?(?:```|\Z)|(?:^|\n)[ \t]*\n(?:(?: {4}|\t).*(?:\n|\Z))+", re.S)
_HEADING = re.compile(r"^(?:#{1,6}\s.*|[A-Z][\w /]{2,30}:|\.\. [\w-]+::.*|[-=~^*_]{3,})\s*$", re.M)
_BOX = re.compile(r"^\s*[-*+]\s+\[[ xX]\].*$", re.M)
_NUMBERED = re.compile(r"(?<!\w)[:{](rfc|pep)[:}]`(?:[^`<]*<)?(\d+)[^`]*`")
_REFERENCE = (
    r"(?:[:{](?:issue|pr|pull|user|gh|ghissue|ghpull|bug|commit|cve|ticket)[:}]`[^`]*`"
    r"|https?://[^\s)>\]]+|[\w.+-]+@[\w-]+\.[\w.]+|[\w-]+/[\w.-]+#\d+"
    r"|\b(?:gh|GH)-\d+|\b(?:PR|issue|pull request|ticket|bug)s? ?#?\d+\b|(?<![\w&])#\d+(?!\w)"
    r"|\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,40}\b|(?<!\w)@[A-Za-z]\w[\w-]*(?![\w(.]))"
)
_SEVERAL = rf"{_REFERENCE}(?:(?:\s*[,;/&]\s*|\s+(?:and|or|by)\s+|\s+){_REFERENCE})*"
_IN_BRACKETS = re.compile(rf"[(\[][^()\[\]]*?{_SEVERAL}[\s.,;]*[)\]]", re.I)
_CLOSES = re.compile(
    rf"[,;(]?\s*\b(?:fix(?:es|ed)?|clos(?:es|ed|e)|resolv(?:es|ed|e)|refs?|references|see(?: also)?"
    rf"|cf\.?|related to|follow-?up (?:to|of)|part of|addresses|implements):?\s+"
    rf"(?:issues?\s+)?{_SEVERAL}\)?",
    re.I,
)
_EARLIER = re.compile(
    rf"\b(by|in|since|from|of|after|before|with|when|because|that|which)\s+{_SEVERAL}", re.I
)
_ANY = re.compile(_SEVERAL, re.I)
_ROLE = re.compile(r"(?<!\w)(?::[a-zA-Z][\w:+-]*:|\{[a-zA-Z][\w:+-]*\})`([^`]+)`")
_TARGET = re.compile(r"^(.+?)\s*<[^>]*>$", re.S)
_LINK = re.compile(r"\[([^\]\[]+)\](?:\([^)]*\)|\[[^\]]*\])|`([^`<]+?)\s*<[^`>]+>`__?")
_TAG = re.compile(
    r"^\W*(?:\[(?:fix(?:ed)?|bug(?:fix)?|new|added|change[ds]?|wip|internal|\d+\.[\dx]+)\]|:[a-z_]+:"
    r"|(?:wip|draft|internal|security|closed|note)\s*:)\s*",
    re.I,
)
_CREDIT = re.compile(
    r"\s*[(,;.–—-]?\s*\b(?:(?:many |big |special )?thanks?(?: you)?(?: to\b| for\b|,| @|\s*$)"
    r"|(?:reported|contributed|suggested|spotted|found|patch(?:ed)?|written|provided|implemented"
    r"|pull request|pr|courtesy) (?:by|of) (?:@|[A-Z:{])|kudos\b|h/t\b|credits? (?:to|goes)\b)"
    r"[^).]*\)?",
    re.I,
)
_LOOSE = "and|or|with|for|to|by|in|of|from|the|a|an|properly fix|properly|via|see|as in"
_SENTENCE = re.compile(
    r"(?<=[.!?])(?<!\.\.)(?<!e\.g\.)(?<!i\.e\.)(?<!vs\.)(?<!cf\.)\s+(?=[A-Z`\"'(])|\n\s*\n|\n(?=\s*[-*+]\s)"
)


_EMPTY = re.compile(
    r"(?<!\w)(?:\((?:fix(?:es|ed)?|see|closes?|refs?)?[\s.,;:&-]*\)|\[[\s.,;:&-]*\])"
)


def plain(text: str) -> str:
    """Return one sentence or title without markup, references, links and credits."""
    text = _NUMBERED.sub(lambda found: f"{found[1].upper()} {found[2]}", text)
    text = _LINK.sub(lambda found: found[1] or found[2], text)
    text = _CREDIT.sub(" ", text) if _CREDIT.search(text) else text
    text = _IN_BRACKETS.sub(" ", text)
    text = _CLOSES.sub(" ", text)
    text = _EARLIER.sub(r"\1 an earlier change", text)
    text = _ROLE.sub(_spoken, _ANY.sub(" ", text))
    text = re.sub(r"``([^`]+)``", r"`\1`", text)
    text = re.sub(r"\*\*([^*]+)\*\*|(?<![\w`.])_([A-Za-z][^_`]*[a-z])_(?![\w`(])", r"\1\2", text)
    text = re.sub(r"(?<![\w*`])\*(\w+)\*(?![\w*`])", r"`\1`", text)
    text = re.sub(r"(?:^|(?<=[.!?]))[^.!?]*(?:…|\.\.\.)$", "", text)  # cut off by a tool
    return tidy(_TAG.sub("", text))


def _spoken(found: re.Match[str]) -> str:
    name = _TARGET.sub(r"\1", found[1]).strip()
    return f"`{name.rsplit('.', 1)[-1] if name.startswith('~') else name.lstrip('!')}`"


def tidy(text: str) -> str:
    """Return a text without empty brackets, doubled stops and stray blanks."""
    for _ in range(9):
        before, text = text, _tidied(text)
        if text == before:
            break
    return text


def _tidied(text: str) -> str:
    for _ in range(2):
        text = _EMPTY.sub("", text)
        text = re.sub(r"\s+([.,;:!?)])(?=[\s)]|$)", r"\1", " ".join(text.split()))
        text = re.sub(r"\(\s*[,;]\s*", "(", text)
        text = re.sub(r"[,;:]+(?=[.)])|(?<!\.)\.(?=\.(?:\s|$))", "", text)
    text = text.strip().lstrip("-*+:;,. ").rstrip(" -*:;,")
    text = re.sub(rf"(?:[\s,;]+(?:{_LOOSE}))+[\s,;]*(?=\.?$)", "", text)
    text = re.sub(r"\s*\((?:fix(?:es)?|see|closes)?$", "", text)
    if text.count("(") == text.count(")") + 1:
        text = _EMPTY.sub("", text + ")")
    return " ".join(text.split())


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, code, headings, boxes and comments left out."""
    text = _COMMENT.sub(" ", text.replace("\r\n", "\n"))
    text = _BOX.sub("\n", _HEADING.sub("\n", _CODE.sub("\n\n", text)))
    parts = _SENTENCE.split(text)
    return [" ".join(part.split()).lstrip("-*+ ") for part in parts if part and part.strip()]
