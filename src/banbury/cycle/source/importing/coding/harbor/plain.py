"""Dockerfiles that need no container engine: a Python image, files, and packages from the index."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from banbury.cycle.source.importing.files import Unfit
from banbury.gyms.code_repair.building.making import running

_IMAGE = re.compile(r"(?:docker\.io/)?(?:library/)?python:(\d+\.\d+)(?:\.\d+)?(?:-[a-z0-9-]+)?")
_QUIET = ("ARG", "CMD", "ENTRYPOINT", "EXPOSE", "HEALTHCHECK", "LABEL", "MAINTAINER", "SHELL")
_QUIET_RUN = ("true", "mkdir", "echo", "pwd", "ls", "cd", ":")
_PIP = (("pip",), ("pip3",), ("python", "-m", "pip"), ("python3", "-m", "pip"), ("uv", "pip"))
_VALUED = ("-i", "--index-url", "--extra-index-url", "-c", "--constraint", "-t", "--target")
_DO = "needs a container engine, which Banbury does without"


@dataclass
class Plain:
    """What an image is made of.

    Attributes:
        workdir: its last working folder.
        files: of the image, by absolute path.
        wants: requirements from the index, as written.
        env: variables.
    """

    workdir: str = "/"
    files: dict[str, bytes] = field(default_factory=dict)
    wants: list[str] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)


def plain(context: Mapping[str, bytes]) -> Plain:
    """Return what the image of a build context is made of; nothing is run.

    Raises:
        Unfit: an instruction needs a container engine; it is named.
    """
    if "Dockerfile" not in context:
        what = (
            "docker-compose.yaml" if any("compose" in name for name in context) else "no Dockerfile"
        )
        raise Unfit(f"its environment is {what}, which {_DO}")
    made, based = Plain(), False
    for word, rest in _instructions(context["Dockerfile"].decode("utf-8", "replace")):
        if word == "FROM":
            if based:
                raise Unfit(f"its environment is built in several stages, which {_DO}")
            _based(rest)
            based = True
        elif word == "WORKDIR":
            made.workdir = posixpath.normpath(posixpath.join(made.workdir, rest))
        elif word in ("COPY", "ADD"):
            _copied(made, rest, context)
        elif word == "ENV":
            made.env |= _variables(rest)
        elif word == "RUN":
            _ran(made, rest)
        elif word not in _QUIET:
            raise Unfit(f"`{word} {rest[:80]}` in its Dockerfile {_DO}")
    if not based:
        raise Unfit("its Dockerfile begins with no image")
    return made


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    joined = re.sub(r"\\[ \t]*\n", " ", re.sub(r"(?m)^[ \t]*#.*\n?", "", text))
    for line in joined.splitlines():
        word, _, rest = line.strip().partition(" ")
        if word:
            yield word.upper(), " ".join(rest.split())


def _based(rest: str) -> None:
    image = rest.split(" ")[0] if not rest.startswith("--") else rest.split(" ")[1]
    found = _IMAGE.fullmatch(image)
    if found is None:
        raise Unfit(f"its image is {image[:80]}, which {_DO}; a python image would do")
    if found[1] != running():
        raise Unfit(f"its image has Python {found[1]}, and this is Python {running()}")


def _variables(rest: str) -> dict[str, str]:
    if "=" not in rest.split(" ")[0]:
        name, _, value = rest.partition(" ")
        return {name: value}
    pairs = (word.partition("=") for word in shlex.split(rest))
    return {name: value for name, _, value in pairs}


def _copied(made: Plain, rest: str, context: Mapping[str, bytes]) -> None:
    words = [word for word in rest.split(" ") if not word.startswith("--chown")]
    if len(words) < 2 or words[0].startswith(("--", "[")) or "://" in rest:
        raise Unfit(f"`COPY {rest[:80]}` in its Dockerfile {_DO}")
    *sources, target = words
    place = posixpath.normpath(posixpath.join(made.workdir, target))
    for source in sources:
        name = posixpath.normpath(source.lstrip("/"))
        if name in context:
            folder = target.endswith(("/", ".")) or len(sources) > 1
            to = posixpath.join(place, posixpath.basename(name)) if folder else place
            made.files[to] = context[name]
            continue
        inner = {n: d for n, d in context.items() if name == "." or n.startswith(f"{name}/")}
        if not inner:
            raise Unfit(f"its Dockerfile copies {source!r}, which is not there")
        for one, data in inner.items():
            below = one if name == "." else one[len(name) + 1 :]
            made.files[posixpath.join(place, below)] = data


def _ran(made: Plain, rest: str) -> None:
    for command in re.split(r"&&|;", rest):
        words = shlex.split(command)
        if not words or words[0] in _QUIET_RUN:
            continue
        pip = next((p for p in _PIP if tuple(words[: len(p)]) == p), None)
        if pip is None or words[len(pip) : len(pip) + 1] != ["install"]:
            raise Unfit(f"`RUN {command.strip()[:80]}` in its Dockerfile {_DO}")
        _wanted(made, words[len(pip) + 1 :])


def _wanted(made: Plain, words: list[str]) -> None:
    rest = iter(words)
    for word in rest:
        if word in ("-r", "--requirement"):
            name = posixpath.join(made.workdir, next(rest, ""))
            if name not in made.files:
                raise Unfit(f"its Dockerfile installs from {name}, which is not there")
            lines = made.files[name].decode("utf-8", "replace").splitlines()
            made.wants += [
                line for line in lines if line.strip() and not line.startswith(("#", "-"))
            ]
        elif word in ("-e", "--editable"):
            next(rest, "")  # the tree itself: what it asks for is read from its own files
        elif word in _VALUED:
            raise Unfit(f"its Dockerfile installs with {word}, from elsewhere than the index")
        elif not word.startswith("-") and not word.startswith((".", "/")):
            made.wants.append(word)
