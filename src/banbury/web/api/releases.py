"""Releases by the API: lists, one, its rows and lineage, and its download."""

from __future__ import annotations

from typing import Any, Literal

from litestar import Response, get
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from banbury.cycle.release import zipped
from banbury.cycle.release.export import leaves
from banbury.errors import UnknownName
from banbury.web.context import Asking, TheLab
from banbury.web.guard import may
from banbury.web.sending import attached, chunks
from banbury.web.views import releases as views
from banbury.web.views.episodes import own_name
from banbury.web.views.leaving import read_by
from banbury.web.views.lineage import Lineage, lineage

_SEE = may("see", "releases")
_EXPORT = may("export", "releases")
_LAB = "/api/labs/{lab_name:str}/releases"
_ONE = _LAB + "/{release:str}"


@get(_LAB, opt=_SEE, sync_to_thread=True)
def listed(lab: TheLab, after: FromQuery[str] = "") -> views.ReleaseList:
    """List releases, the newest first, a page at a time; `after` goes on."""
    return views.listing(lab, after)


@get(_ONE, opt=_SEE, sync_to_thread=True)
def read(lab: TheLab, release: FromPath[str], version: FromQuery[str] = "") -> views.ReleaseView:
    """Return a release by name or id, with its card and manifest."""
    return views.release(lab, views.named(lab, release, version))


@get(_ONE + "/rows", opt=_SEE, sync_to_thread=True)
def rows(
    lab: TheLab,
    caller: Asking,
    release: FromPath[str],
    version: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> views.RowList:
    """List the episodes that a release holds, a page at a time."""
    found = views.rows(lab, views.named(lab, release, version), after)
    read_by(caller, lab, [row.episode for row in found.rows])
    return found


@get(_ONE + "/lineage", opt=may("see", "lineage"), sync_to_thread=True)
def graph(lab: TheLab, release: FromPath[str], version: FromQuery[str] = "") -> Lineage:
    """Return where a release comes from and what was made from it, as nodes and edges."""
    return lineage(lab, views.named(lab, release, version))


@get(_ONE + "/export", opt=_EXPORT, sync_to_thread=True)
def export(
    lab: TheLab,
    caller: Asking,
    release: FromPath[str],
    version: FromQuery[str] = "",
    format: FromQuery[Literal["parquet", "trl", "atif"]] = "parquet",
) -> Stream:
    """Download a release as a ZIP, made while it is sent."""
    found = views.named(lab, release, version)
    headers = attached(f"{found.name}-{found.version}-{format}.zip")
    made = zipped(lab, found, format, own_name(lab, caller))
    return Stream(made, media_type="application/zip", headers=headers)


@get(_ONE + "/file", opt=_EXPORT, sync_to_thread=True)
def file(
    lab: TheLab,
    caller: Asking,
    release: FromPath[str],
    path: FromQuery[str] = "",
    version: FromQuery[str] = "",
) -> Response[Any]:
    """Download one file of a release.

    Raises:
        UnknownName: the release has no such file.
    """
    found = views.named(lab, release, version)
    if path not in found.blobs:
        raise UnknownName("file", path[:200], found.blobs, where=f"release {found.name}")
    place = lab.blobs.source(found.blobs[path].sha256)
    leaves(lab, found, "downloaded", path[-40:], own_name(lab, caller))
    headers = attached(path.rpartition("/")[2])
    headers["Content-Length"] = str(place.stat().st_size)
    return Stream(chunks(place), media_type="application/octet-stream", headers=headers)


routes = (listed, read, rows, graph, export, file)
