"""Take the order out of a generated mail, as a JSON object."""

from __future__ import annotations

import json
from random import Random

from banbury.gyms.answers import Fields
from banbury.gyms.family import Dial, Family, Item, endless

_GOODS = ("lamps", "chairs", "cables", "tiles", "pumps", "rugs", "filters", "mirrors", "valves")
_COLORS = ("red", "blue", "green", "white", "black", "grey", "brown")
_CITIES = ("Oslo", "Lyon", "Turin", "Graz", "Porto", "Ghent", "Malmo", "Brno", "Cork", "Basel")
_NAMES = ("Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gina", "Hugo", "Ida", "Jon", "Kira")

_EASY = (
    "Hello, please send {quantity} {color} {item} to {city}. {name}",
    "We would like to order {quantity} {item} in {color}, to be shipped to {city}. {name}",
    "Order: {quantity} {color} {item}. Ship to {city}. Thanks, {name}",
    "For our shop in {city} we need {quantity} {color} {item}. {name}",
    "Please deliver {quantity} {item}, colour {color}, to our house in {city}. {name}",
)
_HARD = (
    "Hello, last time we took {old} {item}, now make it {quantity}, in {color}, to {city}. {name}",
    "Not the {wrong} {item} this time: {quantity} {color} ones, please, to {city}. {name}",
    "We moved from {before} to {city}. Send {quantity} {color} {item} there. {name}",
    "{old} {item} are too few. {quantity} in {color} it is, our address is still {city}. {name}",
    "Cancel the order for {before}. Instead {quantity} {color} {item} go to {city}. {name}",
)


def _draw(rng: Random, dial: Dial) -> Item:
    color, wrong = rng.sample(_COLORS, 2)
    city, before = rng.sample(_CITIES, 2)
    quantity, old = rng.sample(range(2, 90), 2)
    want = {"item": rng.choice(_GOODS), "quantity": quantity, "color": color, "city": city}
    text = rng.choice(_HARD if dial["traps"] else _EASY).format(
        **want, wrong=wrong, before=before, old=old, name=rng.choice(_NAMES)
    )
    return Item({"mail": text}, json.dumps(want))


ORDER = Family(
    skill="office.email.order",
    title="take the order out of a mail as JSON",
    dials={"easy": {"traps": False}, "hard": {"traps": True}},
    stream=endless(_draw),
    form=Fields(("item", "quantity", "color", "city")),
    seen=(
        "Take the order out of this mail.\n{mail}",
        "{mail}\nGive this order as JSON.",
        "What is ordered here? Answer in JSON.\n{mail}",
        "Turn this mail into an order as JSON.\n{mail}",
    ),
    unseen=(
        "Fill in the order form, as JSON, from this mail.\n{mail}",
        "{mail}\nWhat must be packed, and for where? Use JSON.",
        "Read the mail and note its order as a JSON object.\n{mail}",
    ),
)
