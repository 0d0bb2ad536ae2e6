"""The embedded server under several processes, kill -9, foreign users and odd folders."""

import contextlib
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from banbury import store
from banbury.errors import InputError, StoreFull, StoreUnavailable, StoreVersion
from banbury.store.embedded import supervised
from banbury.store.supervisor import runs_in

pytestmark = pytest.mark.slow

USER = """
import sys
from banbury import store
house = store.open(sys.argv[1])
lab = house.lab("shared")
print("ready", flush=True)
sys.stdin.read()
house.close()
"""
WRITER = """
import sys
from banbury import store
from banbury.episode import Episode, Record, RunKey, Step, new_id
house = store.open(sys.argv[1])
lab = house.lab("shared")
print("ready", flush=True)
for batch in range(10_000):
    steps = tuple(Step(n, "note", -1, "", "main", n, n) for n in range(3))
    lab.write([
        Record(Episode(new_id(), "shared", RunKey(sys.argv[2], "t", "a", 20 * batch + n),
               "g", "1", "s", 0, status="done"), steps)
        for n in range(20)
    ])
    print(batch, flush=True)
"""


@contextlib.contextmanager
def process(script, *arguments, **options):
    """Run a script until it says that it is ready; it is ended with its standard input."""
    child = subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **options,
    )
    try:
        assert child.stdout.readline() == "ready\n"
        yield child
    finally:
        with contextlib.suppress(OSError):
            child.stdin.close()
        if sys.exc_info()[0]:
            child.kill()
        child.stdout.read()
        child.stdout.close()
        child.wait()


def told(home):
    return json.loads((home / "server.json").read_bytes())


def until(holds, seconds=60.0):
    last = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < last, "it did not come to pass"
        time.sleep(0.02)


def alive(pid, home):
    return runs_in(pid, home / "postgres")


def stopped(home):
    until(lambda: not supervised(home))
    assert not (home / "server.json").exists()
    assert not (home / "postgres" / "postmaster.pid").exists()


@pytest.fixture
def home(tmp_path):
    yield tmp_path / "home"
    if (tmp_path / "home").exists():
        until(lambda: not supervised(tmp_path / "home"))


def address(home):
    return f"banbury://{home}?durable=no"


def test_processes_that_open_at_once_share_one_server(home):
    children = [
        subprocess.Popen(
            [sys.executable, "-c", USER, address(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    assert [c.stdout.readline() for c in children] == ["ready\n"] * 3
    server = told(home)["postmaster"]
    with store.open(address(home)) as house:
        assert house.labs() == ["shared"]
        assert told(home)["postmaster"] == server
    for child in children[:2]:
        child.communicate()
    assert alive(server, home)
    children[2].communicate()
    stopped(home)
    assert not alive(server, home)


def test_it_stops_after_kill_9_of_its_last_user_and_is_found_again(home, make):
    with process(USER, address(home)) as user:
        server = told(home)
        user.send_signal(signal.SIGKILL)
        user.wait()
        until(lambda: not alive(server["postmaster"], home))
        stopped(home)
    assert not Path(server["sockets"]).exists()
    with store.open(str(home)) as house:
        assert house.labs() == ["shared"]


@pytest.mark.parametrize("victim", ["postmaster", "supervisor", "both"])
def test_a_user_goes_on_after_kill_9_of_the_server(home, make, victim):
    with store.open(address(home)) as house:
        lab = house.lab("kept")
        before = make.record(lab)
        lab.write([before])
        server = told(home)
        for name in ("supervisor", "postmaster") if victim == "both" else (victim,):
            os.kill(server[name], signal.SIGKILL)
        after = make.record(lab, sample=1)
        assert lab.write([after])[0].new
        assert lab.read(before.episode.id).steps == before.steps
        # Whoever is left when the supervisor dies is stopped by the kernel or by the next one.
        until(lambda: not alive(server["postmaster"], home))
        assert {e.id for e in lab.episodes()} == {before.episode.id, after.episode.id}
    stopped(home)


def test_a_user_goes_on_after_kill_9_of_its_own_backend(home, make):
    with store.open(address(home)) as house:
        lab = house.lab("kept")
        journal = lab.journal(make.episode(lab, status="open"))
        for step in make.steps(3):
            journal.append(step)
            with contextlib.closing(house._server.connect("postgres")) as admin:
                query = "SELECT pid FROM pg_stat_activity WHERE usename LIKE 'bb%'"
                for (pid,) in admin.execute(query).fetchall():
                    os.kill(pid, signal.SIGKILL)
        assert lab.read(journal.episode.id).steps == make.steps(3)
        with contextlib.closing(house._server.connect("postgres")) as admin:
            (pid,) = admin.execute("SELECT pg_backend_pid()").fetchone()
            os.kill(pid, signal.SIGKILL)
    # It was asked to stop while it recovered.
    stopped(home)


def test_a_writer_killed_at_any_moment_leaves_whole_batches(home):
    kept = {}
    with store.open(address(home)) as house:
        lab = house.lab("shared")
        for attempt in range(4):
            with process(WRITER, address(home), f"run {attempt}") as writer:
                last = -1
                while last < 3 + attempt:
                    last = int(writer.stdout.readline())
                if attempt % 2:
                    os.kill(told(home)["postmaster"], signal.SIGKILL)
                writer.send_signal(signal.SIGKILL)
                writer.wait()
            found = [record for record, _ in lab.records(run=f"run {attempt}")]
            kept[attempt] = len(found)
            assert len(found) % 20 == 0
            assert len(found) >= 20 * (last + 1)
            assert all(len(record.steps) == 3 for record in found)
        for attempt, count in kept.items():
            assert len(list(lab.episodes(run=f"run {attempt}"))) == count
    stopped(home)


def test_everything_killed_at_once_is_recovered(home, make):
    with process(USER, address(home)) as user:
        server = told(home)
        for pid in (server["supervisor"], user.pid, server["postmaster"]):
            os.kill(pid, signal.SIGKILL)
        user.wait()
    with store.open(address(home)) as house:
        lab = house.lab("shared")
        assert lab.write([make.record(lab)])[0].new
    stopped(home)


def test_a_forked_child_uses_connections_of_its_own(home, make):
    with store.open(address(home)) as house:
        lab = house.lab("shared")
        lab.write([make.record(lab)])
        child = os.fork()
        if child == 0:
            done = 1
            with contextlib.suppress(BaseException):
                lab.write([make.record(lab, sample=n) for n in range(1, 50)])
                done = 0
            os._exit(done)
        for _ in range(20):
            assert len(list(lab.episodes(limit=1))) == 1
        assert os.waitpid(child, 0)[1] == 0
        assert len(list(lab.episodes())) == 50


def test_nobody_else_gets_in(home):
    with store.open(address(home)) as house:
        sockets = Path(told(home)["sockets"])
        assert len(str(sockets / ".s.PGSQL.5432")) < 107
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert stat.S_IMODE((home / "secret").stat().st_mode) == 0o600
        assert stat.S_IMODE((home / "postgres").stat().st_mode) == 0o700
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        with house._server.connect("postgres") as admin:
            assert admin.execute("SHOW listen_addresses").fetchone() == ("",)
            rules = admin.execute("SELECT type, auth_method FROM pg_hba_file_rules").fetchall()
        assert rules == [("local", "scram-sha-256")]
        for password in (None, "wrong"):
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(
                    host=str(sockets), dbname="postgres", user="banbury", password=password
                )


def test_odd_folders(tmp_path):
    home = tmp_path / "a b'c\"ü%20;$x" / ("deep" * 30)
    with store.open(str(home)) as house:
        assert house.lab("one").name == "one"
    stopped(home)


def test_the_address_may_come_from_the_environment(tmp_path, make):
    home = tmp_path / "by-environment"
    script = "from banbury import store\nwith store.open() as h: h.lab('x'); print(h.where)"
    clean = {k: v for k, v in os.environ.items() if not k.startswith("BANBURY")}
    for more in ({"BANBURY_HOME": str(home)}, {"BANBURY_URL": f"banbury://{home}"}):
        done = subprocess.run(
            [sys.executable, "-c", script], env=clean | more, capture_output=True, text=True
        )
        assert done.stdout == f"{home}\n", done.stderr
    stopped(home)


@pytest.mark.parametrize(
    "bad", ["banbury://", "mysql://host/x", "banbury:///x?durable=maybe", "banbury:///x?y=1"]
)
def test_an_unknown_address_is_refused(bad):
    with pytest.raises(InputError):
        store.open(bad)


def test_data_of_another_major_version_are_left_alone(home):
    (home / "postgres").mkdir(parents=True)
    (home / "postgres" / "PG_VERSION").write_text("12\n")
    os.chown(home / "postgres" / "PG_VERSION", 65534 if os.geteuid() == 0 else -1, -1)
    with pytest.raises(StoreVersion, match="made by PostgreSQL 12"):
        store.open(str(home))
    assert (home / "postgres" / "PG_VERSION").read_text() == "12\n"


def test_a_folder_that_is_a_file_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/no/home")):
        with pytest.raises(StoreFull, match="cannot be written"):
            store.open(str(path))


def test_a_server_that_cannot_start_says_why(home):
    store.open(address(home)).close()
    stopped(home)
    (home / "postgres" / "global" / "pg_control").unlink()
    with pytest.raises(StoreUnavailable, match="pg_control"):
        store.open(address(home))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_as_root_no_folder_above_is_loosened(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with store.open(f"banbury://{closed}/home?durable=no") as house:
        house.lab("one")
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert closed.stat().st_uid == 0
        assert (closed / "home").stat().st_uid == 0
        server = Path(f"/proc/{told(closed / 'home')['postmaster']}/status").read_text()
        assert "\nUid:\t0" not in server
        assert "CapEff:\t0000000000000000" in server
    stopped(closed / "home")


NOBODY = {
    "setpriv": ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"],
    # Where only root can read this install: root under another number and without its rights.
    "unshare": ["unshare", "--user", "--map-user=65534", "--map-group=65534"],
}


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests run as a normal user already")
@pytest.mark.parametrize("way", NOBODY)
def test_as_a_normal_user(way):
    # Twice, for `setpriv` itself starts the first one with root's rights.
    twice = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import banbury.store'],"
    look = [*NOBODY[way], sys.executable, "-c", f"{twice} check=True)"]
    if not shutil.which(way) or subprocess.run(look, capture_output=True, check=False).returncode:
        pytest.skip(f"{way} does not work here, or this install is closed to other users")
    folder = Path(tempfile.mkdtemp())
    owner = 65534 if way == "setpriv" else 0
    os.chown(folder, owner, owner)
    run = [*NOBODY[way], sys.executable, "-c", USER, address(folder / "home")]
    try:
        for _ in range(2):
            done = subprocess.run(run, input="", capture_output=True, text=True, check=False)
            assert (done.returncode, done.stdout) == (0, "ready\n"), done.stderr
            assert (folder / "home" / "postgres").stat().st_uid == owner
            stopped(folder / "home")
        if owner:
            # Root finds another user's data, and leaves them the other user's.
            with store.open(address(folder / "home")) as house:
                assert house.labs() == ["shared"]
                assert (folder / "home" / "postgres" / "postmaster.pid").stat().st_uid == owner
            stopped(folder / "home")
    finally:
        shutil.rmtree(folder)


def test_a_house_that_cannot_be_opened_leaves_no_server_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("BANBURY_HOURS", "0")
    with pytest.raises(InputError, match="'0' are no hours of a day"):
        store.open(f"banbury://{tmp_path}/home?durable=no")
    stopped(tmp_path / "home")
