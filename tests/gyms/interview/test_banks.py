"""Every key that can be computed is computed here, in the sandbox."""

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from banbury.errors import InputError
from banbury.gyms.interview import arithmetic, marking, running
from banbury.gyms.interview.bank import VERIFIABLE, banks, read

BANKS = banks()
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


def of_kind(*kinds):
    return [
        pytest.param(item, id=item.id)
        for bank in BANKS.values()
        for item in bank.items
        if item.kind in kinds
    ]


def program(item):
    """The program that shows the key: the proof, else the one that is asked about."""
    found = BLOCK.findall(item.ask)
    return item.proof or (found[0] if len(found) == 1 else "")


@pytest.mark.parametrize("skill", BANKS)
def test_a_bank_has_sixty_items_or_more_and_its_kinds_and_difficulties_are_spread(skill):
    bank = BANKS[skill]
    assert len(bank.items) >= 60
    assert len({item.ask for item in bank.items}) == len(bank.items)
    kinds = [item.kind for item in bank.items]
    assert all(kinds.count(kind) >= 4 for kind in {*VERIFIABLE, "open"} & set(kinds))
    assert kinds.count("open") >= 8
    assert len(set(kinds)) >= 4
    hard = sorted(item.difficulty for item in bank.items)
    assert hard[len(hard) // 8] < -0.7
    assert hard[-len(hard) // 8] > 0.7
    assert -0.5 < sum(hard) / len(hard) < 0.5


def _joined(items):
    """One program for all, since a box costs more than what runs in it."""
    parts = [
        "import contextlib, io, json, traceback",
        "said = []",
        "def run(source, options):",
        "    out = io.StringIO()",
        "    with contextlib.redirect_stdout(out):",
        "        try:",
        "            exec(source, {'OPTIONS': options, '__name__': 'proof'})",
        "        except Exception:",
        "            traceback.print_exc(file=out)",
        "    said.append(out.getvalue().rstrip('\\n'))",
    ]
    parts += [f"run({program(item)!r}, {sorted(item.options)!r})" for item in items]
    return "\n".join([*parts, "print(json.dumps(said))"])


def test_every_number_and_every_computed_choice_is_what_its_proof_prints():
    items = [
        item
        for bank in BANKS.values()
        for item in bank.items
        if item.kind in ("number", "choice") and program(item)
    ]
    said = msgspec.json.decode(running.printed(_joined(items)))
    wrong = {}
    for item, printed in zip(items, said, strict=True):
        right = marking.right(item, printed, item.options)
        if not right:
            wrong[item.id] = printed
    assert wrong == {}
    assert len(items) > 80


def test_every_number_has_a_proof_and_every_choice_a_proof_or_a_reason():
    lacking = [
        item.id
        for bank in BANKS.values()
        for item in bank.items
        if (item.kind == "number" and not program(item))
        or (item.kind == "choice" and not (program(item) or len(item.why) > 20))
    ]
    assert lacking == []


def came(function, args):
    try:
        return msgspec.json.decode(msgspec.json.encode(function(*args)))
    except Exception as error:
        return type(error)


@pytest.mark.parametrize("item", of_kind("code"))
def test_the_key_repairs_every_case_and_what_is_given_does_not(item):
    cases = item.calls()
    assert len(cases) >= 3
    assert running.held(item.key, item.entry, cases) == len(cases)
    space = {}
    exec(item.broken, space)
    assert any(came(space[item.entry], args) != wanted for args, wanted in cases)


@pytest.mark.parametrize("item", of_kind("expression"))
def test_an_expression_equals_its_key_and_no_neighbour_of_it(item):
    assert marking.right(item, item.key)
    assert marking.right(item, f"`{item.key}`")
    assert marking.right(item, f"Answer: ({item.key}) * 1")
    for wrong in (f"{item.key} + 1", f"2 * ({item.key}) + 1", item.names[0] + " + 0.5", "0.25"):
        assert not marking.right(item, wrong)
    assert len(item.points) >= 4


@pytest.mark.parametrize("item", of_kind("number", "choice"))
def test_a_right_answer_is_taken_in_its_usual_forms_and_a_wrong_one_in_none(item):
    if item.kind == "choice":
        shown = item.options[::-1]
        letter = marking.LETTERS[len(shown) - 1]
        for text in (letter, f"{letter})", letter.upper(), f"Answer: {letter}", item.options[0]):
            assert marking.right(item, text, shown)
        for text in ("a", *item.options[1:], "z", "", "a, b, c, d", f"{letter} or a"):
            assert not marking.right(item, text, shown)
        return
    assert marking.right(item, item.key)
    assert marking.right(item, f"I think so.\nAnswer: {item.key}")
    off = float(item.key) + 2 * item.tolerance + 1
    for text in (str(off), "", "x", f"{item.key} or {off}", f"{item.key} {off}"):
        assert not marking.right(item, text)


@pytest.mark.parametrize("item", of_kind("open"))
def test_an_open_item_has_a_rubric_of_questions_and_an_example_of_some_length(item):
    assert len(item.rubric) >= 3
    assert all(one.question.endswith("?") for one in item.rubric)
    assert len({one.name for one in item.rubric}) == len(item.rubric)
    assert 25 <= len(item.example.split()) <= 160


def test_an_item_that_lacks_what_its_kind_needs_is_named(tmp_path):
    head = 'skill="s"\ntitle="t"\nversion="1"\nabout="a"\n'
    for body, said in [
        ('kind="number"', "needs a key"),
        ('kind="choice"\noptions=["a"]', "two options"),
        ('kind="open"', "rubric"),
        ('kind="code"\nkey="def f(): 1"', "entry"),
        ('kind="expression"\nkey="n"', "names"),
        ('kind="riddle"', "cannot be read"),
        ('kind="number"\nkey="1"\ncolour="red"', "colour"),
    ]:
        path = tmp_path / "b.toml"
        path.write_text(f'{head}[[items]]\nid="x1"\nask="?"\ndifficulty=0.0\n{body}\n')
        with pytest.raises(InputError, match=said):
            read(path)
    path.write_text(f"{head}items=[]\n")
    with pytest.raises(InputError, match="no items"):
        read(path)


@given(st.text(max_size=400))
def test_any_text_is_read_as_arithmetic_without_harm(text):
    arithmetic.value(text, {"n": 2.0})


@pytest.mark.parametrize(
    "text",
    ["9**9**9**9", "__import__('os')", "n.real", "(" * 200 + "1" + ")" * 200, "x" * 100_000,
     "1/0", "lambda: 1", "[1]", "True", "n if n else 0", "(-8)**0.5", "sqrt(0-1)", "max()"],
)  # fmt: skip
def test_what_is_no_arithmetic_has_no_value(text):
    assert arithmetic.value(text, {"n": 2.0}) is None


@given(st.integers(-50, 50), st.integers(1, 50))
def test_arithmetic_is_pythons(a, b):
    text = "a // b + a % b * 2 - max(a, b) / b + abs(-a) + 2^2"
    wanted = a // b + a % b * 2 - max(a, b) / b + abs(-a) + 4
    assert arithmetic.value(text, {"a": a, "b": b}) == pytest.approx(wanted)
