"""What waits for somebody beside tasks: offers, interviews, hearings, and what they may decide."""

from __future__ import annotations

import msgspec

from banbury import clock
from banbury.accounts import Caller
from banbury.accounts.permissions import allowed
from banbury.people.cases import Cases, Filed
from banbury.people.evidence import Objections
from banbury.people.interviews import Appeals, Interviews
from banbury.people.offers import Offers, Profiles, Standings
from banbury.people.signals.case import APPEAL_NS
from banbury.store import House
from banbury.web.rendering import when
from banbury.web.views.interviews import title


class Wait(msgspec.Struct, frozen=True):
    """One line of the inbox.

    Attributes:
        words: what waits.
        to: path of the page where it is answered.
        go: what the link to it says.
    """

    words: str
    to: str
    go: str


class Waits(msgspec.Struct, frozen=True):
    """What waits for one person beside tasks.

    Attributes:
        lines: what has to be answered.
        looking: whether they look for work, so that it can be offered.
    """

    lines: list[Wait]
    looking: bool


def waits(house: House, caller: Caller) -> Waits:
    """Return what waits for a person beside tasks, and for their decision where they decide."""
    said = Profiles(house).get(caller.account)
    lines = [*_own(house, caller), *_to_decide(house, caller)]
    return Waits(lines, said is not None and said.looking)


def _own(house: House, caller: Caller) -> list[Wait]:
    found = []
    offered = sum(o.state == "offered" for o in Offers(house).mine(caller.account))
    if offered:
        words = (
            "You are offered work." if offered == 1 else f"You are offered work {offered} times."
        )
        found.append(Wait(words, "/offers", "See what, and why"))
    for one in Interviews(house).of(caller.account):
        if one.ended_ns is None:
            words = f"{title(house, one)}: you are in the middle of it."
            found.append(Wait(words, f"/interviews/{one.id}", "Go on with it"))
    for filed in Cases(house).about(caller.account):
        if filed.case.state == "told":
            words = "Something about your record is looked at, and you are asked to answer."
            found.append(Wait(words, f"/hearings/{filed.id}", "See what, and answer"))
        elif (decided := filed.case.decided) and filed.case.appealable(clock.wall_ns()):
            until = when(decided.when_ns + APPEAL_NS)
            words = (
                f"A case about your record was decided and stands. You can appeal until {until}."
            )
            found.append(Wait(words, f"/hearings/{filed.id}", "See why, and appeal"))
    return found


def _to_decide(house: House, caller: Caller) -> list[Wait]:
    me, found = caller.account, []
    if allowed(caller, "see", "appeals"):
        paused = [s for s in Standings(house).paused_now() if s.state == "appealed"]
        count = sum(s.person != me for s in paused)
        count += sum(o.account != me for o in Objections(house).open())
        found += _decide(count, "appeal or objection", "appeals and objections", "/appeals")
    if allowed(caller, "see", "cases"):
        ready = sum(_ready(f, me) for f in Cases(house).listed())
        found += _decide(ready, "strange record", "strange records", "/cases")
    labs = [n for n in sorted(caller.roles) if allowed(caller, "review", "interviews", n)]
    for lab, count in Appeals(house).waiting(labs, but=me).items():
        one, many = "appeal against an interview", "appeals against interviews"
        found += _decide(count, one, many, f"/labs/{lab}/interviews")
    return found


def _ready(filed: Filed, me: str) -> bool:
    """Say whether somebody can decide a case: who it is about is heard, or had their time."""
    if filed.account == me or filed.case.again(me):
        return False
    return filed.case.state != "told" or filed.case.against(clock.wall_ns())


def _decide(count: int, one: str, many: str, to: str) -> list[Wait]:
    if not count:
        return []
    words = f"One {one} waits" if count == 1 else f"{count:,} {many} wait"
    return [Wait(f"{words} for a decision.", to, "Look and decide")]
