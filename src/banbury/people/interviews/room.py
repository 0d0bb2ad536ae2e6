"""The house's own lab, in which interviews live that are no other lab's."""

from __future__ import annotations

import os

import sqlalchemy as sa

from banbury.accounts.members import enrol
from banbury.accounts.remembered import changed
from banbury.store import House, Lab

NAME = "BANBURY_INTERVIEWS"
RUN = "interviews"
"""The run of all interviews."""
GRADING = "interview-grading"
"""The campaign of a lab in which people grade what no model did."""


def house_lab() -> str:
    """Return the name of the house's own lab."""
    return os.environ.get(NAME, "").strip() or "interviews"


def opened(house: House, name: str) -> Lab:
    """Return the lab in which an interview lives; the house's own is made at first use.

    Whoever operates the machine owns it from then on, so that somebody can decide appeals.

    Raises:
        UnknownName: there is no such lab, and it is not the house's own.
    """
    own = name == house_lab()
    if own and name not in house.labs():
        lab = house.lab(name)
        house.run(lambda c: _owned(c, name))
        return lab
    return house.lab(name, create=False)


def _owned(c: sa.Connection, lab: str) -> None:
    query = sa.text("SELECT id FROM account WHERE operator AND NOT closed")
    for account in c.execute(query).scalars().all():
        enrol(c, lab, str(account), "owner")
    changed(c)
