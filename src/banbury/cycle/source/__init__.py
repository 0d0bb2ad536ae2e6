"""Source: the data that repairs a gap, and the items that will tell whether it did."""

from banbury.cycle.source.source import Sourced, source

__all__ = ["Sourced", "source"]
