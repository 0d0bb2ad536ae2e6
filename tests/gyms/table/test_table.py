"""A gym made of a table: its tasks, its forms, its rubric, and what is wrong with a bad one."""

import json
from itertools import islice

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from banbury.errors import GymError, InputError
from banbury.gyms.check import act, check
from banbury.gyms.contract import Answer
from banbury.gyms.table.gym import table_gym

HEAD = """name = "t"
version = "1"
licence = "CC0-1.0"
{top}
[skills.s]
title = "a title"
form = "{form}"
seen = ["What of {{q}}?", "Say it: {{q}}"]
unseen = ["And {{q}}?"]
{more}
"""
CITIES = [
    "Ada",
    "Ben",
    "Cleo",
    "Dan",
    "Eva",
    "Finn",
    "Gina",
    "Hugo",
    "Ida",
    "Jon",
    "Kira",
    "Leo",
    "Mia",
    "Nils",
    "Olga",
    "Paul",
]


def folder(tmp_path, rows, form="text", more="", top="", head="q,answer"):
    (tmp_path / "gym.toml").write_text(HEAD.format(form=form, more=more, top=top))
    (tmp_path / "tasks.csv").write_text("\n".join([head, *rows]) + "\n")
    return tmp_path


def said(gym, problem, text):
    return gym.judge(act(gym, problem, [Answer(text)]), problem)


@pytest.mark.parametrize(
    ("form", "more", "gold"),
    [
        ("text", "", "the blue one"),
        ("choice", 'options = ["left", "right"]', "left"),
        ("number", "", "-12.5"),
        ("date", "", "2026-02-28"),
        ("items", "", '"a, b"'),
        ("json", 'keys = ["n", "w"]', '"{""n"": 1, ""w"": ""x""}"'),
    ],
)
def test_every_form_keeps_the_contract(tmp_path, form, more, gold):
    gym = table_gym(folder(tmp_path, [f"{c},{gold}" for c in CITIES], form, more))
    assert [f for f in check(gym) if not f.ok] == []


def test_rows_are_finite_distinct_and_worded_one_way(tmp_path):
    gym = table_gym(folder(tmp_path, [f"{c},x" for c in CITIES]))
    seen = list(gym.tasks("t.s", seed=1))
    unseen = list(gym.tasks("t.s", seed=1, phrasing="unseen"))
    shown = [json.loads(p.task.params)["content"]["q"] for p in seen + unseen]
    assert sorted(shown) == CITIES
    assert seen and unseen
    other = [p.task.id for p in gym.tasks("t.s", seed=2)]
    assert sorted(other) == sorted(p.task.id for p in seen)


def test_difficulties_come_from_a_column(tmp_path):
    rows = [f"{c},x,{'easy' if i < 8 else 'hard'}" for i, c in enumerate(CITIES)]
    top = 'difficulties = ["easy", "hard"]'
    gym = table_gym(folder(tmp_path, rows, top=top, head="q,answer,difficulty"))
    assert gym.skills()[0].difficulties == ("easy", "hard")
    hard = {
        json.loads(p.task.params)["content"]["q"]
        for p in gym.tasks("t.s", seed=0, difficulty="hard")
    }
    assert hard <= set(CITIES[8:])


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_other_files_hold_the_same_tasks(tmp_path, suffix):
    top = f'tasks = "tasks.{suffix}"'
    folder(tmp_path, [], "number", top=top)
    rows = [{"q": c, "answer": i} for i, c in enumerate(CITIES)]
    if suffix == "jsonl":
        (tmp_path / "tasks.jsonl").write_text("\n".join(map(json.dumps, rows)))
    else:
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / "tasks.parquet")
    gym = table_gym(tmp_path)
    problem = next(gym.tasks("t.s", seed=0))
    gold = CITIES.index(json.loads(problem.task.params)["content"]["q"])
    assert said(gym, problem, f"Answer: {gold}").passed


@pytest.mark.parametrize(
    ("rows", "options", "says"),
    [
        ([], {}, "no rows"),
        (["a,"], {}, r"gold answer is empty.*row 2, column answer"),
        ([",x"], {}, r"cell is empty.*row 2, column q"),
        (["a,x", "b,x", "a,y"], {}, r"asks the same as row 2, with another answer.*row 4"),
        (["a,x", "a,x"], {}, r"with the same answer.*row 3"),
        (["a,x,y"], {}, r"3 cells, the header 2.*row 2"),
        (["a"], {"head": "q"}, r"column 'answer' is missing.*row 2"),
        (
            ["a,x"],
            {"head": "p,answer"},
            r"\{q\}, which is no column.*row 2.*a column of the table: p",
        ),
        (["a,x"], {"head": "q,q"}, r"'q' is there twice.*row 1"),
        (["a,1e3"], {"form": "number"}, r"'1e3' is no number.*row 2, column answer"),
        (["a,1.2.26"], {"form": "date"}, r"no date as YYYY-MM-DD.*row 2"),
        (["a,[]"], {"form": "json", "more": 'keys = ["k"]'}, r"is no JSON object.*row 2"),
        (["a,up"], {"form": "choice", "more": 'options = ["l", "r"]'}, r"none of the options l, r"),
        (["a,x,z"], {"head": "q,answer,skill"}, r"'z' is no skill.*row 2, column skill"),
        (['a,"x'], {}, r"no CSV.*tasks\.csv, line"),
        (["a;x"], {"head": "q;answer"}, r"by semicolons.*row 1.*commas between"),
    ],
)
def test_a_bad_table_is_one_error_with_file_row_and_column(tmp_path, rows, options, says):
    with pytest.raises(InputError, match=says) as raised:
        table_gym(folder(tmp_path, rows, **options))
    assert "tasks.csv" in str(raised.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"And {q}?"', '"And {r}?"', r"unseen\[0\].*is in only one|only one.*unseen\[0\]"),
        ('"And {q}?"', '"And {q!r}?"', r"skills\.s\.unseen\[0\]"),
        ('"And {q}?"', '"And {answer}"', "not shown"),
        ('"And {q}?"', "", "give at least one wording"),
        ('"And {q}?"', '"Say it: {q}"', "among the seen"),
        ('form = "text"', 'form = "choice"', "at least two options"),
        ('form = "text"', 'form = "txt"', r"'txt'.*skills\.s, form\)\. Give one of text, choice"),
        ('form = "text"', 'form = "rubric"', "needs criteria"),
        ('title = "a title"', "", "title"),
        ('title = "a title"', 'titel = "a title"', r"`titel`.*skills\.s\)\. Known are title, form"),
        ('licence = "CC0-1.0"', 'license = "x"', r"`license`.*gym\.toml\)\. Known are name"),
        ('name = "t"', "name = 3", r"expected `str`, got `int`.*gym\.toml, name\)"),
        ('name = "t"', 'name = "T t"', "is no name"),
        ('name = "t"', "name = ", "cannot be used"),
    ],
)
def test_bad_settings_are_one_error_with_their_place(tmp_path, old, new, says):
    folder(tmp_path, ["a,x"])
    path = tmp_path / "gym.toml"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(InputError, match=says) as raised:
        table_gym(tmp_path)
    assert "gym.toml" in str(raised.value)


def test_bytes_that_are_no_utf8_are_named_by_row(tmp_path):
    folder(tmp_path, ["a,x", "b,y"])
    (tmp_path / "tasks.csv").write_bytes("q,answer\na,x\nb,caf\xe9\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"not in UTF-8.*row 3, byte 0xe9"):
        table_gym(tmp_path)


RUBRIC = """
[[skills.s.criteria]]
name = "names it"
contains = "{q}"
required = true
[[skills.s.criteria]]
name = "short"
max_words = 6
[[skills.s.criteria]]
name = "no date"
lacks = "tomorrow"
weight = 2
"""
ASKS = RUBRIC + '[[skills.s.criteria]]\nname = "kind"\nask = "Is it kind to {q}?"\nweight = 4\n'


def rubric(tmp_path, criteria=RUBRIC):
    return table_gym(folder(tmp_path, [f"{c},Thank you {c}" for c in CITIES], "rubric", criteria))


def test_a_rubric_of_checks_needs_no_model(tmp_path):
    gym = rubric(tmp_path)
    assert not gym.needs.model
    assert [f for f in check(gym) if not f.ok] == []
    problem = next(gym.tasks("t.s", seed=0))
    name = json.loads(problem.task.params)["content"]["q"]
    assert said(gym, problem, f"hello {name.upper()}").passed
    later = said(gym, problem, f"{name}, tomorrow")
    assert (later.score, later.passed) == (0.5, False)
    assert later.components == {"names it": 1.0, "short": 1.0, "no date": 0.0}
    assert said(gym, problem, "hello you").score == 0.0
    assert said(gym, problem, problem.task.public.instruction).score == 0.0


def test_a_rubric_that_asks_a_model_reads_the_grades_from_the_record(tmp_path):
    gym = rubric(tmp_path, ASKS)
    assert gym.needs.model
    problem = next(gym.tasks("t.s", seed=0))
    asked = []

    def ask(model, prompt):
        asked.append((model, prompt))
        return "Yes." if "hello" in prompt else "no"

    name = json.loads(problem.task.params)["content"]["q"]
    for text, passed in ((f"hello {name}", True), (f"go away {name}", False)):
        record = act(gym, problem, [Answer(text)], ask=ask)
        assert gym.judge(record, problem).passed is passed
        assert gym.judge(record, problem).components["kind"] == float(passed)
    assert asked[0][0] == "judge"
    assert f"Is it kind to {name}?" in asked[0][1]


def test_without_a_model_to_ask_an_answer_stays_unjudged(tmp_path):
    gym = rubric(tmp_path, ASKS)
    problem = next(gym.tasks("t.s", seed=0))
    name = json.loads(problem.task.params)["content"]["q"]
    with pytest.raises(GymError, match="nobody graded 'kind'"):
        said(gym, problem, f"hello {name}")
    findings = [f for f in check(gym) if not f.ok]
    assert {f.check for f in findings} == {"a model to ask"}
    graded = check(gym, ask=lambda model, prompt: "yes")
    assert [f for f in graded if not f.ok] == []


def test_a_grader_that_says_neither_yes_nor_no_is_no_score(tmp_path):
    gym = rubric(tmp_path, ASKS)
    problem = next(gym.tasks("t.s", seed=0))
    with pytest.raises(GymError, match="neither yes nor no"):
        act(gym, problem, [Answer("hello")], ask=lambda model, prompt: "perhaps")


def test_the_judges_hash_changes_with_the_settings(tmp_path):
    (tmp_path / "a").mkdir()
    before = table_gym(folder(tmp_path / "a", ["a,x"])).judge_hash
    text = (tmp_path / "a" / "gym.toml").read_text()
    (tmp_path / "a" / "gym.toml").write_text(text.replace("a title", "another"))
    assert table_gym(tmp_path / "a").judge_hash != before


def test_the_order_of_rows_depends_on_the_seed_alone(tmp_path):
    gym = table_gym(folder(tmp_path, [f"{c},x" for c in CITIES]))
    first = [p.task.id for p in islice(gym.tasks("t.s", seed=5), 4)]
    assert first == [p.task.id for p in islice(gym.tasks("t.s", seed=5), 4)]
    assert first != [p.task.id for p in islice(gym.tasks("t.s", seed=6), 4)]
