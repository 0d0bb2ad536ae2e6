"""Forward passes without padding, over rows that share the start of their text.

Prompts of one batch nearly always begin alike: the system prompt, the examples of a few-shot
prompt, the whole prompt of eight samples of one task. A :class:`Pack` lays the shared start out
once and the rows behind it, all in one flat line of tokens, so that no layer ever works on padding
or on the same text twice; only attention looks at the rows one by one. A :class:`Decoding` is the
pass after that: one new token for each row, over the keys and values kept so far.

Both enter any model of Hugging Face transformers through its attention interface, under the name
``banbury``. With one thread the arithmetic of a row is the same whatever its neighbours are, to
the last bit, where the rows of a family have, rounded up to :data:`ROW_STRIDE`, one length: every
pass has at least :data:`SMALLEST_PASS` tokens (the matrix library takes another route for a
handful of rows), and the shapes of attention depend on nothing but the row's own family.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel

ATTENTION = "banbury"
SMALLEST_PASS = 4
"""Fewest tokens in a pass: below it a matrix product's rows depend on how many there are."""
ROW_STRIDE = 32
"""Rows of a family are padded to a multiple of this, the height of a tile of attention scores."""
_STRIDE = 16
"""Key lengths are rounded up to this, so that vector loops cut every row in the same places."""


@dataclass(frozen=True, slots=True)
class Family:
    """Rows that share a prefix: ``prefix`` tokens, then each row's own tokens (at least one)."""

    prefix: Sequence[int]
    rows: Sequence[Sequence[int]]


@dataclass(slots=True)
class Cache:
    """Keys and values of past tokens, per layer ``[rows, heads, width, size]``, from the left."""

    keys: list[Tensor]
    values: list[Tensor]

    @classmethod
    def empty(cls, model: PreTrainedModel, rows: int, width: int) -> "Cache":
        """Room for ``rows`` rows of ``width`` tokens."""
        config = model.config
        heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
        size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
        shape = (rows, heads, rounded(width), size)
        layers = range(config.num_hidden_layers)
        return cls([torch.zeros(shape) for _ in layers], [torch.zeros(shape) for _ in layers])

    def keep(self, rows: Tensor, width: int) -> "Cache":
        """The chosen rows only, and only the first ``width`` tokens of them."""
        width = rounded(width)
        for past in (self.keys, self.values):
            for layer, tensor in enumerate(past):
                past[layer] = tensor[rows, :, :width].contiguous()
        return self


@dataclass(slots=True)
class _Block:
    """Where one family lies in the flat pass, and the mask of its rows."""

    start: int
    prefix: int
    gather: Tensor  # [rows, longest] places in the flat line; padding repeats the row's last
    scatter: Tensor  # [tokens] places in [rows * longest]
    mask: Tensor  # [longest, keys] added to the scores
    cache_row: int


@dataclass(slots=True)
class Pack:
    """One flat pass over families of rows. Build it with :meth:`of`."""

    tokens: Tensor  # [1, T]
    positions: Tensor  # [1, T]
    starts: list[list[int]]  # per family, the flat place of each row's first token
    blocks: list[_Block]
    padding: int
    cache: Cache | None = None

    @classmethod
    def of(cls, families: Sequence[Family], cache: Cache | None = None) -> "Pack":
        """Lay the families out; keys and values go to ``cache``, row after row, where given."""
        tokens: list[int] = []
        positions: list[int] = []
        starts: list[list[int]] = []
        blocks: list[_Block] = []
        seen = 0
        for family in families:
            start, shared = len(tokens), len(family.prefix)
            tokens.extend(family.prefix)
            positions.extend(range(shared))
            places: list[int] = []
            for row in family.rows:
                places.append(len(tokens))
                tokens.extend(row)
                positions.extend(range(shared, shared + len(row)))
            blocks.append(_block(start, shared, places, [len(row) for row in family.rows], seen))
            starts.append(places)
            seen += len(family.rows)
        padding = max(0, SMALLEST_PASS - len(tokens))
        tokens.extend([0] * padding)
        positions.extend([0] * padding)
        return cls(
            torch.tensor([tokens]), torch.tensor([positions]), starts, blocks, padding, cache
        )

    def attend(self, layer: int, query: Tensor, key: Tensor, value: Tensor, scale: float) -> Tensor:
        """Attention within each family; ``query`` is ``[1, H, T, D]``, as is the result."""
        key, value = key[0], value[0]
        parts: list[Tensor] = []
        for block in self.blocks:
            first, behind = block.start, block.start + block.prefix
            if self.cache is not None:
                self._remember(layer, block, key, value)
            if block.prefix:
                head = slice(first, behind)
                ours = query[:, :, head]
                parts.append(
                    scaled_dot_product_attention(
                        ours,
                        _repeat(_widened(key[None, :, head]), ours),
                        _repeat(_widened(value[None, :, head]), ours),
                        attn_mask=_causal(block.prefix, 0),
                        scale=scale,
                    )[0]
                )
            parts.append(self._rows(block, query[0], key, value, scale))
        if self.padding:
            parts.append(query[0, :, query.shape[2] - self.padding :])
        return torch.cat(parts, dim=1)[None]

    def _rows(
        self, block: _Block, query: Tensor, key: Tensor, value: Tensor, scale: float
    ) -> Tensor:
        rows, longest = block.gather.shape
        keys, values = (self._behind_prefix(block, past) for past in (key, value))
        ours = query[:, block.gather].transpose(0, 1)  # [rows, H, longest, D]
        out = scaled_dot_product_attention(
            ours, _repeat(keys, ours), _repeat(values, ours), attn_mask=block.mask, scale=scale
        )
        flat = out.transpose(0, 1).reshape(out.shape[1], rows * longest, out.shape[3])
        return flat[:, block.scatter]

    def _behind_prefix(self, block: _Block, past: Tensor) -> Tensor:
        """Keys or values of a family's rows, its prefix in front: ``[rows, heads, keys, D]``."""
        rows = past[:, block.gather].transpose(0, 1)
        parts = [rows]
        if block.prefix:
            prefix = past[:, block.start : block.start + block.prefix]
            parts.insert(0, prefix[None].expand(rows.shape[0], -1, -1, -1))
        missing = block.mask.shape[1] - block.prefix - rows.shape[2]
        if missing:
            parts.append(rows.new_zeros(rows.shape[0], rows.shape[1], missing, rows.shape[3]))
        return torch.cat(parts, dim=2)

    def _remember(self, layer: int, block: _Block, key: Tensor, value: Tensor) -> None:
        assert self.cache is not None
        rows, longest = block.gather.shape
        into = slice(block.cache_row, block.cache_row + rows)
        for past, new in ((self.cache.keys[layer], key), (self.cache.values[layer], value)):
            past[into, :, : block.prefix] = new[:, block.start : block.start + block.prefix]
            # Padding behind a row may not fit into the cache, and is not wanted there.
            fits = min(longest, past.shape[2] - block.prefix)
            own = new[:, block.gather[:, :fits]].transpose(0, 1)
            past[into, :, block.prefix : block.prefix + fits] = own


@dataclass(slots=True)
class Decoding:
    """One new token for each row of a cache; rows differ in length."""

    cache: Cache
    lengths: Tensor  # [rows] tokens already in the cache
    mask: Tensor = field(init=False)
    _rows: Tensor = field(init=False)
    _width: int = field(init=False)

    def __post_init__(self) -> None:
        self._width = rounded(int(self.lengths.max()) + 1)
        past = torch.arange(self._width)[None] <= self.lengths[:, None]
        self.mask = torch.zeros(past.shape).masked_fill_(~past, float("-inf"))[:, None, None]
        self._rows = torch.arange(len(self.lengths))

    def attend(self, layer: int, query: Tensor, key: Tensor, value: Tensor, scale: float) -> Tensor:
        """``query`` is ``[1, H, rows, D]``, as is the result; ``key`` and ``value`` are kept."""
        keys, values = self.cache.keys[layer], self.cache.values[layer]
        rows = len(self._rows)
        keys[self._rows, :, self.lengths] = key[0, :, :rows].transpose(0, 1)
        values[self._rows, :, self.lengths] = value[0, :, :rows].transpose(0, 1)
        heads, shared, size = query.shape[1], keys.shape[1], query.shape[3]
        # The heads that share one key become the queries of one product.
        grouped = query[0, :, :rows].transpose(0, 1).reshape(rows, shared, heads // shared, size)
        out = scaled_dot_product_attention(
            grouped,
            keys[:, :, : self._width],
            values[:, :, : self._width],
            attn_mask=self.mask,
            scale=scale,
        )
        flat = out.reshape(rows, heads, size).transpose(0, 1)
        if rows < query.shape[2]:
            flat = torch.cat([flat, query[0, :, rows:]], dim=1)
        return flat[None]


def run(
    model: PreTrainedModel, tokens: Tensor, positions: Tensor, plan: Pack | Decoding, at: Tensor
) -> Tensor:
    """Logits ``[len(at), vocabulary]`` at the flat places ``at`` of one pass.

    The last layer's head is by far the widest product of a small model, so it is computed only
    where somebody asks. A pass is at least :data:`SMALLEST_PASS` wide there too.
    """
    missing = max(0, SMALLEST_PASS - len(at))
    wanted = torch.cat([at, at.new_zeros(missing)]) if missing else at
    out = model(
        input_ids=tokens,
        position_ids=positions,
        use_cache=False,
        logits_to_keep=wanted,
        plan=plan,
    )
    logits: Tensor = out.logits[0, : len(at)]
    return logits


def _attention(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    **options: Any,
) -> tuple[Tensor, None]:
    plan: Pack | Decoding = options["plan"]
    scale = scaling if scaling is not None else query.shape[-1] ** -0.5
    out = plan.attend(module.layer_idx, query, key, value, scale)
    return out.transpose(1, 2).contiguous(), None


def _no_mask(*_: Any, **__: Any) -> None:
    """The plan holds the mask; transformers need not build one."""


AttentionInterface.register(ATTENTION, _attention)
AttentionMaskInterface.register(ATTENTION, _no_mask)


def rounded(width: int, stride: int = _STRIDE) -> int:
    """Return the least multiple of a stride that is no smaller than a width."""
    return -(-width // stride) * stride


def _repeat(past: Tensor, query: Tensor) -> Tensor:
    """Keys or values with as many heads as the queries have."""
    times = query.shape[1] // past.shape[1]
    return past.repeat_interleave(times, dim=1) if times > 1 else past


def _block(start: int, prefix: int, places: list[int], lengths: list[int], row: int) -> _Block:
    longest = rounded(max(lengths), ROW_STRIDE)
    own = torch.arange(longest)
    last = torch.tensor(lengths)[:, None] - 1
    gather = torch.tensor(places)[:, None] + torch.minimum(own[None], last)
    scatter = (torch.arange(len(lengths))[:, None] * longest + own[None])[own[None] <= last]
    return _Block(start, prefix, gather, scatter, _causal(longest, prefix), row)


def _causal(rows: int, prefix: int) -> Tensor:
    """What each of ``rows`` tokens behind ``prefix`` others may see, added to the scores."""
    keys = torch.arange(rounded(prefix + rows))
    hidden = keys[None] > prefix + torch.arange(rows)[:, None]
    return torch.zeros(hidden.shape).masked_fill_(hidden, float("-inf"))


def _widened(past: Tensor) -> Tensor:
    missing = rounded(past.shape[2]) - past.shape[2]
    return torch.nn.functional.pad(past, (0, 0, 0, missing)) if missing else past
