"""Short messages of customers, put together from parts, so that every span is known."""

from __future__ import annotations

from random import Random

from banbury.gyms.labelling.actions import Relation, Result, TextSpan
from banbury.gyms.labelling.controls import Control
from banbury.gyms.labelling.samples.sample import Sample, Samples

# Names outside of ASCII and of the basic plane, and from right to left: offsets must hold there.
PEOPLE = (
    "Ana Silva", "Jürgen Groß", "Zoë Park", "Li Wei", "محمد علي", "דנה לוי", "Oksana Bondar",
    "Noah Brown", "Åse Lund", "Priya Nair", "Tomás Ruiz", "Kenji Sato", "Mia 🎈 Novak", "Ivo Marić",
)  # fmt: skip
PLACES = ("Leipzig", "Porto", "Kraków", "Ghent", "Lyon", "Tartu", "Cork", "Graz", "Turku", "Bergen")
PRODUCTS = (
    "lamp", "kettle", "bicycle pump", "desk chair", "tent", "teapot", "rucksack", "blender",
    "night light 🌙", "road map", "alarm clock", "wool blanket",
)  # fmt: skip
INTENTS = {
    "question": (
        "does the {product} ship to {place}?",
        "how long is the warranty of the {product}?",
        "can I collect the {product} in {place}?",
    ),
    "complaint": (
        "the {product} arrived in {place} with a crack.",
        "my {product} stopped working after a day.",
        "this is the second broken {product} you send me.",
    ),
    "order": (
        "please send one {product} to {place}.",
        "I would like to buy a {product}.",
        "put me down for two of the {product}, delivered to {place}.",
    ),
    "thanks": (
        "the {product} is wonderful, thank you!",
        "thanks for bringing the {product} to {place} so quickly.",
        "everybody here loves the {product}. Many thanks!",
    ),
}
TOPICS = {
    "delivery": ("It came three days late.", "The parcel reached {place} early."),
    "price": ("It costs too much for what it is.", "For so little money it is a bargain."),
    "quality": ("The {product} broke at once.", "The {product} is very well made."),
    "staff": ("Your people on the phone were rude.", "The lady in the shop was a great help."),
    "returns": ("I want to give it back.", "Your form for sending things back does not load."),
}
OPENINGS = (
    "Hello, {person} here:",
    "{person} writes:",
    "Good day! This is {person},",
    "🙂 {person}:",
)
ENTITIES = ("person", "product", "place")
BOUGHT, LIVES = "bought", "lives in"

Parts = list[tuple[str, str]]
"""(text, label or "")."""


def _slots(rng: Random) -> dict[str, str]:
    words = {"person": PEOPLE, "place": PLACES, "product": PRODUCTS}
    return {name: rng.choice(held) for name, held in words.items()}


def _choice(rng: Random, many: bool) -> Sample:
    label = rng.choice(list(INTENTS))
    slots = _slots(rng)
    said = [rng.choice(OPENINGS), rng.choice(INTENTS[label])]
    if many:
        said.insert(1, "the weather is fine, and you have a lovely shop;")
    return Sample({"text": " ".join(said).format(**slots)}, {"intent": Result((label,))})


def _choices(rng: Random, many: bool) -> Sample:
    count = rng.randint(2, len(TOPICS) - 1) if many else rng.randint(1, 2)
    labels = rng.sample(list(TOPICS), count)
    said = " ".join([rng.choice(OPENINGS), *(rng.choice(TOPICS[label]) for label in labels)])
    chosen = tuple(label for label in TOPICS if label in labels)
    return Sample({"text": said.format(**_slots(rng))}, {"topics": Result(chosen)})


def _sentence(rng: Random, person: str) -> tuple[Parts, list[str]]:
    """Return one sentence about a person, and the relations from it, by what follows it."""
    product, place = rng.choice(PRODUCTS), rng.choice(PLACES)
    forms: list[tuple[Parts, list[str]]] = [
        (
            [(person, "person"), (" from ", ""), (place, "place"), (" bought a ", ""),
             (product, "product"), (". ", "")],
            [LIVES, BOUGHT],
        ),
        (
            [("A ", ""), (product, "product"), (" was ordered by ", ""), (person, "person"),
             (", who lives in ", ""), (place, "place"), (". ", "")],
            [BOUGHT, LIVES],
        ),
        (
            [(person, "person"), (" asked for the price of a ", ""), (product, "product"),
             (" in ", ""), (place, "place"), (". ", "")],
            [],
        ),
        (
            [("In ", ""), (place, "place"), (" the ", ""), (product, "product"),
             (" was sold to ", ""), (person, "person"), (". ", "")],
            [BOUGHT],
        ),
    ]  # fmt: skip
    return rng.choice(forms)


def _written(rng: Random, many: bool) -> tuple[str, list[TextSpan], list[Relation]]:
    """Return a text with its spans and relations."""
    text = ""
    spans: list[TextSpan] = []
    relations: list[Relation] = []
    for person in rng.sample(PEOPLE, rng.randint(3, 5) if many else rng.randint(1, 2)):
        parts, held = _sentence(rng, person)
        ids: dict[str, str] = {}
        for words, label in parts:
            if label:
                ids[label] = f"s{len(spans)}"
                spans.append(TextSpan(len(text), len(text) + len(words), label, ids[label]))
            text += words
        for label in held:
            tail = ids["product" if label == BOUGHT else "place"]
            relations.append(Relation(ids["person"], tail, label))
    return text.rstrip(), spans, relations


def _spans(rng: Random, many: bool) -> Sample:
    text, spans, _ = _written(rng, many)
    return Sample({"text": text}, {"entities": Result(spans=tuple(spans))})


def _relations(rng: Random, many: bool) -> Sample:
    while True:
        text, spans, relations = _written(rng, many)
        if relations:
            gold = {
                "entities": Result(spans=tuple(spans)),
                "facts": Result(relations=tuple(relations)),
            }
            return Sample({"text": text}, gold)


def _mixed(rng: Random, many: bool) -> Sample:
    text, spans, _ = _written(rng, many)
    label = rng.choice(list(INTENTS))
    slots = {**_slots(rng), "place": rng.choice(PLACES)}
    parts: Parts = []
    for number, part in enumerate(rng.choice(INTENTS[label]).replace("{", "}").split("}")):
        parts.append((slots[part], part) if number % 2 else (part, ""))
    person = rng.choice(PEOPLE)
    text += " And now "
    for words, kind in [(person, "person"), (": ", ""), *parts]:
        if kind:
            spans.append(TextSpan(len(text), len(text) + len(words), kind, f"s{len(spans)}"))
        text += words
    gold = {
        "entities": Result(spans=tuple(spans)),
        "intent": Result((label,)),
        "who": Result(text=person),
    }
    return Sample({"text": text}, gold)


_ENTITIES = Control("entities", "spans", labels=ENTITIES, title="Who, what and where?")
_INTENT = Control("intent", "choice", labels=tuple(INTENTS), title="What is the message?")

TEXTS = (
    Samples(
        skill="labelling.choice",
        title="one label for a text",
        controls=(_INTENT,),
        draw=_choice,
        seen=("Is the message a question, a complaint, an order, or thanks? {labels}",),
        unseen=("Sort the message under one of: {labels}.",),
        chance=0.25,
    ),
    Samples(
        skill="labelling.choices",
        title="all labels that fit a text",
        controls=(
            Control("topics", "choice", labels=tuple(TOPICS), title="Talks about", many=True),
        ),
        draw=_choices,
        seen=("What does the message talk about? Choose all that fit: {labels}.",),
        unseen=("Tick each subject of the message: {labels}.",),
        chance=0.03,
    ),
    Samples(
        skill="labelling.spans",
        title="stretches of a text",
        controls=(_ENTITIES,),
        draw=_spans,
        seen=("Mark each person, product and place in the text, without the article: {labels}.",),
        unseen=("Find all names and things, articles left out, under these labels: {labels}.",),
    ),
    Samples(
        skill="labelling.relations",
        title="relations between stretches of a text",
        controls=(
            _ENTITIES,
            Control("facts", "relations", labels=(BOUGHT, LIVES), title="Who bought or lives?"),
        ),
        draw=_relations,
        seen=(
            "Mark each person, product and place, without the article. Then join each person with "
            "what they bought and where they live: {labels}.",
        ),
        unseen=(
            "Find all names and things, articles left out, and draw from each person what the text "
            "says that they bought and where it says that they live: {labels}.",
        ),
    ),
    Samples(
        skill="labelling.mixed",
        title="stretches, one label and a text together",
        controls=(
            _ENTITIES,
            _INTENT,
            Control("who", "transcription", title="Who writes the last message?"),
        ),
        draw=_mixed,
        seen=(
            "Mark each person, product and place, without the article; say what the last message "
            "is; write down who writes it: {labels}.",
        ),
        unseen=(
            "Under these labels find all names and things, articles left out, and the kind of the "
            "last message; then type its writer's name: {labels}.",
        ),
    ),
)
