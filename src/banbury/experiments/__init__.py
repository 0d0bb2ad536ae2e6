"""Flows that string the stages together."""

from banbury.experiments.loop import Plan, Stages, run_loop, stages
from banbury.experiments.summary import result, summary

__all__ = ["Plan", "Stages", "result", "run_loop", "stages", "summary"]
