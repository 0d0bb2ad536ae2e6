"""Does a sentence of a real mail ask for something: ParakweetLabs/EmailIntentDataSet.

`seen` draws from the official training set, `unseen` from the official test set. Both classes are
drawn in equal numbers, so a constant answer is right half the time; the stream ends with the
smaller class. `data/README.md` says where the sentences come from and which are left out.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

from banbury.episode import Origin
from banbury.errors import GymError
from banbury.gyms.answers import Choice
from banbury.gyms.contract import Phrasing
from banbury.gyms.family import Dial, Family, Item

SOURCE = "https://github.com/ParakweetLabs/EmailIntentDataSet"
REVISION = "055f62857b3214c1682a0b18a2c5fc2c9f0c00e6"
FILES = {
    "seen": (
        "intent-train.txt.gz",
        "src/resources/Ask0729-fixed.txt",
        "1dafc1b367cf2fb1e8b4a944b67e14578bcb1085f2f02ea150be45c373fbe8cd",
    ),
    "unseen": (
        "intent-test.txt.gz",
        "src/resources/testSet-qualifiedBatch-fixed.txt",
        "1b5ebc45a80c1e7fdeed656b7db7cec8e50eb18f562daa20070f1e3187e01e4a",
    ),
}
LONGEST = 200
"""Characters; longer sentences are left out, since prompts must stay short."""

Row = tuple[int, str, str]
"""(1-based line in the source file, 'yes' or 'no', sentence)."""


def _read(phrasing: Phrasing) -> list[Row]:
    name, _, sha256 = FILES[phrasing]
    path = Path(__file__).parent / "data" / name
    try:
        data = gzip.decompress(path.read_bytes())
    except (OSError, EOFError) as error:
        raise GymError(
            f"the real mail cannot be read: {error}", where=str(path), do="install Banbury again"
        ) from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise GymError(
            "the real mail is not the file that was brought in",
            where=str(path),
            do="install Banbury again",
        )
    rows: list[Row] = []
    for number, line in enumerate(data.decode().split("\n"), start=1):
        label, _, sentence = line.partition("\t")
        if label in ("Yes", "No"):
            rows.append((number, label.lower(), " ".join(sentence.split())))
    return rows


def _key(sentence: str) -> str:
    return " ".join(re.findall(r"\w+", sentence.casefold()))


@functools.cache
def rows(phrasing: Phrasing) -> tuple[Row, ...]:
    """Return the usable sentences of the training (`seen`) or test (`unseen`) file.

    Left out: over 200 characters, broken characters, a second copy (letters and digits alone
    compared), and, from the training file, whatever the test file holds too.

    Raises:
        GymError: the file is missing or altered.
    """
    known = {_key(sentence) for *_, sentence in _read("unseen")} if phrasing == "seen" else set()
    kept: list[Row] = []
    for row in _read(phrasing):
        key = _key(row[2])
        broken = "\ufffd" in row[2] or "\u00ef\u00bf\u00bd" in row[2]
        if key and key not in known and len(row[2]) <= LONGEST and not broken:
            known.add(key)
            kept.append(row)
    return tuple(kept)


def _stream(rng: Random, dial: Dial, phrasing: Phrasing) -> Iterator[Item]:
    yes = [row for row in rows(phrasing) if row[1] == "yes"]
    no = [row for row in rows(phrasing) if row[1] == "no"]
    rng.shuffle(yes)
    rng.shuffle(no)
    for pair in zip(yes, no, strict=False):
        for line, label, sentence in rng.sample(pair, 2):
            where = f"{REVISION}:{FILES[phrasing][1]}:{line}"
            yield Item({"sentence": sentence}, label, origin=Origin("imported", SOURCE, where))


INTENT = Family(
    skill="office.email.intent",
    title="does a sentence of a real mail ask for something",
    dials={"real": {}},
    stream=_stream,
    form=Choice(("yes", "no")),
    seen=(
        'Does this sentence from a mail ask the reader for something? "{sentence}"',
        '"{sentence}" Does this mail need an answer or an action?',
        'A mail says: "{sentence}" Is the reader asked to do something?',
        'Must the reader of this mail act or answer? "{sentence}"',
    ),
    unseen=(
        'Someone writes: "{sentence}" Is a reaction expected from you?',
        'Is this line of a mail a request? "{sentence}"',
        '"{sentence}" Should the person who got this respond or do something?',
    ),
    source=SOURCE,
)
