"""A client of the workbench's API: labs, campaigns, tasks, answers, reviews, episodes, jobs."""

from banbury.client.client import Client
from banbury.client.lab import LabClient
from banbury.client.operations import LACKS, OPERATIONS, lacking
from banbury.client.said import Kept, Look, Sight, Taken, Work

__all__ = [
    "LACKS",
    "OPERATIONS",
    "Client",
    "Kept",
    "LabClient",
    "Look",
    "Sight",
    "Taken",
    "Work",
    "lacking",
]
