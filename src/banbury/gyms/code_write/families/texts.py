"""Texts and words."""

from __future__ import annotations

from random import Random

from banbury.gyms.code_write.compose import Domain, Source, piece
from banbury.gyms.code_write.families.numbers import NUMBERS

_TEXT = (
    "the apple Sat near 3 level boats and one banana tree while Anna took 42 noon trains to "
    "Oslo or a bee hid in deep moss stats civic kayak odd egg zoo aa b Bb queue"
)
_WORDS = tuple(_TEXT.split(" "))


def sentence(rng: Random) -> str:
    """Return some words, with spaces that are not always single."""
    words = [rng.choice(_WORDS) for _ in range(rng.randint(3, 9))]
    text = "".join(word + rng.choice((" ", " ", " ", "  ", ", ")) for word in words)
    return text.strip(", ") + rng.choice(("", "", "!", "."))


def words(rng: Random) -> list[str]:
    """Return a list of words, some of them twice."""
    return [rng.choice(_WORDS) for _ in range(rng.randint(3, 9))]


TEXT = (
    piece(
        "reverse_words",
        "text>text",
        'x = " ".join(reversed(x.split()))',
        "Put the words in reverse order. Words are separated by white space; in the result there "
        "is one space between them.",
        "Turn the order of the words around, where a word is what stands between white space, and "
        "join them with single spaces.",
    ),
    piece(
        "letters",
        "text>text",
        'x = "".join(c for c in x if c.isalpha() or c == " ")',
        "Remove every character that is neither a letter nor a space.",
        "Throw out all characters but letters and spaces.",
    ),
    piece(
        "shift",
        "text>text",
        'x = "".join(chr((ord(c) - 97 + $k) % 26 + 97) if "a" <= c <= "z" else c for c in x)',
        "Replace each lower-case letter a-z by the one $k places later in the alphabet, going on "
        "from z to a; leave every other character as it is.",
        "Move every lower-case letter a-z forward by $k in the alphabet (after z comes a) and keep "
        "all other characters.",
        k=(1, 2, 3, 5, 13),
    ),
    piece(
        "drop_every",
        "text>text",
        'x = "".join(c for i, c in enumerate(x, 1) if i % $k)',
        "Remove every character whose position, counted from 1, is a multiple of $k.",
        "Counting characters from 1, delete those at positions that $k divides.",
        k=(2, 3, 4),
    ),
    piece(
        "squeeze",
        "text>text",
        'x = "".join(c for i, c in enumerate(x) if i == 0 or x[i - 1] != c)',
        "Replace each run of equal characters by a single one.",
        "Wherever one character stands several times in a row, keep it once.",
    ),
    piece(
        "shout",
        "text>text",
        'x = " ".join(w.upper() if len(w) > $k else w for w in x.split())',
        "Split it at white space, write each word of more than $k characters in capitals, and join "
        "the words with one space.",
        "Take the words between white space, turn those longer than $k characters into upper case, "
        "and put single spaces between all of them.",
        k=(2, 3, 4),
    ),
    piece(
        "rotate_text",
        "text>text",
        "x = x[$k:] + x[:$k]",
        "Move the first $k characters to the end (all of them, if there are fewer).",
        "Cut off the leading $k characters and append them at the end; a shorter text stays as it "
        "is.",
        k=(1, 2, 3, 5),
    ),
    piece(
        "mask",
        "text>text",
        'x = "".join($m if c in "aeiouAEIOU" else c for c in x)',
        "Replace each vowel (a, e, i, o, u in either case) by $m.",
        "Write $m in place of every a, e, i, o and u, capital ones included.",
        m=("*", "-", "_", "#"),
    ),
    piece(
        "swapcase",
        "text>text",
        "x = x.swapcase()",
        "Turn lower-case letters into upper case and upper-case ones into lower case.",
        "Exchange the case of every letter.",
    ),
    piece(
        "split",
        "text>words",
        "x = x.split()",
        "Split it at white space into a list of words.",
        "Make a list of the parts between white space.",
    ),
    piece(
        "text",
        "text>",
        "return x",
        "Return the text.",
        "The text that results is the return value.",
    ),
    piece(
        "distinct",
        "text>",
        "return len(set(x))",
        "Return how many different characters it has.",
        "Give back the number of distinct characters in it.",
    ),
    piece(
        "commonest",
        "text>",
        'return min(set(x), key=lambda c: (-x.count(c), c)) if x else ""',
        "Return the most frequent character; of equally frequent ones the smallest; an empty "
        "string if there is no character.",
        "Give back the character that occurs most often, on a tie the one that sorts first, and "
        "an empty string for an empty text.",
    ),
    piece(
        "runs",
        "text>",
        "return [[c, len(list(run))] for c, run in groupby(x)]",
        "Return its runs of equal characters in order, each as a list [character, length].",
        "Give back a list with [character, how many] for each stretch of one repeated character.",
    ),
    piece(
        "places",
        "text>",
        "return [i for i, c in enumerate(x) if c == $c]",
        "Return the list of positions, counted from 0, at which $c stands.",
        "Give back all indices (the first is 0) of $c as a list.",
        c=("a", "e", "t", "n"),
    ),
)
WORDS = (
    piece(
        "longer",
        "words>words",
        "x = [w for w in x if len(w) > $k]",
        "Keep only the words with more than $k characters.",
        "Drop all words of $k characters or fewer.",
        k=(1, 2, 3),
    ),
    piece(
        "by_length",
        "words>words",
        "x = sorted(x, key=lambda w: (len(w), w))",
        "Sort the words by length, the shortest first, and words of one length as strings.",
        "Order the words from short to long; equally long ones in string order.",
    ),
    piece(
        "first_seen",
        "words>words",
        "x = list(dict.fromkeys(x))",
        "Remove each word that was there before; the first one stays.",
        "Where a word repeats, keep only its first occurrence.",
    ),
    piece(
        "no_vowel",
        "words>words",
        'x = [w for w in x if w[:1] not in set("aeiouAEIOU")]',
        "Drop the words that begin with a vowel (a, e, i, o, u in either case).",
        "Leave out words whose first character is one of a, e, i, o, u or their capitals.",
    ),
    piece(
        "backward",
        "words>words",
        "x = [w[::-1] for w in x]",
        "Reverse the letters of each word.",
        "Write every word backwards.",
    ),
    piece(
        "lower",
        "words>words",
        "x = [w.lower() for w in x]",
        "Turn each word into lower case.",
        "Make all words lower-case.",
    ),
    piece(
        "other",
        "words>words",
        "x = x[$s::2]",
        "Keep every second word, beginning with the one at index $s.",
        "Take the words at index $s, $s + 2, $s + 4 and so on.",
        s=(0, 1),
    ),
    piece(
        "lengths",
        "words>numbers",
        "x = [len(w) for w in x]",
        "Replace each word by its length.",
        "Make a list of the words' lengths.",
    ),
    piece(
        "vowels",
        "words>numbers",
        'x = [sum(c in "aeiou" for c in w.lower()) for w in x]',
        "Replace each word by how many vowels (a, e, i, o, u in either case) it has.",
        "Make a list of the number of vowels, a e i o u and their capitals, in each word.",
    ),
    piece("words", "words>", "return x", "Return the list of words.", "The word list is returned."),
    piece(
        "joined",
        "words>",
        "return $m.join(x)",
        "Return them joined with $m.",
        "Give back one string with $m between the words.",
        m=("-", ", ", "/", "+"),
    ),
    piece(
        "counts",
        "words>",
        "return {w: x.count(w) for w in x}",
        "Return a dict from each word to how often it occurs.",
        "Give back a dictionary with the words as keys and their numbers of occurrences as values.",
    ),
    piece(
        "initials",
        "words>",
        "groups = {}\nfor w in x:\n    groups.setdefault(w[:1], []).append(w)\nreturn groups",
        "Return a dict from each first character to the list of its words, in their order.",
        "Give back a dictionary that lists, under each initial character, the words that begin "
        "with it in the order they came.",
    ),
    piece(
        "longest",
        "words>",
        'return max(x, key=len, default="")',
        "Return the longest word, the first of them if several are, an empty string if there is "
        "none.",
        "Give back the word with most characters; the earliest wins a tie, and without words it is "
        "an empty string.",
    ),
)
DOMAIN = Domain(
    "code_write.text",
    "write a function on texts and words",
    (
        Source(
            "text",
            "text",
            "text",
            "a string",
            "a piece of text (a string)",
            sentence,
            ("", "a", "aaa  bb", "Noon  level, 42!"),
        ),
        Source(
            "words",
            "words",
            "words",
            "a list of strings without white space",
            "a list of words (strings with no white space)",
            words,
            ([], ["a"], ["bee", "bee", "Anna"], ["b", "aa", "b"]),
        ),
    ),
    (*TEXT, *WORDS, *NUMBERS),
)
