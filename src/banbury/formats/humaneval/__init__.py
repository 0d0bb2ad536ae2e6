"""HumanEval and MBPP: short functions with tests.

Sources: https://github.com/openai/human-eval (MIT), and the folder `mbpp` of
https://github.com/google-research/google-research (CC-BY-4.0), both its files.
"""

from banbury.formats.humaneval.rows import HumanEvalRow, MbppRow, read_row

__all__ = ["HumanEvalRow", "MbppRow", "read_row"]
