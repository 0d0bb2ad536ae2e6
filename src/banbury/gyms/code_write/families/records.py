"""Records of a name, a group and a whole number: as tuples, or parsed from lines of text."""

from __future__ import annotations

from random import Random

from banbury.gyms.code_write.compose import Domain, Source, piece
from banbury.gyms.code_write.families.numbers import NUMBERS

_PEOPLE = ("Ann", "Bo", "Cy", "Dee", "Eve", "Flo")
_GROUPS = ("red", "blue", "green")
_LEVELS = ("INFO", "WARN", "ERROR")
_ENDS = ("sum", "list", "spread", "mode", "inversions", "running", "above", "once")


def records(rng: Random) -> list[tuple[str, str, int]]:
    """Return some records."""
    return [
        (rng.choice(_PEOPLE), rng.choice(_GROUPS), rng.randint(0, 9))
        for _ in range(rng.randint(3, 9))
    ]


def table(rng: Random) -> str:
    """Return records as lines, with comments, empty lines and spaces between."""
    lines = []
    for name, group, amount in records(rng):
        if rng.random() < 0.25:
            lines.append(rng.choice(("", "# Ann;red;5", "   ", "#")))
        space = rng.choice(("", " "))
        lines.append(f"{name}{space};{space}{group};{amount}{rng.choice(('', '', ' # late'))}")
    return "\n".join(lines)


def settings(rng: Random) -> str:
    """Return lines `key = value`, some keys twice, some lines broken."""
    lines = []
    for _ in range(rng.randint(3, 8)):
        key, gap = rng.choice(("size", "limit", "rate", "Size", "depth")), rng.choice(("", " "))
        lines.append(f"{key}{gap}={gap}{rng.randint(-4, 9)}")
        if rng.random() < 0.3:
            lines.append(rng.choice(("", "; old", "limit", "nothing here", ";rate=5")))
    return "\n".join(lines)


def log(rng: Random) -> str:
    """Return lines of a log: time, level, message."""
    lines = []
    for _ in range(rng.randint(3, 8)):
        clock = f"{rng.randint(0, 2):02}:{rng.choice((0, 1, 29, 30, 31, 58)):02}"
        said = rng.choice(("disk full", "ok", "no route to host", "retry"))
        lines.append(f"{clock} {rng.choice(_LEVELS)} {said}")
    return "\n".join(lines)


def spans(rng: Random) -> str:
    """Return durations such as `1h30m 45m 2h`."""
    made = []
    for _ in range(rng.randint(3, 7)):
        hours, minutes = rng.randint(0, 4), rng.randint(0, 59)
        made.append(
            (f"{hours}h" if hours else "") + (f"{minutes}m" if minutes or not hours else "")
        )
    return " ".join(made)


RECORDS = (
    piece(
        "at_least",
        "records>records",
        "x = [r for r in x if r[2] >= $k]",
        "Keep only records whose number is $k or more.",
        "Drop the records with a number below $k.",
        k=(2, 3, 4, 5),
    ),
    piece(
        "not_group",
        "records>records",
        "x = [r for r in x if r[1] != $g]",
        "Drop the records of the group $g.",
        "Leave out every record whose group is $g.",
        g=_GROUPS,
    ),
    piece(
        "latest",
        "records>records",
        "x = list({r[0]: r for r in x}.values())",
        "Of several records with one name keep only the last; it takes the place of the first.",
        "Let a later record replace an earlier one of the same name, at the earlier one's place.",
    ),
    piece(
        "ranked",
        "records>records",
        "x = sorted(x, key=lambda r: (-r[2], r[0], r[1]))",
        "Sort the records by number, the largest first, then by name, then by group.",
        "Order the records from the highest number to the lowest; ties by name and then by group.",
    ),
    piece(
        "first_few",
        "records>records",
        "x = x[:$k]",
        "Keep only the first $k records.",
        "Cut the list off after $k records.",
        k=(2, 3, 4),
    ),
    piece(
        "raise",
        "records>records",
        "x = [(a, b, c + $k if b == $g else c) for a, b, c in x]",
        "Add $k to the number of each record of the group $g.",
        "Increase the numbers in the group $g by $k.",
        k=(1, 2, 10),
        g=_GROUPS,
    ),
    piece(
        "amounts",
        "records>numbers",
        "x = [r[2] for r in x]",
        "Take the numbers of the records.",
        "Go on with the list of the records' numbers.",
    ),
    piece(
        "totals",
        "records>",
        "sums = {}\nfor _, group, amount in x:\n    sums[group] = sums.get(group, 0) + amount\n"
        "return sums",
        "Return a dict from each group to the sum of its numbers.",
        "Give back a dictionary that holds the total of the numbers for each group.",
    ),
    piece(
        "members",
        "records>",
        "return {g: sorted({r[0] for r in x if r[1] == g}) for g in {r[1] for r in x}}",
        "Return a dict from each group to the sorted list of its different names.",
        "Give back a dictionary with, for each group, its distinct names in alphabetical order.",
    ),
    piece(
        "best",
        "records>",
        "best = {}\nfor name, group, amount in x:\n"
        "    if group not in best or amount > best[group][1]:\n"
        "        best[group] = (name, amount)\n"
        "return {group: name for group, (name, _) in best.items()}",
        "Return a dict from each group to the name of its record with the largest number, the "
        "first such record if there are several.",
        "Give back a dictionary with the name that has the highest number in each group; the "
        "earlier record wins a tie.",
    ),
    piece(
        "names",
        "records>",
        "return [r[0] for r in x]",
        "Return the list of the names.",
        "Give back the records' names as a list.",
    ),
    piece(
        "top_group",
        "records>",
        "sums = {}\nfor _, group, amount in x:\n    sums[group] = sums.get(group, 0) + amount\n"
        "return min(sums, key=lambda g: (-sums[g], g), default=None)",
        "Return the group with the largest sum of numbers, of several the first in the alphabet, "
        "None if there is no record.",
        "Give back the name of the group whose numbers add up to most (alphabetical order breaks a "
        "tie); None without records.",
    ),
)
LINES = (
    piece(
        "no_comments",
        "table>rows",
        'x = [line.split("#")[0] for line in x.split("\\n")]\n'
        "x = [line for line in x if line.strip()]",
        "In each line drop everything from `#` on, then drop lines that are empty or blank.",
        "A `#` and what follows it in its line is a comment: cut it off, and skip lines in which "
        "nothing but spaces remains.",
    ),
    piece(
        "cells",
        "rows>records",
        'x = [(a.strip(), b.strip(), int(c)) for a, b, c in (line.split(";") for line in x)]',
        "Each line is a record of name, group and number, separated by `;`; strip the spaces "
        "around name and group and read the number as an integer.",
        "Read each line as `name;group;number`, without spaces around the parts, the number being "
        "an integer.",
    ),
    piece(
        "pairs",
        "settings>pairs",
        'x = [line.split("=") for line in x.split("\\n") if "=" in line and line[0] != ";"]\n'
        "x = [(key.strip(), int(value)) for key, value in x]",
        "Each line `key = value` is a pair of a key, without spaces around it, and an integer; "
        "skip lines without `=` and lines that begin with `;`.",
        "Read the lines that hold a `=` and do not start with `;` as pairs of a stripped key and "
        "an integer value; ignore all others.",
    ),
    piece(
        "fold",
        "pairs>pairs",
        "x = [(key.lower(), value) for key, value in x]",
        "Turn the keys into lower case.",
        "Ignore the case of keys: write them in lower case.",
    ),
    piece(
        "positive",
        "pairs>pairs",
        "x = [(key, value) for key, value in x if value > $k]",
        "Drop pairs whose value is not greater than $k.",
        "Keep only pairs with a value above $k.",
        k=(-1, 0, 1, 2),
    ),
    piece(
        "without",
        "pairs>pairs",
        "x = [(key, value) for key, value in x if key != $k]",
        "Drop the pairs whose key is exactly $k.",
        "Leave out pairs with exactly the key $k.",
        k=("size", "limit", "rate", "depth"),
    ),
    piece(
        "last_wins",
        "pairs>",
        "return dict(x)",
        "Return a dict of them; if a key comes twice, its last value holds.",
        "Give back a dictionary of the pairs in which a later value replaces an earlier one.",
    ),
    piece(
        "first_wins",
        "pairs>",
        "seen = {}\nfor key, value in x:\n    seen.setdefault(key, value)\nreturn seen",
        "Return a dict of them; if a key comes twice, its first value holds.",
        "Give back a dictionary of the pairs; once a key has a value, later ones are ignored.",
    ),
    piece(
        "summed",
        "pairs>",
        "sums = {}\nfor key, value in x:\n    sums[key] = sums.get(key, 0) + value\nreturn sums",
        "Return a dict from each key to the sum of its values.",
        "Give back a dictionary that adds up the values of each key.",
    ),
    piece(
        "values",
        "pairs>numbers",
        "x = [value for _, value in x]",
        "Take the values.",
        "Go on with the list of the values.",
    ),
    piece(
        "entries",
        "log>entries",
        'x = [line.split(" ", 2) for line in x.split("\\n") if line]\n'
        "x = [(int(t[:2]) * 60 + int(t[3:]), level, said) for t, level, said in x]",
        "Each line is a time `HH:MM`, a level and a message, separated by single spaces; the "
        "message may hold spaces. Read the time as minutes since midnight. An empty text has no "
        "lines.",
        "Read every line as `HH:MM LEVEL MESSAGE` (a message may have spaces) and turn the time "
        "into minutes after midnight; from an empty text nothing is read.",
    ),
    piece(
        "level",
        "entries>entries",
        "x = [e for e in x if e[1] == $v]",
        "Keep only entries of the level $v.",
        "Drop the entries that are not of level $v.",
        v=_LEVELS,
    ),
    piece(
        "late",
        "entries>entries",
        "x = [e for e in x if e[0] >= $k]",
        "Drop entries before minute $k.",
        "Keep only entries at minute $k or later.",
        k=(30, 60, 90),
    ),
    piece(
        "by_time",
        "entries>entries",
        "x = sorted(x, key=lambda e: e[0])",
        "Sort the entries by time; those of one minute keep their order.",
        "Order the entries by minute, leaving equal ones in the order they came.",
    ),
    piece(
        "minutes",
        "entries>numbers",
        "x = [e[0] for e in x]",
        "Take the minutes.",
        "Go on with the list of minutes.",
    ),
    piece(
        "messages",
        "entries>",
        "return [e[2] for e in x]",
        "Return the list of messages.",
        "Give back all messages as a list.",
    ),
    piece(
        "by_level",
        "entries>",
        "groups = {}\nfor _, level, said in x:\n    groups.setdefault(level, []).append(said)\n"
        "return groups",
        "Return a dict from each level to the list of its messages in order.",
        "Give back a dictionary that lists the messages, in their order, under their level.",
    ),
    piece(
        "durations",
        "spans>numbers",
        'made = []\nfor part in x.split():\n    hours, mark, rest = part.rpartition("h")\n'
        '    made.append(int(hours or 0) * 60 + int(rest.rstrip("m") or 0))\nx = made',
        "The parts between white space are durations such as `1h30m`, `45m` or `2h`; read each as "
        "a number of minutes.",
        "Turn every part between white space, such as `45m`, `2h` or `1h30m` (hours and minutes), "
        "into minutes.",
    ),
)
_NUMBERS = tuple(p for p in NUMBERS if p.name in (*_ENDS, "no_multiples", "differences", "chunks"))
_EDGE = [("Ann", "red", 5)]
_DIALS = {"easy": (2,), "medium": (3,), "hard": (4, 5)}
RECORDS_DOMAIN = Domain(
    "code_write.records",
    "write a function on records and dictionaries",
    (
        Source(
            "records",
            "records",
            "records",
            "a list of tuples (name, group, number): two strings and an integer",
            "a list of records, each a tuple of a name, a group (both strings) and an integer",
            records,
            ([], _EDGE, [*_EDGE, ("Bo", "red", 5)], [*_EDGE, ("Ann", "blue", 2)]),
        ),
    ),
    (*RECORDS, *_NUMBERS),
)
PARSING_DOMAIN = Domain(
    "code_write.parsing",
    "write a function that reads a small format",
    (
        Source(
            "table",
            "text",
            "table",
            "a string with lines of records",
            "a text whose lines are records",
            table,
            ("", "Ann;red;5", "# none\n\n Bo ; blue;0"),
        ),
        Source(
            "settings",
            "text",
            "settings",
            "a string with lines of settings",
            "a text whose lines are settings",
            settings,
            ("", "size=3", "rate=2\n;rate=4\nrate = 1"),
        ),
        Source(
            "log",
            "text",
            "log",
            "a string with the lines of a log",
            "a text that holds a log, one entry a line",
            log,
            ("", "00:00 INFO ok", "01:00 ERROR a b  c\n00:30 ERROR ok"),
        ),
        Source(
            "spans",
            "text",
            "spans",
            "a string of durations",
            "a text that lists durations",
            spans,
            ("", "0m", "1h", "10h05m 5m"),
        ),
    ),
    (*RECORDS, *LINES, *_NUMBERS),
    {"easy": (3,), "medium": (4,), "hard": (5, 6)},
)
