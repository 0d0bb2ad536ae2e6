"""The folder of a new gym: small, whole, and meant to be edited."""

from __future__ import annotations

import importlib.util
import keyword
import shutil
import string
import sys
import tempfile
from pathlib import Path

from banbury.errors import InputError, StoreFull
from banbury.gyms import registry
from banbury.gyms.table.settings import NAME

_TEMPLATES = Path(__file__).parent
_PYTHON = {
    "pyproject.toml": "pyproject.toml.in",
    "README.md": "README.md.in",
    "$name/__init__.py": "init.py.in",
    "$name/gym.py": "gym.py.in",
    "tests/test_gym.py": "test_gym.py.in",
}
_TABLE = {"gym.toml": "gym.toml.in", "tasks.csv": "tasks.csv.in", "README.md": "README.md.in"}


def new_gym(name: str, folder: Path | None = None, *, table: bool = False) -> list[Path]:
    """Write the folder of a new gym and return its files; it is there whole or not at all.

    Args:
        name: of the gym: small letters, digits and underscores, a letter first.
        folder: where; a folder of that name here if None.
        table: as a table with a `gym.toml`, without Python.

    Raises:
        InputError: the name cannot be used, or the folder is there and not empty.
        StoreFull: the folder cannot be written.
    """
    checked_name(name, python=not table)
    target = (folder or Path(name)).absolute()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError(
            "there is something already, and nothing is overwritten",
            where=str(target),
            do="name another folder",
        )
    kind, files = ("table", _TABLE) if table else ("python", _PYTHON)
    words = {
        "name": name,
        "class": "".join(part.capitalize() for part in name.split("_")) + "Gym",
        "folder": str(target),
    }
    try:
        _write(target, kind, files, words)
    except OSError as error:
        raise StoreFull(f"the gym cannot be written: {error}", where=str(target)) from error
    return [target / _filled(path, words) for path in files]


def checked_name(name: str, *, python: bool) -> None:
    """Do nothing, unless a new gym cannot have this name.

    Raises:
        InputError: it is no name, or a gym or (for a Python gym) a module has it already.
    """
    if not NAME.fullmatch(name):
        raise InputError(
            f"{name!r} cannot be a gym's name",
            do="use small letters, digits and _, a letter first, such as parcels",
        )
    if name in registry.names():
        raise InputError(f"there is a gym {name!r} already", do="choose another name")
    if python and (keyword.iskeyword(name) or keyword.issoftkeyword(name) or _importable(name)):
        raise InputError(
            f"{name!r} is the name of a Python module or keyword already",
            do="choose another name; the gym's package is called like it",
        )


def _importable(name: str) -> bool:
    return name in sys.stdlib_module_names or importlib.util.find_spec(name) is not None


def _write(target: Path, kind: str, files: dict[str, str], words: dict[str, str]) -> None:
    """Write beside the target first, then move, so that a full disk leaves no half gym."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        for path, template in files.items():
            made = draft / _filled(path, words)
            made.parent.mkdir(parents=True, exist_ok=True)
            text = (_TEMPLATES / kind / template).read_text(encoding="utf-8")
            made.write_text(_filled(text, words), encoding="utf-8")
        draft.chmod(0o755)
        draft.replace(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _filled(text: str, words: dict[str, str]) -> str:
    return string.Template(text).substitute(words)
