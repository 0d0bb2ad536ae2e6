"""From a word to an actor: `open_policy("smollm2")`, an endpoint, a checkpoint, a script."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from urllib.parse import urlsplit

from banbury.actors.chat import ChatPolicy, Sampling
from banbury.actors.endpoint import EndpointPolicy
from banbury.actors.policy import Policy
from banbury.actors.script import fixed
from banbury.errors import InputError, SetupError
from banbury.store import Lab


@contextmanager
def open_policy(spec: str, lab: Lab, sampling: Sampling | None = None) -> Iterator[Policy]:
    """Open the actor that a word names, and release it at the end.

    Args:
        spec: `http://host/v1#MODEL`, `checkpoint:NAME` or `checkpoint:NAME@VERSION` of the lab,
            `script:TEXT` for one fixed answer, else `smollm2`, a folder, or a Hugging Face id.
        lab: where checkpoints are looked up.
        sampling: how answers are drawn; greedy if not given.

    Raises:
        InputError: the word names nothing.
        SetupError: a local model needs packages that are not installed.
    """
    if spec.startswith(("http://", "https://")):
        address, _, model = spec.partition("#")
        if not model:
            raise InputError(
                f"{spec!r} names no model",
                do=f"add it behind a #, as in {urlsplit(spec).geturl()}#MODEL",
            )
        yield EndpointPolicy(address, model, sampling)
    elif spec.startswith("script:"):
        yield fixed(spec.removeprefix("script:"))
    elif spec.startswith("checkpoint:"):
        name, _, version = spec.removeprefix("checkpoint:").partition("@")
        if version and not version.isdigit():
            raise InputError(
                f"{version!r} is no version", where=spec, do="versions are 1, 2, 3, ..."
            )
        artifact = lab.artifact("checkpoint", name, int(version) if version else None)
        with _local().open_checkpoint(lab, artifact, sampling) as policy:
            yield policy
    else:
        with _local().open_local(spec, sampling) as policy:
            yield policy


@contextmanager
def open_model(spec: str, lab: Lab, sampling: Sampling | None = None) -> Iterator[ChatPolicy]:
    """Open a language model, which can be shown examples; see `open_policy`.

    Raises:
        InputError: the word names a script, or nothing.
    """
    with open_policy(spec, lab, sampling) as policy:
        if not isinstance(policy, ChatPolicy):
            raise InputError(f"{spec!r} is no language model", do="name the model that was probed")
        yield policy


def _local() -> ModuleType:
    """Load what runs weights in this process; only a model that is asked for here needs it."""
    try:
        return import_module("banbury.actors.checkpoint")
    except ImportError as error:
        raise SetupError(
            f"a model in this process needs a package that is not installed: {error.name}",
            do="install it with: pip install 'banbury[local]'",
        ) from error
