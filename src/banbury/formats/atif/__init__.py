"""ATIF, the Agent Trajectory Interchange Format, version 1.8: schema, writer, reader."""

from banbury.formats.atif.reader import read
from banbury.formats.atif.schema import VERSION, Trajectory, check, load
from banbury.formats.atif.writer import dump, write

__all__ = ["VERSION", "Trajectory", "check", "dump", "load", "read", "write"]
