"""What a commit needs to be tested, as its tree says it."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct
from packaging.markers import UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Parsed
from packaging.utils import canonicalize_name

Role = Literal["runtime", "test", "dev", "hint", "other"]
"""Why a distribution is named: the project imports it; the tests do; developers use it;
a Makefile, noxfile or CI file installs it; anything else (docs, optional extras)."""


class Requirement(Struct, frozen=True):
    """One distribution that the tree asks for.

    Args:
        name: its normalised name.
        extras: extras of it, sorted.
        specifier: bounds on its version, such as `>=2,<3`, or "".
        role: why it is needed.
        origin: where this stands, such as `pyproject.toml [project.dependencies]`.
        pinned: from a list of exact pins that a tool has made, so the pins follow no wish.
    """

    name: str
    extras: tuple[str, ...]
    specifier: str
    role: Role
    origin: str
    pinned: bool = False

    @property
    def text(self) -> str:
        """Return it as PEP 508 writes it."""
        extras = f"[{','.join(self.extras)}]" if self.extras else ""
        return f"{self.name}{extras}{self.specifier}"


class Project(Struct, frozen=True):
    """The project itself.

    Args:
        name: its normalised name, or "" where the tree names none.
        title: its name as the tree writes it.
        version: its version; "" where it comes from tags or is computed.
        tagged: whether it takes its version from tags.
        roots: folders of the tree that go on sys.path, such as `src` or `.`.
        entry_points: text of entry_points.txt, or "".
        backend: the build back-end, such as `setuptools.build_meta`.
        builds: what the back-end needs, as PEP 508.
        written: files that a build writes from the version, by path, as templates with
            `{version}` and `{version_tuple}`.
        extensions: whether it has extension modules to be compiled.
        packages: its top-level packages and modules.
        told: the newest version that its list of changes names, or "".
    """

    name: str = ""
    title: str = ""
    version: str = ""
    tagged: bool = False
    roots: tuple[str, ...] = (".",)
    entry_points: str = ""
    backend: str = ""
    builds: tuple[str, ...] = ()
    written: tuple[tuple[str, str], ...] = ()
    extensions: bool = False
    packages: tuple[str, ...] = ()
    told: str = ""


class Needs(Struct, frozen=True):
    """What the tree of a commit needs.

    Args:
        project: the project itself.
        chosen: the requirements to be installed, in the order of their sources.
        pool: every requirement named anywhere; tells a missing module's version bounds.
        python: bounds on Python's version, such as `>=3.8`, or "".
        test: arguments for pytest that follow from the tree's own settings.
        addopts: options that the tree's settings give pytest.
        filters: pytest's filters of warnings, without those that make errors of all.
        locked: versions in the project's own lock file, by normalised name.
        removed: modules of Python of which it uses names that this Python no longer has.
        empty: folders of submodules that have no files.
        notes: what was left out or mended on the way, in words.
    """

    project: Project
    chosen: tuple[Requirement, ...]
    pool: tuple[Requirement, ...]
    python: str = ""
    test: tuple[str, ...] = ()
    addopts: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    locked: dict[str, str] = {}
    removed: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def parsed(text: str, role: Role, origin: str, *, pinned: bool = False) -> Requirement | None:
    """Return a line such as `click>=8; python_version < "3.8"`; None where it does not hold here.

    A URL or a path is never followed: of `name @ URL` the name is kept.

    Args:
        text: a PEP 508 requirement, with or without comment and hashes.
        role: why it is needed.
        origin: where it stands.
        pinned: whether it is from a list of exact pins.
    """
    line = text.split(" #")[0].split(" --")[0].strip().rstrip("\\").strip()
    try:
        found = Parsed(line)
    except InvalidRequirement:
        return None
    if found.marker is not None:
        try:
            if not found.marker.evaluate({"extra": ""}):
                return None
        except (UndefinedEnvironmentName, ValueError):
            return None
    return Requirement(
        name=canonicalize_name(found.name),
        extras=tuple(sorted(found.extras)),
        specifier="" if found.url else str(found.specifier),
        role=role,
        origin=origin,
        pinned=pinned,
    )
