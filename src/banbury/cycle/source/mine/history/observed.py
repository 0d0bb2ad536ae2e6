"""What is observed: the failing tests in words, with what they say at the base."""

from __future__ import annotations

import re
from collections.abc import Mapping

from banbury.cycle.source.mine.history.given_away import Secrets

MOST = 5
"""Rows of a statement's list of failures."""
_PATH = re.compile(r"(?<![\w/:.])(?:/(?:work|tmp|env|usr|home|root|proc|opt|var)(?:/[\w.+@-]+)+)")
_ADDRESS = re.compile(r"\s+at 0x[0-9a-fA-F]+")
_NOT_RAISED = re.compile(r"DID NOT RAISE (?P<what>.+)$", re.S)
_NOT_WARNED = re.compile(r"DID NOT WARN", re.I)
_RAISED = re.compile(r"^(?P<kind>[\w.]*[A-Za-z_]\w*)(?::\s*(?P<said>.*))?$", re.S)
_ASSERTED = re.compile(r"^(?:AssertionError:\s*)?assert\s+(?P<what>.+)$", re.S)


def observed(failures: Mapping[str, str], known: Secrets) -> list[str]:
    """Return a row for each way in which tests fail, the first few.

    Args:
        failures: by test, what it raised at the base; "" where that is not known.
        known: what no row may give away.
    """
    functions: dict[str, list[str]] = {}
    for test in failures:
        functions.setdefault(spoken(test), []).append(test)
    rows: dict[str, list[str]] = {}
    for name, tests in functions.items():
        said = next((line for t in tests if (line := _line(failures[t]))), "")
        told = next((w for w in (_worded(said), "") if not known.given_away(w)), "")
        named = f'"{name}"{_cases(tests)}'
        if known.given_away(named):
            named = "a hidden check"
        rows.setdefault(told, []).append(named)
    shown = [f"- {_listed(names)}: {told or _failing(names)}." for told, names in rows.items()]
    if len(shown) > MOST:
        shown[MOST - 1 :] = [f"- and {len(shown) - MOST + 1} more."]
    return shown


def _failing(names: list[str]) -> str:
    return "do not pass" if len(names) > 1 else "does not pass"


def spoken(test: str) -> str:
    """Return the name of a test in words."""
    name = re.sub(r"\[.*", "", test, flags=re.S).rsplit("::", 1)[-1]
    name = re.sub(r"^test_?", "", name, flags=re.I) or test.split("::", 1)[0].rsplit("/", 1)[-1]
    spoken = re.sub(r"([a-z])([A-Z])", r"\1 \2", name).replace("_", " ")
    return " ".join(spoken.split())


def _cases(tests: list[str]) -> str:
    """Return the first few cases of one function, where they are short and say something."""
    cases = [m[1] for t in tests if (m := re.search(r"\[(.*)\]$", t, re.S))]
    plain = [c for c in cases if len(c) <= 40 and c.isprintable() and "\\" not in c]
    if not plain:
        return f" ({len(tests)} cases)" if len(tests) > 1 else ""
    more = len(cases) - len(plain[:3])
    return f" (for {', '.join(plain[:3])}{f' and {more} more' if more else ''})"


def _listed(names: list[str]) -> str:
    shown = names[:3] if len(names) > 4 else names
    more = len(names) - len(shown)
    rest = [f"{more} more"] if more else []
    *first, last = [*shown, *rest]
    return f"{', '.join(first)} and {last}" if first else last


def _line(said: str) -> str:
    rows = (row.strip() for row in said.splitlines())
    line = next((row for row in rows if row and "Traceback (most recent" not in row), "")
    line = _PATH.sub(lambda found: found[0].rsplit("/", 1)[-1], _ADDRESS.sub("", line))
    return f"{line[:200]} ..." if len(line) >= 200 else line


def _worded(line: str) -> str:
    """Return what a test raised as the end of a sentence."""
    if not line:
        return ""
    if found := _NOT_RAISED.search(line):
        kinds = re.findall(r"<class '([^']+)'>", found["what"]) or [found["what"].rstrip(".")]
        names = " or ".join(f"`{kind.rsplit('.', 1)[-1]}`" for kind in kinds)
        return f"{names} is expected, but is not raised"
    if _NOT_WARNED.search(line):
        return "a warning is expected, but is not given"
    if found := _ASSERTED.match(line):
        return f"{_quoted(found['what'])} does not hold"
    if "Regex pattern did not match" in line:
        return "the error is raised with another message than the expected one"
    if found := _RAISED.match(line):
        kind, said = found["kind"].rsplit(".", 1)[-1], (found["said"] or "").strip()
        if kind in ("AssertionError", "Failed", "Exception") and said:
            return f"the check fails: {said.rstrip('.: ')}"
        if re.search(r"(Error|Exception|Warning|Exit|Interrupt|Fault|Invalid\w*)$", kind) or said:
            return f"it ends with {_quoted(f'{kind}: {said}' if said else kind)}"
        return "a check does not hold"
    return f"it says {_quoted(line)}"


def _quoted(text: str) -> str:
    mark = "``" if "`" in text else "`"
    return f"{mark}{text}{mark}"
