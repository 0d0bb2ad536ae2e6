"""Rows and blobs: `open(url)` gives a house, `house.lab(name)` a lab; no query crosses two."""

from banbury.store.artifacts import Artifact, ReleaseRow
from banbury.store.blobs import Blobs
from banbury.store.census import LabState
from banbury.store.erasing import Erasure
from banbury.store.house import House, open
from banbury.store.journal import Journal
from banbury.store.lab import Lab
from banbury.store.migrating import Migrated, migrate_labs
from banbury.store.outcomes import Outcome
from banbury.store.rates import Rate
from banbury.store.reviews import Review
from banbury.store.sealing import Written
from banbury.store.taxonomy import Named, Taxonomy

__all__ = [
    "Artifact",
    "Blobs",
    "Erasure",
    "House",
    "Journal",
    "Lab",
    "Named",
    "LabState",
    "Migrated",
    "Outcome",
    "Rate",
    "ReleaseRow",
    "Review",
    "Taxonomy",
    "Written",
    "migrate_labs",
    "open",
]
