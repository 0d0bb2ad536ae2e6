"""Label Studio, as `label-studio start` starts it: its own server, its own database (SQLite).

with started(python_of_its_environment, folder) as site:
    site.bring(path); site.next(); site.answer(task); site.page(); site.out()
"""

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

SPEC, NAME = "label-studio==1.23.2", "Label Studio 1.23.2"
TOKEN = "0123456789abcdef0123456789abcdef01234567"
CONFIG = (
    '<View><Text name="text" value="$text"/><Choices name="mood" toName="text" choice="single">'
    '<Choice value="a"/><Choice value="b"/></Choices></View>'
)
RESULT = [{"from_name": "mood", "to_name": "text", "type": "choices", "value": {"choices": ["a"]}}]


class Site:
    """A running Label Studio with one project."""

    def __init__(self, address: str, pid: int) -> None:
        self.pid = pid
        self.http = httpx.Client(
            base_url=address, headers={"Authorization": f"Token {TOKEN}"}, timeout=3600
        )
        self.project = self.ask(
            "POST", "/api/projects/", json={"title": "bench", "label_config": CONFIG}
        )["id"]

    def ask(self, method: str, path: str, **more: Any) -> Any:
        answer = self.http.request(method, path, **more)
        answer.raise_for_status()
        return answer.json()

    def bring(self, path: Path) -> int:
        """Import a JSON file of tasks; return how many there are then."""
        with path.open("rb") as file:
            self.ask("POST", f"/api/projects/{self.project}/import", files={"file": file})
        return int(self.ask("GET", f"/api/projects/{self.project}/")["task_number"])

    def next(self) -> int:
        """Return the id of the next task."""
        return int(self.ask("GET", f"/api/projects/{self.project}/next")["id"])

    def answer(self, task: int) -> None:
        self.ask("POST", f"/api/tasks/{task}/annotations/", json={"result": RESULT})

    def page(self) -> int:
        """Fetch one page of the list of tasks; return how many are on it."""
        query = {"project": self.project, "page": 1, "page_size": 50}
        return len(self.ask("GET", "/api/tasks", params=query)["tasks"])

    def out(self) -> int:
        """Export everything; return how many tasks came."""
        query = {"exportType": "JSON", "download_all_tasks": "true"}
        return len(self.ask("GET", f"/api/projects/{self.project}/export", params=query))


@contextmanager
def started(inside: Path, folder: Path) -> Iterator[Site]:
    """Start it with its data in a folder; end it afterwards.

    Raises:
        RuntimeError: it does not start.
    """
    with socket.socket() as link:
        link.bind(("127.0.0.1", 0))
        port = link.getsockname()[1]
    words = ["start", "--no-browser", "--port", str(port), "--internal-host", "127.0.0.1",
             "--username", "bench@example.org", "--password", "correcthorse1",
             "--user-token", TOKEN]  # fmt: skip
    settings = {
        "PATH": os.environ["PATH"], "HOME": str(folder),
        "LABEL_STUDIO_BASE_DATA_DIR": str(folder), "COLLECT_ANALYTICS": "false",
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true", "LATEST_VERSION_CHECK": "false",
        "SENTRY_DSN": "", "FRONTEND_SENTRY_DSN": "",
    }  # fmt: skip
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            [str(inside), "-m", "label_studio.server", *words],
            cwd=folder, env=settings, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(address, process)
            yield Site(address, process.pid)
        finally:
            process.terminate()
            process.wait(30)


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(900):
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"{address}/health", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(1.0)
    raise RuntimeError("it does not start")


def cpu_s(pid: int) -> float:
    """CPU seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def write(path: Path, count: int) -> None:
    """Write tasks as it takes them: a JSON list."""
    path.write_text(json.dumps([{"text": f"Message {n} came late again."} for n in range(count)]))
