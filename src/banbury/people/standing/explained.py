"""A standing in plain words, addressed to the person whose it is."""

from __future__ import annotations

from banbury.people.standing.finding import Finding
from banbury.people.standing.requalifying import MOST
from banbury.people.standing.standing import ANSWER_NS, Standing

_DAYS = ANSWER_NS // (86_400 * 10**9)


def explained(standing: Standing) -> list[str]:
    """Return what the state is, why, and what can be done, one sentence or two each."""
    skill = standing.skill
    if standing.state == "working":
        back = f" {_returned(standing)}" if standing.acts else ""
        return [f"You are at work in {skill}.{back}"]
    pause = next(a for a in reversed(standing.acts) if a.kind == "pause")
    said = [f"Your work in {skill} is paused; what you did before stays and is paid."]
    said += _found(pause.finding) if pause.finding else [pause.reason]
    if standing.state == "paused" and standing.by_case:
        said.append("It is appealed in that case, under About your record, and not here.")
    elif standing.state == "paused":
        said.append(
            "You can appeal: say why, and a person who is not you looks at these results. "
            f"If nobody decides within {_DAYS} days, the pause ends."
        )
    elif standing.state == "appealed":
        said.append(
            f"You appealed. A person decides within {_DAYS} days, with reasons; if nobody does, "
            "the pause ends."
        )
    else:
        why = next(a for a in reversed(standing.acts) if a.kind == "uphold").reason
        said.append(f"Your appeal was looked at by a person, and the pause stays: {why}")
    if standing.trying:
        said.append(
            "You set out to come back: of this skill, seats give you test tasks and no others."
        )
    elif standing.state != "appealed" and pause.finding:
        said.append(
            "You can also come back by fresh test tasks, whose right answers are known: the pause "
            f"ends once they show that your work is as asked for, and there are at most {MOST}."
        )
    return said


def _found(finding: Finding) -> list[str]:
    count = finding.n - finding.since
    return [
        f"In your last {count} results that were checked the mean was {_share(finding.score)}; "
        f"{_share(finding.line)} is asked for, and the true mean there lies between "
        f"{_share(finding.low)} and {_share(finding.high)}.",
        f"The test looks after every result, and of people whose work never falls below what is "
        f"asked for it pauses at most {_share(finding.alpha)}, ever. It holds without any one "
        "reviewer's reviews.",
    ]


def _returned(standing: Standing) -> str:
    last = standing.acts[-1]
    how = {
        "lift": f"The last pause was ended by a person: {last.reason}",
        "requalify": "The last pause ended since you did fresh test tasks well.",
        "expire": "The last pause ended since your appeal was not decided in time.",
    }[last.kind]
    return how + " Only results since then count."


def _share(value: float) -> str:
    return f"{100 * value:.0f} %"
