"""The list of tasks, and the page of one."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from litestar.response import Template

from banbury.web.context import TheLab
from banbury.web.guard import may
from banbury.web.rendering import page
from banbury.web.views import tasks as views
from banbury.web.views.episodes import Asked

_SEE = may("see", "tasks")
_LAB = "/labs/{lab_name:str}/tasks"
_ASKED = {"asked": Provide(views.asked_tasks, sync_to_thread=False)}


@get(_LAB, opt=_SEE, dependencies=_ASKED, include_in_schema=False, sync_to_thread=True)
def tasks(
    request: Request[Any, Any, Any], lab: TheLab, asked: NamedDependency[views.AskedTasks]
) -> Template:
    """Show a page of the list; to htmx only its rows."""
    more = request.headers.get("hx-request") == "true" and bool(asked.after)
    template = "parts/task_rows.html" if more else "tasks.html"
    return page(request, template, "tasks", found=views.listing(lab, asked), asked=asked)


@get(_LAB + "/{task:str}", opt=_SEE, include_in_schema=False, sync_to_thread=True)
def task(request: Request[Any, Any, Any], lab: TheLab, task: FromPath[str]) -> Template:
    """Show one task."""
    found = views.task(lab, task)
    return page(request, "task.html", "tasks", task=found, asked=Asked(task=found.id))


routes = (tasks, task)
