"""A report's data, synthetic: as many skills, gaps and texts as a real one has."""

from __future__ import annotations

import math

from banbury.cycle.compare import report_data as d
from banbury.statistics.intervals import wilson

OTHERS = [
    ("reasoning.first_letter", "First letter of a word", 20, 24, None),
    ("reasoning.last_word", "Last word of a sentence", 19, 24, None),
    ("reasoning.uppercase", "Write in capitals", 22, 24, None),
    ("reasoning.larger", "The larger of two numbers", 15, 24, None),
    ("reasoning.parity", "Even or odd", 12, 24, None),
    ("reasoning.sum", "Add two numbers", 3, 24, "form"),
    ("reasoning.units", "Convert units", 0, 12, "skill"),
    ("reasoning.table", "Look up a value in a table", 9, 24, None),
    ("rg.number_sorting", "Sort a list of numbers (reasoning-gym)", 0, 12, "skill"),
    ("rg.word_sorting", "Sort words", 1, 18, "skill"),
    ("office.email.reply", "Does the mail need an answer?", 13, 24, None),
]
WORKED = [
    ("office.email.queue", "Which queue a mail belongs in", "ours", "knowledge", 0, 61, 75),
    ("rg.spell_backward", "Spell a word backwards", "reasoning-gym", "skill", 1, 40, 75),
    ("reasoning.date_form", "Write a date in the asked form", "ours", "form", 4, 70, 75),
    (
        "office.email.intent",
        "Does this sentence ask for something?",
        "real mail",
        "skill",
        28,
        44,
        75,
    ),
]
HOSTILE = (
    "<script>alert('x')</script></style><b>bold?</b> {{ 7*7 }} "
    "\u202eright to left\u202c \u0645\u0631\u062d\u0628\u0627 \U0001f600 \x00\x07 "
)


def rate(passes: int, n: int) -> d.Rate:
    found = wilson(passes, n)
    return d.Rate(n, passes, found.low, found.high)


def worked(row: tuple[str, str, str, str, int, int, int]) -> d.SkillRow:
    skill, title, source, kind, before, after, n = row
    value = (after - before) / n
    low, high = max(value - 0.13, -1), min(value + 0.1, 1)
    return d.SkillRow(
        skill=skill,
        title=title,
        gym=skill.split(".")[0],
        source=source,
        kind=kind,
        worked_on=True,
        before=rate(before, n),
        after=rate(after, n),
        difference=d.Difference(value, low, high),
        closed=low > 0.3,
        unseen_before=rate(before // 3, n // 3),
        unseen_after=rate(after // 4, n // 3),
    )


def guard(verdict: str = "safe", lost: int = 1) -> d.GuardTable:
    rows = tuple(
        d.GuardRow(s, t, 100, 3 if i % 3 == 0 else 0, 1, lost if i == 2 else 0,
                   (1 - lost) / 100 if i == 2 else 0.01, -0.02 - lost / 100 if i == 2 else -0.03,
                   verdict if i == 2 else "safe" if i % 4 else "not shown safe")
        for i, (s, t, *_) in enumerate(OTHERS)
    )  # fmt: skip
    pooled = d.GuardRow("", "all", 1100, 12, 4, 9, -0.004, -0.011, "safe")
    return d.GuardTable(0.10, verdict, pooled, rows)


def sample(**changes: object) -> d.ReportData:
    others = tuple(
        d.SkillRow(s, t, s.split(".")[0], "ours", rate(k, n), kind=kind)
        for s, t, k, n, kind in OTHERS
    )
    rows = tuple(map(worked, WORKED))
    ask = "From: ana@example.org\nSubject: Invoice 4411 over 12,300 EUR\n\nWhich queue?"
    fails = (
        d.Failure(ask, "Answer: finance-large", "The email is about an invoice."),
        d.Failure(HOSTILE, "Answer: 49", HOSTILE + "x" * 100_000),
        d.Failure("Which queue?", "Answer: legal", ""),
    )
    gaps = tuple(
        d.GapRow(r.skill, r.title, r.kind, 12, 0.02, 0.1, 0.3, 8, r.worked_on, fails)
        for r in (*rows, *others)
        if r.kind
    )
    sourced = tuple(
        d.SourcedRow(r.skill, r.title, 75, 25, 240, 240 - 3 * i,
                     {"the same task twice": 2 * i, "overlaps a reserved item": i} if i else {})
        for i, r in enumerate(rows)
    )  # fmt: skip
    steps = tuple(float(i) for i in range(30))
    loss = d.Curve(steps, tuple(2.5 * math.exp(-i / 8) + 0.05 * math.sin(i) + 0.1 for i in steps))
    reward = d.Curve(steps, tuple(0.4 + 0.01 * i + 0.04 * math.cos(i) for i in steps))
    runs = (
        *(d.Training(r.title, "sft", 240, 30, 71.3, loss) for r in rows),
        d.Training(rows[3].title, "grpo", 96, 16, 133.0, d.Curve(), reward),
    )
    names = ("probe", "diagnose", "source", "review", "release", "train", "compare", "guard")
    times = (0.0, 130.0, 170.0, 182.0, 190.0, 193.0, 560.0, 690.0, 760.0)
    pair = d.Pair(rows[0].skill, rows[0].title, ask, "Answer: finance-large",
                  "Dear Ana,", "Answer: finance-large", False, True)  # fmt: skip
    worse = d.Pair(rows[3].skill, rows[3].title, HOSTILE, "yes", "yes", HOSTILE * 40, True, False)
    whole = d.ReportData(
        model="HuggingFaceTB/SmolLM2-135M-Instruct",
        revision="5f3a" * 16,
        made="2026-11-21 10:20 UTC",
        threshold=0.5,
        skills=(*rows, *others),
        gaps=gaps,
        sourced=sourced,
        training=runs,
        router=d.Confusion(
            ("queue", "backward", "date", "intent", "base"),
            (
                (60, 0, 0, 0, 0),
                (0, 58, 0, 0, 2),
                (0, 0, 60, 0, 0),
                (1, 0, 0, 57, 2),
                (0, 0, 0, 3, 417),
            ),
        ),
        guard=guard(),
        joint=d.Joint(
            tuple(
                d.JointRow(r.skill, r.title, d.Difference(0.35, 0.22, 0.47), False) for r in rows
            ),
            guard("harmed", 22),
        ),
        stages=tuple(
            d.Stage(n, times[i], times[i + 1], 120_000 if i in (0, 1, 6, 7) else 0, 9_000)
            for i, n in enumerate(names)
        ),
        cycle_seconds=760.0,
        rollouts=1480,
        episodes=2440,
        pairs=(pair, worse),
        release=d.ReleaseRow("repair", 3, "ab12" * 16, 942, 900, 42),
        settings={"rank": "16", "learning rate": "2e-3", "batch": "8"},
        seeds=(0,),
        command="banbury demo --seed 0",
        notes=("GRPO started from the adapter that SFT had made.",),
    )  # fmt: skip
    return d.msgspec.structs.replace(whole, **changes)
