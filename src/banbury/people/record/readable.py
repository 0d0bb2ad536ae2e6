"""A record as a page that opens anywhere, and as a ZIP of page and JSON."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

import msgspec

from banbury.charts.svg import PALETTE, shown

_STYLE = (
    PALETTE + "body{background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif;"
    "max-width:60rem;margin:0 auto;padding:1.5rem}table{border-collapse:collapse;width:100%}"
    "th,td{border-bottom:1px solid var(--rule);padding:.25rem .75rem .25rem 0;text-align:left;"
    "vertical-align:top;overflow-wrap:anywhere}th{color:var(--muted);font-weight:400}"
    "h2{margin-top:2.5rem}.scroll{overflow-x:auto}.none{color:var(--muted)}"
)


def readable(record: Mapping[str, Any]) -> str:
    """Return a record as one HTML page without scripts or anything from elsewhere."""
    parts = [
        f"<section><h2>{_words(name)}</h2>{_value(value, name)}</section>"
        for name, value in record.items()
        if name != "made_ns"
    ]
    made = _when(record.get("made_ns", 0))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>What Banbury keeps about you</title><style>{_STYLE}</style></head><body>"
        f"<h1>What Banbury keeps about you</h1><p>As of {made}. Episodes that you made stand in "
        "the labs, under your pseudonyms.</p>" + "".join(parts) + "</body></html>\n"
    )


def zipped(record: Mapping[str, Any]) -> bytes:
    """Return a ZIP with `record.json` and `record.html`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        data = msgspec.json.format(msgspec.json.encode(record), indent=2)
        archive.writestr("record.json", data)
        archive.writestr("record.html", readable(record))
    return buffer.getvalue()


def _value(value: Any, name: str = "") -> str:
    if value is None or value == "" or value == [] or value == {}:
        return '<span class="none">nothing</span>'
    if isinstance(value, Mapping):
        rows = "".join(
            f"<tr><th>{_words(k)}</th><td>{_value(v, k)}</td></tr>" for k, v in value.items()
        )
        return f"<table>{rows}</table>"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _listed(value, name)
    return escape(_plain(value, name))


def _listed(values: Sequence[Any], name: str) -> str:
    if all(isinstance(v, Mapping) for v in values):
        names = list(dict.fromkeys(key for v in values for key in v))
        head = "".join(f"<th>{_words(n)}</th>" for n in names)
        body = "".join(
            "<tr>" + "".join(f"<td>{_value(v.get(n), n)}</td>" for n in names) + "</tr>"
            for v in values
        )
        return f'<div class="scroll"><table><tr>{head}</tr>{body}</table></div>'
    return ", ".join(_value(v, name) for v in values)


def _plain(value: Any, name: str) -> str:
    if name.endswith("_ns") and isinstance(value, int) and name not in ("work_ns", "busy_ns"):
        return _when(value)
    if name == "work_ns" and isinstance(value, int):
        return f"{value / 3.6e12:.2f} hours"
    if name == "day" and isinstance(value, int):
        return datetime.fromtimestamp(value * 86_400, UTC).strftime("%Y-%m-%d")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    return shown(str(value))


def _when(ns: int) -> str:
    return datetime.fromtimestamp(ns / 1e9, UTC).strftime("%Y-%m-%d %H:%M UTC") if ns else "never"


def _words(name: str) -> str:
    plain = name.removesuffix("_ns").replace("_", " ")
    return escape(shown(plain[:1].upper() + plain[1:]))
