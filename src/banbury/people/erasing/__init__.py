"""Erasing a person: what will happen, in which order, and what is never brought back."""

from banbury.people.erasing.erasing import DAYS, Erased, Erasing, Erasures, account_of
from banbury.people.erasing.plan import InLab, Plan

__all__ = ["DAYS", "Erased", "Erasing", "Erasures", "InLab", "Plan", "account_of"]
