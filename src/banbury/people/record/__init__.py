"""A person's record: all that the house keeps about them, to read, to take along."""

from banbury.people.record.readable import readable, zipped
from banbury.people.record.record import PARTS, record

__all__ = ["PARTS", "readable", "record", "zipped"]
