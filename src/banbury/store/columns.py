"""Columns: the kinds of column of which the tables are made, none of them null."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY


def uuid(name: str, primary: bool = False) -> Column[str]:
    """Return a column of UUIDs, as text in Python."""
    return Column(name, Uuid(as_uuid=False), primary_key=primary, nullable=False)


def text(name: str, primary: bool = False) -> Column[str]:
    """Return a column of text."""
    return Column(name, Text, primary_key=primary, nullable=False)


def number(name: str, primary: bool = False) -> Column[int]:
    """Return a column of integers of 64 bits."""
    return Column(name, BigInteger, primary_key=primary, nullable=False)


def count(name: str) -> Column[int]:
    """Return a column of integers of 32 bits."""
    return Column(name, Integer, nullable=False)


def data(name: str, primary: bool = False) -> Column[bytes]:
    """Return a column of bytes."""
    return Column(name, LargeBinary, primary_key=primary, nullable=False)


def flag(name: str) -> Column[bool]:
    """Return a column of truth values."""
    return Column(name, Boolean, nullable=False)


def texts(name: str) -> Column[list[str]]:
    """Return a column of lists of text."""
    return Column(name, ARRAY(Text), nullable=False)
