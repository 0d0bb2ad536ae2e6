"""Finds out what a tree needs, without running any of it."""
