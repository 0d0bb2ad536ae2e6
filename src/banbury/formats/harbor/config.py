"""`task.toml` of a Harbor task."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from banbury.errors import InputError

SCHEMA = "1.4"
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SIZE = re.compile(r"(\d+)\s*([KMGT]?)i?B?", re.IGNORECASE)
_UNITS = {"K": 1 / 1024, "": 1 / (1 << 20), "M": 1, "G": 1024, "T": 1 << 20}


class Named(msgspec.Struct, frozen=True, omit_defaults=True):
    """`[task]`: how the task is called."""

    name: str = ""
    version: str = ""
    description: str = ""
    keywords: tuple[str, ...] = ()


class Verifier(msgspec.Struct, frozen=True, omit_defaults=True):
    """`[verifier]`: how `tests/test.sh` runs."""

    timeout_sec: float = 600.0
    env: dict[str, str] = {}
    environment_mode: str = ""
    network_mode: str = ""


class Agent(msgspec.Struct, frozen=True, omit_defaults=True):
    """`[agent]`: how long who solves it may take."""

    timeout_sec: float | None = 600.0
    network_mode: str = ""


class Surroundings(msgspec.Struct, frozen=True, omit_defaults=True):
    """`[environment]`: the machine."""

    build_timeout_sec: float = 600.0
    docker_image: str = ""
    network_mode: Literal["", "public", "no-network", "allowlist"] = ""
    cpus: float | None = None
    memory_mb: int | None = None
    storage_mb: int | None = None
    gpus: int = 0
    workdir: str = ""
    env: dict[str, str] = {}


class Config(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a `task.toml` says, as far as it is used here; other keys are passed over."""

    schema_version: str = SCHEMA
    task: Named = Named()
    metadata: dict[str, Any] = {}
    verifier: Verifier = Verifier()
    agent: Agent = Agent()
    environment: Surroundings = Surroundings()
    steps: tuple[dict[str, Any], ...] = ()


def read_config(data: bytes, where: str = "task.toml") -> Config:
    """Return what a `task.toml` says.

    Raises:
        InputError: it is no TOML, or a field is of another type.
    """
    try:
        held = tomllib.loads(data.decode())
        if "version" in held and "schema_version" not in held:
            held["schema_version"] = str(held["version"])
        if isinstance(held.get("environment"), dict):
            _renewed(held["environment"])
        return msgspec.convert(held, Config, strict=False)
    except (tomllib.TOMLDecodeError, UnicodeError, msgspec.ValidationError, ValueError) as error:
        raise InputError(f"this is no task.toml: {error}", where=where) from None


def _renewed(table: dict[str, Any]) -> None:
    for old, new in (("memory", "memory_mb"), ("storage", "storage_mb")):
        if isinstance(table.get(old), str) and new not in table:
            size = _SIZE.fullmatch(table[old].strip())
            if size is None:
                raise ValueError(f"{old} {table[old]!r} is no size such as 2G")
            table[new] = int(int(size[1]) * _UNITS[size[2].upper()])
    if "allow_internet" in table and "network_mode" not in table:
        table["network_mode"] = "public" if table["allow_internet"] else "no-network"


def write_config(config: Config) -> bytes:
    """Return a `task.toml`."""
    held = {**msgspec.to_builtins(config), "schema_version": SCHEMA}
    return ("\n".join(_table(held, ())).strip() + "\n").encode()


def _table(values: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    """Yield the lines of a table: its own values first, then the tables in it."""
    plain = {k: v for k, v in values.items() if not isinstance(v, Mapping)}
    if path and (plain or not values):
        yield ""
        yield f"[{'.'.join(map(_key, path))}]"
    order = sorted(plain, key=lambda name: name != "schema_version")
    yield from (f"{_key(name)} = {_value(plain[name])}" for name in order)
    for name, inner in values.items():
        if isinstance(inner, Mapping):
            yield from _table(inner, (*path, name))


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _value(name)


def _value(value: Any) -> str:
    if isinstance(value, str):
        # JSON's escapes are TOML's too, but for DEL, which TOML wants escaped.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + "}"
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value)
