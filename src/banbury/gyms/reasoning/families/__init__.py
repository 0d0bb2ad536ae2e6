"""Families of the reasoning gym, one file for each kind of skill."""
