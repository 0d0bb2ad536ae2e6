"""Real text: the paragraphs of the licences and read-me files of the installed packages."""

import random
import re
from importlib.metadata import distributions

import pytest


@pytest.fixture(scope="session")
def paragraphs():
    found = set()
    for package in distributions():
        text = package.metadata.get_payload() or ""
        for path in package.files or []:
            if "LICENSE" in path.name.upper() and path.suffix in ("", ".txt", ".md"):
                text += "\n\n" + path.locate().read_text(encoding="utf-8", errors="replace")
        for paragraph in re.split(r"\n\s*\n", text):
            words = paragraph.split()
            letters = sum(c.isalpha() for c in paragraph)
            if 20 <= len(words) <= 200 and letters > 0.7 * len(paragraph):
                found.add(" ".join(words))
    listed = sorted(found)
    random.Random(0).shuffle(listed)
    assert len(listed) >= 300, "too few packages with text are installed"
    return listed[:1000]


@pytest.fixture(scope="session")
def edited(paragraphs):
    """A copy of each with a tenth of its words replaced, dropped or added."""
    words = [word for paragraph in paragraphs for word in paragraph.split()]
    dice = random.Random(1)
    copies = []
    for paragraph in paragraphs:
        mine = paragraph.split()
        for i in dice.sample(range(len(mine)), max(1, round(len(mine) / 10))):
            mine[i] = dice.choice([dice.choice(words), "", f"{mine[i]} {dice.choice(words)}"])
        copies.append(" ".join(mine))
    return copies
