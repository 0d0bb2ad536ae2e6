"""pyproject.toml as Poetry reads it."""

from __future__ import annotations

import re
from typing import Any

from banbury.cycle.source.mine.environment.needs import Role
from banbury.cycle.source.mine.environment.reading.declared import Found, role_of
from banbury.cycle.source.mine.environment.reading.tree import strings, table

FILE = "pyproject.toml"


def read(tool: dict[str, Any], found: Found) -> None:
    """Add what `[tool.poetry]` says."""
    if not tool:
        return
    found.title = found.title or str(tool.get("name", ""))
    version = str(tool.get("version", ""))
    found.version = found.version or ("" if version.startswith("0.0.0") else version)
    dependencies = table(tool, "dependencies")
    found.python = found.python or bounds(str(dependencies.get("python", "")))
    if dependencies:
        found.metadata = True
    _main(dependencies, table(tool, "extras"), found)
    _add(table(tool, "dev-dependencies"), "dev", "dev-dependencies", found)
    for name, group in table(tool, "group").items():
        role = role_of(name)
        _add(table(group, "dependencies"), role, f"group.{name}", found)
    for name, target in table(tool, "scripts").items():
        found.script("console_scripts", name, str(target) if isinstance(target, str) else "")
    for group, entries in table(tool, "plugins").items():
        for name, target in table(entries).items():
            found.script(group.strip('"'), name, str(target))
    for package in tool.get("packages") or () if isinstance(tool.get("packages"), list) else ():
        found.roots.append(str(table(package).get("from", ".")))


def _main(dependencies: dict[str, Any], extras: dict[str, Any], found: Found) -> None:
    roles: dict[str, tuple[Role, str]] = {}
    for extra, names in extras.items():
        for name in strings(names):
            if roles.get(name.lower(), ("other", ""))[0] == "other":
                roles[name.lower()] = role_of(extra), f"extras.{extra}"
    for name, value in dependencies.items():
        optional = isinstance(value, dict) and value.get("optional") is True
        if optional:
            role, place = roles.get(name.lower(), ("other", "dependencies"))
            _add({name: value}, role, place, found)
        else:
            _add({name: value}, "runtime", "dependencies", found)


def _add(dependencies: dict[str, Any], role: Role, place: str, found: Found) -> None:
    for name, value in dependencies.items():
        if name.lower() != "python":
            found.add(texts(name, value), role, f"{FILE} [tool.poetry.{place}]")


def texts(name: str, value: Any) -> list[str]:
    """Return Poetry's entry of a dependency as PEP 508 requirements, one for each case."""
    if isinstance(value, list):
        return [text for item in value for text in texts(name, item)]
    if isinstance(value, str):
        return [name + bounds(value)]
    entry = table(value)
    extras = strings(entry.get("extras"))
    text = (
        name + (f"[{','.join(extras)}]" if extras else "") + bounds(str(entry.get("version", "")))
    )
    markers = [f"({entry['markers']})"] if isinstance(entry.get("markers"), str) else []
    markers += _python(bounds(str(entry.get("python", ""))))
    return [f"{text} ; {' and '.join(markers)}" if markers else text]


def _python(specifier: str) -> list[str]:
    out = []
    for clause in filter(None, specifier.split(",")):
        match = re.match(r"([<>=!~]+)(.*)", clause)
        if match:
            out.append(f'python_version {match[1]} "{match[2]}"')
    return out


def bounds(constraint: str) -> str:
    """Return Poetry's constraint, such as `^1.2` or `~1`, as a PEP 440 specifier.

    Of alternatives (`||`) the last is taken: it is the newest.
    """
    constraint = constraint.split("||")[-1].split(" | ")[-1].strip()
    clauses = re.split(r"[,\s]+(?=[\^~<>=!*\d])", constraint.replace(" ,", ","))
    out = [_clause(clause.replace(" ", "").strip(",")) for clause in clauses if clause]
    return ",".join(filter(None, out))


def _clause(clause: str) -> str:
    if clause in ("", "*"):
        return ""
    if clause[0] not in "^~":
        return f"=={clause}" if clause[0].isdigit() else clause
    if clause.startswith("~="):
        return clause
    plain = clause[1:].replace(".*", "")
    parts = re.match(r"[\d.]+", plain)
    numbers = [int(n) for n in parts[0].strip(".").split(".")] if parts else [0]
    return f">={plain},<{_above(numbers, clause[0])}"


def _above(numbers: list[int], sign: str) -> str:
    if sign == "~":
        place = min(1, len(numbers) - 1)
    else:
        place = next((i for i, n in enumerate(numbers) if n), len(numbers) - 1)
    return ".".join(str(n) for n in [*numbers[:place], numbers[place] + 1])
