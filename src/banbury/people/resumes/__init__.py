"""Résumés: read in a box, kept as words under the person's key; they change no result."""

from banbury.people.resumes.reading import LARGEST, read
from banbury.people.resumes.resumes import Resumes

__all__ = ["LARGEST", "Resumes", "read"]
