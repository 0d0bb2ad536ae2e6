"""setup.py, read and never run: what the call of `setup` says in so many words."""

from __future__ import annotations

import ast
from typing import Any

from banbury.cycle.source.mine.environment.reading.declared import Found, role_of
from banbury.cycle.source.mine.environment.reading.files import requirement_lines
from banbury.cycle.source.mine.environment.reading.setup_cfg import entries
from banbury.cycle.source.mine.environment.reading.tree import Tree, strings

FILE = "setup.py"
DEEP = 12


class Unknown:
    """A value that only running the file would tell."""


UNKNOWN = Unknown()


def read(tree: Tree, found: Found) -> None:
    """Add what setup.py says."""
    if tree.path(FILE) is None:
        return
    found.backend = found.backend or "setuptools.build_meta:__legacy__"
    module = tree.module(FILE)
    reader = _Reader(tree, module)
    for call in _calls(module):
        _call(tree, reader, call, found)


def _calls(module: ast.Module) -> list[ast.Call]:
    calls = [n for n in ast.walk(module) if isinstance(n, ast.Call)]
    return [c for c in calls if _name(c.func) == "setup"]


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _call(tree: Tree, reader: _Reader, call: ast.Call, found: Found) -> None:
    words: dict[str, ast.expr] = {k.arg: k.value for k in call.keywords if k.arg}
    values = {name: reader.value(node) for name, node in words.items()}
    for star in (k.value for k in call.keywords if k.arg is None):
        more = reader.value(star)
        values.update(more if isinstance(more, dict) else {})
    if isinstance(values.get("name"), str):
        found.title = found.title or values["name"]
    if isinstance(values.get("version"), str):
        found.version = found.version or values["version"]
    if isinstance(values.get("python_requires"), str):
        found.python = found.python or values["python_requires"]
    if values.get("use_scm_version") or "use_scm_version" in words:
        found.version_from = found.version_from or "tag"
        _scm(values.get("use_scm_version"), found)
    if "versioneer" in ast.dump(words["version"]) if "version" in words else False:
        found.version_from = found.version_from or "tag"
    if values.get("ext_modules") or values.get("cffi_modules") or values.get("rust_extensions"):
        found.extensions = True
    _dependencies(values, found)
    _roots(values, words, reader, found)
    points = values.get("entry_points")
    for group, lines in points.items() if isinstance(points, dict) else ():
        if isinstance(group, str):
            entries(group, strings(lines) or _split(lines), found)
    for name in ("setup_requires",):
        found.builds += strings(values.get(name))


def _scm(value: Any, found: Found) -> None:
    if isinstance(value, dict):
        place = value.get("write_to") or value.get("version_file")
        template = value.get("write_to_template") or value.get("version_file_template")
        if isinstance(place, str):
            found.written.append((place, template if isinstance(template, str) else ""))


def _split(value: Any) -> list[str]:
    return value.splitlines() if isinstance(value, str) else []


def _dependencies(values: dict[str, Any], found: Found) -> None:
    if "install_requires" in values:
        known = not isinstance(values["install_requires"], Unknown)
        found.metadata = found.metadata or known
        found.add(_texts(values["install_requires"]), "runtime", f"{FILE} install_requires")
    found.add(_texts(values.get("tests_require")), "test", f"{FILE} tests_require")
    extras = values.get("extras_require")
    for name, value in extras.items() if isinstance(extras, dict) else ():
        if isinstance(name, str):
            plain, _, marker = name.partition(":")
            texts = [f"{t} ; {marker}" if marker else t for t in _texts(value)]
            role = role_of(plain) if plain else "runtime"
            found.add(texts, role, f"{FILE} extras_require {name}")


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return value.splitlines()
    return strings(list(value)) if isinstance(value, (list, tuple)) else []


def _roots(
    values: dict[str, Any], words: dict[str, ast.expr], reader: _Reader, found: Found
) -> None:
    folders = values.get("package_dir")
    if isinstance(folders, dict) and isinstance(folders.get(""), str):
        found.roots.append(folders[""])
    node = words.get("packages")
    if isinstance(node, ast.Call) and _name(node.func).startswith("find_"):
        where = [reader.value(a) for a in node.args[:1]]
        where += [reader.value(k.value) for k in node.keywords if k.arg == "where"]
        found.roots += [w for w in where if isinstance(w, str)]


class _Reader:
    """Values of expressions, as far as they stand in the file.

    Args:
        tree: where files are read that an expression names.
        module: the file's syntax tree.
    """

    def __init__(self, tree: Tree, module: ast.Module) -> None:
        self.tree = tree
        self.names: dict[str, ast.expr] = {}
        self.added: dict[str, list[tuple[ast.expr, ast.expr]]] = {}
        for node in ast.walk(module):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self._assign(target, node.value)
            elif isinstance(node, ast.AnnAssign) and node.value is not None:
                self._assign(node.target, node.value)

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self.names.setdefault(target.id, value)
        elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            self.added.setdefault(target.value.id, []).append((target.slice, value))

    def value(self, node: ast.expr, deep: int = 0) -> Any:
        """Return the value of an expression; UNKNOWN where the file does not say it."""
        if deep > DEEP:
            return UNKNOWN
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return self._named(node.id, deep)
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return self._items(node.elts, deep)
        if isinstance(node, ast.Dict):
            return self._dict(node, deep)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return self._sum(node, deep)
        if isinstance(node, ast.Subscript):
            whole, key = self.value(node.value, deep + 1), self.value(node.slice, deep + 1)
            return whole.get(key, UNKNOWN) if isinstance(whole, dict) and _plain(key) else UNKNOWN
        if isinstance(node, ast.Call):
            return self._called(node, deep)
        return UNKNOWN

    def _named(self, name: str, deep: int) -> Any:
        if name not in self.names:
            return UNKNOWN
        value = self.value(self.names[name], deep + 1)
        if isinstance(value, dict):
            for key, node in self.added.get(name, []):
                known = self.value(key, deep + 1)
                if _plain(known):
                    value[known] = self.value(node, deep + 1)
        return value

    def _items(self, nodes: list[ast.expr], deep: int) -> list[Any]:
        out: list[Any] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                inner = self.value(node.value, deep + 1)
                out += inner if isinstance(inner, list) else []
            else:
                out.append(self.value(node, deep + 1))
        return [v for v in out if not isinstance(v, Unknown)] or ([] if not nodes else out)

    def _dict(self, node: ast.Dict, deep: int) -> dict[Any, Any]:
        out: dict[Any, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            inner = self.value(value, deep + 1)
            if key is None:
                out.update(inner if isinstance(inner, dict) else {})
            elif _plain(known := self.value(key, deep + 1)):
                out[known] = inner
        return out

    def _sum(self, node: ast.BinOp, deep: int) -> Any:
        left, right = self.value(node.left, deep + 1), self.value(node.right, deep + 1)
        if isinstance(left, list) or isinstance(right, list):
            return [*_listed(left), *_listed(right)]
        return left + right if isinstance(left, str) and isinstance(right, str) else UNKNOWN

    def _called(self, node: ast.Call, deep: int) -> Any:
        name = _name(node.func)
        if name == "dict" and not node.args:
            return {k.arg: self.value(k.value, deep + 1) for k in node.keywords if k.arg}
        if name in ("list", "tuple", "set", "sorted") and len(node.args) == 1:
            return self.value(node.args[0], deep + 1)
        if name in ("strip", "dedent") and isinstance(node.func, ast.Attribute):
            inner = self.value(node.func.value, deep + 1)
            return inner.strip() if isinstance(inner, str) else UNKNOWN
        if name in ("split", "splitlines") and isinstance(node.func, ast.Attribute):
            inner = self.value(node.func.value, deep + 1)
            if isinstance(inner, str) and not node.args:
                return inner.split() if name == "split" else inner.splitlines()
        return self._file(node)

    def _file(self, node: ast.Call) -> Any:
        """Return the requirements of a file that the expression names, else UNKNOWN."""
        nodes: list[ast.AST] = list(ast.walk(node))
        for inner in list(nodes):
            if isinstance(inner, ast.Name) and inner.id in self.names:
                nodes += ast.walk(self.names[inner.id])
        words = [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        files = [w for w in words if w.endswith((".txt", ".in", ".pip"))]
        folders = ["", *(w.strip("/") + "/" for w in words if self.tree.folder(w))]
        for file in files:
            for folder in folders:
                if "requir" in folder + file and self.tree.text(folder + file):
                    return requirement_lines(self.tree, folder + file)[0]
        return UNKNOWN


def _plain(value: Any) -> bool:
    return isinstance(value, (str, int, bool, type(None)))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else []
