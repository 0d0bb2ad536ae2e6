"""setup.cfg as setuptools (and pbr) read it."""

from __future__ import annotations

from configparser import ConfigParser

from banbury.cycle.source.mine.environment.reading.declared import Found, role_of
from banbury.cycle.source.mine.environment.reading.files import requirement_lines
from banbury.cycle.source.mine.environment.reading.tree import Tree

FILE = "setup.cfg"


def read(tree: Tree, found: Found) -> None:
    """Add what setup.cfg says."""
    ini = tree.ini(FILE)
    _metadata(ini, found)
    if ini.has_section("options"):
        _options(tree, ini, found)
    extras = "options.extras_require"
    if ini.has_section(extras):
        for name, value in ini.items(extras):
            role = role_of(name)
            found.add(_lines(tree, value), role, f"{FILE} [{extras}] {name}")
    if ini.has_section("options.entry_points"):
        for group, value in ini.items("options.entry_points"):
            entries(group, value.splitlines(), found)
    if ini.has_section("options.packages.find"):
        found.roots += ini.get("options.packages.find", "where", fallback="").split()
    if ini.has_section("versioneer"):
        found.version_from = "tag"


def _metadata(ini: ConfigParser, found: Found) -> None:
    if not ini.has_section("metadata"):
        return
    found.title = found.title or ini.get("metadata", "name", fallback="").strip()
    version = ini.get("metadata", "version", fallback="").strip()
    if version.startswith(("attr:", "file:")):
        kind, _, rest = version.partition(":")
        found.version_from = found.version_from or f"{kind}:{rest.strip()}"
    else:
        found.version = found.version or version


def _options(tree: Tree, ini: ConfigParser, found: Found) -> None:
    found.python = found.python or ini.get("options", "python_requires", fallback="").strip()
    if ini.has_option("options", "install_requires"):
        found.metadata = True
    for key, role in (("install_requires", "runtime"), ("tests_require", "test")):
        lines = _lines(tree, ini.get("options", key, fallback=""))
        found.add(lines, "runtime" if role == "runtime" else "test", f"{FILE} [options] {key}")
    if "setuptools_scm" in ini.get("options", "setup_requires", fallback="").replace("-", "_"):
        found.version_from = found.version_from or "tag"
    for line in ini.get("options", "package_dir", fallback="").splitlines():
        name, equals, folder = line.partition("=")
        if equals and not name.strip():
            found.roots.append(folder.strip())


def _lines(tree: Tree, value: str) -> list[str]:
    if value.strip().startswith("file:"):
        files = value.strip().removeprefix("file:").replace("\n", ",").split(",")
        return [line for f in files for line in requirement_lines(tree, f.strip())[0]]
    # One line may hold several, split by semicolons, only where no marker follows.
    return [line.strip() for line in value.splitlines() if line.strip()]


def entries(group: str, lines: list[str], found: Found) -> None:
    """Add entry points written as `name = module:attribute`."""
    for line in lines:
        name, equals, target = line.partition("=")
        if equals:
            found.script(group.strip(), name, target)
