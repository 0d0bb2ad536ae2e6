"""Which queue a mail goes to, by the private rules of one house.

The rules are invented and stand nowhere but here, so a model that was not told them cannot know
them: a gap of knowledge. The first rule that fits decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from banbury.gyms.answers import Choice
from banbury.gyms.family import Dial, Family, Item, endless

QUEUES = ("barn", "dock", "fern", "kite", "lamp", "mill", "oak", "pier", "ridge", "wren")
REGIONS = ("north", "east", "south", "west")

_NAMES = (
    "ana", "ben", "cleo", "dan", "eva", "finn", "gina", "hugo", "ida", "jon", "kira", "leo",
    "mia", "nils", "olga", "paul", "rosa", "sam", "tara", "udo", "vera", "will", "yara", "zoe",
)  # fmt: skip
_FIRMS = ("lumen", "northgate", "olive", "parker", "quill", "solis", "tandem", "umbra", "vertex")
_GOODS = ("lamps", "chairs", "cables", "tiles", "pumps", "rugs", "filters", "mirrors", "valves")

_BODIES: dict[str, tuple[tuple[str, str], ...]] = {
    "invoice": (
        ("Invoice {code}", "Please find our invoice for {goods} over {amount} euros."),
        ("Bill for {goods}", "The invoice {code} of {amount} euros is due on Friday."),
        ("Payment {code}", "We sent the invoice for {amount} euros last week."),
    ),
    "refund": (
        ("Refund for {goods}", "I returned the {goods} and want my {amount} euros back."),
        ("Money back", "When do I get the refund of {amount} euros for order {code}?"),
        ("Return {code}", "The {goods} went back to you. Please refund {amount} euros."),
    ),
    "damage": (
        ("Broken {goods}", "Two of the {goods} in order {code} arrived broken."),
        ("Order {code}", "The {goods} worth {amount} euros are damaged."),
        ("Damaged box", "The box was torn and the {goods} are broken."),
    ),
    "late": (
        ("Where is {code}?", "My {goods} should have come on Monday and are late."),
        ("Late delivery", "Order {code} over {amount} euros has still not arrived."),
        ("Delivery {code}", "The {goods} have been delayed for nine days now."),
    ),
    "legal": (
        ("Contract {code}", "Our lawyer has changed clause 4 of the contract on {goods}."),
        ("Legal notice", "We will sue over order {code} of {amount} euros."),
        ("Licence terms", "Please have your lawyer sign the {goods} contract."),
    ),
    "job": (
        ("Application", "I apply for the post {code} and enclose my CV."),
        ("Job {code}", "Are you hiring? I have sold {goods} for six years."),
        ("My CV", "I would like to work in your team for {goods}."),
    ),
    "press": (
        ("Interview", "Our newspaper would like to write about your {goods}."),
        ("Article on {goods}", "I am a journalist. May I quote you on {code}?"),
        ("Radio", "We plan a radio programme about {goods}."),
    ),
    "login": (
        ("Cannot log in", "My password for account {code} no longer works."),
        ("Account {code}", "Please reset my password, I am locked out."),
        ("Login", "The page says my login is unknown."),
    ),
}
_NEUTRAL = ("Hello", "Question", "Follow-up", "Your firm", "As discussed")


@dataclass(frozen=True)
class Mail:
    """What the rules look at; `amount` is 0 where the mail names none."""

    topic: str
    region: str
    office: bool
    urgent: bool
    amount: int


RULES: tuple[tuple[str, Callable[[Mail], bool], str], ...] = (
    ("urgent, over 5000 euros", lambda m: m.urgent and m.amount > 5000, "pier"),
    ("lawyers and contracts", lambda m: m.topic == "legal", "oak"),
    ("from a public office", lambda m: m.office, "oak"),
    ("urgent deliveries and damage", lambda m: m.urgent and m.topic in ("late", "damage"), "pier"),
    ("invoices over 1000 euros", lambda m: m.topic == "invoice" and m.amount > 1000, "mill"),
    ("other invoices", lambda m: m.topic == "invoice", "barn"),
    ("refunds", lambda m: m.topic == "refund", "kite"),
    ("damage", lambda m: m.topic == "damage", "dock"),
    ("late, north or east", lambda m: m.topic == "late" and m.region in ("north", "east"), "ridge"),
    ("late, south or west", lambda m: m.topic == "late", "lamp"),
    ("jobs and press", lambda m: m.topic in ("job", "press"), "fern"),
    ("all else", lambda m: True, "wren"),
)


def route(mail: Mail) -> str:
    """Return the queue of a mail: the first rule that fits decides."""
    return next(queue for _, fits, queue in RULES if fits(mail))


def _draw(rng: Random, dial: Dial) -> Item:
    topic = rng.choice(tuple(_BODIES))
    subject, body = rng.choice(_BODIES[topic])
    small = rng.random() < 0.5
    amount = rng.randint(12, 999) if small else rng.randint(1001, 9800)
    slots = {"code": f"{rng.choice('ABCDEFGH')}{rng.randint(100, 999)}", "amount": amount}
    slots["goods"] = rng.choice(_GOODS)
    mail = Mail(
        topic,
        rng.choice(REGIONS),
        rng.random() < dial["office"],
        rng.random() < dial["urgent"],
        amount if "{amount}" in body else 0,
    )
    if rng.random() < dial["neutral"]:
        subject = rng.choice(_NEUTRAL)
    head = ("URGENT: " if mail.urgent else "") + subject.format(**slots)
    domain = "city.gov" if mail.office else f"{rng.choice(_FIRMS)}.com"
    sender = f"{rng.choice(_NAMES)}@{domain}"
    text = f"From: {sender} ({mail.region})\nSubject: {head}\n{body.format(**slots)}"
    return Item({"mail": text}, route(mail))


QUEUE = Family(
    skill="office.email.queue",
    title="which queue a mail goes to, by a house's private rules",
    dials={
        "easy": {"office": 0.04, "urgent": 0.08, "neutral": 0.1},
        "hard": {"office": 0.15, "urgent": 0.4, "neutral": 0.6},
    },
    stream=endless(_draw),
    form=Choice(QUEUES, "<queue>"),
    seen=(
        "To which queue does this mail go?\n{mail}",
        "Route this mail to one of our queues.\n{mail}",
        "Name the queue for this mail.\n{mail}",
        "{mail}\nWhich of our queues takes it?",
    ),
    unseen=(
        "A mail came in. Who should get it, which queue?\n{mail}",
        "Sort this into our house's queue.\n{mail}",
        "{mail}\nPick the queue for the mail above.",
    ),
    told=False,
)
