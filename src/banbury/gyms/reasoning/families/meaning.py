"""What words mean: topic, mood, kind of thing, country of a city."""

from __future__ import annotations

from random import Random

from banbury.gyms.answers import Choice, Word
from banbury.gyms.family import Dial, Family, Item, endless
from banbury.gyms.reasoning.families.vocabulary import NAMES

_TOPICS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "sports": (
        ("The team", "Our goalkeeper", "The runner", "{name}", "The coach"),
        ("won the final match", "scored twice in the game", "trained for the race",
         "lost the tennis match", "kicked the ball over the goal", "broke the swimming record"),
    ),
    "food": (
        ("The cook", "My aunt", "{name}", "The waiter", "Our baker"),
        ("baked bread with butter", "served a hot soup", "ate pasta with tomatoes",
         "put sugar into the cake", "grilled the fish with lemon", "peeled potatoes for dinner"),
    ),
    "weather": (
        ("In the north", "Tonight", "By noon", "On the coast", "Near {name}'s village"),
        ("heavy rain is expected", "the wind blew strongly", "thick fog will come",
         "it snowed for hours", "the sun shone between clouds", "a storm brought hail"),
    ),
    "music": (
        ("The band", "{name}", "The pianist", "Her choir", "The orchestra"),
        ("played a slow song", "sang the old melody", "tuned the guitar and violin",
         "gave a concert with drums", "recorded a new album", "practised the piano piece"),
    ),
    "money": (
        ("The bank", "{name}", "The firm", "His broker", "The shop owner"),
        ("raised the interest on loans", "sold shares at a profit", "paid the tax bill",
         "saved cash in an account", "borrowed dollars for a house", "cut prices to earn more"),
    ),
}  # fmt: skip
_WHEN = ("", " yesterday", " again", " this week", " in May", " at last", " on Sunday", " today")

_MOODS: dict[str, tuple[str, ...]] = {
    "positive": (
        "was wonderful", "made me very happy", "is the best I know", "was a great joy",
        "was excellent", "is lovely and kind", "was delightful", "was perfect",
    ),
    "negative": (
        "was terrible", "made me very angry", "is the worst I know", "was a great pain",
        "was awful", "is ugly and rude", "was disgusting", "was a disaster",
    ),
}  # fmt: skip
_SUBJECTS = (
    "The film", "The meal", "This hotel", "The trip", "Her speech", "The new phone", "The concert",
    "My visit", "The service", "This book", "The guide", "The room", "Their garden", "The show",
)  # fmt: skip
_KINDS: dict[str, tuple[str, ...]] = {
    "animal": ("dog", "horse", "tiger", "rabbit", "goat", "lion", "duck", "monkey", "sheep", "fox"),
    "fruit": ("apple", "pear", "cherry", "banana", "peach", "grape", "plum", "mango", "lime"),
    "tool": ("hammer", "saw", "drill", "wrench", "shovel", "axe", "rake", "pliers", "chisel"),
    "color": ("red", "blue", "green", "yellow", "purple", "brown", "pink", "white", "black"),
    "vehicle": ("car", "bus", "train", "truck", "bicycle", "boat", "plane", "tram", "van"),
    "body part": ("arm", "leg", "nose", "knee", "ear", "hand", "foot", "elbow", "chin"),
}
_CITIES = {
    "Paris": "France", "Berlin": "Germany", "Rome": "Italy", "Madrid": "Spain", "Tokyo": "Japan",
    "Cairo": "Egypt", "Athens": "Greece", "Lisbon": "Portugal", "Oslo": "Norway",
    "Vienna": "Austria", "Warsaw": "Poland", "Dublin": "Ireland", "Moscow": "Russia",
    "Beijing": "China", "Delhi": "India", "Ottawa": "Canada", "Lima": "Peru", "Nairobi": "Kenya",
    "Bangkok": "Thailand", "Hanoi": "Vietnam", "Ankara": "Turkey", "Havana": "Cuba",
    "Stockholm": "Sweden", "Helsinki": "Finland", "Budapest": "Hungary", "Prague": "Czechia",
    "Brussels": "Belgium", "Bogota": "Colombia", "Santiago": "Chile", "Seoul": "South Korea",
    "Accra": "Ghana", "Rabat": "Morocco", "Quito": "Ecuador", "Sofia": "Bulgaria",
    "Zagreb": "Croatia", "Baghdad": "Iraq", "Tehran": "Iran", "Kabul": "Afghanistan",
    "Ulaanbaatar": "Mongolia", "Windhoek": "Namibia", "Lusaka": "Zambia", "Vilnius": "Lithuania",
    "Tallinn": "Estonia", "Riga": "Latvia", "Asuncion": "Paraguay", "Maputo": "Mozambique",
}  # fmt: skip
_KNOWN = 20


def _topic(rng: Random, dial: Dial) -> Item:
    topics = list(_TOPICS)[: dial["topics"]]
    topic = rng.choice(topics)
    who, does = _TOPICS[topic]
    subject = rng.choice(who).format(name=rng.choice(NAMES))
    text = f"{subject} {rng.choice(does)}{rng.choice(_WHEN)}."
    return Item({"text": text, "options": topics}, topic)


def _mood(rng: Random, dial: Dial) -> Item:
    mood = rng.choice(tuple(_MOODS))
    text = f"{rng.choice(_SUBJECTS)} {rng.choice(_MOODS[mood])}{rng.choice(_WHEN)}"
    if dial["turned"]:
        other = "negative" if mood == "positive" else "positive"
        first = rng.choice([s for s in _SUBJECTS if not text.startswith(s)])
        text = text[0].lower() + text[1:]
        text = f"{first} {rng.choice(_MOODS[other])}, but that does not matter: {text}"
    return Item({"text": f"{text}."}, mood)


def _odd(rng: Random, dial: Dial) -> Item:
    kind, other = rng.sample(tuple(_KINDS), 2)
    odd = rng.choice(_KINDS[other])
    words = [*rng.sample(_KINDS[kind], dial["count"]), odd]
    rng.shuffle(words)
    return Item({"words": words}, odd, f"{odd}: {other}, the rest: {kind}")


def _country(rng: Random, dial: Dial) -> Item:
    cities = list(_CITIES)[:_KNOWN] if dial["known"] else list(_CITIES)[_KNOWN:]
    start, end = rng.sample(cities, 2)
    steps = f"{end} is in {_CITIES[end]}"
    return Item({"name": rng.choice(NAMES), "start": start, "end": end}, _CITIES[end], steps)


TOPIC = Family(
    skill="reasoning.topic",
    title="topic of a sentence",
    dials={"easy": {"topics": 3}, "hard": {"topics": 5}},
    stream=endless(_topic),
    form=Choice(tuple(_TOPICS), "<topic>"),
    seen=(
        "Which topic is this, {options}? {text}",
        "Choose the topic from {options}: {text}",
        "{text} Is this about {options}?",
        "Topics: {options}. Which one fits? {text}",
    ),
    unseen=(
        "Label this sentence with one of {options}: {text}",
        "{text} To which of {options} does it belong?",
        "A newspaper has pages for {options}. Where does this go? {text}",
    ),
)
MOOD = Family(
    skill="reasoning.mood",
    title="positive or negative",
    dials={"easy": {"turned": False}, "hard": {"turned": True}},
    stream=endless(_mood),
    form=Choice(("positive", "negative")),
    seen=(
        "Is this positive or negative? {text}",
        "{text} Is the last judgement positive or negative?",
        "Decide whether the writer's view in the end is positive or negative: {text}",
        "Positive or negative? {text}",
    ),
    unseen=(
        "Does this end in praise (positive) or blame (negative)? {text}",
        "{text} Would you file this as positive or as negative?",
        "What does the writer finally feel, positive or negative? {text}",
    ),
)
ODD = Family(
    skill="reasoning.odd_one_out",
    title="which word does not belong",
    dials={"easy": {"count": 3}, "hard": {"count": 6}},
    stream=endless(_odd),
    form=Word(),
    seen=(
        "Which word does not belong? {words}",
        "Find the odd one out: {words}",
        "One of these is of another kind. Which? {words}",
        "Name the word that does not fit: {words}",
    ),
    unseen=(
        "All but one of {words} are alike. Which is the one?",
        "Strike the word that breaks the group: {words}",
        "Which of {words} is the stranger among the rest?",
    ),
)
COUNTRY = Family(
    skill="reasoning.country",
    title="country of a capital city",
    dials={"easy": {"known": True}, "hard": {"known": False}},
    stream=endless(_country),
    form=Word("<country>"),
    seen=(
        "{name} flies from {start} to {end}. In which country does {name} land?",
        "{name} leaves {start} and arrives in {end}. Which country is that?",
        "A train brings {name} from {start} to {end}. Name the country of arrival.",
        "{name} moves from {start} to {end}. Which country is the new home?",
    ),
    unseen=(
        "After {start}, {name} visits {end}. Which country's stamp comes last?",
        "{name} posts a parcel in {start} to {end}. To which country does it go?",
        "Of which country is {end}, where {name} goes from {start}, the capital?",
    ),
)
FAMILIES = (TOPIC, MOOD, ODD, COUNTRY)
