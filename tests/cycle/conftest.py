"""A student: a script whose ability at each skill is known."""

import msgspec
import pytest

from banbury.actors.script import Script
from banbury.errors import ActorError
from banbury.gyms import registry
from banbury.gyms.contract import Answer


def _answer(lab, task, ability):
    problem = lab.problem(task.id)
    gold = str(msgspec.json.decode(problem.secret.answer))
    if ability == "form":
        return Answer(f"I think that the result is {gold}")
    if ability == "down":
        raise ActorError("nobody answers")
    if int(task.id[:8], 16) / 16**8 < ability:
        gym = registry.gym(task.gym)
        return gym.solution(problem)[0]
    return Answer("I cannot say.")


@pytest.fixture(scope="session")
def student():
    """Return a function that makes one: `student(lab, skill=ability)`.

    An ability is a pass rate (each task passes or not, for good), `form` (right, said in another
    form), or `down` (it cannot be asked). Skills that are not named have the rate 1.
    """

    def make(lab, abilities, name="student"):
        def plan(task):
            return [_answer(lab, task, abilities.get(task.skill, 1.0))]

        return Script(name, plan)

    return make
