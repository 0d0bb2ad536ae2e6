"""Skills: the map as data, and one skill in full."""

from __future__ import annotations

from litestar import get
from litestar.params import FromPath

from banbury.web.context import TheLab
from banbury.web.guard import may
from banbury.web.views import skills as view

_AT = "/api/labs/{lab_name:str}/skills"


@get(_AT, opt=may("see", "skills"), sync_to_thread=True)
def skills(lab: TheLab) -> view.Picture:
    """Return the map: every skill by domain with the newest rate of each model, and the gaps."""
    return view.picture(lab)


@get(_AT + "/{skill:str}", opt=may("see", "skills"), sync_to_thread=True)
def skill(lab: TheLab, skill: FromPath[str]) -> view.SkillSight:
    """Return one skill: its rates over time, its gap, examples, its names."""
    return view.sight(lab, skill)


routes = (skills, skill)
