"""Small real gyms that misbehave as asked, and problems for them."""

import pytest

from banbury.episode import Problem, Public, Secret, SkillWeight, Task, canonical, identity
from banbury.gyms.contract import Answer, Environment, Gym, Needs, Observation, Skill, Turn


def problem(gym, number=0):
    params = {"number": number}
    task = Task(
        id=identity(gym.name, "echo", "1", params),
        gym=gym.name,
        family="echo",
        version="1",
        params=canonical(params).decode(),
        public=Public(f"Say {number}."),
        skills=(SkillWeight("echo.number"),),
    )
    return Problem(task, Secret(task.id, f'"{number}"'))


class Echo(Environment):
    """Shows a number and ends with the first answer; notes what happens to it."""

    def __init__(self, gym, problem):
        self.gym = gym
        self.problem = problem
        self.closed = 0
        gym.environments.append(self)

    def opening(self):
        text = self.problem.task.public.instruction
        return Turn({self.gym.seats[0]: (Observation(text),)})

    def step(self, seat, action):
        return Turn(terminated=True, reward=0.5)

    def evidence(self):
        return '{"closed": false}'

    def close(self):
        self.closed += 1


class EchoGym(Gym):
    """Asks for a number; one verb may be made to do something else.

    Args:
        needs: what the gym says that it needs.
        environment: class of its environments.
        verbs: functions that stand in for the verbs `start` and `judge`.
    """

    name = "echo"
    version = "1"

    def __init__(self, needs=None, environment=Echo, **verbs):
        self.needs = needs or Needs()
        self.environments = []
        self._environment = environment
        for name, verb in verbs.items():
            setattr(self, name, verb)

    def skills(self):
        return [Skill("echo.number", "say a number")]

    def tasks(self, skill, *, seed, difficulty=None, phrasing="seen"):
        for number in range(1000):
            yield problem(self, 1000 * seed + number)

    def start(self, problem, *, seed=0, ask=None):
        return self._environment(self, problem)

    def judge(self, record, problem):
        said = [s.payload for s in record.actions()]
        right = Answer(problem.secret.answer.strip('"'))
        score = float(said == [b'{"do":"answer","text":"%s"}' % right.text.encode()])
        return self.verdict(record, score, evidence={"said": len(said)})

    def solution(self, problem):
        return [Answer(problem.secret.answer.strip('"'))]

    def cheats(self, problem):
        return {}


@pytest.fixture(scope="session")
def echo():
    """Return the class of the gym."""
    return EchoGym


@pytest.fixture(scope="session")
def echo_environment():
    """Return the class of its environments."""
    return Echo


@pytest.fixture(scope="session")
def numbered():
    """Return the function that makes a problem of a gym from a number."""
    return problem
