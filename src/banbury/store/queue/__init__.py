"""Work for people: campaigns, leases, answers, reviews."""

from banbury.store.queue.agreement import Agreement
from banbury.store.queue.campaign import Campaign
from banbury.store.queue.count import Progress, Share
from banbury.store.queue.filing import LATE
from banbury.store.queue.judging import Agree
from banbury.store.queue.lease import Kind, Lease, LeaseState, Outcome
from banbury.store.queue.queue import Queue
from banbury.store.queue.reviewing import Decision, Verdict
from banbury.store.queue.sight import Day, Late, Waiting, Waits
from banbury.store.queue.submitting import Submitted

__all__ = [
    "LATE",
    "Agree",
    "Agreement",
    "Campaign",
    "Day",
    "Decision",
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
    "Verdict",
]
