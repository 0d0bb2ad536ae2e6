"""The list of releases, and the page of one: card, manifest, rows, lineage."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.params import FromPath, FromQuery
from litestar.response import Template
from markupsafe import Markup

from banbury.charts.lineage import graph
from banbury.web.context import TheLab
from banbury.web.guard import may
from banbury.web.rendering import page
from banbury.web.views import card
from banbury.web.views import releases as views
from banbury.web.views.lineage import lineage

_SEE = may("see", "releases")
_LAB = "/labs/{lab_name:str}/releases"


@get(_LAB, opt=_SEE, include_in_schema=False, sync_to_thread=True)
def releases(request: Request[Any, Any, Any], lab: TheLab, after: FromQuery[str] = "") -> Template:
    """Show a page of the list."""
    return page(request, "releases.html", "releases", found=views.listing(lab, after))


@get(_LAB + "/{release:str}", opt=_SEE, include_in_schema=False, sync_to_thread=True)
def release(
    request: Request[Any, Any, Any],
    lab: TheLab,
    release: FromPath[str],
    version: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Template:
    """Show one release; to htmx only a page of its rows."""
    artifact = views.named(lab, release, version)
    rows = views.rows(lab, artifact, after)
    if request.headers.get("hx-request") == "true" and after:
        return page(request, "parts/release_rows.html", rows=rows, release=artifact)
    found, tree = views.release(lab, artifact), lineage(lab, artifact)
    label = "Where this release comes from, on the left, and what came of it, on the right"
    picture = graph(tree.nodes, tree.edges, label, "#lineage-table")
    return page(
        request,
        "release.html",
        "releases",
        view=found,
        release=artifact,
        rows=rows,
        card=card.html(found.card),
        lineage=tree,
        picture=Markup(picture),
    )


routes = (releases, release)
