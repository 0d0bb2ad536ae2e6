"""Whole numbers: digits, divisors, sequences."""

from __future__ import annotations

from random import Random

from banbury.gyms.code_write.compose import Domain, Source, piece
from banbury.gyms.code_write.families.numbers import NUMBERS

_ENDS = ("sum", "list", "spread", "second", "mean")
_PRIME = "all(v % d for d in range(2, int(v**0.5) + 1))"


def number(rng: Random) -> int:
    """Return a whole number, small or in the hundreds."""
    return rng.randint(3, rng.choice((40, 400, 900)))


ARITHMETIC = (
    piece(
        "upto",
        "whole>numbers",
        "x = list(range(1, x + 1))",
        "Take the integers from 1 to `n`.",
        "Start with all integers 1, 2, ... up to `n` itself.",
    ),
    piece(
        "divisors",
        "whole>numbers",
        "x = [d for d in range(1, x + 1) if x % d == 0]",
        "Take the positive divisors of `n` in ascending order (0 has none here).",
        "Start with those of 1, 2, ..., `n` that divide `n`, from small to large.",
    ),
    piece(
        "digits",
        "whole>numbers",
        "x = [int(c) for c in str(x)]",
        "Take the decimal digits of `n` from left to right.",
        "Start with the digits of `n` in decimal notation, the leading one first.",
    ),
    piece(
        "bits",
        "whole>numbers",
        "x = [i for i, c in enumerate(bin(x)[:1:-1]) if c == '1']",
        "Take the positions of the ones in the binary notation of `n`, the last digit being "
        "position 0, in ascending order.",
        "Start with the exponents of the powers of two that add up to `n`, from small to large.",
    ),
    piece(
        "collatz",
        "whole>numbers",
        "seq = [x]\nfor _ in range($k):\n    x = x // 2 if x % 2 == 0 else 3 * x + 1\n"
        "    seq.append(x)\nx = seq",
        "Take `n` and the next $k numbers, each half of the one before if that is even, else three "
        "times it plus 1.",
        "Start with a list that begins with `n` and goes on $k times: an even number is followed "
        "by its half, an odd one by its triple plus one.",
        k=(5, 8, 12),
    ),
    piece(
        "primes",
        "numbers>numbers",
        f"x = [v for v in x if v > 1 and {_PRIME}]",
        "Keep only prime numbers.",
        "Drop everything that is not prime.",
    ),
    piece(
        "either",
        "numbers>numbers",
        "x = [v for v in x if v % $a == 0 or v % $b == 0]",
        "Keep only numbers that are multiples of $a or of $b.",
        "Drop what neither $a nor $b divides.",
        a=(2, 3),
        b=(5, 7),
    ),
    piece(
        "even_sum",
        "numbers>numbers",
        "x = [v for v in x if sum(map(int, str(v))) % 2 == 0]",
        "Keep only numbers whose decimal digits add up to an even number.",
        "Drop those with an odd digit sum (in base ten).",
    ),
    piece(
        "palindromes",
        "numbers>numbers",
        "x = [v for v in x if str(v) == str(v)[::-1]]",
        "Keep only numbers that read the same backwards in decimal notation.",
        "Drop all that are no decimal palindromes.",
    ),
    piece(
        "digit_sums",
        "numbers>numbers",
        "x = [sum(map(int, str(v))) for v in x]",
        "Replace each number by the sum of its decimal digits.",
        "Map the numbers to their digit sums in base ten.",
    ),
    piece(
        "ones",
        "numbers>numbers",
        'x = [bin(v).count("1") for v in x]',
        "Replace each number by how many ones its binary notation has.",
        "Map the numbers to the count of set bits in them.",
    ),
    piece(
        "common",
        "numbers>numbers",
        "x = [gcd(v, $k) for v in x]",
        "Replace each number by its greatest common divisor with $k.",
        "Map the numbers to the largest integer that divides both them and $k.",
        k=(6, 12, 30),
    ),
    piece(
        "remainder",
        "numbers>numbers",
        "x = [v % $k for v in x]",
        "Replace each number by its remainder modulo $k.",
        "Map the numbers to what is left when $k divides them.",
        k=(4, 5, 7),
    ),
    piece(
        "coprime",
        "numbers>numbers",
        "x = [v for v in x if gcd(v, $k) == 1]",
        "Keep only numbers that have no common divisor with $k but 1.",
        "Drop those that share a factor greater than 1 with $k.",
        k=(6, 10, 15),
    ),
    piece(
        "product",
        "numbers>",
        "total = 1\nfor v in x:\n    total = total * (v + 1) % $m\nreturn total",
        "Return the product of all numbers, each increased by 1, modulo $m; 1 if there is none.",
        "Add 1 to every number, multiply the results, and give back the remainder of the product "
        "modulo $m; without numbers it is 1.",
        m=(97, 101, 1009),
    ),
    piece(
        "how_many",
        "numbers>",
        "return len(x)",
        "Return how many there are.",
        "Give back their count.",
    ),
    *(p for p in NUMBERS if p.name in _ENDS),
)
DOMAIN = Domain(
    "code_write.arithmetic",
    "write a function on whole numbers",
    (
        Source(
            "whole",
            "n",
            "whole",
            "an integer that is not negative",
            "a whole number, at least 0",
            number,
            (0, 1, 2, 97, 128, 343),
        ),
    ),
    ARITHMETIC,
    {"easy": (2, 3), "medium": (3, 4), "hard": (4, 5)},
)
