"""`banbury up`: one command, processes that are started again, and nothing that is left behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest
import sqlalchemy as sa

from banbury import store
from banbury.cli import main
from banbury.errors import SetupError
from banbury.web.keeper import Keeper, Part, how, module
from banbury.web.serve import bound


def get(address):
    with urllib.request.urlopen(address, timeout=60) as answer:
        return answer.read().decode()


def until(true, seconds=30.0):
    """Ask again until something holds; say whether it came to hold."""
    last = time.monotonic() + seconds
    while not true():
        if time.monotonic() > last:
            return False
        time.sleep(0.02)
    return True


def runs(pid):
    """Say whether a process runs, a zombie not counted."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def workbench(tmp_path):
    """Return a function that starts `banbury up` on a store of its own and returns what it says."""
    started = []

    def start(*words, json_=True):
        command = [*module("banbury", "up", "--port", "0", "--no-browser"), *words]
        command += ["--store", str(tmp_path / "store"), *(["--json"] if json_ else [])]
        with (tmp_path / "notes").open("ab") as said:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True)
        started.append(process)
        if not json_:
            return process, {}
        text = ""
        while not text.endswith("\n}\n"):
            line = process.stdout.readline()
            assert line, (tmp_path / "notes").read_text()
            text += line
        return process, json.loads(text)

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.slow
def test_one_command_serves_restarts_what_dies_and_ends_all_of_it(workbench, tmp_path):
    process, told = workbench()
    assert json.loads(get(told["address"] + "/api/health"))["ok"]
    assert told["first"].startswith(told["address"] + "/first/")
    os.kill(told["processes"]["server"], signal.SIGKILL)
    # The socket outlives the server: the request waits for the next one and is not refused.
    assert json.loads(get(told["address"] + "/api/health"))["ok"]
    assert "the server ended (killed by SIGKILL)" in (tmp_path / "notes").read_text()
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    assert until(lambda: not any(runs(p) for p in told["processes"].values()))


@pytest.mark.slow
def test_nothing_is_left_of_a_workbench_that_was_killed(workbench):
    process, told = workbench()
    get(told["address"] + "/api/health")
    process.kill()
    assert until(lambda: not any(runs(p) for p in told["processes"].values()))
    again, told = workbench()
    assert json.loads(get(told["address"] + "/api/health"))["ok"]
    again.send_signal(signal.SIGTERM)
    assert again.wait(30) == 0


@pytest.mark.slow
def test_a_stage_goes_on_after_server_and_worker_were_killed_at_once(workbench, tmp_path):
    process, told = workbench()
    asked = {"model": "script:42", "skills": ["reasoning.add"], "name": "killed", "most": 6}
    with store.open(str(tmp_path / "store")) as house:
        jobs = house.lab("main").jobs
        job = jobs.add("probe", asked)
        assert until(lambda: jobs.job(job.id).state == "running")
        for pid in (process.pid, *told["processes"].values()):
            os.kill(pid, signal.SIGKILL)
        assert until(lambda: not any(runs(p) for p in told["processes"].values()))
        assert jobs.job(job.id).state == "running", "nobody could say that it stopped"
        ended = "UPDATE job SET until = clock_timestamp() - interval '1 s' WHERE state = 'running'"
        house.lab("main")._database.run(lambda c: c.execute(sa.text(ended)))
        again, _ = workbench()
        assert until(lambda: jobs.job(job.id).over, 90.0)
        over = jobs.job(job.id)
        assert (over.state, over.attempt) == ("done", 2), jobs.log(job.id).text
        assert "Started again" in jobs.log(job.id).text
        assert len(house.lab("main").artifacts("probe")) == 1
    again.send_signal(signal.SIGINT)
    assert again.wait(30) == 0


def test_a_port_in_use_is_one_sentence(address, capsys):
    with bound("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        with pytest.raises(SystemExit) as ended:
            main(["up", "--port", port, "--store", address, "--no-browser"])
    assert ended.value.code == SetupError.exit_code
    said = capsys.readouterr()
    assert said.err.startswith(f"banbury: cannot listen on 127.0.0.1 port {port}: ")
    assert said.err.count("\n") == 1
    assert not said.out


def test_an_address_that_is_not_ours_is_one_sentence():
    with pytest.raises(SetupError, match=r"cannot listen on 192\.0\.2\.1 port 0"):
        bound("192.0.2.1", 0)
    with pytest.raises(SetupError, match=r"cannot listen on no\.such\.host\.invalid port 0"):
        bound("no.such.host.invalid", 0)
    with pytest.raises(SetupError, match="port 70000"):
        bound("127.0.0.1", 70000)


def test_a_process_that_keeps_dying_is_started_again_with_longer_waits(tmp_path):
    mark = tmp_path / "births"
    born = f"open({str(mark)!r}, 'a').write('x'); sys.exit(3)"
    said = []
    part = Part("poor one", [sys.executable, "-c", "import sys; " + born])
    with Keeper([part], said.append) as kept:
        ender = threading.Thread(
            target=lambda: (until(lambda: len(said) >= 2), os.kill(os.getpid(), signal.SIGTERM))
        )
        ender.start()
        kept.keep()
        ender.join()
    assert said[:2] == [
        "the poor one ended (status 3); it is started again in 0.5 s",
        "the poor one ended (status 3); it is started again in 1 s",
    ]
    assert mark.read_text().startswith("xx")


def test_a_process_that_does_not_end_is_killed(monkeypatch):
    monkeypatch.setattr("banbury.web.keeper.ENDS_S", 0.5)
    ignores = "signal.signal(signal.SIGTERM, signal.SIG_IGN); print('!', flush=True); "
    read, write = os.pipe()
    words = f"import os, signal, time; {ignores} os.write({write}, b'!'); time.sleep(60)"
    said = []
    with Keeper([Part("deaf one", [sys.executable, "-c", words], (write,))], said.append) as kept:
        assert os.read(read, 1) == b"!"
        [pid] = kept.processes().values()
    assert said == ["the deaf one does not end; it is killed"]
    assert not runs(pid)
    os.close(read)
    os.close(write)


def test_how_a_process_ended_is_said_in_words():
    assert how(0) == "status 0"
    assert how(-9) == "killed by SIGKILL"
    assert how(-99) == "killed by signal 99"


def test_a_socket_listens_before_anybody_is_told():
    with bound("127.0.0.1", 0) as link, socket.create_connection(link.getsockname()):
        pass
