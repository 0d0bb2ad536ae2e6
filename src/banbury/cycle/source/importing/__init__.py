"""Tasks from files, by themselves or into a campaign, and out of it again.

plan = read_plan("choice mood: good, bad")
imported = import_tasks(lab, Path("reviews.csv"), plan, campaign=Campaign("moods", "labelling"))
export_tasks(lab, Path("moods.jsonl"), "jsonl", campaign="moods")
"""

from banbury.cycle.source.importing.exporting import TO, Exported, export_tasks
from banbury.cycle.source.importing.importing import Imported, import_tasks
from banbury.cycle.source.importing.plan import Plan, checked_licence, read_plan
from banbury.cycle.source.importing.proposing import Proposed, propose
from banbury.cycle.source.importing.sources import FORMATS

__all__ = [
    "FORMATS",
    "TO",
    "Exported",
    "Imported",
    "Plan",
    "Proposed",
    "checked_licence",
    "export_tasks",
    "import_tasks",
    "propose",
    "read_plan",
]
