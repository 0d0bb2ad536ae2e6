"""A report as far as it concerns somebody: what another lab asks and does is that lab's own."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
import sqlalchemy as sa

from banbury.gyms import registry
from banbury.people.interviews.banks import Banks
from banbury.people.prediction.report import Report
from banbury.people.prediction.taken import ARROW
from banbury.store import House


def near(house: House, report: Report, labs: Collection[str]) -> Report:
    """Return a report without the banks and fields of work of labs but some; a simulation whole.

    Fields of the gyms that are installed are everybody's.

    Args:
        house: of the report.
        report: of all.
        labs: whose own may be seen.
    """
    if report.simulated:
        return report
    banks = {s for s, h in Banks(house).authored().items() if not h.lab or h.lab in labs}
    fields = _fields(house, labs)

    def shown(skill: str) -> bool:
        interview, _, field = skill.partition(ARROW)
        return interview in banks and (not field or field in fields)

    return msgspec.structs.replace(
        report,
        predictions=tuple(p for p in report.predictions if shown(p.skill)),
        uses=tuple(u for u in report.uses if shown(u.skill)),
        groups=tuple(g for g in report.groups if shown(g.skill)),
        retired=tuple(r for r in report.retired if shown(r.skill)),
    )


def _fields(house: House, labs: Collection[str]) -> set[str]:
    query = sa.text("SELECT DISTINCT skill FROM evidence WHERE lab = ANY(:labs)")
    mine = house.run(lambda c: c.execute(query, {"labs": sorted(labs)}).scalars().all())
    return {skill.partition(".")[0] for skill in (*registry.skills(), *mine)}
