"""Banks that a lab or an operator adds: who is asked, where it lives, what is told."""

import itertools
import json

import pytest

from banbury.accounts import Accounts
from banbury.cli import main
from banbury.errors import InputError, UnknownName
from banbury.gyms.interview.bank import FOLDER, banks
from banbury.people.interviews import Banks, Interviews
from banbury.people.interviews.banks import checked
from banbury.people.interviews.exposure import exposure
from banbury.people.prediction.taken import Taken
from banbury.statistics.response.ability import Estimate

_numbers = itertools.count(1)


@pytest.fixture
def file(tmp_path):
    """Return a bank of a skill of its own, with a picture beside it."""
    text = (FOLDER / "kitchen_video.toml").read_text(encoding="utf-8")
    skill = f"interview.own{next(_numbers)}"
    text = text.replace('skill = "interview.kitchen_video"', f'skill = "{skill}"\ntells = "kind"')
    text = text.replace('id = "kv-c01"', 'id = "kv-c01"\nmedia = "board.png"')
    (tmp_path / "board.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(20))
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path, skill


@pytest.fixture
def account(house):
    accounts = Accounts(house)
    yield accounts.people.add(f"b{next(_numbers)}@banks.example", "Somebody")
    accounts.close()


def test_only_members_are_asked_from_a_labs_bank_and_it_lives_there(house, lab, account, file):
    path, skill = file
    kept = Banks(house).add(path, lab.name)
    assert kept.bank.items[0].media.startswith("blob:")
    interviews = Interviews(house)
    assert skill not in {o.skill for o in interviews.offered(account)}
    with pytest.raises(UnknownName):
        interviews.begin(account, skill, agreed="yes")
    held = interviews.begin(account, skill, agreed="yes", labs=(lab.name,))
    assert held.lab == lab.name
    assert lab.task(held.task).skill == skill
    Banks(house).remove(skill, lab.name)
    assert skill not in Banks(house).authored()
    assert interviews.get(held.id).bank == held.bank


def test_a_skill_has_one_owner_and_ours_cannot_be_replaced(house, lab, file, tmp_path):
    path, _ = file
    Banks(house).add(path, lab.name)
    Banks(house).add(path, lab.name)
    with pytest.raises(InputError, match="another owner"):
        Banks(house).add(path)
    ours = tmp_path / "ours.toml"
    ours.write_text((FOLDER / "kitchen_video.toml").read_text(encoding="utf-8"))
    with pytest.raises(InputError, match="another owner"):
        Banks(house).add(ours, lab.name)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("difficulty = -2.0", "difficulty = 90", "difficulty lies in"),
        ('media = "board.png"', 'media = "../../etc/passwd"', "no file"),
        ('media = "board.png"', 'media = "own.toml"', "no image"),
        ('kind = "choice"', 'kind = "essay"', "cannot be read"),
    ],
)
def test_a_bank_that_cannot_be_used_is_refused_whole(file, old, new, said):
    path, _ = file
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(InputError, match=said):
        checked(path)


def test_the_command_checks_a_bank(file, capsys):
    path, skill = file
    with pytest.raises(SystemExit) as ended:
        main(["people", "bank", "check", str(path), "--json"])
    assert ended.value.code == 0
    assert json.loads(capsys.readouterr().out)["skill"] == skill


def test_exposure_shows_an_item_that_leaked():
    bank = next(iter(banks().values()))
    leaked, other = bank.items[0].id, bank.items[1].id
    rows = [
        Taken(str(n), bank.skill, "first", n, Estimate(0.0, 0.4), True,
              {leaked: n >= 20, **({other: True} if n % 4 == 0 else {})}, "")
        for n in range(40)
    ]  # fmt: skip
    first, second, *rest = exposure(bank, rows)
    assert (first.item, first.share, first.early, first.late) == (leaked, 1.0, 0.0, 1.0)
    assert (second.item, second.share) == (other, 0.25)
    assert all(e.asked == 0 and e.early is None for e in rest)
