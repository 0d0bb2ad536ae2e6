"""How pages are made: templates, what each of them may use, and the way from struct to page."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jinja2
from litestar import Request
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template

from banbury import clock
from banbury.accounts import Caller
from banbury.accounts.codes import new_code
from banbury.accounts.consent import WORDS
from banbury.accounts.permissions import Thing, allowed
from banbury.charts.svg import shown
from banbury.gyms.interview.spoken import told
from banbury.web.files import Files
from banbury.web.guard import caller_of

_LATELY = "banbury-lab"
"""Cookie that names the lab looked at last; it opens nothing."""
BROWSER = "banbury-browser"
"""Cookie by which a browser is known again, so that accounts on one device can be told; it opens
nothing, and the house keeps a keyed hash of it alone."""
_DAYS = 180 * 86_400
TEMPLATES = Path(__file__).parent / "templates"
_MENU: tuple[tuple[str, str, Thing], ...] = (
    ("skills", "Skills", "skills"),
    ("episodes", "Episodes", "episodes"),
    ("tasks", "Tasks", "tasks"),
    ("campaigns", "Campaigns", "campaigns"),
    ("releases", "Releases", "releases"),
    ("stages", "Stages", "stages"),
    ("people", "People", "people"),
)


def engine(files: Files) -> JinjaTemplateEngine:
    """Return the template engine: everything is escaped, an unknown name is an error."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "told": told,
        "ago": ago,
        "when": when,
        "count": count,
        "percent": percent,
        "seconds": seconds,
        "lasting": lasting,
        "shown": shown,
        "parts": parts,
    }
    environment.globals["static"] = files.address
    environment.globals["stays_words"] = WORDS
    return JinjaTemplateEngine.from_environment(environment)


def page(request: Request[Any, Any, Any], template: str, here: str = "", **given: Any) -> Template:
    """Return a page.

    Args:
        request: the request.
        template: file in `templates`.
        here: which entry of the menu this is.
        given: what the template shows.
    """
    caller = caller_of(request)
    lab = str(request.path_params.get("lab_name", ""))
    near = lab or _lately(request, caller)
    menu = [
        (key, f"/labs/{near}/{key}", label)
        for key, label, thing in _MENU
        if near and allowed(caller, "see", thing, near, own=True)
    ]
    common = {
        "caller": caller,
        "csrf": request.scope.get("banbury.csrf", ""),
        "lab_name": lab,
        "menu": menu,
        "menu_lab": near,
        "here": here,
        "may": lambda verb, thing: allowed(caller, verb, thing, lab, own=True),
    }
    found = Template(template, context={**common, **given})
    if lab and request.cookies.get(_LATELY) != lab:
        found.set_cookie(_LATELY, lab, httponly=True, samesite="lax")
    if caller.signed_in and not request.cookies.get(BROWSER):
        found.set_cookie(BROWSER, new_code(), max_age=_DAYS, httponly=True, samesite="lax")
    return found


def _lately(request: Request[Any, Any, Any], caller: Caller) -> str:
    """Return the lab whose menu a page of no lab shows: the one looked at last, or the only one."""
    last = request.cookies.get(_LATELY, "")
    if last in caller.roles:
        return last
    return next(iter(caller.roles)) if len(caller.roles) == 1 else ""


def ago(ns: int | None) -> str:
    """Return how long ago that was, in words."""
    if not ns:
        return ""
    gone = max((clock.wall_ns() - ns) / 1e9, 0.0)
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if gone >= size:
            number = int(gone // size)
            return f"{number} {word}{'' if number == 1 else 's'} ago"
    return "just now"


def when(ns: int | None) -> str:
    """Return a time in UTC, to the minute."""
    return datetime.fromtimestamp(ns / 1e9, UTC).strftime("%Y-%m-%d %H:%M UTC") if ns else ""


def count(value: int | float) -> str:
    """Return a count with thousands set apart."""
    return f"{value:,.0f}"


def percent(value: float | None) -> str:
    """Return a share as whole percents."""
    return "" if value is None else f"{100 * value:.0f} %"


def parts(text: str) -> list[tuple[bool, str]]:
    """Return (whether it is code, what it says) of paragraphs and fenced blocks."""
    found = re.split(r"^```\w*\n(.*?)^```$", text.strip(), flags=re.MULTILINE | re.DOTALL)
    return [(bool(n % 2), part.strip("\n")) for n, part in enumerate(found) if part.strip()]


def lasting(value: float) -> str:
    """Return a span that somebody set as they would say it: `45 s`, `90 min`, `36 h`, `14 days`."""
    for unit, length, least in (("days", 86_400, 3), ("h", 3600, 2), ("min", 60, 1)):
        if value >= least * length:
            return f"{value / length:.1f}".removesuffix(".0") + f" {unit}"
    return f"{value:.0f} s"


def seconds(value: float | None) -> str:
    """Return a duration as people say it."""
    if value is None:
        return ""
    if value < 60:
        return f"{value:.0f} s" if value >= 10 else f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
