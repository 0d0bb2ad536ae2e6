"""The loop that seats actors at a gym and writes the episode."""

from banbury.arena.play import Limits, play, seated
from banbury.arena.pool import draw
from banbury.arena.run import Job, Tally, jobs_of, results, run

__all__ = ["Job", "Limits", "Tally", "draw", "jobs_of", "play", "results", "run", "seated"]
