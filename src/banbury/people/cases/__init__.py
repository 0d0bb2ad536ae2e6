"""Strange records as cases of the house: looked for, heard, decided by a person, appealed once."""

from banbury.people.cases.cases import Cases, Filed, Looked
from banbury.people.cases.devices import Devices
from banbury.people.cases.records import Gathered, gathered
from banbury.people.cases.told import GROUPS, Tellings, Told

__all__ = [
    "GROUPS",
    "Cases",
    "Devices",
    "Filed",
    "Gathered",
    "Looked",
    "Told",
    "Tellings",
    "gathered",
]
