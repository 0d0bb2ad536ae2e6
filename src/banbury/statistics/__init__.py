"""Intervals, sequential tests, paired comparison, agreement: pure functions on arrays."""
