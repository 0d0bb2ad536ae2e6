import pytest
from tests.cycle.importing.coding.repairs import repair

from banbury.cycle.source.importing.coding.harbor import harbor_task
from banbury.cycle.source.importing.coding.harbor.trial import tried
from banbury.cycle.source.importing.coding.harbor.writing import unpacked
from banbury.errors import InputError
from banbury.formats.harbor import read_task, write_task
from banbury.gyms.code_repair.gym import CodeRepairGym
from banbury.gyms.code_repair.repair import repair_of
from banbury.gyms.code_write.gym import CodeWriteGym

GYM = CodeRepairGym()


@pytest.fixture
def problem(tmp_path):
    return repair(tmp_path / "project")


@pytest.fixture
def folder(problem, tmp_path):
    write_task(harbor_task(problem), tmp_path / "one")
    return read_task(tmp_path / "one")


def test_the_exported_scripts_give_one_with_the_solution_and_nothing_without(problem, folder):
    recipe = repair_of(problem).recipe
    archive = unpacked(folder.environment["tree.tar.gz"])
    assert tried(folder, archive, recipe, solved=True).reward == 1.0
    assert tried(folder, archive, recipe, solved=False).reward == 0.0


def test_a_function_to_write_is_no_harbor_task():
    gym = CodeWriteGym()
    with pytest.raises(InputError, match="code_write"):
        harbor_task(next(gym.tasks("code_write.text", seed=1)))
