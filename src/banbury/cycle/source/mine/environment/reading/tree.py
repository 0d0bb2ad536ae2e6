"""Reading the files of a tree that nobody trusts: never through a link that leads out of it."""

from __future__ import annotations

import ast
import tomllib
import warnings
from configparser import ConfigParser, Error
from pathlib import Path
from typing import Any

import msgspec

MOST = 2 << 20
"""Longest file that is read, in bytes."""


class Tree:
    """The files of one commit.

    Args:
        root: folder that has them.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.notes: list[str] = []
        """What could not be read, in words."""
        self._read: dict[str, Any] = {}

    def path(self, name: str) -> Path | None:
        """Return the path of a file or folder of the tree, or None."""
        try:
            path = (self.root / name).resolve()
            return path if path.is_relative_to(self.root) and path.exists() else None
        except (OSError, ValueError, RuntimeError):
            return None

    def text(self, name: str) -> str:
        """Return a file's text, "" where there is none."""
        path = self.path(name)
        if path is None or not path.is_file():
            return ""
        try:
            if path.stat().st_size > MOST:
                self.notes.append(f"{name} is longer than {MOST >> 20} MB and was not read")
                return ""
            return path.read_bytes().decode("utf-8-sig", errors="replace")
        except OSError as error:
            self.notes.append(f"{name} cannot be read: {error}")
            return ""

    def names(self, folder: str = ".") -> list[str]:
        """Return the names in a folder, sorted."""
        path = self.path(folder)
        return sorted(p.name for p in path.iterdir()) if path and path.is_dir() else []

    def folder(self, name: str) -> bool:
        """Say whether the tree has that folder."""
        path = self.path(name)
        return path is not None and path.is_dir()

    def toml(self, name: str) -> dict[str, Any]:
        """Return a TOML file's tables, {} where it is none."""
        if name not in self._read:
            self._read[name] = self._toml(name)
        tables: dict[str, Any] = self._read[name]
        return tables

    def _toml(self, name: str) -> dict[str, Any]:
        try:
            return tomllib.loads(self.text(name))
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            self.notes.append(f"{name} is not TOML: {error}")
            return {}

    def json(self, name: str) -> dict[str, Any]:
        """Return a JSON file's object, {} where it is none."""
        try:
            return table(msgspec.json.decode(self.text(name) or "{}"))
        except (msgspec.DecodeError, RecursionError):
            return {}

    def ini(self, name: str) -> ConfigParser:
        """Return an INI file, empty where it is none."""
        parser = ConfigParser(interpolation=None, strict=False)
        try:
            parser.read_string(self.text(name))
        except Error as error:
            self.notes.append(f"{name} cannot be read: {str(error).splitlines()[0]}")
            return ConfigParser(interpolation=None)
        return parser

    def module(self, name: str) -> ast.Module:
        """Return a Python file's syntax tree, empty where it has none."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(self.text(name))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            self.notes.append(f"{name} is not Python of this version: {type(error).__name__}")
            return ast.Module(body=[], type_ignores=[])


def table(value: Any, *keys: str) -> dict[str, Any]:
    """Return the table under the keys, {} where it is missing or no table."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def strings(value: Any) -> list[str]:
    """Return the strings of a list, [] where it is no list."""
    return [v for v in value if isinstance(v, str)] if isinstance(value, list) else []
