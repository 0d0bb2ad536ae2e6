"""Pages of the loop's stages: all, one with its form, and jobs."""

from __future__ import annotations

from functools import partial
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from banbury.errors import UnknownName
from banbury.web.context import TheLab
from banbury.web.guard import may
from banbury.web.jobs.forms import STAGES
from banbury.web.rendering import page
from banbury.web.views import jobs as jobs_view
from banbury.web.views import made as made_view
from banbury.web.views import stages as view
from banbury.web.views.wording import words

_LAB = "/labs/{lab_name:str}"
_SHUT = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
)
"""A report brings its own style sheet, and runs nothing."""


@get(_LAB + "/stages", opt=may("see", "stages"), include_in_schema=False, sync_to_thread=True)
def stages(
    request: Request[Any, Any, Any], lab: TheLab, before: FromQuery[str | None] = None
) -> Template:
    """Show the loop as a table, and the jobs."""
    return page(
        *(request, "stages.html", "stages"),
        **loop(lab),
        beside=view.lines(lab, view.BESIDE),
        jobs=jobs_view.listed(lab, before=before),
        told=partial(jobs_view.told, lab),
    )


def loop(lab: TheLab) -> dict[str, Any]:
    """Return what the table of the loop shows."""
    lines = view.lines(lab)
    return {"loop_lines": lines, "next": view.following(lines), "waits_for": view.waits_for}


@get(
    _LAB + "/stages/{slug:str}",
    opt=may("see", "stages"),
    include_in_schema=False,
    sync_to_thread=True,
)
def stage(
    request: Request[Any, Any, Any],
    lab: TheLab,
    slug: FromPath[str],
    before: FromQuery[str | None] = None,
    made: FromQuery[str | None] = None,
) -> Template:
    """Show one stage: its form, its jobs, what it left."""
    found = view.stage(slug)
    if found is None:
        raise UnknownName("stage", slug[:60], [s.slug for s in view.ALL])
    form = request.app.state.forms.form(slug)
    [line] = view.lines(lab, (found,))
    needed = next((s for s in view.ALL if found.needs and s.kind == found.needs), None)
    main = [f for name in found.main for f in form.fields if f.name == name]
    return page(
        *(request, "stage.html", "stages"),
        stage=found,
        ready=line.ready,
        missing=f"This rests on what {needed.title.lower()} leaves, and there is nothing yet."
        if needed
        else "",
        before_slug=needed.slug if needed else "",
        main=main,
        words=words,
        rest=[f for f in form.fields if f not in main],
        choices=view.choices(lab, form),
        domains=view.skills(lab),
        skill_fields=view.SKILL_FIELDS,
        first_skills=view.first_skills(lab),
        jobs=jobs_view.listed(lab, found.verb, before=before),
        told=partial(jobs_view.told, lab),
        history=view.history(lab, found.kind, made) if found.kind else None,
    )


@get(
    _LAB + "/stages/{slug:str}/{id:str}",
    opt=may("see", "stages"),
    include_in_schema=False,
    sync_to_thread=True,
)
def left(
    request: Request[Any, Any, Any], lab: TheLab, slug: FromPath[str], id: FromPath[str]
) -> Template:
    """Show what a stage left, in full."""
    found = view.stage(slug)
    if found is None:
        raise UnknownName("stage", slug[:60], [s.slug for s in view.ALL])
    made = made_view.made(lab, found.kind, id)
    slugs = {s.kind: s.slug for s in view.ALL}
    return page(
        *(request, "made.html", "stages"),
        stage=found,
        made=made,
        parents=made_view.links(made.parents, slugs),
    )


@get(
    _LAB + "/reports/{id:str}/{name:str}",
    opt=may("see", "stages"),
    include_in_schema=False,
    sync_to_thread=True,
)
def report(lab: TheLab, id: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """Show a file of a report as it was written, shut off from everything of ours."""
    data, media = made_view.written(lab, id, name)
    return Response(data, media_type=media, headers={"Content-Security-Policy": _SHUT})


@get(_LAB + "/jobs/rows", opt=may("see", "jobs"), include_in_schema=False, sync_to_thread=True)
def job_rows(
    request: Request[Any, Any, Any], lab: TheLab, verb: FromQuery[str | None] = None
) -> Template:
    """Show the newest jobs, for a page that is open."""
    found = jobs_view.listed(lab, verb)
    told = partial(jobs_view.told, lab)
    return page(request, "parts/job_rows.html", jobs=found, told=told, more="?before=")


@get(_LAB + "/jobs/{id:str}", opt=may("see", "jobs"), include_in_schema=False, sync_to_thread=True)
def job(request: Request[Any, Any, Any], lab: TheLab, id: FromPath[str]) -> Template:
    """Show one job with its log."""
    return page(request, "job.html", "stages", **_one(lab, id))


@get(
    _LAB + "/jobs/{id:str}/now",
    opt=may("see", "jobs"),
    include_in_schema=False,
    sync_to_thread=True,
)
def job_now(request: Request[Any, Any, Any], lab: TheLab, id: FromPath[str]) -> Template:
    """Show how one job stands, for a page that is open."""
    return page(request, "parts/job_now.html", **_one(lab, id))


def _one(lab: TheLab, id: str) -> dict[str, Any]:
    sight = jobs_view.sight(lab, id)
    slug = sight.job.verb.replace(" ", "-")
    found = view.stage(slug)
    place = STAGES.index(sight.job.verb) if sight.job.verb in STAGES else -1
    slugs = [s.slug for s in view.LOOP]
    after = slugs.index(slug) + 1 if slug in slugs and place >= 0 else len(slugs)
    return {
        "job": sight.job,
        "told": partial(jobs_view.told, lab),
        "log": sight.log,
        "made": sight.made,
        "slug": slug,
        "title": found.title if found else sight.job.verb,
        "after": view.LOOP[after] if after < len(slugs) else None,
    }


routes = (stages, stage, left, report, job_rows, job, job_now)
