"""A release's card: its Markdown as HTML that can do nothing but be read."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markupsafe import Markup

from banbury.charts.svg import shown

_FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_RIGHT = "text-align:right"
MOST = 200_000
"""Characters of a card that are shown."""


def html(text: str) -> Markup:
    """Return Markdown as HTML: no tags of its own, no pictures, no script in a link, no style."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    body = _FRONT.sub("", text)[:MOST]
    tokens = parser.parse(shown(body))
    for token in tokens:
        if style := token.attrGet("style"):
            token.attrs.pop("style")
            if style == _RIGHT:
                token.attrSet("class", "number")
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
    return Markup(parser.renderer.render(tokens, parser.options, {}))
