"""The loop that seats actors at a gym and writes the episode."""

from banbury.arena.ask import LATER, Models, asking
from banbury.arena.play import Limits, play, seated
from banbury.arena.pool import draw
from banbury.arena.replay import Replay, replay
from banbury.arena.run import Job, jobs_of, results, run
from banbury.arena.tally import Tally

__all__ = [
    "LATER",
    "Job",
    "Limits",
    "Models",
    "Replay",
    "Tally",
    "asking",
    "draw",
    "jobs_of",
    "play",
    "replay",
    "results",
    "run",
    "seated",
]
