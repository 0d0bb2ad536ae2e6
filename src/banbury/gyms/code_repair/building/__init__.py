"""From a recipe's lock to an environment: a folder that a box mounts, read-only, at /env."""

from banbury.gyms.code_repair.building.making import environment

__all__ = ["environment"]
