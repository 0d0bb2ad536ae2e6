"""What we know of each family of reasoning-gym 0.1.25: its easier setting, its guards, its holes.

The library ignores settings that it does not know, so each override here is checked to have taken
effect whenever a data set is made. `gate` is a pattern that an answer, its blanks left out, must
match before the library's own scorer sees it: some scorers pass over what they do not know, some
call `eval` on the answer (sympy's `parse_expr` does too), or let it ask for any amount of work.
The patterns take time linear in the answer: no two of their alternatives fit at one place. They
admit no name that calls anything and no tower of powers.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_SUM = r"(?!.*\*\*)[0-9+\-*/().]{1,120}"
_NUMBER = r"[0-9]{1,12}(?:\.[0-9]{1,6})?(?![0-9.])"
_POWERS = (
    r"(?<!\))\*\*[0-9]{1,2}(?![0-9]|\*\*)",
    r"(?<=\))\*\*[0-9](?![0-9]|\*\*)",
    r"\*\*\(-?[0-9]{1,2}(?:/[0-9]{1,2})?\)(?!\*\*)",
    r"\*\*[xX](?![\w(]|\*\*)",
)
_NAMES = "sqrt|a?sinh?|a?cosh?|a?tanh?|sec|csc|cot|exp|log|ln|Abs"
_SYMBOLS = r"(?:[xXCE]|pi)(?![A-Za-z0-9_(])"
_SIGNS = r"[+\-/()]|\*(?!\*)"
_CALCULUS = f"(?:{'|'.join(_POWERS)}|(?:{_NAMES})(?=\\()|{_SYMBOLS}|{_NUMBER}|{_SIGNS}){{1,240}}"
_POLYNOMIAL = rf"(?:{_POWERS[0]}|[xyz](?![\w(])|{_NUMBER}|{_SIGNS}){{1,900}}"

_FRACTION = r"\$?(?:[0-9]{1,9}/[0-9]{1,9}|\\d?frac\{[0-9]{1,9}\}\{[0-9]{1,9}\})\$?"
_HANOI = r"(?:Movedisk[0-9]{1,2}fromPeg[0-9]{1,2}toPeg[0-9]{1,2})+"


@dataclass(frozen=True)
class Rg:
    """One family of the library.

    Attributes:
        easy: settings smaller than the library's own, empty where there are none to make smaller.
        lines: the answer may take several lines, so it follows `Answer:` instead of standing in it.
        gate: pattern that the answer without blanks must match before the scorer sees it.
        same_words: the answer must have as many words as the reference, since the scorer passes
            over what stands beside the right ones.
        close: how far each number of the answer may lie from the reference's, as a share of it,
            where the library's own tolerance takes wrong answers; None leaves it to the library.
        reference: metadata field that holds a solution, where the library gives no answer.
    """

    easy: Mapping[str, Any] = field(default_factory=dict)
    lines: bool = False
    gate: str = ""
    reference: str = ""
    same_words: bool = False
    close: float | None = None


def _plain(**easy: Any) -> Rg:
    return Rg(easy)


def _grid(**easy: Any) -> Rg:
    return Rg(easy, lines=True)


FAMILIES: Mapping[str, Rg] = {
    # algebra
    "complex_arithmetic": Rg(
        {
            "operations": ("+", "-"),
            "operations_weights": [0.5, 0.5],
            "min_real": 0,
            "max_real": 9,
            "min_imag": 0,
        },
        gate=r"[-+0-9.ij]{1,64}",
    ),
    "intermediate_integration": Rg(gate=_CALCULUS),
    "polynomial_equations": Rg(
        {"max_degree": 1, "max_terms": 2, "max_value": 20},
        gate=r"-?[0-9.]{1,16}(?:,-?[0-9.]{1,16}){0,9}",
    ),
    "polynomial_multiplication": Rg(
        {"max_terms": 2, "max_value": 9, "max_degree": 1, "max_polynomials": 2}, gate=_POLYNOMIAL
    ),
    "simple_equations": _plain(max_terms=2, max_value=20),
    # Of the integral of 0 the scorer takes any single variable, so those tasks are left out.
    "simple_integration": Rg({"max_terms": 2, "max_degree": 3}, gate=rf"(?!0\+C$){_CALCULUS}"),
    # strings, lists, matrices
    "ab": _plain(length=4),
    "base_conversion": _plain(max_base=10, max_value=60),
    "binary_alternation": _plain(min_n=4, max_n=8),
    "binary_matrix": Rg({"max_n": 4}, lines=True, gate=r"[0-9]+"),
    "caesar_cipher": _plain(max_words=3, max_rotation=3),
    "count_primes": _plain(max_n=40),
    "cryptarithm": _plain(max_words=2),
    "game_of_life": _plain(grid_size_x=4, grid_size_y=4, filled_cells=5),
    "graph_color": Rg({"min_num_vertices": 4, "max_num_vertices": 4}, reference="possible_answer"),
    "group_anagrams": _plain(max_anagram_groups=2, max_words_per_group=2),
    "isomorphic_strings": _plain(max_string_length=4),
    "jugs": _plain(difficulty=2),
    "letter_counting": _plain(min_words=3, max_words=5),
    "letter_jumble": Rg(
        {"max_words": 3, "max_word_len": 6, "max_corruption_level": 0.4}, same_words=True
    ),
    "manipulate_matrix": _grid(max_rows=3, max_cols=3, max_transforms=1),
    "number_filtering": _plain(max_numbers=4, max_decimals=0),
    "number_sorting": Rg({"max_numbers": 4, "max_decimals": 0, "min_value": 0.0}, close=0.0),
    "palindrome_generation": _plain(max_length=5),
    "palindrome_partitioning": _plain(min_string_len=3, max_string_len=5),
    "pool_matrix": _grid(max_rows=4, max_cols=4, max_pool_size=2),
    "ransom_note": _plain(max_note_length=3, max_magazine_length=6),
    "rotate_matrix": _grid(max_n=3, max_rotations=2),
    "rotten_oranges": _plain(min_n=3, max_n=5),
    "sentence_reordering": _plain(max_words_in_sentence=5),
    "spell_backward": _plain(max_word_len=5),
    "spiral_matrix": Rg({"max_n": 3}, gate=r"[0-9-]+"),
    "string_insertion": Rg({"max_string_length": 8}, gate=r"[A-E]+"),
    "string_manipulation": _plain(max_string_length=6, max_num_rules=3),
    "string_splitting": _plain(max_initial_machines=2),
    "string_synthesis": _plain(max_initial_blocks=2),
    "word_ladder": _plain(min_word_length=3, max_word_length=3),
    "word_sequence_reversal": _plain(max_words=4),
    "word_sorting": Rg({"max_words": 4, "max_word_length": 6}, same_words=True),
    # abstraction
    "arc_1d": _plain(max_size=12, num_train=2),
    "arc_agi": _grid(),
    "rearc": _grid(max_examples=3, diff_ub=0.05),
    # arithmetic
    "basic_arithmetic": _plain(
        max_terms=2, max_digits=2, operators=("+", "-"), allow_negation=False
    ),
    "bitwise_arithmetic": _plain(difficulty=1),
    "calendar_arithmetic": _plain(tasks=["weekday_offset"], offset_upper_bound=14),
    "chain_sum": _plain(max_terms=2, max_digits=2),
    "count_bits": _plain(max_n=63),
    "decimal_arithmetic": Rg(
        {"min_num_decimal_places": 1, "max_num_decimal_places": 1, "max_terms": 2}, close=1e-11
    ),
    "decimal_chain_sum": _plain(max_terms=2, max_digits=1, max_decimal_places=1),
    "dice": _plain(num_dice=2, max_dice_size=12),
    "fraction_simplification": Rg(
        {"max_value": 12, "max_factor": 6, "styles": ("plain",)}, gate=_FRACTION
    ),
    "gcd": _plain(max_value=60),
    "gsm_symbolic": Rg(gate=r"[0-9]{1,15}(?:\.[0-9]{1,9})?", same_words=True),
    "lcm": _plain(max_value=12),
    "leg_counting": _plain(min_animals=2, max_animals=2, max_instances=4),
    "number_format": _plain(max_num_candidates=2, max_n=10000),
    "power_function": _plain(min_base=-9.0, max_base=9.0, max_exponent=3),
    "prime_factorization": _plain(max_value=60),
    "products": _plain(max_digits=2),
    "time_intervals": Rg(
        {
            "task_types": ["date"],
            "max_date_difference_days": 20,
            "min_date": datetime.date(2000, 1, 1),
            "max_date": datetime.date(2030, 1, 1),
        },
        gate=r"(?:[0-9]{1,6}days?,?)?[0-9:.]{0,15}",
    ),
    # code
    "bf": _plain(),
    "codeio": _plain(),
    # cognition
    "color_cube_rotation": _plain(max_rotations=1),
    "figlet_font": _plain(max_word_len=3),
    "modulo_grid": _grid(size_x=6, size_y=6),
    "needle_haystack": _plain(min_num_statements=3, max_num_statements=5),
    "number_sequence": _plain(max_terms=5, min_value=0, max_value=20, max_complexity=1),
    "rectangle_count": _plain(max_rectangles=2, width=20, height=10),
    "rubiks_cube": Rg(
        {"min_scramble_steps": 1, "max_scramble_steps": 2},
        gate=r"(?:[A-Za-z']|[0-9]{1,2}(?![0-9])){1,400}",
        reference="example_correct_answer",
    ),
    # games
    "countdown": Rg({"max_numbers": 4, "min_target": 10, "max_value": 20}, gate=_SUM),
    "emoji_mystery": _plain(max_words_in_sentence=5),
    "futoshiki": _grid(max_board_size=4, max_difficulty=0),
    "kakurasu": Rg({"max_rows": 4, "max_cols": 4}, lines=True, gate=r"[01]+", same_words=True),
    "knight_swap": _plain(),
    "mahjong_puzzle": _plain(max_num_rounds=12),
    "maze": _plain(min_dist=3, max_dist=5, max_grid_size=6),
    "mini_sudoku": _grid(min_empty=2, max_empty=4),
    "n_queens": Rg({"n": 4, "max_remove": 2}, lines=True, gate=r"[Q_]+"),
    "sokoban": Rg(
        {"max_w": 6, "max_h": 6, "min_boxes": 1, "max_boxes": 2}, gate=r"[UDLRudlr]{1,400}"
    ),
    "sudoku": _grid(min_empty=5, max_empty=10),
    "survo": Rg({"max_board_size": 4, "max_empty": 3}, lines=True, gate=r"[0-9]+", same_words=True),
    "tower_of_hanoi": Rg(lines=True, gate=_HANOI),
    "tsumego": _plain(max_board_size=9, max_stones=8),
    # geometry and graphs
    "advanced_geometry": Rg({"min_coord": -3, "max_coord": 3}, same_words=True),
    "simple_geometry": _plain(max_sides=3),
    "course_schedule": _plain(min_num_courses=3, max_num_courses=4, max_cycle_length=3),
    "family_relationships": _plain(max_family_size=4),
    "largest_island": _plain(max_rows=5, max_cols=5, max_num_islands=2, max_island_size=4),
    "path_star": _plain(degree=2, node_range=100, max_path_length=3),
    "quantum_lock": Rg({"difficulty": 2}, gate=r"[A-Z](?:→[A-Z])*"),
    "shortest_path": _plain(min_rows=3, max_rows=4, min_cols=3, max_cols=4),
    # induction and logic
    "acre": _plain(),
    "list_functions": _plain(),
    "aiw": _plain(max_entities=3),
    "circuit_logic": _plain(min_terms=2, max_terms=2, max_inputs=2),
    "knights_knaves": Rg({"width_constraint": 1}, same_words=True),
    "self_reference": _plain(difficulty=2),
    "syllogism": _plain(),
    "zebra_puzzles": _plain(num_people=3, num_characteristics=2),
}

EXCLUDED: Mapping[str, str] = {
    "composite": "it mixes other families and makes no tasks of its own",
    "game_of_life_halting": "its scorer gives full marks to any text: it compares bool(answer) "
    "with bool('True' or 'False'), which are both true",
    "puzzle24": "its scorer does not compare the numbers used with the numbers given, so "
    "'4*6*1*1' solves every task",
    "coin_flip": "its scorer gives full marks to any answer whose digits begin like the right one, "
    "so '0' solves nearly every task",
    "propositional_logic": "its scorer takes any conclusion that follows, and one and the same, "
    "'P ∨ Q', followed in 13 of 16 tasks",
    "boxnet": "it gives no reference solution, so its scorer cannot be proven",
    "rush_hour": "it gives no reference solution, so its scorer cannot be proven",
}
