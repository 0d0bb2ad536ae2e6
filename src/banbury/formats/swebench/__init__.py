"""SWE-bench: one row for each repaired bug, with the tests that tell.

Source: https://www.swebench.com and the data set `princeton-nlp/SWE-bench`; both lists of tests are
JSON in a string there, and real lists in some successors. Both are read; strings are written.
"""

from banbury.formats.swebench.rows import SweBenchRow, read_row, row_values, write_rows

__all__ = ["SweBenchRow", "read_row", "row_values", "write_rows"]
