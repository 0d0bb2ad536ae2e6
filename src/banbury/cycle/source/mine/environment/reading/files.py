"""requirements*.txt and their like, Pipfile, and lists of pins."""

from __future__ import annotations

import re

from banbury.cycle.source.mine.environment.reading.declared import Found, role_of
from banbury.cycle.source.mine.environment.reading.poetry import bounds
from banbury.cycle.source.mine.environment.reading.tree import Tree, strings, table

DEEP = 5
"""How many files may include one another."""
NAMED = re.compile(r"require|^deps|[-_.]deps|^(test|dev|ci)[-_.]?(pip)?\.(txt|in)$", re.I)
OWN = re.compile(r"^(?:-e|--editable)?[ =]*\.?/?\.?\[([\w,. -]+)\]", re.M)
"""The project itself with extras, as in `-e .[full]`."""
FOLDERS = (
    ".",
    "requirements",
    "requires",
    "reqs",
    "deps",
    "dependencies",
    "tests",
    "test",
    "ci",
    ".github",
    "tools",
    ".ci",
    "etc",
    "dev",
    "requirements/extras",
)


def requirement_lines(tree: Tree, file: str, deep: int = 0) -> tuple[list[str], bool]:
    """Return the requirements of a file with those that it includes; whether a tool made it."""
    if file.endswith(".txt") and tree.text(f"{file[:-4]}.in"):
        file = f"{file[:-4]}.in"  # what people asked for, not the pins that a tool made of it
    text = tree.text(file).replace("\\\n", " ")
    made = bool(
        re.search(r"(pip-compile|uv pip compile|--hash=sha256|pip freeze|pip-compile-multi)", text)
    )
    lines: list[str] = []
    for raw in text.splitlines():
        line = raw.strip()
        include = re.match(r"(?:-r|--requirement)[ =]?(\S+)", line)
        if include and deep < DEEP:
            folder = file.rpartition("/")[0]
            inner = f"{folder}/{include[1]}" if folder else include[1]
            more, other = requirement_lines(tree, inner, deep + 1)
            lines += more
            made = made or other
        elif line and line[0] not in "#-":
            lines.append(_egg(line))
    return lines, made


def _egg(line: str) -> str:
    """Return the name that a URL carries as `#egg=name`, else the line."""
    egg = re.search(r"#egg=([A-Za-z0-9._-]+)", line)
    return egg[1] if egg and "://" in line else line


def read(tree: Tree, found: Found) -> None:
    """Add the requirements files of a tree, by what their names say they are for."""
    compiled = set()
    names = [
        f"{folder}/{name}" if folder != "." else name
        for folder in FOLDERS
        for name in tree.names(folder)
        if name.endswith((".txt", ".in", ".pip"))
    ]
    sources = {name.rpartition(".")[0] for name in names if name.endswith(".in")}
    for name in names:
        folder, _, base = name.rpartition("/")
        inside = folder.startswith(("requirements", "requires", "reqs", "deps"))
        if not (inside or NAMED.search(base)):
            continue
        if name.endswith(".txt") and name[:-4] in sources:
            compiled.add(name)
            continue
        _file(tree, name, found)
    pipfile = tree.toml("Pipfile")
    for key, role in (("packages", "hint"), ("dev-packages", "dev")):
        for name, value in table(pipfile, key).items():
            version = value if isinstance(value, str) else str(table(value).get("version", ""))
            extras = strings(table(value).get("extras"))
            text = name + (f"[{','.join(extras)}]" if extras else "") + bounds(version)
            found.add([text], "dev" if role == "dev" else "hint", f"Pipfile [{key}]")


def _file(tree: Tree, name: str, found: Found) -> None:
    lines, made = requirement_lines(tree, name)
    folder, _, base = name.rpartition("/")
    stem = re.sub(r"(?i)\.(txt|in|pip)$|requirements?|^reqs?|pip", "", base).strip("-_. ")
    if folder in ("tests", "test"):
        role = role_of("tests")
    elif stem:
        role = role_of(stem)
    else:
        role = "hint"
    if role != "other":
        for match in OWN.finditer(tree.text(name)):
            found.wanted |= {e.strip() for e in match[1].split(",")}
    pinned = made or (len(lines) > 3 and all("==" in line for line in lines))
    found.add(lines, role, name, pinned=pinned)
