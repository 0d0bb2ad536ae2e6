"""What tox, nox, a Makefile and CI files install before they run the tests."""

from __future__ import annotations

import ast
import re
from configparser import ConfigParser

from banbury.cycle.source.mine.environment.reading.declared import Found, role_of
from banbury.cycle.source.mine.environment.reading.files import requirement_lines
from banbury.cycle.source.mine.environment.reading.tree import Tree

DEEP = 5
INSTALL = re.compile(r"(?:pip3?|uv pip|python -m pip)\s+install\s+([^\n;&|#]+)")
TESTING = re.compile(r"^(py|test|pytest|unit|cover|lowest)", re.I)


def read(tree: Tree, found: Found) -> None:
    """Add what the files of automation say."""
    _tox(tree, found)
    _nox(tree, found)
    names = [
        "Makefile",
        "makefile",
        ".travis.yml",
        "azure-pipelines.yml",
        "appveyor.yml",
        ".appveyor.yml",
        ".circleci/config.yml",
        "Justfile",
        "justfile",
        ".gitlab-ci.yml",
    ]
    names += [
        f".github/workflows/{n}"
        for n in tree.names(".github/workflows")
        if n.endswith((".yml", ".yaml"))
    ]
    for name in names:
        for match in INSTALL.finditer(tree.text(name).replace("\\\n", " ")):
            _installed(tree, match[1], name, found)


def _installed(tree: Tree, words: str, origin: str, found: Found) -> None:
    """Add what one `pip install ...` names."""
    parts = [p.strip("\"'") for p in words.split()]
    skip = False
    for i, part in enumerate(parts):
        if skip:
            skip = False
        elif part in ("-r", "--requirement") and i + 1 < len(parts):
            found.add(requirement_lines(tree, parts[i + 1])[0], "hint", f"{origin}: {parts[i + 1]}")
            skip = True
        elif part in ("-c", "--constraint", "-e", "--editable", "-i", "--index-url"):
            _extras(parts[i + 1] if i + 1 < len(parts) else "", found)
            skip = True
        elif part.startswith(("-", ".", "$", "/")) or "${{" in part or "://" in part:
            _extras(part, found)
        elif re.match(r"^[A-Za-z0-9]", part) and "/" not in part and not part.endswith(".whl"):
            found.add([part], "hint", origin)


def _extras(part: str, found: Found) -> None:
    """Note the extras of the project itself, as in `.[test]`."""
    match = re.match(r"^\.?/?\[([\w,.-]+)\]|^\.\[([\w,.-]+)\]", part)
    if match:
        found.wanted |= set((match[1] or match[2]).split(","))


def _tox(tree: Tree, found: Found) -> None:
    ini = tree.ini("tox.ini")
    if not ini.has_section("testenv") and tree.text("setup.cfg"):
        ini = tree.ini("setup.cfg")
        prefix = "tox:"
    else:
        prefix = ""
    legacy = str(
        tree.toml("pyproject.toml").get("tool", {}).get("tox", {}).get("legacy_tox_ini", "")
    )
    if legacy and not prefix and not ini.has_section("testenv"):
        ini.read_string(legacy)
    for section in ini.sections():
        name = section.removeprefix(prefix)
        if name != "testenv" and not (name.startswith("testenv:") and TESTING.match(name[8:])):
            continue
        for line in _resolved(ini, ini.get(section, "deps", fallback=""), 0):
            _tox_line(tree, line, name, found)
        extras = ini.get(section, "extras", fallback="").replace(",", "\n").split()
        found.wanted |= {e.rpartition(":")[2] for e in extras}


def _tox_line(tree: Tree, line: str, section: str, found: Found) -> None:
    factor = re.match(r"^([\w{},.!-]+)\s*:\s*(?!//)(.*)$", line)
    if factor and "://" not in line:
        if not re.search(r"test|cov|py3\b|py311|pytest", factor[1]):
            return
        line = factor[2]
    include = re.match(r"^(?:-r|--requirement)[ =]*(\S+)", line)
    origin = f"tox.ini [{section}]"
    if include:
        file = include[1].replace("{toxinidir}/", "").replace("{tox_root}/", "")
        lines, made = requirement_lines(tree, file)
        found.add(lines, "test", f"{origin}: {file}", pinned=made)
    elif line and line[0] not in "-.{#":
        found.add([line], "test", origin)


def _resolved(ini: ConfigParser, value: str, deep: int) -> list[str]:
    """Return the lines with `{[section]key}` replaced."""
    lines: list[str] = []
    for raw in value.splitlines():
        line = raw.strip()
        ref = re.match(r"^\{\[([^\]]+)\](\w+)\}$", line)
        if ref and deep < DEEP:
            lines += _resolved(ini, ini.get(ref[1], ref[2], fallback=""), deep + 1)
        else:
            lines.append(line)
    return lines


def _nox(tree: Tree, found: Found) -> None:
    if not tree.text("noxfile.py"):
        return
    for node in ast.walk(tree.module("noxfile.py")):
        if isinstance(node, ast.FunctionDef) and role_of(node.name) == "test":
            for call in (n for n in ast.walk(node) if isinstance(n, ast.Call)):
                if isinstance(call.func, ast.Attribute) and call.func.attr == "install":
                    words = [a.value for a in call.args if isinstance(a, ast.Constant)]
                    _installed(tree, " ".join(str(w) for w in words), "noxfile.py", found)
