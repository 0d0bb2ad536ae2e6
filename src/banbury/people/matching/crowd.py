"""People as arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import special

from banbury.people.matching.free import free
from banbury.people.matching.person import Person, check_person
from banbury.people.matching.rules import Rules

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Crowd:
    """P people, as arrays over the S skills, L languages and labs that openings name.

    Attributes:
        mean, variance: of beliefs, shape (P, S); 0 where `has` is not.
        has: 1 where a skill is theirs and not paused, shape (P, S).
        speaks: 1 where a language is theirs, shape (P, L).
        blocked: whether a lab is in conflict with one of theirs, shape (P, labs).
        rate, most, newcomer, draw: shape (P,); the draw is standard normal, one a person and round.
        free: hours that are left by each deadline, shape (P, deadlines).
        away: for each person with any, the openings not to be offered.
    """

    def __init__(
        self,
        people: Sequence[Person],
        skills: Mapping[str, int],
        languages: Mapping[str, int],
        labs: Mapping[str, int],
        weeks: NDArray[np.float64],
        rules: Rules,
    ) -> None:
        size = len(people)
        self.people = [check_person(p) for p in people]
        self.mean = np.zeros((size, len(skills)), np.float32)
        self.variance = np.zeros((size, len(skills)), np.float32)
        self.has = np.zeros((size, len(skills)), np.float32)
        self.speaks = np.zeros((size, len(languages)), np.float32)
        self.blocked = np.zeros((size, len(labs)), np.bool_)
        clash = _clashes(labs, rules)
        for n, person in enumerate(people):
            for skill, belief in person.beliefs.items():
                at = skills.get(skill)
                if at is not None and skill not in person.paused:
                    self.mean[n, at], self.variance[n, at] = belief.mean, belief.variance
                    self.has[n, at] = 1
            self.speaks[n, [languages[x] for x in person.languages if x in languages]] = 1
            for lab in person.labs & clash.keys():
                self.blocked[n, clash[lab]] = True
        self.free = free(people, weeks)
        self.rate = np.array([p.rate for p in people], np.float64)
        self.most = np.array([p.most for p in people], np.int64)
        self.newcomer = np.array([p.results < rules.newcomer_results for p in people], np.bool_)
        self.draw = draws([p.id for p in people], rules.seed)
        self.away = {n: p.away for n, p in enumerate(people) if p.away}


def draws(ids: Sequence[str], seed: int) -> Floats:
    """Standard normal draws, shape (len(ids),), each a function of the seed and the id alone.

    So nobody's draw depends on who else is there, or on what anybody refused.
    """
    key = seed.to_bytes(16, "big")
    bits = b"".join(hashlib.blake2b(id.encode(), digest_size=8, key=key).digest() for id in ids)
    uniform = (np.frombuffer(bits, ">u8").astype(np.float64) + 0.5) / 2.0**64
    return np.asarray(special.ndtri(np.clip(uniform, 1e-12, 1 - 1e-12)), np.float32)


def _clashes(labs: Mapping[str, int], rules: Rules) -> dict[str, list[int]]:
    """For each lab in a conflict, which of the openings' labs it is in conflict with."""
    found: dict[str, list[int]] = {}
    for one, other in rules.conflicts:
        for lab, against in ((one, other), (other, one)):
            if against in labs:
                found.setdefault(lab, []).append(labs[against])
    return found
