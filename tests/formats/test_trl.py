"""Rows for TRL, held against TRL's and datasets' own code where they are installed."""

from __future__ import annotations

import pytest
from tests.formats.test_chat import record, step

from banbury.errors import InputError
from banbury.formats import trl
from banbury.formats.chat import messages

ASK = step(0, "observation", {"text": "Sort 3 1 2."})
GOOD = record((ASK, step(1, "action", {"do": "answer", "text": "1 2 3"})))
BAD = record((ASK, step(1, "action", {"do": "answer", "text": "3 2 1"})))
LONG = record(
    (
        ASK,
        step(1, "action", {"do": "answer", "text": "1 2"}),
        step(2, "observation", {"text": "And the three?"}),
        step(3, "action", {"do": "answer", "text": "1 2 3"}),
    )
)


def test_one_row_for_each_action_so_that_loss_falls_on_it_alone() -> None:
    rows = trl.sft(LONG)
    assert [len(r["prompt"]) for r in rows] == [1, 3]
    assert [r["completion"] for r in rows] == [
        [{"role": "assistant", "content": "1 2"}],
        [{"role": "assistant", "content": "1 2 3"}],
    ]
    assert trl.read(rows[-1]) == messages(LONG)


def test_a_prompt_ends_before_the_first_action() -> None:
    assert trl.prompt_only(LONG) == {"prompt": [{"role": "user", "content": "Sort 3 1 2."}]}
    with pytest.raises(InputError, match="nothing was shown"):
        trl.prompt_only(record((step(0, "action", {"do": "answer", "text": "x"}),)))


def test_a_preference_splits_where_two_attempts_part() -> None:
    row = trl.preference(GOOD, BAD)
    assert row["prompt"] == [{"role": "user", "content": "Sort 3 1 2."}]
    assert row["chosen"] == [{"role": "assistant", "content": "1 2 3"}]
    assert row["rejected"] == [{"role": "assistant", "content": "3 2 1"}]
    with pytest.raises(InputError, match="do not differ"):
        trl.preference(GOOD, GOOD)
    other = record((step(0, "observation", {"text": "Hm?"}), GOOD.steps[1]))
    with pytest.raises(InputError, match="different prompts"):
        trl.preference(GOOD, other)


def test_trl_takes_the_rows_for_conversational_ones() -> None:
    data_utils = pytest.importorskip("trl.data_utils")
    for row in (*trl.sft(LONG), trl.prompt_only(GOOD), trl.preference(GOOD, BAD)):
        assert data_utils.is_conversational(row)


def test_what_is_no_row_is_refused() -> None:
    with pytest.raises(InputError, match="not conversational"):
        trl.read({"prompt": "plain", "completion": "text"})
