"""A simulation of interviews and later work, reported as the house's own rows are."""

from __future__ import annotations

import numpy as np
from scipy import special

from banbury.gyms.interview.bank import VERIFIABLE, banks, parameters
from banbury.gyms.interview.gym import ERROR
from banbury.people.ability.predicting import Worked
from banbury.people.cases.told import Told
from banbury.people.prediction.items import known
from banbury.people.prediction.report import Report, made
from banbury.people.prediction.taken import ARROW, Taken
from banbury.statistics.inputs import FloatArray
from banbury.statistics.response.ability import Estimate
from banbury.statistics.response.choice import Balance
from banbury.statistics.response.exposure import quarters
from banbury.statistics.response.items import Items
from banbury.statistics.response.simulation import Interviews, simulated
from banbury.statistics.response.stopping import Rule

PEOPLE = 12_000
BOND = 0.6
GOLD, REVIEWS = 40, 20
DEAD, HARDER, BY = 6, 3, 0.8
TOLD = 0.6
_FIELD = "work"


def simulation(seed: int = 0, people: int = PEOPLE) -> Report:
    """Return the report of simulated people, with what is assumed in its heading and its text."""
    rng = np.random.default_rng(seed)
    skill, bank = sorted(banks().items())[0]
    asked = [item for item in bank.items if item.kind in VERIFIABLE]
    names, kinds = [item.id for item in asked], [item.kind for item in asked]
    ability = rng.standard_normal(people)
    later = rng.random(people) < 0.4
    dead = np.arange(len(asked)) % (len(asked) // DEAD) == 2
    harder = ~dead & (np.arange(len(asked)) % (len(asked) // HARDER) == 1)
    said = _answers(parameters(asked), ability, later, dead, harder, rng)
    eligible = np.array([quarters(kinds, int(rng.integers(2**62)))[0] for _ in range(people)])
    found = simulated(
        parameters(asked), ability, Rule(ERROR, least=5, most=10), seed + 1, eligible=eligible,
        balance=Balance(kinds), said=said,
    )  # fmt: skip
    work = BOND * ability + np.sqrt(1 - BOND**2) * rng.standard_normal(people)
    good = special.expit(1.0 + 0.8 * work)
    gold = rng.binomial(GOLD, good) / GOLD
    reviews = rng.binomial(REVIEWS, 0.9 * good + 0.05) / REVIEWS
    rows, interviews = _rows(skill, names, found, gold, reviews)
    whole = [float(np.corrcoef(found.mean, y)[0, 1]) for y in (gold, reviews)]
    return made(
        rows, interviews, _told(later, rng), {skill: known(bank)},
        "A simulation, not people: does the interview predict good work?",
        assumptions=_assumptions(people, dead, harder, whole), seed=seed,
    )  # fmt: skip


def _answers(
    items: Items,
    ability: FloatArray,
    later: np.ndarray,
    dead: np.ndarray,
    harder: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """What each would answer: some items measure something else, some are harder for a group."""
    other = Items(items.discrimination, items.difficulty + BY * harder, items.guess)
    chance = np.where(later[:, None], other.chance(ability).T, items.chance(ability).T)
    else_ = items.chance(rng.standard_normal(ability.size)).T
    return np.asarray(rng.random(chance.shape) < np.where(dead[None], else_, chance))


def _rows(
    skill: str, names: list[str], found: Interviews, gold: FloatArray, reviews: FloatArray
) -> tuple[list[Worked], list[Taken]]:
    rows, interviews = [], []
    for n in range(found.count.size):
        passed = bool(found.mean[n] > 0)
        answers = {names[i]: bool(found.right[n, i]) for i in np.flatnonzero(found.given[n])}
        came = {"gold": float(gold[n]), "reviews": float(reviews[n])} if passed else {}
        score = float(found.mean[n])
        rows.append(Worked(f"p{n}", f"{skill}{ARROW}{_FIELD}", score, came, answers))  # type: ignore[arg-type]
        held = Estimate(score, float(found.error[n]), int(found.count[n]))
        interviews.append(Taken(f"p{n}", skill, "first", n, held, passed, answers, ""))
    return rows, interviews


def _told(later: np.ndarray, rng: np.random.Generator) -> dict[str, Told]:
    gender = rng.choice(["woman", "man", "another"], later.size, p=[0.48, 0.5, 0.02])
    age = rng.choice(["under 30", "30 to 49", "50 or more"], later.size, p=[0.4, 0.4, 0.2])
    tells = rng.random(later.size) < TOLD
    return {
        f"p{n}": Told(str(gender[n]), str(age[n]),
                      "a later language" if later[n] else "my first language")
        for n in np.flatnonzero(tells)
    }  # fmt: skip


def _assumptions(
    people: int, dead: np.ndarray, harder: np.ndarray, whole: list[float]
) -> tuple[str, ...]:
    return (
        f"{people:,} people are drawn, not observed; abilities are normal(0, 1), and the "
        "two-parameter model with the authors' estimates is true.",
        f"Each is interviewed with 5 to 10 of a quarter of {dead.size} items of a shipped "
        f"bank; {dead.sum()} of them measure something else, {harder.sum()} are {BY:g} harder for "
        "those to whom English is a later language (40 of 100).",
        f"How well somebody works has a correlation of {BOND:g} with ability; only who passed "
        f"works: {GOLD} gold tasks and {REVIEWS} reviews each.",
        f"Were everybody let to work, the score's correlation would be {whole[0]:.2f} with gold "
        f"accuracy and {whole[1]:.2f} with reviews: this is what the corrected figures should "
        "find.",
        f"{100 * TOLD:.0f} of 100 tell their groups; but for the harder items no group differs.",
    )
