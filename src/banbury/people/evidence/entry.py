"""Entry: one row of evidence, and what all rows of a skill say on the scale of ability."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from banbury.people.ability.belief import DAY_NS, Counted, Evidence, Measured, Source

WORTH: Mapping[Source, float] = {"gold": 1.0, "reviews": 1.0, "agreement": 0.5, "outcome": 0.3}
"""How much of a piece of work each source sees, as a power of its likelihood.

A reviewer or a known answer says whether the piece was right. Others' answers say it only as far as
they are right themselves, and what came of the data rests on everybody who made it; these two are
choices, not measurements.
"""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One row of evidence about one skill of one person.

    Attributes:
        seq: its place among all rows of the house; grows.
        skill: of the work.
        source: where it comes from.
        lab: which told of it, "" for the house itself.
        piece: the lease, episode or interview that it is about.
        at_ns: when, wall clock.
        score: in [0, 1], of what is no interview.
        line: what somebody just good enough has on the average of such work.
        good: how much of it counts as good, in [0, 1].
        lease: under which it was done.
        episode: that holds it.
        by: pseudonym of who reviewed, in that lab.
        campaign: in which it was done.
        of: what came of it.
        mean, error: of an interview: ability and standard error of the measurement alone.
        left_out: somebody decided, after an objection, that it counts no more.
    """

    seq: int
    skill: str
    source: Source
    lab: str
    piece: str
    at_ns: int
    score: float = 0.0
    line: float = 0.0
    good: float = 0.0
    lease: str = ""
    episode: str = ""
    by: str = ""
    campaign: str = ""
    of: str = ""
    mean: float = 0.0
    error: float = 0.0
    left_out: bool = False


def counting(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries that count, each piece of work once.

    Agreement with others says nothing more of an answer that somebody then reviewed.
    """
    held = [e for e in entries if not e.left_out]
    known = {(e.lab, e.lease) for e in held if e.source in ("gold", "reviews") and e.lease}
    return [e for e in held if e.source != "agreement" or (e.lab, e.lease) not in known]


def likelihoods(entries: Sequence[Entry]) -> list[Evidence]:
    """Return what entries say of one skill, one piece of evidence a day and source."""
    made: list[Evidence] = []
    days: dict[tuple[Source, int], list[Entry]] = {}
    for e in counting(entries):
        if e.source == "interview":
            made.append(one(e))
        else:
            days.setdefault((e.source, e.at_ns // DAY_NS), []).append(e)
    for (source, _), held in days.items():
        made.append(_counted(source, held))
    return made


def one(entry: Entry) -> Evidence:
    """Return what a single entry says."""
    if entry.source == "interview":
        return Measured("interview", entry.mean, entry.error, entry.at_ns, entry.piece)
    return _counted(entry.source, [entry])


def _counted(source: Source, held: Sequence[Entry]) -> Counted:
    worth, good = WORTH[source], sum(e.good for e in held)
    last = max(e.at_ns for e in held)
    return Counted(source, worth * good, worth * len(held), last)
