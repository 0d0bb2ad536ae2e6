"""Pictures as SVG text: pure functions of plain data, for reports, pages and files.

Colours are CSS variables, so that a page gives its own and light and dark both work; `svg.STYLE`
holds the ones that a picture of its own brings along.
"""

from banbury.charts.curve import curve
from banbury.charts.skills import SkillMark, skill_map
from banbury.charts.strip import Bar, Mark, axis, bars, strip
from banbury.charts.svg import PALETTE, shown

__all__ = [
    "PALETTE",
    "Bar",
    "Mark",
    "SkillMark",
    "axis",
    "bars",
    "curve",
    "shown",
    "skill_map",
    "strip",
]
