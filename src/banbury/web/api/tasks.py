"""Tasks by the API: lists, and the public half of one."""

from __future__ import annotations

from litestar import get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath

from banbury.web.context import TheLab
from banbury.web.guard import may
from banbury.web.views import tasks as views

_SEE = may("see", "tasks")
_LAB = "/api/labs/{lab_name:str}/tasks"
_ASKED = {"asked": Provide(views.asked_tasks, sync_to_thread=False)}


@get(_LAB, opt=_SEE, dependencies=_ASKED, sync_to_thread=True)
def listed(lab: TheLab, asked: NamedDependency[views.AskedTasks]) -> views.TaskList:
    """List tasks, the newest first, a page at a time; `after` goes on."""
    return views.listing(lab, asked)


@get(_LAB + "/{task:str}", opt=_SEE, sync_to_thread=True)
def read(lab: TheLab, task: FromPath[str]) -> views.TaskView:
    """Return a task: its public half, pass rates by actor, its newest episodes."""
    return views.task(lab, task)


routes = (listed, read)
