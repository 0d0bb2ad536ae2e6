"""The code_repair gym: find and mend a bug in a project, judged by the project's own tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from banbury.episode import Judgement, Problem, Record
from banbury.errors import GymError, UnknownName
from banbury.gyms.code_repair import planted
from banbury.gyms.code_repair.actions import Edit, RepairAction, Write
from banbury.gyms.code_repair.cheats import cheats
from banbury.gyms.code_repair.environment import Workshop
from banbury.gyms.code_repair.judge import judged, roots
from banbury.gyms.code_repair.left import of_record
from banbury.gyms.code_repair.repair import GYM, VERSION, key_of, repair_of
from banbury.gyms.contract import Action, Ask, Environment, Gym, Needs, Phrasing, Skill

_solution = msgspec.json.Decoder(tuple[RepairAction, ...]).decode


class CodeRepairGym(Gym):
    """Bugs in real code, repaired in a box with a shell, judged in a clean one.

    The gym's own tasks are bugs planted in a small library; real ones come by `banbury mine`.
    """

    name = GYM
    version = VERSION
    actions = RepairAction
    needs = Needs(box=True, slow=True)

    def skills(self) -> Sequence[Skill]:
        """Return the one skill whose tasks the gym makes itself."""
        return [Skill(planted.SKILL, "Repair a bug planted in a library", tuple(planted.LEVELS))]

    def missing(self) -> Mapping[str, str]:
        """Return the skills whose tasks come from elsewhere."""
        return {
            "code_repair.mined": "its tasks are mined from a repository: `banbury mine`",
            "code_repair.imported": "its tasks come from elsewhere: `banbury tasks import`",
        }

    def tasks(
        self,
        skill: str,
        *,
        seed: int,
        difficulty: str | None = None,
        phrasing: Phrasing = "seen",
    ) -> Iterator[Problem]:
        """Yield distinct problems of a skill; see `Gym.tasks`."""
        if skill != planted.SKILL:
            raise UnknownName("skill", skill, [planted.SKILL], where=f"gym {self.name}")
        level = next(iter(planted.LEVELS)) if difficulty is None else difficulty
        if level not in planted.LEVELS:
            raise UnknownName("difficulty", level, planted.LEVELS, where=f"skill {skill}")
        return planted.problems(level, seed, phrasing)

    def start(self, problem: Problem, *, seed: int = 0, ask: Ask | None = None) -> Environment:
        """Return the project in a box, as the task finds it."""
        return Workshop(problem, self.seats[0])

    def judge(self, record: Record, problem: Problem) -> Judgement:
        """Run the task's own tests on what the actor left, in a clean box; see `judge`."""
        found = judged(record, problem)
        return self.verdict(
            record, found.score, components=found.components, evidence=found.evidence
        )

    def outcome(self, record: Record) -> object:
        """Return what an episode left behind; how it came about is no matter to the audit."""
        return of_record(record).changes

    def solution(self, problem: Problem) -> Sequence[Action]:
        """Return the fix as actions."""
        try:
            return _solution(problem.secret.solution)
        except msgspec.MsgspecError as error:
            where = f"task {problem.task.id}"
            raise GymError(f"the secret holds no fix: {error}", where=where) from error

    def cheats(self, problem: Problem) -> Mapping[str, Sequence[Action]]:
        """Return ways to cheat: by the tests, by how they are run, by what they report."""
        fixed = [a.path for a in self.solution(problem) if isinstance(a, Edit | Write)]
        return cheats(key_of(problem), fixed, roots(repair_of(problem)))
