"""Make docs/benchmarks.md from bench/results/*.json."""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
HEAD = """# Benchmarks

Every figure that Banbury promises, with the command that measures it. This page is made from
`bench/results/` by `make bench NAME=page`; ratios within one run count for more than absolute
times, which depend on the machine. `must` is what is asked for; a row without one is there to be
read.
"""


def page() -> str:
    """Return the page's text."""
    parts = [HEAD]
    for path in sorted((ROOT / "bench" / "results").glob("*.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        parts.append(f"## {found['name']}\n\n    {found['command']}\n")
        extra = sorted({k for row in found["rows"] for k in row} - KNOWN)
        names = ["figure", "value", "unit", "must", "holds", *extra]
        parts.append("| " + " | ".join(names) + " |\n|" + "---|" * len(names))
        parts += ["| " + " | ".join(cells(row, extra)) + " |" for row in found["rows"]]
        parts.append("")
    return "\n".join(parts)


KNOWN = {"name", "value", "unit", "must", "holds", "seed", "seeds"}


def cells(row: dict[str, object], extra: list[str]) -> list[str]:
    """Return one row's cells."""
    holds = {True: "yes", False: "**no**", None: ""}[row.get("holds")]  # type: ignore[index]
    shown = [str(row.get(k, "")) if row.get(k) is not None else "" for k in ("value", "unit")]
    rest = [told(row.get(k)) for k in extra]
    return [str(row["name"]), *shown, str(row.get("must") or ""), holds, *rest]


def told(value: object) -> str:
    """Return a cell's text: a peer's figures by name, nothing for None."""
    if isinstance(value, dict):
        return ", ".join(f"{k} {v}" for k, v in value.items())
    return "" if value is None else str(value)


if __name__ == "__main__":
    (ROOT / "docs" / "benchmarks.md").write_text(page(), encoding="utf-8")
    sys.stdout.write("docs/benchmarks.md\n")
