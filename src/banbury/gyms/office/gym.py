"""The office gym: mail triage."""

from __future__ import annotations

from collections.abc import Mapping

from banbury.gyms.family import Family, FamilyGym
from banbury.gyms.office.intent import INTENT
from banbury.gyms.office.order import ORDER
from banbury.gyms.office.queue import QUEUE
from banbury.gyms.office.reply import REPLY

_FAMILIES: dict[str, Family] = {f.skill: f for f in (QUEUE, REPLY, ORDER, INTENT)}


class OfficeGym(FamilyGym):
    """Mail: which queue, does it need an answer, what is ordered, does it ask for something."""

    name = "office"
    version = "1"

    def families(self) -> Mapping[str, Family]:
        """Return the families by skill."""
        return _FAMILIES
