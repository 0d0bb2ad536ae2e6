"""GoPro's compressed samples (type `#`): differences along each channel, in a Huffman code.

Source: `GPMF_Decompress` and the code tables of https://github.com/gopro/gpmf-parser.
"""

from __future__ import annotations

import functools
import struct

import numpy as np
from numpy.typing import NDArray

SQUEEZED = "#"
_SAMPLES_AT_MOST = 1 << 16
_WORD = 16
VALUES = (
    "10 1100 11011 11101 110100 110101 111110 1110000 1110011 1111000 1111001 1111011 11100100 "
    "11100101 11110100 111000101 111000110 111101010 1110001000 1110001110 1111010110 1111111100 "
    "11100010010 11100011111 11110101110 111000100111 111000111101 111101011111 1110001001101 "
    "1110001111001 1111010111101 11100010011000 11100011110000 11110101111000 11110101111001 "
    "111000100110010 111000100110011 111000111100011"
)
"""The codes of the differences 1, 2, 3 and on; a sign follows."""
ZEROS = {"0": 1, "1111110": 16, "11111110": 32, "111111111": 64, "1111111101": 128}
ESCAPE = "1110001111000100"
END = "1110001111000101"


@functools.cache
def _book() -> dict[tuple[int, int], tuple[str, int]]:
    """Return what a code of so many bits means: `zeros`, `value`, `escape` or `end`."""
    made = {(len(c), int(c, 2)): ("zeros", n) for c, n in ZEROS.items()}
    made |= {(len(c), int(c, 2)): ("value", n) for n, c in enumerate(VALUES.split(), 1)}
    return made | {(16, int(ESCAPE, 2)): ("escape", 0), (16, int(END, 2)): ("end", 0)}


class _Bits:
    """Bits of some bytes, the highest first."""

    def __init__(self, data: bytes) -> None:
        self._data, self.at = data, 0

    def take(self, count: int) -> int:
        """Return the next bits as a number.

        Raises:
            ValueError: there are no more.
        """
        first, end = self.at, self.at + count
        if end > 8 * len(self._data):
            raise ValueError("the code goes on behind its end")
        part = int.from_bytes(self._data[first // 8 : (end + 7) // 8], "big")
        self.at = end
        return (part >> (-end % 8)) & ((1 << count) - 1)

    def symbol(self) -> tuple[str, int]:
        """Return the next code's meaning.

        Raises:
            ValueError: the bits are no code.
        """
        bits = 0
        for length in range(1, _WORD + 1):
            bits = bits << 1 | self.take(1)
            if (found := _book().get((length, bits))) is not None:
                return found
        raise ValueError("no such code")


def unsqueezed(data: bytes) -> tuple[str, int, int, bytes]:
    """Return the type, size, repeat and bytes that were compressed.

    Raises:
        ValueError: the data are damaged, or of a type that is never compressed.
    """
    kind, size, repeat = struct.unpack_from(">BBH", data.ljust(4, b"\0"))
    width = {"b": 1, "B": 1, "s": 2, "S": 2, "l": 2, "L": 2, "f": 2}.get(chr(kind), 0)
    if not width or size == 0 or size % width or not 0 < repeat < _SAMPLES_AT_MOST:
        raise ValueError("a type that is never compressed")
    if len(data) < 4 + size:
        raise ValueError("the first sample is cut off")
    channels = size // width
    form = f">u{width}"
    first = np.frombuffer(data, form, channels, 4).astype(np.int64)
    table = np.zeros((repeat, channels), dtype=np.int64)
    bits = _Bits(data[4:])
    bits.at = 8 * size
    for channel in range(channels):
        quantum = bits.take(8 * width)
        bits.at = -(-bits.at // _WORD) * _WORD
        table[:, channel] = first[channel] + quantum * np.cumsum(_steps(bits, repeat, width))
        bits.at = -(-bits.at // _WORD) * _WORD
    return chr(kind), size, repeat, (table & ((1 << 8 * width) - 1)).astype(form).tobytes()


def _steps(bits: _Bits, repeat: int, width: int) -> NDArray[np.int64]:
    """Return one channel's differences, 0 for the first sample."""
    steps = np.zeros(repeat, dtype=np.int64)
    at = 1
    while True:
        kind, value = bits.symbol()
        if kind == "end":
            return steps
        if kind == "zeros":
            at += value
            continue
        if at >= repeat:
            raise ValueError("more samples than there should be")
        if kind == "value":
            steps[at] = -value if bits.take(1) else value
        else:
            raw = bits.take(8 * width)
            steps[at] = raw - (1 << 8 * width) if raw >> (8 * width - 1) else raw
        at += 1
