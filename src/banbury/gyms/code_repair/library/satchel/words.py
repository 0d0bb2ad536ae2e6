"""Words and lines of text."""

from __future__ import annotations

from collections.abc import Sequence


def slug(text: str, longest: int = 40) -> str:
    """Return a text as a name for an address: lower case, hyphens, cut at a word."""
    letters = [c if c.isalnum() else " " for c in text.lower()]
    out = ""
    for word in "".join(letters).split():
        longer = f"{out}-{word}" if out else word
        if len(longer) > longest:
            return out or word[:longest]
        out = longer
    return out


def listed(items: Sequence[str], last: str = "and") -> str:
    """Return items as a sentence lists them: `a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it needs one."""
    if number == 1:
        return f"1 {noun}"
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{number} {noun}es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{number} {noun[:-1]}ies"
    return f"{number} {noun}s"


def wrapped(text: str, width: int) -> list[str]:
    """Return a text in lines of at most `width` characters; a longer word has its own line."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines


def shortened(text: str, longest: int) -> str:
    """Return a text of at most `longest` characters, with three dots where it was cut."""
    if len(text) <= longest:
        return text
    if longest <= 3:
        return "." * longest
    return text[: longest - 3].rstrip() + "..."


def initials(name: str) -> str:
    """Return the initials of a name, particles such as `van` left out."""
    return "".join(part[0] for part in name.split() if not part.islower()).upper()


def indented(text: str, by: int = 4, first: bool = True) -> str:
    """Return a text with its lines indented; empty lines stay empty."""
    out = []
    for number, line in enumerate(text.split("\n")):
        keep = not line.strip() or (number == 0 and not first)
        out.append(line if keep else " " * by + line)
    return "\n".join(out)
