"""A client of the workbench's API: labs, campaigns, tasks, answers, reviews, episodes, jobs."""

from banbury.client.client import Client
from banbury.client.lab import LabClient
from banbury.client.operations import LACKS, OPERATIONS, lacking
from banbury.client.said import Kept, Look, Sight, Taken, Work
from banbury.client.sending import Sent

__all__ = [
    "LACKS",
    "OPERATIONS",
    "Client",
    "Kept",
    "LabClient",
    "Look",
    "Sent",
    "Sight",
    "Taken",
    "Work",
    "lacking",
]
