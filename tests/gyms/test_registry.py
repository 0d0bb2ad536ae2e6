from importlib.metadata import EntryPoint

import pytest

from banbury.errors import GymError, UnknownName
from banbury.gyms import registry
from banbury.gyms.contract import Skill
from banbury.gyms.new.folder import new_gym
from banbury.gyms.office.gym import OfficeGym


class Second(OfficeGym):
    """Claims what our own gym has."""

    name = "second"


class Third(OfficeGym):
    """Claims a skill that a stranger's gym has too."""

    name = "third"

    def skills(self):
        return [Skill("common.skill", "x")]


class Fourth(Third):
    name = "fourth"


class Leaves:
    """Ends the process when it is made."""

    def __init__(self):
        raise SystemExit(3)


@pytest.fixture
def registered(monkeypatch):
    """Return a function that registers further gyms by entry point."""
    ours = list(registry.entry_points(group=registry.GROUP))

    def register(**gyms):
        more = [EntryPoint(name, value, registry.GROUP) for name, value in gyms.items()]
        monkeypatch.setattr(registry, "entry_points", lambda group: [*ours, *more])
        registry.refresh()

    yield register
    monkeypatch.undo()
    registry.refresh()


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("no_such_module:Gym", "no_such_module"),
        (f"{__name__}:Leaves", "SystemExit"),
        ("builtins:dict", "is not a Gym"),
        (f"{__name__}:Second", "registered as 'bad'"),
    ],
)
def test_a_broken_gym_takes_no_other_down(registered, value, why):
    before = set(registry.skills())
    registered(bad=value)
    assert set(registry.skills()) == before
    assert why in str(registry.faults()["bad"])
    with pytest.raises(GymError, match=r"bad"):
        registry.gym("bad")
    with pytest.raises(GymError, match=r"bad"):
        registry.skill("bad.anything")
    with pytest.raises(UnknownName, match="left out: bad"):
        registry.skill("nosuch")


def test_a_stranger_cannot_take_a_skill_of_ours(registered):
    registered(second=f"{__name__}:Second")
    gym, _ = registry.skill("office.email.intent")
    assert type(gym) is OfficeGym
    assert "claimed twice" in str(registry.faults()["second"])
    assert "office" not in registry.faults()


def test_a_skill_that_two_strangers_claim_belongs_to_neither(registered):
    registered(third=f"{__name__}:Third", fourth=f"{__name__}:Fourth")
    assert "common.skill" not in registry.skills()
    with pytest.raises(GymError, match="claimed twice"):
        registry.skill("common.skill")
    assert set(registry.faults()) == {"third", "fourth"}


def test_a_gym_of_ours_cannot_be_replaced_by_its_name(registered):
    registered(office=f"{__name__}:Second")
    assert type(registry.gym("office")) is OfficeGym


def test_folders_are_found_by_the_environment(tmp_path, monkeypatch):
    new_gym("alpha", tmp_path / "many" / "a", table=True)
    new_gym("beta", tmp_path / "one", table=True)
    none = tmp_path / "none"
    monkeypatch.setenv("BANBURY_GYMS", f"{tmp_path / 'many'}:{tmp_path / 'one'}:{none}")
    assert {"alpha", "beta", "none", "office"} <= set(registry.names())
    assert registry.skill("alpha.team")[0].name == "alpha"
    assert set(registry.faults()) == {"none"}
    assert "there is no gym.toml" in str(registry.faults()["none"])


def test_a_folder_with_a_fault_is_left_out_and_says_where(tmp_path, monkeypatch):
    new_gym("alpha", tmp_path / "a", table=True)
    table = tmp_path / "a" / "tasks.csv"
    table.write_text(table.read_text().replace(",billing", ",biling", 1))
    monkeypatch.setenv("BANBURY_GYMS", str(tmp_path / "a"))
    assert "alpha.team" not in registry.skills()
    with pytest.raises(
        GymError, match=r"tasks\.csv, row 2, column answer\)\. Mend it, or take it out"
    ):
        registry.gym("alpha")


def test_a_gym_registered_in_two_folders_is_neither(tmp_path, monkeypatch):
    for folder in ("a", "b"):
        new_gym("alpha", tmp_path / folder, table=True)
    monkeypatch.setenv("BANBURY_GYMS", str(tmp_path))
    with pytest.raises(GymError, match="registered 2 times"):
        registry.gym("alpha")
    assert "office.email.intent" in registry.skills()


def test_an_unknown_gym_says_how_one_comes_in_or_which_is_left_out(tmp_path, monkeypatch):
    with pytest.raises(UnknownName, match=r"no gym 'offise'.*nearest: office.*pip install -e"):
        registry.gym("offise")
    with pytest.raises(UnknownName, match=r"no skill 'mine\.team'.*a table by BANBURY_GYMS"):
        registry.skill("mine.team")
    with pytest.raises(UnknownName, match=r"office\.email\.intent") as raised:
        registry.skill("office.email.intend")
    assert "BANBURY_GYMS" not in str(raised.value)
    (tmp_path / "gym.toml").write_text("x = [")
    monkeypatch.setenv("BANBURY_GYMS", str(tmp_path))
    with pytest.raises(UnknownName, match=rf"left out: {tmp_path.name}.*banbury gym list"):
        registry.gym("mine")
