"""Gymnasium's toy worlds as gyms, each in a few lines; `GymnasiumGym` says what may be set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from gymnasium.envs.toy_text.frozen_lake import generate_random_map

from banbury.gyms.gymnasium import GymnasiumGym


class FrozenLake(GymnasiumGym):
    """Cross a frozen lake; every task has another map."""

    name = "frozenlake"
    env = "FrozenLake-v1"
    skill = "cross"
    rules = "Walk from S to G over the frozen cells F; H is a hole. Your cell is in brackets."
    moves = ("left", "down", "right", "up")
    variants: ClassVar = {"4x4": {"size": 4}, "8x8": {"size": 8}}
    full = 1.0

    def arguments(self, number: int, difficulty: str) -> Mapping[str, Any]:
        size = self.variants[difficulty]["size"]
        return {"desc": generate_random_map(size=size, seed=number), "is_slippery": False}


class Taxi(GymnasiumGym):
    """Fetch a passenger and bring him to his hotel."""

    name = "taxi"
    env = "Taxi-v4"
    skill = "fetch"
    rules = (
        "Fetch the passenger (blue) and bring him to the destination (magenta) by taxi (yellow, "
        "green once he is in)."
    )
    moves = ("south", "north", "east", "west", "pickup", "dropoff")
    worst = -200.0
    full = 0.0


class Blackjack(GymnasiumGym):
    """Win a hand of blackjack."""

    name = "blackjack"
    env = "Blackjack-v1"
    skill = "win"
    rules = "You see [your sum, the dealer's card, 1 if you have a usable ace]. Beat the dealer."
    moves = ("stick", "hit")
    worst = 0.0
    full = 1.0
    hidden = True
    horizon = 6
