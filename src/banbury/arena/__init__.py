"""The loop that seats actors at a gym and writes the episode."""

from banbury.arena.answering import Evidence, agreement, agreement_of, answer, review
from banbury.arena.ask import LATER, Models, asking
from banbury.arena.play import Limits, play, seated
from banbury.arena.pool import draw
from banbury.arena.replay import Replay, replay
from banbury.arena.run import Job, jobs_of, results, run
from banbury.arena.tally import Tally
from banbury.arena.world import World, world

__all__ = [
    "LATER",
    "Evidence",
    "Job",
    "Limits",
    "Models",
    "Replay",
    "Tally",
    "agreement",
    "World",
    "agreement_of",
    "answer",
    "asking",
    "draw",
    "jobs_of",
    "play",
    "replay",
    "results",
    "review",
    "run",
    "seated",
    "world",
]
