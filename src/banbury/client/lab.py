"""LabClient: one lab through the API."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from banbury import clock
from banbury.client.reading import Reading
from banbury.client.said import Brings, Kept, Look, Sight, Taken, Work
from banbury.client.sending import Sender, Sent
from banbury.episode import new_id
from banbury.errors import BanburyError, DeadlineError
from banbury.store.jobs import Job
from banbury.store.queue import Campaign

T = TypeVar("T")
_TICK_S = 0.5


class LabClient(Reading):
    """One lab; got from `Client.lab`. Every method may raise what `Link.do` does."""

    def gyms(self) -> Any:
        """Return the gyms that a campaign may be of, with their skills."""
        return self._do("gyms")

    def campaigns(self) -> Iterator[Campaign]:
        """Yield all campaigns by name."""
        after = ""
        while True:
            page = self._do("campaigns", query={"after": after})
            for line in page["campaigns"]:
                yield msgspec.convert(line["campaign"], Campaign)
            if not (after := page["after"]):
                return

    def make_campaign(self, name: str, gym: str, **rules: Any) -> Campaign:
        """Make a campaign; the same again changes nothing.

        `rules` are `title`, `instructions`, `overlap`, `review`, `enough`, `lease_seconds`,
        `hold` and `settings`.
        """
        body = {"name": name, "gym": gym, **rules}
        return _as(Campaign, self._do("make_campaign", body, again=True))

    def campaign(self, name: str) -> Sight:
        """Return a campaign and how far it is."""
        return _as(Sight, self._do("campaign", name=name))

    def change_campaign(self, name: str, **what: Any) -> Campaign:
        """Change a campaign's words, rules or `state`: open, paused, closed."""
        return _as(Campaign, self._do("change_campaign", what, again=True, name=name))

    def draw_tasks(self, name: str, skill: str, count: int, difficulty: str = "") -> int:
        """Let the campaign's gym make new tasks; return how many came in."""
        body = {"skill": skill, "count": count, "difficulty": difficulty}
        return int(self._do("draw_tasks", body, name=name)["added"])

    def add_known_tasks(self, name: str) -> int:
        """Put all of the lab's tasks of the campaign's gym into it; return how many were new."""
        return int(self._do("add_known_tasks", again=True, name=name)["added"])

    def upload(
        self,
        name: str,
        file: Path | str,
        *,
        skip_broken: bool = False,
        known_as: Literal["", "gold", "proposals"] = "",
        licence: str = "",
    ) -> Job:
        """Upload a file, or a zip of a folder, and take it as tasks; see `wait`."""
        path = Path(file)
        query = {"skip_broken": str(skip_broken).lower(), "known_as": known_as, "licence": licence}
        given = {"lab_name": self.name, "name": name, "file": path.name}
        return _as(Job, self._link.put_file("upload", path, query, **given))

    def send(self, name: str, file: Path | str) -> Brings:
        """Upload a file and return what it would bring; `fill` takes it."""
        path = Path(file)
        given = {"lab_name": self.name, "name": name, "file": path.name}
        return _as(Brings, self._link.put_file("send", path, {}, **given))

    def look_into(self, name: str, upload: str, file: str, column: str = "") -> Brings:
        """Return what an upload would bring, with a column chosen to be labelled."""
        body = {"upload": upload, "file": file, "column": column}
        return _as(Brings, self._do("look_into", body, again=True, name=name))

    def fill(
        self,
        name: str,
        upload: str,
        file: str,
        *,
        skip_broken: bool = False,
        known_as: Literal["", "gold", "proposals"] = "",
        licence: str = "",
        column: str = "",
    ) -> Job:
        """Take what was uploaded before, such as without its broken rows."""
        body = {
            "upload": upload,
            "file": file,
            "skip_broken": skip_broken,
            "known_as": known_as,
            "licence": licence,
            "column": column,
        }
        return _as(Job, self._do("fill", body, again=True, name=name))

    def take_out(self, name: str, job: Job) -> int:
        """Take out the tasks that a fill brought, but those that somebody has had; return how many.

        `job` is that of `upload` or `fill`, over and done.
        """
        return int(self._do("take_out", again=True, name=name, job=job.id)["removed"])

    def export(
        self,
        name: str,
        to: Literal["jsonl", "labelstudio", "coco"] = "jsonl",
        *,
        answered: bool = False,
    ) -> Job:
        """Write tasks and accepted answers into a file; its job's result has the `sha256`."""
        return _as(Job, self._do("export", {"to": to, "answered": answered}, name=name))

    def exported(self, name: str, sha256: str) -> bytes:
        """Return what an export wrote."""
        return bytes(self._do("exported", name=name, sha256=sha256))

    def release(self, campaign: str, name: str, validation: float = 0.05) -> Job:
        """Check what was accepted and make a release of it."""
        body = {"name": name, "validation": validation}
        return _as(Job, self._do("release", body, again=True, name=campaign))

    def campaign_jobs(self, name: str) -> Any:
        """Return the newest uploads, exports and releases of a campaign."""
        return self._do("campaign_jobs", name=name)

    def waiting(self, name: str, waits: Literal["review", "third", "broken"]) -> Iterator[Any]:
        """Yield the tasks that wait for somebody."""
        after = 0
        while True:
            page = self._do("waiting", query={"after": after}, name=name, waits=waits)
            yield from page["rows"]
            if not (after := page["after"]):
                return

    def agreement(self, name: str) -> Any:
        """Return how far people agree, with an interval."""
        return self._do("agreement", name=name)

    def late(self, name: str) -> Any:
        """Return the newest late answers."""
        return self._do("late", name=name)

    def workers(self, name: str) -> Any:
        """Return what each person did."""
        return self._do("workers", name=name)

    def days(self, name: str) -> Any:
        """Return what was done by day."""
        return self._do("days", name=name)

    def openings(self, name: str) -> Any:
        """Return a campaign's open places, and who was found for them, with reasons."""
        return self._do("openings", name=name)

    def mark_gold(self, name: str, share: float) -> Any:
        """Mark a share of a campaign's tasks of known answer, by which work is measured."""
        return self._do("mark_gold", {"share": share}, name=name)

    def ask_people(self, name: str, wanted: Mapping[str, Any]) -> Any:
        """Open places in a campaign and offer them at once; `wanted` as the API describes it."""
        return self._do("ask_people", dict(wanted), name=name)

    # Files that take long.

    def send_file(
        self, file: Path | str, *, task: str = "", report: Callable[[float], None] | None = None
    ) -> Sent:
        """Send a file of any size in parts; return it as the lab holds it, by its `sha256`.

        What was begun before, by this program, another or a browser, goes on where it was; what
        is there already is not sent again. `task` is the id of the task that it belongs to,
        `report` is told the share that is there.
        """
        return Sender(self._link, self.name, time.sleep).send(Path(file), task, report or _silent)

    def uploads(self, task: str = "") -> list[Sent]:
        """Return files that were sent in parts, or are being sent, the newest first."""
        return Sender(self._link, self.name, time.sleep).known(task)

    def upload_state(self, id: str) -> Sent:
        """Return how far a file is that is sent in parts, from anywhere."""
        return _as(Sent, self._do("upload_state", upload=id))

    def remove_upload(self, id: str) -> None:
        """Remove what came of a file that is not whole yet."""
        head = {"Tus-Resumable": "1.0.0"}
        self._link.bare("remove_upload", head, lab_name=self.name, upload=id)

    # Working.

    def room(self, campaign: str) -> Any:
        """Return a campaign's instructions, settings and the schema of its actions."""
        return self._do("room", campaign=campaign)

    def take(self, campaign: str, count: int = 1) -> Taken:
        """Hold tasks: those that one has already, then new ones, up to a number."""
        return _as(Taken, self._do("take", {"count": count}, again=True, campaign=campaign))

    def recent(self, campaign: str) -> Any:
        """Return what one answered lately."""
        return self._do("recent", campaign=campaign)

    def work(self, lease: str) -> Work:
        """Return a task that one holds, however large."""
        return _as(Work, self._do("work", lease=lease))

    def answer(
        self,
        lease: str,
        action: Mapping[str, Any],
        *,
        submission: str = "",
        evidence: Mapping[str, Any] | None = None,
    ) -> Kept:
        """Answer a task; `submission` is an id of your own, under which twice counts once."""
        body = {"submission": submission or new_id(), "action": action, "evidence": evidence or {}}
        return _as(Kept, self._do("answer", body, again=True, lease=lease))

    def give_back(self, lease: str) -> Any:
        """Give a task back to the others."""
        return self._do("give_back", again=True, lease=lease)

    def report_broken(self, lease: str, reason: str) -> Any:
        """Report that a task is broken."""
        return self._do("report_broken", {"reason": reason}, again=True, lease=lease)

    def undo(self, lease: str) -> Work:
        """Take an answer back, until somebody has looked at it."""
        return _as(Work, self._do("undo", again=True, lease=lease))

    def renew(self, lease: str) -> Any:
        """Hold a task for longer."""
        return self._do("renew", again=True, lease=lease)

    def open_live(self, lease: str, since: int = 0) -> Any:
        """Open a task that is done step by step; return what was shown so far."""
        return self._do("open_live", {"since": since}, again=True, lease=lease)

    def act(self, lease: str, number: int, action: Mapping[str, Any]) -> Any:
        """Do the action of a number; a doubled or a stale one changes nothing."""
        return self._do("act", {"number": number, "action": action}, again=True, lease=lease)

    def leave(self, lease: str) -> None:
        """Let a live task go; it is carried on where it stands when it is opened again."""
        self._do("leave", again=True, lease=lease)

    def media(self, lease: str, sha256: str) -> bytes:
        """Return a file of a task that one holds or held."""
        return bytes(self._do("media", lease=lease, sha256=sha256))

    # Reviewing.

    def take_reviews(self, campaign: str, count: int = 1) -> list[Look]:
        """Hold answers to decide about."""
        got = self._do("take_reviews", {"count": count}, again=True, campaign=campaign)
        return [_as(Look, look) for look in got["looks"]]

    def decide(
        self,
        lease: str,
        verdict: Literal["accept", "mend", "return"],
        *,
        action: Mapping[str, Any] | None = None,
        picked: str = "",
        reasons: Sequence[str] = (),
        submission: str = "",
    ) -> Kept:
        """Accept an answer, mend it with a better one, or return it with reasons."""
        body = {
            "submission": submission or new_id(),
            "verdict": verdict,
            "action": action,
            "picked": picked,
            "reasons": list(reasons),
        }
        return _as(Kept, self._do("decide", body, again=True, lease=lease))

    def give_back_review(self, lease: str) -> Any:
        """Leave an answer to another reviewer."""
        return self._do("give_back_review", again=True, lease=lease)

    def agree(self, lease: str) -> Any:
        """Agree with what a reviewer made of one's own answer."""
        return self._do("agree", again=True, lease=lease)

    def dispute(self, lease: str, reasons: Sequence[str]) -> Any:
        """Ask a third person to decide about a mend of one's own answer."""
        return self._do("dispute", {"reasons": list(reasons)}, again=True, lease=lease)

    # Stages, jobs, people.

    def stages(self) -> Any:
        """Return the stages that can be started."""
        return self._do("stages")

    def stage(self, verb: str) -> Any:
        """Return what a stage may be told."""
        return self._do("stage", verb=verb)

    def start(self, verb: str, **arguments: Any) -> Job:
        """Start a stage; the same that waits or runs already is returned."""
        return _as(Job, self._do("start", arguments, again=True, verb=verb))

    def disk(self) -> Any:
        """Return how many bytes the lab's files take, `used`, and the `most` that they may."""
        return self._do("disk")

    def jobs(self, verb: str | None = None) -> Iterator[Job]:
        """Yield jobs, the newest first."""
        before: str | None = None
        while True:
            page = self._do("jobs", query={"verb": verb, "before": before})
            yield from (_as(Job, job) for job in page["jobs"])
            if not (before := page["next"]):
                return

    def job(self, id: str) -> Job:
        """Return a job as it stands."""
        return _as(Job, self._do("job", id=id)["job"])

    def cancel_job(self, id: str) -> Job:
        """Ask to stop a job."""
        return _as(Job, self._do("cancel_job", again=True, id=id))

    def retry_job(self, id: str) -> Job:
        """Start a job that is over once more."""
        return _as(Job, self._do("retry_job", id=id))

    def job_left(self, verb: str, id: str) -> Any:
        """Return what a job of a stage left behind."""
        return self._do("job_left", verb=verb, id=id)

    def wait(self, job: Job, seconds: float = 3600.0) -> Job:
        """Return a job once it is done.

        Raises:
            BanburyError: it failed or was cancelled; the end of its log says why.
            DeadlineError: it is not over in time.
        """
        last = clock.mono_ns() + round(seconds * 1e9)
        while not job.over:
            if clock.mono_ns() > last:
                raise DeadlineError(f"the job is not over in {seconds:g} s", where=f"job {job.id}")
            time.sleep(_TICK_S)
            job = self.job(job.id)
        if job.state != "done":
            log = str(self._do("job", id=job.id)["log"]["text"]).strip()
            raise BanburyError(f"the job {job.state}: {log[-2000:]}", where=f"job {job.id}")
        return job

    def people(self, search: str = "") -> Iterator[Any]:
        """Yield the lab's people by name."""
        after = ""
        while True:
            page = self._do("people", query={"search": search, "after": after})
            yield from page["people"]
            if not (after := page.get("after", "")):
                return

    def invite(self, **invitation: Any) -> Any:
        """Invite somebody; see the schema of `POST /api/labs/{lab_name}/invitations`."""
        return self._do("invite", invitation)


def _silent(share: float) -> None:
    pass


def _as(kind: type[T], value: Any) -> T:
    return msgspec.convert(value, kind)
