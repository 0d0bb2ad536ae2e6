"""Records for the tests of the store."""

import pytest

from banbury.episode import (
    GYM,
    Actor,
    Episode,
    Judgement,
    Origin,
    Problem,
    Public,
    Record,
    RunKey,
    Seat,
    Secret,
    SkillWeight,
    Step,
    Task,
    identity,
    new_id,
)


class Make:
    """Small valid parts, each with what a test names changed."""

    def problem(self, number=0, **changes):
        id = identity("gym", "family", "1", {"number": number})
        parts = {
            "gym": "gym",
            "family": "family",
            "version": "1",
            "params": f'{{"number":{number}}}',
            "public": Public(f"Say {number}"),
            "skills": (SkillWeight("a.b"),),
            "origin": Origin("generated", "tests", "1"),
        }
        return Problem(Task(id, **(parts | changes)), Secret(id, str(number)))

    def steps(self, count, first=0):
        return tuple(
            Step(
                first + i,
                "action" if i % 2 else "observation",
                0 if i % 2 else GYM,
                "solver",
                "main",
                i * 1000,
                i * 1000 + 7,
                b'{"n":%d}' % i,
                reply_to=None if i == 0 else first + i - 1,
            )
            for i in range(count)
        )

    def episode(self, lab, /, run="run", task="task", actor="actor", sample=0, **changes):
        parts = {
            "gym": "gym",
            "gym_version": "1",
            "skill": "a.b",
            "anchor_ns": 1_760_000_000_000_000_000,
            "status": "done",
            "actors": (Actor("model", actor),),
            "seats": (Seat("solver", (0,)),),
        }
        parts |= {"id": new_id(), "lab": lab.name, "key": RunKey(run, task, actor, sample)}
        return Episode(**(parts | changes))

    def record(self, lab, /, steps=2, **changes):
        return Record(self.episode(lab, **changes), self.steps(steps))

    def judgement(self, record, score=1.0, **changes):
        parts = {"judge": "judge", "judge_hash": "1", "score": score, "passed": score >= 0.5}
        return Judgement(new_id(), record.episode.id, **(parts | changes))


@pytest.fixture(scope="session")
def make():
    return Make()
