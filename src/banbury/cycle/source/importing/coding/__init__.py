"""Code as tasks: functions (HumanEval, MBPP) and repairs (Harbor folders, SWE-bench rows)."""

from banbury.cycle.source.importing.coding.doors import CODE, code_format, import_code
from banbury.cycle.source.importing.coding.leaving import LeftAs, export_code
from banbury.cycle.source.importing.coding.taking import Taken

__all__ = ["CODE", "LeftAs", "Taken", "code_format", "export_code", "import_code"]
