"""Weights in this process: a base, its LoRA adapters, and batched generation from them.

Prompts of one call are laid out flat behind the opening that they share, equal prompts are read
once, and finished rows leave the batch. With one thread a row's arithmetic is the same whatever
its neighbours are, to the last bit: where a prompt is cut, and the shape of each product that
mixes its tokens, follow from the request alone (see `packed`). So the answer to a request does
not depend on what else was asked at the same time; a test holds this.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from safetensors.torch import load as load_tensors
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils.logging import disable_progress_bar

from banbury.actors.packed import (
    ATTENTION,
    ROW_STRIDE,
    SMALLEST_PASS,
    Cache,
    Decoding,
    Family,
    Pack,
    rounded,
    run,
)
from banbury.episode import digest
from banbury.errors import ActorError

RANK = 16
ALPHA = 32

_ROOM = 12_288
"""Most tokens of keys and values at once: half a gigabyte for SmolLM2-135M."""


class Request(msgspec.Struct, frozen=True):
    """One answer to draw: a conversation, how to draw, and with which adapter."""

    messages: list[dict[str, str]]
    max_tokens: int = 32
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0
    adapter: str | None = None


class Completion(msgspec.Struct, frozen=True):
    """One answer drawn.

    Attributes:
        text: without the end-of-turn token.
        prompt_ids: uint32, shape (p,).
        ids: uint32 of the answer, the end-of-turn token included, shape (c,).
        logprobs: float32 under the distribution that was sampled, shape (c,).
        finish: `stop` at the end of the turn, `length` at `max_tokens`.
    """

    text: str
    prompt_ids: NDArray[np.uint32]
    ids: NDArray[np.uint32]
    logprobs: NDArray[np.float32]
    finish: Literal["stop", "length"]


class Weights:
    """A causal language model with adapters, on the CPU in fp32."""

    def __init__(self, folder: Path, *, threads: int | None = None) -> None:
        """Load a base.

        Args:
            folder: Hugging Face folder with safetensors, tokenizer and chat template.
            threads: torch threads; left as they are if None.

        Raises:
            ActorError: the folder holds no such model.
        """
        disable_progress_bar()
        self.folder = folder
        if threads:
            torch.set_num_threads(threads)
        try:
            self.tokenizer = AutoTokenizer.from_pretrained(folder)
            model = AutoModelForCausalLM.from_pretrained(
                folder, dtype=torch.float32, attn_implementation=ATTENTION
            )
        except (OSError, ValueError, KeyError) as error:
            raise ActorError(
                f"no model can be loaded: {error}",
                where=str(folder),
                do="give a folder with config.json, safetensors and a tokenizer",
            ) from error
        if not self.tokenizer.chat_template:
            raise ActorError(
                "the tokenizer has no chat template", where=str(folder), do="use a chat model"
            )
        self._model: Any = model.eval()
        self._peft = False
        self.adapters: list[str] = []
        self.tokenizer_hash = digest((self.tokenizer.backend_tokenizer.to_str()).encode())
        self.template_hash = digest(str(self.tokenizer.chat_template).encode())
        self._openings: dict[str, list[int]] = {}
        self._stop = {i for i in (self.tokenizer.eos_token_id,) if i is not None}
        self._stop |= _ids(model.generation_config.eos_token_id)

    @property
    def model(self) -> Any:
        """Return the torch module, a PeftModel once it has adapters."""
        return self._model

    def add_adapter(self, name: str, state: Mapping[str, Tensor] | None = None) -> None:
        """Add an adapter: fresh, or with the weights that `adapter_bytes` once returned.

        Raises:
            ActorError: the name is taken, or the weights fit another model.
        """
        if name in self.adapters:
            raise ActorError(f"there is an adapter {name!r} already")
        config = LoraConfig(
            r=RANK, lora_alpha=ALPHA, target_modules="all-linear", task_type="CAUSAL_LM"
        )
        inner = inner_name(name)
        if self._peft:
            self._model.add_adapter(inner, config)
        else:
            with warnings.catch_warnings():
                # peft 0.21 asks transformers 5 for a name that is on its way out.
                warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
                self._model = get_peft_model(self._model, config, adapter_name=inner)
            self._peft = True
        if state is not None:
            found = set_peft_model_state_dict(self._model, dict(state), adapter_name=inner)
            if found.unexpected_keys:
                raise ActorError(
                    f"the adapter {name!r} was made for another model",
                    where=", ".join(found.unexpected_keys[:3]),
                )
        self.adapters.append(name)
        self._model.eval()

    def load_adapter(self, name: str, data: bytes) -> None:
        """Add an adapter from safetensors bytes."""
        self.add_adapter(name, load_tensors(data))

    def drop_adapter(self, name: str) -> None:
        """Forget an adapter."""
        self.adapters.remove(name)
        if self.adapters:
            self._model.set_adapter(inner_name(self.adapters[0]))  # peft wants an active one left
            self._model.delete_adapter(inner_name(name))
        else:
            self._model = self._model.unload()
            self._peft = False

    def choose(self, adapter: str | None) -> None:
        """Let the next passes run through an adapter, or through the base alone.

        Raises:
            ActorError: there is no such adapter.
        """
        if adapter is None:
            if self._peft:
                self._model.base_model.disable_adapter_layers()
            return
        if adapter not in self.adapters:
            raise ActorError(
                f"there is no adapter {adapter!r}", do="known: " + ", ".join(self.adapters)
            )
        self._model.base_model.enable_adapter_layers()
        self._model.set_adapter(inner_name(adapter))

    def causal(self) -> Any:
        """Return the module whose forward takes ids and gives logits."""
        return self._model.get_base_model() if self._peft else self._model

    def prompt(self, messages: Sequence[Mapping[str, str]]) -> list[int]:
        """Return the ids of a conversation up to where the model's turn begins."""
        text = self.tokenizer.apply_chat_template(
            [dict(m) for m in messages], tokenize=False, add_generation_prompt=True
        )
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def answer(self, text: str) -> list[int]:
        """Return the ids of an answer, its end-of-turn token included."""
        ids = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return [*ids, self.tokenizer.eos_token_id]

    def text(self, ids: Iterable[int]) -> str:
        """Return the text of ids without special tokens."""
        return str(self.tokenizer.decode(list(ids), skip_special_tokens=True))

    def generate(self, requests: Sequence[Request], *, batch: int = 64) -> list[Completion]:
        """Draw an answer to each request, in their order.

        Args:
            requests: what to draw.
            batch: most rows at once.

        Raises:
            ActorError: a request names an unknown adapter.
        """
        prompts = [self._read(r) for r in requests]
        order = sorted(
            range(len(requests)), key=lambda i: (requests[i].adapter or "", prompts[i].place)
        )
        done: dict[int, Completion] = {}
        while order:
            adapter = requests[order[0]].adapter
            rows = [i for i in order[:batch] if requests[i].adapter == adapter]
            widths = [len(prompts[i].ids) + requests[i].max_tokens for i in rows]
            while len(rows) * max(widths[: len(rows)]) > _ROOM and len(rows) > 1:
                rows.pop()
            order = order[len(rows) :]
            self.choose(adapter)
            with torch.inference_mode():
                drawn = self._draw([requests[i] for i in rows], [prompts[i] for i in rows])
            done.update(zip(rows, drawn, strict=True))
        return [done[i] for i in range(len(requests))]

    def _read(self, request: Request) -> _Prompt:
        """Tokenise a request and find where its opening ends, from the request alone."""
        ids = self.prompt(request.messages)
        name = digest(
            msgspec.json.encode(request.messages[:-1]), request.messages[-1]["role"].encode()
        )
        if name not in self._openings:
            if len(self._openings) > 10_000:
                self._openings.clear()
            either = [
                self.prompt([*request.messages[:-1], {**request.messages[-1], "content": text}])
                for text in ("0", "\u00e9")
            ]
            self._openings[name] = either[0][: _common(*either)]
        shared = min(_common(self._openings[name], ids), len(ids) - 1)
        return _Prompt(ids, shared, name)

    def _draw(self, requests: Sequence[Request], prompts: Sequence[_Prompt]) -> list[Completion]:
        """Draw for rows of one adapter, sorted by place; equal prompts are read once."""
        model = self.causal()
        known: dict[tuple[int, ...], int] = {}
        copies = torch.tensor([known.setdefault(tuple(p.ids), len(known)) for p in prompts])
        width = max(len(p.ids) + r.max_tokens for p, r in zip(prompts, requests, strict=True))
        cache = Cache.empty(model, len(known), width)
        pack = Pack.of(_layout({tuple(p.ids): p for p in prompts}.values()), cache)
        logits = run(model, pack.tokens, pack.positions, pack, _ends(pack, list(known)))
        if len(known) < len(prompts):
            cache, logits = cache.keep(copies, width), logits[copies]
        lengths = torch.tensor([len(p.ids) for p in prompts])
        rows = [_Row(r) for r in requests]
        alive = torch.arange(len(rows))
        while True:
            going: list[int] = []
            chosen: list[int] = []
            for place, index in enumerate(alive.tolist()):
                token = rows[index].take(logits[place], self._stop)
                if not rows[index].finish:
                    going.append(place)
                    chosen.append(token)
            if not going:
                break
            if len(going) < len(alive):
                keep = torch.tensor(going)
                alive, lengths = alive[keep], lengths[keep]
                room = max(rows[i].left for i in alive.tolist())
                cache = cache.keep(keep, int(lengths.max()) + room + 1)
            logits = self._next(model, cache, lengths, chosen)
            lengths = lengths + 1
        return [
            row.completion(prompt.ids, self.text(row.ids))
            for row, prompt in zip(rows, prompts, strict=True)
        ]

    def _next(self, model: Any, cache: Cache, lengths: Tensor, chosen: Sequence[int]) -> Tensor:
        n = len(chosen)
        padding = [0] * max(0, SMALLEST_PASS - n)
        tokens = torch.tensor([[*chosen, *padding]])
        positions = torch.tensor([[*lengths.tolist(), *padding]])
        return run(model, tokens, positions, Decoding(cache, lengths), torch.arange(n))


class _Row:
    """One answer as it grows."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._random = np.random.default_rng(request.seed)
        self.ids: list[int] = []
        self._logprobs: list[float] = []
        self.finish: Literal["", "stop", "length"] = ""

    @property
    def left(self) -> int:
        return self._request.max_tokens - len(self.ids)

    def take(self, logits: Tensor, stop: set[int]) -> int:
        temperature = self._request.temperature
        scaled = logits if temperature == 0 else logits / temperature
        logprobs = torch.log_softmax(scaled, dim=-1)
        if temperature == 0:
            token = int(logprobs.argmax())
        else:
            token = _sample(logprobs, self._request.top_p, self._random)
        self.ids.append(token)
        self._logprobs.append(float(logprobs[token]))
        if token in stop:
            self.finish = "stop"
        elif self.left <= 0:
            self.finish = "length"
        return token

    def completion(self, prompt: Sequence[int], text: str) -> Completion:
        assert self.finish
        return Completion(
            text,
            np.asarray(prompt, dtype=np.uint32),
            np.asarray(self.ids, dtype=np.uint32),
            np.asarray(self._logprobs, dtype=np.float32),
            self.finish,
        )


class _Prompt(msgspec.Struct, frozen=True):
    """A tokenised request: its ids, how many of them are its opening, and the opening's name."""

    ids: list[int]
    shared: int
    opening: str

    @property
    def family(self) -> tuple[str, int, int]:
        """Rows of one family have one opening and, rounded up, one length."""
        return self.opening, self.shared, rounded(len(self.ids) - self.shared, ROW_STRIDE)

    @property
    def place(self) -> tuple[tuple[str, int, int], list[int]]:
        """Where the row stands in a batch: beside its family, and its equals."""
        return self.family, self.ids


def _layout(prompts: Iterable[_Prompt]) -> list[Family]:
    return [
        Family(rows[0].ids[: rows[0].shared], [row.ids[row.shared :] for row in rows])
        for rows in (list(group) for _, group in groupby(prompts, key=lambda p: p.family))
    ]


def shared_start(rows: Sequence[Sequence[int]]) -> int:
    """Return how many ids all rows begin with, at least one id of each row left over."""
    return min([len(row) - 1 for row in rows] + [_common(rows[0], row) for row in rows[1:]])


def _common(one: Sequence[int], other: Sequence[int]) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))


def _ends(pack: Pack, prompts: Sequence[Sequence[int]]) -> Tensor:
    """Return the flat place of each row's last token."""
    ends: list[int] = []
    flat = iter(prompts)
    for block, starts in zip(pack.blocks, pack.starts, strict=True):
        ends += [start + len(next(flat)) - block.prefix - 1 for start in starts]
    return torch.tensor(ends)


def _sample(logprobs: Tensor, top_p: float, random: np.random.Generator) -> int:
    probabilities = logprobs.exp().numpy().astype(np.float64)
    if top_p < 1.0:
        order = np.argsort(-probabilities)
        mass = np.cumsum(probabilities[order])
        cut = order[int(np.searchsorted(mass, top_p)) + 1 :]
        probabilities[cut] = 0.0
    return int(random.choice(len(probabilities), p=probabilities / probabilities.sum()))


def inner_name(name: str) -> str:
    """Return what peft calls an adapter: no dot, as torch wants, and never a part of `lora_`."""
    return "adapter-" + name.replace(".", "-")


def _ids(value: int | list[int] | None) -> set[int]:
    if value is None:
        return set()
    return set(value) if isinstance(value, list) else {value}
