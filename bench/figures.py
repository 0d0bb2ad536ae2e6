"""What every benchmark shares: rows of figures, a file of results, a table to read."""

import json
import operator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"
Row = dict[str, Any]
_COMPARE = {"<=": operator.le, ">=": operator.ge, "==": operator.eq}


def row(name: str, value: float, unit: str = "", must: str | None = None, **more: Any) -> Row:
    """One figure.

    `must` is what is asked for, such as "<= 0.2"; `more` are its seed, peers and the like.
    """
    holds = None
    if must:
        compare, limit = must.split()
        # Ten digits of slack: an exact probability of 0.95 is a sum of a thousand floats.
        holds = bool(_COMPARE[compare](round(float(value), 10), float(limit)))
    told = round(float(value), 4)
    return {"name": name, "value": told, "unit": unit, "must": must, "holds": holds, **more}


def keep(name: str, rows: list[Row]) -> None:
    """Write what a benchmark found so far."""
    RESULTS.mkdir(exist_ok=True)
    told = {"name": name, "command": f"make bench NAME={name}", "rows": rows}
    (RESULTS / f"{name}.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def tell(name: str, rows: list[Row], *, kept: bool = True) -> int:
    """Write and print what a benchmark found; return 1 where something does not hold."""
    if kept:
        keep(name, rows)
    peers = any(r.get("peer") for r in rows)
    table = Table("figure", "value", "unit", *["peer"] * peers, "must", "holds", title=name)
    for r in rows:
        holds = {True: "yes", False: "NO", None: ""}[r["holds"]]
        rival = r.get("peer") or {}
        said = rival if isinstance(rival, str) else ", ".join(f"{k} {v}" for k, v in rival.items())
        told = (r["name"], f"{r['value']:.4g}", r["unit"], *[said] * peers, r["must"] or "", holds)
        table.add_row(*told)
    Console(width=140).print(table)
    return int(any(r["holds"] is False for r in rows))
