"""Letters and words: last word, capitals, initials, spelling backwards, counting letters."""

from __future__ import annotations

from random import Random

from banbury.gyms.answers import Number, Word
from banbury.gyms.family import Dial, Family, Item, endless
from banbury.gyms.reasoning.families.vocabulary import ADJECTIVES, NAMES, NOUNS, SHORT, VERBS

_LETTERS = "abcdefghilmnoprstuwy"
_ORDINALS = ("first", "second", "third", "fourth", "fifth")


def _sentence(rng: Random) -> list[str]:
    words = [rng.choice(NAMES), rng.choice(VERBS), "the", rng.choice(ADJECTIVES), rng.choice(NOUNS)]
    if rng.random() < 0.5:
        words += [rng.choice(("near", "behind", "under")), "the", rng.choice(NOUNS + SHORT)]
    return words


def _which_word(rng: Random, dial: Dial) -> Item:
    words = _sentence(rng)
    if not dial["counted"]:
        return Item({"sentence": " ".join(words), "which": "last"}, words[-1])
    at = rng.randrange(5)
    steps = ", ".join(f"{i + 1} {word}" for i, word in enumerate(words[: at + 1]))
    return Item({"sentence": " ".join(words), "which": _ORDINALS[at]}, words[at], steps)


def _upper(rng: Random, dial: Dial) -> Item:
    words = [rng.choice(NOUNS) for _ in range(dial["words"])]
    return Item({"text": " ".join(words)}, " ".join(words).upper())


def _capital(rng: Random, dial: Dial) -> Item:
    words = [w.lower() for w in _sentence(rng)]
    if not dial["each"]:
        text = " ".join(words)
        return Item({"text": text, "what": "the first letter"}, text[0].upper() + text[1:])
    words = words[:4]
    gold = " ".join(w[0].upper() + w[1:] for w in words)
    return Item({"text": " ".join(words), "what": "the first letter of each word"}, gold)


def _initials(rng: Random, dial: Dial) -> Item:
    words = rng.sample(NOUNS + SHORT, dial["words"])
    steps = ", ".join(f"{w} {w[0]}" for w in words)
    return Item({"words": words}, "".join(w[0] for w in words), steps)


def _reverse(rng: Random, dial: Dial) -> Item:
    while not dial["least"] <= len(word := rng.choice(NOUNS + SHORT)) <= dial["most"]:
        pass
    tail = rng.choice("abdegiklmnoprstu")
    word = word[: dial["most"] - 1] + tail
    return Item({"word": word}, word[::-1], f"{' '.join(word)} -> {' '.join(word[::-1])}")


def _count_letter(rng: Random, dial: Dial) -> Item:
    words = rng.sample(NOUNS, dial["words"])
    text = " ".join(words)
    count = rng.choice(sorted({text.count(c) for c in _LETTERS}))
    letter = rng.choice([c for c in _LETTERS if text.count(c) == count])
    steps = ", ".join(f"{w} {w.count(letter)}" for w in words)
    return Item({"letter": letter, "text": text}, str(text.count(letter)), steps)


def _vowels(rng: Random, dial: Dial) -> Item:
    words = [rng.choice(NOUNS) for _ in range(dial["words"])]
    kept = ["".join(c for c in w if c not in "aeiou") for w in words]
    steps = ", ".join(f"{w} {k}" for w, k in zip(words, kept, strict=True))
    return Item({"text": " ".join(words)}, " ".join(kept), steps)


def _replace(rng: Random, dial: Dial) -> Item:
    text = " ".join(rng.sample(NOUNS, dial["words"]))
    old = rng.choice(sorted(set(text) - {" "}))
    new = rng.choice([c for c in "xzqkwv" if c not in text] or ["*"])
    return Item({"old": old, "new": new, "text": text}, text.replace(old, new))


WHICH_WORD = Family(
    skill="reasoning.pick_word",
    title="copy the last or the n-th word",
    dials={"easy": {"counted": False}, "hard": {"counted": True}},
    stream=endless(_which_word),
    form=Word(),
    seen=(
        "What is the {which} word of this sentence? {sentence}",
        "Copy the {which} word: {sentence}",
        "{sentence} - write down the {which} word.",
        "Give the {which} word of: {sentence}",
    ),
    unseen=(
        "Which word comes {which} here? {sentence}",
        "Read this: {sentence}. Repeat its {which} word.",
        "In '{sentence}', find the {which} word.",
    ),
)
UPPER = Family(
    skill="reasoning.uppercase",
    title="write in capital letters",
    dials={"easy": {"words": 2}, "hard": {"words": 4}},
    stream=endless(_upper),
    form=Word("<TEXT>", fold=False),
    seen=(
        "Write in capital letters: {text}",
        "Change to upper case: {text}",
        "Put this in capitals: {text}",
        "Give the upper-case form of: {text}",
    ),
    unseen=(
        "Make every letter a capital: {text}",
        "How does '{text}' look in all caps?",
        "Shout this in capital letters: {text}",
    ),
)
CAPITAL = Family(
    skill="reasoning.capitalise",
    title="capitalise first letters",
    dials={"easy": {"each": False}, "hard": {"each": True}},
    stream=endless(_capital),
    form=Word("<text>", fold=False),
    seen=(
        "Make {what} a capital: {text}",
        "Write with {what} in upper case: {text}",
        "Capitalise {what}: {text}",
        "Change {what} to a capital: {text}",
    ),
    unseen=(
        "Copy this with {what} as a big letter: {text}",
        "'{text}': turn {what} into a capital.",
        "Put {what} in upper case, nothing else: {text}",
    ),
)
INITIALS = Family(
    skill="reasoning.initials",
    title="join the first letters of words",
    dials={"easy": {"words": 3}, "hard": {"words": 6}},
    stream=endless(_initials),
    form=Word("<letters>"),
    seen=(
        "Join the first letters of these words: {words}",
        "Write the first letter of each word, without spaces: {words}",
        "What do the initials spell? {words}",
        "Take the first letter of each and join them: {words}",
    ),
    unseen=(
        "Make an acronym in small letters: {words}",
        "Which string do the starting letters give? {words}",
        "Each of {words} gives its first letter. Join them.",
    ),
)
REVERSE = Family(
    skill="reasoning.reverse",
    title="spell a word backwards",
    dials={"easy": {"least": 3, "most": 4}, "hard": {"least": 6, "most": 8}},
    stream=endless(_reverse),
    form=Word(),
    seen=(
        "Spell '{word}' backwards.",
        "Reverse the letters of '{word}'.",
        "Write '{word}' from right to left.",
        "What is '{word}' in reverse?",
    ),
    unseen=(
        "Turn '{word}' around, last letter first.",
        "How does '{word}' read from its end?",
        "Mirror the word '{word}'.",
    ),
)
COUNT_LETTER = Family(
    skill="reasoning.count_letter",
    title="how often a letter occurs",
    dials={"easy": {"words": 2}, "hard": {"words": 4}},
    stream=endless(_count_letter),
    form=Number(),
    seen=(
        "How many times does '{letter}' occur in '{text}'?",
        "Count the letter '{letter}' in '{text}'.",
        "How many '{letter}' are in '{text}'?",
        "In '{text}', how often is '{letter}' used?",
    ),
    unseen=(
        "Look at '{text}'. What is the number of '{letter}'?",
        "'{letter}' stands how many times in '{text}'?",
        "Tell how many of the letters of '{text}' are '{letter}'.",
    ),
)
VOWELS = Family(
    skill="reasoning.drop_vowels",
    title="leave out the vowels",
    dials={"easy": {"words": 2}, "hard": {"words": 4}},
    stream=endless(_vowels),
    form=Word("<text>"),
    seen=(
        "Remove the vowels a, e, i, o, u: {text}",
        "Write without a, e, i, o, u: {text}",
        "Delete every vowel (a, e, i, o, u): {text}",
        "Leave out the vowels a, e, i, o, u: {text}",
    ),
    unseen=(
        "What stays of '{text}' without a, e, i, o, u?",
        "Keep only consonants and spaces: {text}",
        "Strike out all of a, e, i, o, u in '{text}'.",
    ),
)
REPLACE = Family(
    skill="reasoning.replace_letter",
    title="replace a letter by another",
    dials={"easy": {"words": 2}, "hard": {"words": 4}},
    stream=endless(_replace),
    form=Word("<text>"),
    seen=(
        "Replace each '{old}' by '{new}': {text}",
        "Change every '{old}' to '{new}': {text}",
        "Write '{text}' with '{new}' instead of '{old}'.",
        "Swap '{old}' for '{new}' in: {text}",
    ),
    unseen=(
        "In '{text}' every '{old}' becomes '{new}'. Write the result.",
        "Put '{new}' wherever '{old}' stands: {text}",
        "Turn all '{old}' of '{text}' into '{new}'.",
    ),
)
FAMILIES = (WHICH_WORD, UPPER, CAPITAL, INITIALS, REVERSE, COUNT_LETTER, VOWELS, REPLACE)
