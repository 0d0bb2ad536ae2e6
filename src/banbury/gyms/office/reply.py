"""Does a generated mail need an answer? Traps on both sides, true by construction."""

from __future__ import annotations

from random import Random

from banbury.gyms.answers import Choice
from banbury.gyms.family import Dial, Family, Item, endless

_THINGS = ("report", "contract", "budget", "invoice", "plan", "list", "draft", "order", "agenda")
_PEOPLE = ("Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gina", "Hugo", "Ida", "Jon", "Kira", "Leo")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "noon", "tonight", "tomorrow")

_ASKS = (
    "Can you send me the {thing} by {day}?",
    "Please tell me by {day} whether the {thing} is right.",
    "Which version of the {thing} should I use?",
    "Let me know if you can meet {person} on {day}.",
    "I need your yes or no on the {thing} by {day}.",
    "Would you join the call about the {thing} with {person}?",
)
_TELLS = (
    "The {thing} was sent to {person}, you need not do anything.",
    "For your files: the {thing} is signed.",
    "Thank you, the {thing} came in time.",
    "{person} has dealt with the {thing}. All is settled.",
    "The office is closed after {day}. This is only for information.",
    "I have asked {person} to check the {thing}.",
)
_TELLS_HARD = (
    "You asked: 'Can you send the {thing}?' It was sent on {day}.",
    "Who wants to win a new car? Click now, do not reply.",
    "{person} asked me about the {thing} and I have answered. No reply needed.",
    "Can you believe it? The {thing} is done. No need to write back.",
    "Are you ready for {day}? Our shop is. This mailbox is not read.",
)
_ASKS_HARD = (
    "The {thing} still waits for your word. {person} leaves on {day}.",
    "This is only a note, but I cannot go on with the {thing} until you write.",
    "No hurry before {day}, yet I need your view on the {thing} in writing.",
    "{person} says that you know the price in the {thing}. I do not have it, please send it.",
    "Thank you for the {thing}. One page is missing, please send it again.",
)
_OPENINGS = ("Hello,", "Hi,", "Dear colleague,", "Good morning,", "Dear {person},")


def _draw(rng: Random, dial: Dial) -> Item:
    needs = rng.random() < 0.5
    plain, hard = (_ASKS, _ASKS_HARD) if needs else (_TELLS, _TELLS_HARD)
    core = rng.choice(hard if dial["traps"] else plain)
    slots = {
        "thing": rng.choice(_THINGS),
        "person": rng.choice(_PEOPLE),
        "day": rng.choice(_DAYS[:5] if "on {day}" in core else _DAYS),
    }
    opening = rng.choice(_OPENINGS).format(person=rng.choice(_PEOPLE))
    text = f"{opening} {core.format(**slots)} {rng.choice(_PEOPLE)}"
    return Item({"mail": text}, "yes" if needs else "no")


REPLY = Family(
    skill="office.email.reply",
    title="does a mail need an answer",
    dials={"easy": {"traps": False}, "hard": {"traps": True}},
    stream=endless(_draw),
    form=Choice(("yes", "no")),
    seen=(
        "Does this mail need an answer?\n{mail}",
        "{mail}\nMust this mail be answered?",
        "Does the sender wait for a reply?\n{mail}",
        "Say whether this mail needs a reply.\n{mail}",
    ),
    unseen=(
        "{mail}\nIs anybody waiting for you to write back?",
        "Would silence leave this sender waiting?\n{mail}",
        "Is a response to this mail required?\n{mail}",
    ),
)
