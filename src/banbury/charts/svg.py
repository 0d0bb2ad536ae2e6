"""The least of SVG: elements, text that stays text, and the palette."""

from __future__ import annotations

import math
import unicodedata
from html import escape

PALETTE = """
:root {
  --paper: #fdfdfb; --ink: #1d1d1b; --muted: #6a6963; --rule: #dedcd4; --wash: #f4f3ee;
  --before: #8b887e; --after: #1b5fae; --alarm: #b23a1c;
  color-scheme: light dark;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #171716; --ink: #e8e6df; --muted: #a19f96; --rule: #3a3934; --wash: #21211f;
    --before: #96938a; --after: #7fb4f2; --alarm: #f28d6c;
  }
}
"""
"""The colours, each with one meaning: before (grey), after (blue), what went wrong (red)."""

STYLE = """
.rule { stroke: var(--rule); stroke-width: 1; }
.line { stroke: var(--alarm); stroke-width: 1; stroke-dasharray: 2 3; }
.before { stroke: var(--before); fill: var(--paper); stroke-width: 1.75; }
.after { stroke: var(--after); fill: var(--after); stroke-width: 1.75; }
.harm { stroke: var(--alarm); fill: var(--alarm); stroke-width: 1.75; }
.whisker { stroke-linecap: round; }
.bar { stroke-width: 9; stroke-linecap: butt; }
.fill-before { fill: var(--before); }
.fill-after { fill: var(--after); }
.fill-harm { fill: var(--alarm); }
.curve { fill: none; stroke: var(--after); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.tick { fill: var(--muted); font-size: 12px; }
"""
"""How marks look; a page that shows charts puts it into its own style sheet."""

_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


def shown(text: str, limit: int = 0) -> str:
    """Return text so that all of it can be seen, and no more than `limit` characters (0: all).

    Control characters and half surrogates become pictures of themselves, marks that turn the
    direction of writing become their names, and what is cut off is counted. The result is not
    escaped; `tag` and a template that escapes do that.
    """
    length = len(text)
    cut = length - limit if 0 < limit < length else 0
    head = text[:limit] if cut else text
    plain = "".join(map(_visible, head))
    return f"{plain} … [{cut:,} more of {length:,} characters]" if cut else plain


def _visible(char: str) -> str:
    if char in "\n\t" or " " <= char <= "~":
        return char
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if char in _BIDI or code & 0xFFFE == 0xFFFE or unicodedata.category(char) in ("Cs", "Cc"):
        return f"\u27e8U+{code:04X}\u27e9"
    return char


def tag(name: str, *children: str, **attributes: object) -> str:
    """Return an element; children are markup, attribute values are text.

    Underscores in attribute names become hyphens, a trailing one is dropped (`class_`), and an
    attribute whose value is None is left out.
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(shown(str(value)))}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(children)
    return f"<{name}{given}>{inner}</{name}>" if inner else f"<{name}{given}/>"


def words(text: str, **attributes: object) -> str:
    """Return a `text` element whose content is escaped."""
    return tag("text", escape(shown(text)) or " ", **attributes)


def number(value: float) -> str:
    """Return a coordinate with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def share(value: float, low: float, high: float) -> float:
    """Return how far a value lies from `low` to `high`, 0 to 1; values beyond stop there.

    Any finite numbers will do, however near to one another or far; ends that are equal give 0.
    """
    if high <= low:
        return 0.0
    if math.isinf(high - low):
        value, low, high = value / 2, low / 2, high / 2
    return (min(max(value, low), high) - low) / (high - low)


def percent(value: float, low: float = 0.0, high: float = 1.0) -> str:
    """Return where a value lies between two ends, as a percentage; values beyond stop there."""
    return f"{number(100 * share(value, low, high))}%"
