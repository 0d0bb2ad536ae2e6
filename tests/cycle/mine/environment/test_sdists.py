import msgspec
import pytest

from banbury.gyms.code_repair.building.sdists import BuildFailed, build
from banbury.sandbox import Limits

from .conftest import sdist

OWN = "[build-system]\nrequires = []\nbuild-backend = 'own'\nbackend-path = ['.']\n"
SMALL = Limits(cpu_s=30, wall_s=60, disk=8 << 20, file=64 << 20)


@pytest.mark.parametrize(
    ("does", "end", "limit"),
    [
        ("import time; time.sleep(10_000)", "wall", {"wall_s": 2.0}),
        ("while True: pass", "cpu", {"cpu_s": 1.0}),
        ("open('/work/much', 'wb').write(bytes(32 << 20))", "disk", {}),
    ],
)
def test_a_build_that_hangs_or_fills_the_disk_ends_by_its_limit(boxes, tmp_path, does, end, limit):
    limits = msgspec.structs.replace(SMALL, **limit)
    name, data = sdist("bad", "1.0", {"pyproject.toml": OWN, "own.py": does})
    (tmp_path / name).write_bytes(data)
    environment = tmp_path / "env" / "bin"
    environment.mkdir(parents=True)
    (environment / "python").symlink_to("/usr/bin/python3")
    with pytest.raises(BuildFailed, match=rf"limit of {end}|No space left"):
        build(tmp_path / name, environment.parent, limits=limits)
