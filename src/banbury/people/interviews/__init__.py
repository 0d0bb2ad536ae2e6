"""Interviews as rows of the house: who was asked, which try, what came of it, who appealed."""

from banbury.people.interviews.appeals import Appeal, Appeals
from banbury.people.interviews.banks import Banks, Held
from banbury.people.interviews.interviews import Interview, Interviews, Offered

__all__ = ["Appeal", "Appeals", "Banks", "Held", "Interview", "Interviews", "Offered"]
