"""Lists of integers."""

from __future__ import annotations

from random import Random

from banbury.gyms.code_write.compose import Domain, Source, piece


def integers(rng: Random) -> list[int]:
    """Return some integers, small enough that they meet the bounds of the pieces."""
    reach = rng.choice((5, 9, 20))
    return [rng.randint(-reach, reach) for _ in range(rng.randint(3, 10))]


_SMALL = (2, 3, 4)

NUMBERS = (
    piece(
        "above",
        "numbers>numbers",
        "x = [v for v in x if v > $k]",
        "Keep only the numbers greater than $k.",
        "Drop every number that is $k or less.",
        k=(-2, 0, 1, 2, 3),
    ),
    piece(
        "no_multiples",
        "numbers>numbers",
        "x = [v for v in x if v % $k != 0]",
        "Remove the numbers that $k divides without remainder.",
        "Leave out all multiples of $k (0 is one).",
        k=_SMALL,
    ),
    piece(
        "differences",
        "numbers>numbers",
        "x = [b - a for a, b in zip(x, x[1:])]",
        "Replace the list by the differences of neighbours, each number less the one before it.",
        "Form the list of what each number exceeds its predecessor by; it is one shorter.",
    ),
    piece(
        "running",
        "numbers>numbers",
        "x = list(accumulate(x))",
        "Replace each number by the sum of all numbers up to and including it.",
        "Turn the list into its running totals.",
    ),
    piece(
        "running_max",
        "numbers>numbers",
        "x = list(accumulate(x, max))",
        "Replace each number by the largest of all numbers up to and including it.",
        "Turn the list into its running maximum.",
    ),
    piece(
        "by_size",
        "numbers>numbers",
        "x = sorted(x, key=lambda v: (abs(v), v))",
        "Sort the numbers by absolute value; of two with the same one, the negative comes first.",
        "Order the numbers by their distance from 0, a negative one ahead of its positive twin.",
    ),
    piece(
        "once",
        "numbers>numbers",
        "x = list(dict.fromkeys(x))",
        "Remove each number that was there before; the first one stays.",
        "Where a number repeats, keep only its first occurrence.",
    ),
    piece(
        "rotate",
        "numbers>numbers",
        "x = x[$k:] + x[:$k]",
        "Move the first $k numbers to the end (all of them, if there are fewer).",
        "Take the leading $k numbers off and append them at the end; a shorter list stays as it "
        "is.",
        k=(1, 2, 3),
    ),
    piece(
        "chunks",
        "numbers>numbers",
        "x = [sum(x[i : i + $k]) for i in range(0, len(x), $k)]",
        "Cut the list into pieces of $k numbers, the last may be shorter, and replace each piece "
        "by its sum.",
        "Add up the numbers in groups of $k from the start; what remains at the end is a group "
        "too.",
        k=_SMALL,
    ),
    piece(
        "windows",
        "numbers>numbers",
        "x = [max(x[i : i + $k]) for i in range(len(x) - $k + 1)]",
        "Replace the list by the largest number of each $k neighbours: those at index 0 to $k - 1, "
        "then 1 to $k, and so on; it is empty if there are fewer than $k.",
        "Slide a window of $k numbers along the list and note the maximum of each position; fewer "
        "than $k numbers give an empty list.",
        k=(2, 3),
    ),
    piece(
        "square",
        "numbers>numbers",
        "x = [v * v for v in x]",
        "Square each number.",
        "Multiply every number by itself.",
    ),
    piece(
        "clip",
        "numbers>numbers",
        "x = [min(max(v, $a), $b) for v in x]",
        "Replace numbers below $a by $a and numbers above $b by $b.",
        "Raise whatever is under $a to $a and lower whatever is over $b to $b.",
        a=(-4, -1, 0),
        b=(3, 6, 8),
    ),
    piece(
        "modulo",
        "numbers>numbers",
        "x = [v % $k for v in x]",
        "Replace each number by its remainder modulo $k, which lies from 0 to $k - 1.",
        "Take every number modulo $k; the remainder is never negative.",
        k=(3, 4, 5, 7),
    ),
    piece(
        "weigh",
        "numbers>numbers",
        "x = [i * v for i, v in enumerate(x, 1)]",
        "Multiply each number by its position, counted from 1.",
        "Weigh the numbers with their places: the first by 1, the second by 2, and so on.",
    ),
    piece(
        "tail",
        "numbers>numbers",
        "x = x[-$k:]",
        "Keep only the last $k numbers (all, if there are fewer).",
        "Cut the list down to its final $k numbers; a shorter list stays as it is.",
        k=(3, 4, 5),
    ),
    piece(
        "sum",
        "numbers>",
        "return sum(x)",
        "Return the sum, 0 if nothing is left.",
        "Give back the total; of nothing it is 0.",
    ),
    piece(
        "spread",
        "numbers>",
        "return max(x) - min(x) if x else 0",
        "Return the difference between the largest and the smallest number, 0 if there is none.",
        "Give back how far maximum and minimum lie apart; without numbers that is 0.",
    ),
    piece("list", "numbers>", "return x", "Return the list.", "The resulting list is returned."),
    piece(
        "inversions",
        "numbers>",
        "return sum(a > b for i, a in enumerate(x) for b in x[i + 1 :])",
        "Return how many pairs of numbers there are of which the earlier is greater than the "
        "later.",
        "Give back the number of inversions: pairs out of ascending order, equal ones not counted.",
    ),
    piece(
        "second",
        "numbers>",
        "x = sorted(set(x))\nreturn x[-2] if len(x) > 1 else None",
        "Return the second largest of the different numbers, None if there are fewer than two.",
        "Give back the runner-up among the distinct values; with fewer than two of them, None.",
    ),
    piece(
        "tally",
        "numbers>",
        "return {v: x.count(v) for v in x}",
        "Return a dict from each number to how often it occurs.",
        "Give back a dictionary of the numbers with their counts.",
    ),
    piece(
        "mode",
        "numbers>",
        "return min(x, key=lambda v: (-x.count(v), v), default=None)",
        "Return the most frequent number, of equally frequent ones the smallest, None if there is "
        "none.",
        "Give back the number that comes most often; the least wins a tie, and an empty list gives "
        "None.",
    ),
    piece(
        "where",
        "numbers>",
        "return x.index(max(x)) if x else -1",
        "Return the index, from 0, of the largest number, the first one if there are several, -1 "
        "if the list is empty.",
        "Give back where the maximum stands first, counting from 0; -1 without numbers.",
    ),
    piece(
        "mean",
        "numbers>",
        "return sum(x) // len(x) if x else 0",
        "Return the mean, rounded down to an integer, 0 if there is no number.",
        "Give back the floor of the average; for an empty list 0.",
    ),
)
DOMAIN = Domain(
    "code_write.lists",
    "write a function on lists of integers",
    (
        Source(
            "integers",
            "numbers",
            "numbers",
            "a list of integers",
            "a list whose elements are integers",
            integers,
            ([], [0], [4], [-3, -3, 3], [1, 2, 3, 4, 5, 6, 7]),
        ),
    ),
    NUMBERS,
)
