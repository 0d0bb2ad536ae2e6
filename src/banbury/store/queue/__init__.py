"""Work for people: campaigns, leases, answers, reviews."""

from banbury.store.queue.campaign import Campaign
from banbury.store.queue.count import Progress, Share
from banbury.store.queue.lease import Kind, Lease, LeaseState, Outcome
from banbury.store.queue.queue import Queue
from banbury.store.queue.sight import Day, Late, Waiting, Waits
from banbury.store.queue.submitting import LATE, Agree, Submitted

__all__ = [
    "LATE",
    "Agree",
    "Campaign",
    "Day",
    "Kind",
    "Late",
    "Lease",
    "LeaseState",
    "Outcome",
    "Progress",
    "Queue",
    "Share",
    "Submitted",
    "Waiting",
    "Waits",
]
