"""Repairs as Harbor folders, and Harbor folders as repairs."""

from banbury.cycle.source.importing.coding.harbor.writing import harbor_task

__all__ = ["harbor_task"]
