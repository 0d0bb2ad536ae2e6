"""The capture gym: people film scenes together, and confirm that their views are in step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random

import msgspec

from banbury.episode import Judgement, Problem, Record, canonical, digest
from banbury.errors import UnknownName
from banbury.gyms import wording
from banbury.gyms.capture import actions as do
from banbury.gyms.capture import cheats, confirm, film, footage
from banbury.gyms.capture.actions import CaptureAction
from banbury.gyms.capture.brief import Brief
from banbury.gyms.capture.problems import CONFIRM, FILM, GYM, VERSION, made
from banbury.gyms.capture.samples import pairs, scenes
from banbury.gyms.contract import Action, Ask, Environment, Gym, Needs, Phrasing, Skill

_SKILLS = (
    Skill(FILM, "filming a scene with others", ("practice",)),
    Skill(CONFIRM, "confirming that views are in step", ("two views", "three views")),
)
_LEVELS = {skill.name: skill.difficulties for skill in _SKILLS}
_SAID = {
    FILM: {
        "seen": (
            "Film this scene together with the others: {action}.",
            "Today's scene is {action}. Film it with the others.",
        ),
        "unseen": ("Together with the others, record how you {action}.",),
    },
    CONFIRM: {
        "seen": (
            "Play the views in step. Nudge what is off, then confirm, or refuse and say why.",
            "See and hear whether these views are in step, mend what is off, and decide.",
        ),
        "unseen": ("Bring these views into step and confirm them; if they cannot be, refuse.",),
    },
}
_OURS = "Apache-2.0"
_STARTS_MS = 1_767_600_000_000
"""2026-01-05 08:00 UTC, when the reference's day begins."""
_SHORTEST_CLIP_S, _LONGEST_CLIP_S = 2, 4
_SAME_MS = 40.0
"""How far two people's nudges may differ and still agree."""


class CaptureGym(Gym):
    """Filming with head cameras, and confirming pairs of views.

    The gym's own tasks are exercises with known truth. Real scenes come from `problems.film`, and
    real pairs from the stage that reads the footage.
    """

    name = GYM
    version = VERSION
    actions = CaptureAction
    needs = Needs(screen=True, slow=True)

    def skills(self) -> Sequence[Skill]:
        """Return filming and confirming."""
        return _SKILLS

    def tasks(
        self,
        skill: str,
        *,
        seed: int,
        difficulty: str | None = None,
        phrasing: Phrasing = "seen",
    ) -> Iterator[Problem]:
        """Yield distinct exercises of a skill, endlessly; see `Gym.tasks`."""
        if skill not in _LEVELS:
            raise UnknownName("skill", skill, _LEVELS, where=f"gym {self.name}")
        level = _LEVELS[skill][0] if difficulty is None else difficulty
        if level not in _LEVELS[skill]:
            raise UnknownName("difficulty", level, _LEVELS[skill], where=f"skill {skill}")
        return self._draw(skill, level, seed, phrasing)

    def _draw(self, skill: str, level: str, seed: int, phrasing: Phrasing) -> Iterator[Problem]:
        rng = Random(f"{skill}/{VERSION}/{level}/{seed}/{phrasing}")
        known: set[str] = set()
        while True:
            number = rng.getrandbits(48)
            content = {"scene": digest(skill.encode(), str(number).encode())[:24]}
            if wording.side(skill, content) != phrasing:
                continue
            drawn = _exercise(skill, level, number, content, phrasing)
            if drawn.task.id not in known:
                known.add(drawn.task.id)
                yield drawn

    def start(self, problem: Problem, *, seed: int = 0, ask: Ask | None = None) -> Environment:
        """Return the day of filming, or the views to confirm."""
        if problem.task.skill == CONFIRM:
            return confirm.Confirmation(problem, self.seats[0])
        return film.Filming(problem, self.seats[0])

    def judge(self, record: Record, problem: Problem) -> Judgement:
        """Judge a day of filming by whether it can be used, a confirmation by the truth.

        See `film.judge` and `confirm.judge`.
        """
        found = (confirm if problem.task.skill == CONFIRM else film).judge(record, problem)
        return self.verdict(
            record,
            found.score,
            passed=found.passed,
            components=found.components,
            evidence=found.evidence,
        )

    def solution(self, problem: Problem) -> Sequence[Action]:
        """Return the reference of an exercise; none for real work, whose truth nobody knows."""
        if problem.task.skill == CONFIRM:
            return _confirming(problem)
        return _filming(film.brief_of(problem))

    def cheats(self, problem: Problem) -> Mapping[str, Sequence[Action]]:
        """Return ways to cheat; none for real work."""
        if problem.task.skill == CONFIRM:
            truth = confirm.truth_of(problem)
            shown = confirm.pairs_of(problem)
            return cheats.of_confirm(shown, truth) if truth.offsets_us else {}
        day = _filming(film.brief_of(problem))
        return cheats.of_film(day) if day else {}

    def agreement(self, first: Record, second: Record) -> float:
        """Return 1 where two people may both be right, else 0.

        Two wearers of one scene never film the same, so what they handed in always agrees. Two who
        confirm agree where they decided the same and moved each view alike.
        """
        a, b = _decided(first), _decided(second)
        if a is None or b is None:
            return float(a is b)
        apart = max((abs(x - y) for x, y in zip(a.nudges_ms, b.nudges_ms, strict=False)), default=0)
        return float(a.verdict == b.verdict and (a.verdict == "refused" or apart <= _SAME_MS))


def _decided(record: Record) -> confirm.Found | None:
    """Return what a confirmation came to, None for a day of filming."""
    if record.episode.skill != CONFIRM:
        return None
    try:
        return msgspec.json.decode(record.answer, type=confirm.Found)
    except msgspec.MsgspecError:
        return confirm.Found([])


def _exercise(
    skill: str, level: str, number: int, content: Mapping[str, str], phrasing: Phrasing
) -> Problem:
    rng = Random(number)
    said = _SAID[skill][phrasing]
    (which,) = wording.choose(skill, content, said)
    name = f"{phrasing}-{which}"
    params = {"content": content, "difficulty": level, "wording": name}
    if skill == FILM:
        scene = scenes.scene(rng)
        clip = scenes.clip(rng.getrandbits(32), rng.randint(_SHORTEST_CLIP_S, _LONGEST_CLIP_S))
        brief = msgspec.structs.replace(scene, practice=clip)
        text = wording.fill(said[which], {"action": brief.action})
        return made(skill, canonical(brief).decode(), text, params, licence=_OURS, phrasing=name)
    shown, truth = pairs.sample(rng, 2 + _LEVELS[skill].index(level))
    inputs = canonical(shown).decode()
    return made(skill, inputs, said[which], params, truth=truth, licence=_OURS, phrasing=name)


def _filming(brief: Brief) -> list[do.Film]:
    """Return a short day that hands in the clip of an exercise, [] where there is none."""
    clip = footage.practice_clip(brief)
    if not clip:
        return []
    t = _STARTS_MS
    end = t + 30_000 + 1000 * _SHORTEST_CLIP_S
    return [
        do.ReadBrief(t),
        do.BeginTake(t + 30_000),
        do.ShowCode(t + 30_200, t + 31_000, "exercise"),
        do.Clap(t + 31_500),
        do.EndTake(end),
        do.AddFile(end + 60_000, footage.sha256_of(clip), len(clip), "practice.mp4"),
        do.HandIn(end + 90_000),
    ]


def _confirming(problem: Problem) -> Sequence[Action]:
    truth, shown = confirm.truth_of(problem), confirm.pairs_of(problem)
    if not truth.offsets_us:
        return ()
    if not truth.related:
        return (do.Refuse("not the same scene"),)
    nudges = [
        do.Nudge(n, round(offset / 1e3 - 1e3 * shown.views[n].pieces[0].offset_s, 3))
        for n, offset in enumerate(truth.offsets_us)
        if n != shown.reference
    ]
    return (*nudges, *cheats.looked(shown), do.Confirm())
