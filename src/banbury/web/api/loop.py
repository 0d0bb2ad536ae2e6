"""Where a lab's loop stands."""

from __future__ import annotations

from litestar import get

from banbury.web.context import TheLab
from banbury.web.guard import may
from banbury.web.views import loop as view


@get("/api/labs/{lab_name:str}/loop", opt=may("see", "stages"), sync_to_thread=True)
def loop(lab: TheLab) -> view.Standing:
    """Return where the loop stands: each stage's last result, what comes next, what waits."""
    return view.standing(lab)


routes = (loop,)
