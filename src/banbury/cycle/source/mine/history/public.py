"""Overlap with public benchmarks."""

from __future__ import annotations

from banbury.cycle.source.mine.history.candidate import Candidate

REPOSITORIES: dict[str, str] = {}


def known(candidate: Candidate) -> str:
    """Return the name of a public benchmark that has a candidate's commit, "" for none."""
    return REPOSITORIES.get(candidate.repository.name, "")
