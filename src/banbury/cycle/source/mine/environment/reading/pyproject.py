"""pyproject.toml: PEP 621, PEP 735, and what the back-ends keep there."""

from __future__ import annotations

from typing import Any

from banbury.cycle.source.mine.environment.reading import poetry
from banbury.cycle.source.mine.environment.reading.declared import Found, role_of
from banbury.cycle.source.mine.environment.reading.files import requirement_lines
from banbury.cycle.source.mine.environment.reading.tree import Tree, strings, table

FILE = "pyproject.toml"


def read(tree: Tree, found: Found) -> None:
    """Add what pyproject.toml says."""
    data = tree.toml(FILE)
    build = table(data, "build-system")
    found.backend = str(build.get("build-backend", ""))
    found.builds += strings(build.get("requires"))
    _project(table(data, "project"), found)
    _dynamic(tree, data, found)
    _groups(data, found)
    _flit(data, found)
    _tools(data, found)
    poetry.read(table(data, "tool", "poetry"), found)
    _version(data, found)
    _roots(data, found)
    _written(data, found)


def _project(project: dict[str, Any], found: Found) -> None:
    if not project:
        return
    found.title = found.title or str(project.get("name", ""))
    found.version = found.version or str(project.get("version", ""))
    found.python = found.python or str(project.get("requires-python", ""))
    dynamic = strings(project.get("dynamic"))
    found.metadata = "dependencies" not in dynamic
    found.add(strings(project.get("dependencies")), "runtime", f"{FILE} [project.dependencies]")
    for name, texts in table(project, "optional-dependencies").items():
        origin = f"{FILE} [project.optional-dependencies.{name}]"
        found.add(_flat(project, strings(texts)), role_of(name), origin)
    for key, group in (("scripts", "console_scripts"), ("gui-scripts", "gui_scripts")):
        for name, target in table(project, key).items():
            found.script(group, name, str(target))
    for group, entries in table(project, "entry-points").items():
        for name, target in entries.items() if isinstance(entries, dict) else ():
            found.script(group, name, str(target))


def _flat(project: dict[str, Any], texts: list[str]) -> list[str]:
    """Follow extras that name the project itself, as in `project[tests]`."""
    name, extras = str(project.get("name", "")), table(project, "optional-dependencies")
    out: list[str] = []
    seen: set[str] = set()

    def follow(items: list[str]) -> None:
        for text in items:
            head, bracket, rest = text.partition("[")
            if bracket and head.strip().lower() == name.lower():
                for extra in rest.split("]")[0].split(","):
                    if extra.strip() not in seen:
                        seen.add(extra.strip())
                        follow(strings(extras.get(extra.strip())))
            else:
                out.append(text)

    follow(texts)
    return out


def _dynamic(tree: Tree, data: dict[str, Any], found: Found) -> None:
    dynamic = table(data, "tool", "setuptools", "dynamic")
    for file in _files(dynamic.get("dependencies")):
        found.metadata = True
        found.add(requirement_lines(tree, file)[0], "runtime", file)
    for name, value in table(dynamic, "optional-dependencies").items():
        for file in _files(value):
            found.add(requirement_lines(tree, file)[0], role_of(name), file)
    metadata = table(data, "tool", "hatch", "metadata", "hooks", "requirements_txt")
    for file in strings(metadata.get("files")):
        found.metadata = True
        found.add(requirement_lines(tree, file)[0], "runtime", file)


def _files(value: Any) -> list[str]:
    file = table(value).get("file")
    return [file] if isinstance(file, str) else strings(file)


def _groups(data: dict[str, Any], found: Found) -> None:
    groups = table(data, "dependency-groups")
    for name in groups:
        found.add(_group(groups, name, ()), role_of(name), f"{FILE} [dependency-groups.{name}]")
    for name, texts in table(data, "tool", "pdm", "dev-dependencies").items():
        role = role_of(name)
        found.add(strings(texts), "dev" if role == "other" else role, f"{FILE} [tool.pdm] {name}")
    found.add(
        strings(table(data, "tool", "uv").get("dev-dependencies")), "dev", f"{FILE} [tool.uv]"
    )


def _group(groups: dict[str, Any], name: str, above: tuple[str, ...]) -> list[str]:
    out: list[str] = []
    for item in groups.get(name) or () if isinstance(groups.get(name), list) else ():
        if isinstance(item, str):
            out.append(item)
        elif isinstance(item, dict) and (inner := str(item.get("include-group", ""))):
            match = next((g for g in groups if _same(g, inner)), "")
            if match and match not in (*above, name):
                out += _group(groups, match, (*above, name))
    return out


def _same(a: str, b: str) -> bool:
    return a.lower().replace("_", "-") == b.lower().replace("_", "-")


def _flit(data: dict[str, Any], found: Found) -> None:
    flit = table(data, "tool", "flit")
    metadata = table(flit, "metadata")
    if not metadata:
        module = table(flit, "module").get("name") or table(data, "project").get("name")
        if found.backend.startswith("flit") and isinstance(module, str):
            found.version_from = found.version_from or f"module:{module.replace('-', '_')}"
        return
    module = str(metadata.get("module", ""))
    found.title = found.title or str(metadata.get("dist-name") or module)
    found.version_from = f"module:{module}"
    found.python = found.python or str(metadata.get("requires-python", ""))
    found.metadata = True
    found.add(strings(metadata.get("requires")), "runtime", f"{FILE} [tool.flit.metadata]")
    found.add(strings(metadata.get("dev-requires")), "dev", f"{FILE} [tool.flit.metadata]")
    for name, texts in table(metadata, "requires-extra").items():
        found.add(strings(texts), role_of(name), f"{FILE} [tool.flit] {name}")
    for name, target in table(flit, "scripts").items():
        found.script("console_scripts", name, str(target))
    for group, entries in table(flit, "entrypoints").items():
        for name, target in table(entries).items():
            found.script(group, name, str(target))


def _tools(data: dict[str, Any], found: Found) -> None:
    for name, env in table(data, "tool", "hatch", "envs").items():
        role = "dev" if name == "default" else role_of(name.removeprefix("hatch-"))
        for key in ("dependencies", "extra-dependencies"):
            found.add(strings(table(env).get(key)), role, f"{FILE} [tool.hatch.envs.{name}]")
        if role in ("test", "dev"):
            found.wanted |= set(strings(table(env).get("features")))
    tox = table(data, "tool", "tox")
    for name, env in {"testenv": table(tox, "env_run_base"), **table(tox, "env")}.items():
        role = role_of(name)
        if role == "test":
            found.add(strings(table(env).get("deps")), role, f"{FILE} [tool.tox] {name}")
            found.wanted |= set(strings(table(env).get("extras")))


def _version(data: dict[str, Any], found: Found) -> None:
    tool = table(data, "tool")
    dynamic = table(tool, "setuptools", "dynamic", "version")
    hatch = table(tool, "hatch", "version")
    pdm = table(tool, "pdm", "version")
    if isinstance(dynamic.get("attr"), str):
        found.version_from = f"attr:{dynamic['attr']}"
    elif _files(dynamic):
        found.version_from = f"file:{_files(dynamic)[0]}"
    elif isinstance(hatch.get("path"), str):
        found.version_from = f"file:{hatch['path']}"
    elif pdm.get("source") == "file" and isinstance(pdm.get("path"), str):
        found.version_from = f"file:{pdm['path']}"
    scm = (
        "setuptools_scm",
        "setuptools-git-versioning",
        "poetry-dynamic-versioning",
        "versioningit",
    )
    tags = any(name in tool for name in scm) or table(tool, "versioneer")
    if tags or hatch.get("source") in ("vcs", "versioningit") or pdm.get("source") == "scm":
        found.version_from = "tag"
    needs = " ".join(found.builds).lower().replace("_", "-")
    if not found.version and not found.version_from and "setuptools-scm" in needs:
        found.version_from = "tag"


def _roots(data: dict[str, Any], found: Found) -> None:
    tool = table(data, "tool")
    packages = table(tool, "setuptools", "packages", "find")
    found.roots += strings(packages.get("where"))
    found.roots += [str(v) for v in table(tool, "setuptools", "package-dir").values() if v != ""][
        :1
    ]
    for target in ("wheel", "sdist"):
        hatch = table(tool, "hatch", "build", "targets", target)
        if target == "wheel":
            found.roots += [p.rpartition("/")[0] or "." for p in strings(hatch.get("packages"))]
            found.roots += strings(hatch.get("sources"))
    pdm = table(tool, "pdm", "build")
    if isinstance(pdm.get("package-dir"), str):
        found.roots.append(pdm["package-dir"])
    maturin = table(tool, "maturin")
    if isinstance(maturin.get("python-source"), str):
        found.roots.append(maturin["python-source"])
    if found.backend.startswith("maturin"):
        found.extensions = True


def _written(data: dict[str, Any], found: Found) -> None:
    scm = table(data, "tool", "setuptools_scm")
    hook = table(data, "tool", "hatch", "build", "hooks", "vcs")
    pdm = table(data, "tool", "pdm", "version")
    for place in (
        scm.get("version_file"),
        scm.get("write_to"),
        hook.get("version-file"),
        pdm.get("write_to"),
    ):
        if isinstance(place, str):
            template = scm.get("version_file_template") or scm.get("write_to_template")
            template = hook.get("template", template) or pdm.get("write_template", "")
            found.written.append((place, template if isinstance(template, str) else ""))
