"""Writes the folder of a new gym, in Python or as a table."""
