"""Every way by which people's work leaves a lab is known here, and writes down that it did."""

import importlib

import msgspec
import pytest
from cyclopts import App
from litestar.handlers import HTTPRouteHandler

from banbury.arena import answer
from banbury.arena import review as look
from banbury.cli import VERBS
from banbury.cli.campaigns import app as campaigns
from banbury.cli.episodes import app as episodes
from banbury.cli.tasks import app as tasks
from banbury.cycle.release import export, release
from banbury.cycle.review import review
from banbury.cycle.source.importing import import_tasks, read_plan
from banbury.store.queue import Campaign

API, PAGES = "/api/labs/{lab_name}", "/labs/{lab_name}"
LEAVES = {
    f"{API}/campaigns/{{name}}/exports/{{sha256}}",
    f"{API}/releases/{{release}}/export",
    f"{API}/releases/{{release}}/file",
    f"{PAGES}/media/{{sha256}}",
}
"""What is asked for as a file: written down, whoever asks."""
READ = {
    f"{API}/episodes/{{episode}}",
    f"{API}/episodes/{{episode}}/difference/{{other}}",
    f"{API}/episodes/{{episode}}/find",
    f"{API}/episodes/{{episode}}/steps",
    f"{API}/episodes/{{episode}}/steps/{{seq}}",
    f"{API}/episodes/{{episode}}/steps/{{seq}}/raw",
    f"{API}/releases/{{release}}/rows",
    f"{API}/reviews/{{campaign}}/take",
}
"""What shows words of an answer: written down where a program asks by a token."""
NONE = {
    "agreement", "days", "jobs", "late", "openings", "waiting/{waits}", "workers", "disk",
    "episodes", "events", "footage", "footage/own", "footage/{campaign}/{task}/sidecar", "gyms",
    "invitations", "jobs/{id}", "loop", "people", "releases", "releases/{release}",
    "releases/{release}/lineage", "seat/leases/{lease}/media/{sha256}", "seat/leases/{lease}/work",
    "seat/{campaign}", "seat/{campaign}/recent", "skills", "skills/{skill}", "stages",
    "stages/{verb}", "stages/{verb}/left/{id}", "tasks", "tasks/{task}", "uploads",
    "uploads/{upload}", "campaigns", "campaigns/{name}", "deliveries", "cases",
    "interviews", "interviews/{interview}",
}  # fmt: skip
"""What tells numbers, ids and names of files, or what somebody has to decide or do here."""
VERBS_LEAVE = {"release export", "tasks export", "campaigns export", "episodes show"}
VERBS_BUILD = {"release", "campaigns release", "mine", "demo"}
"""Verbs that make a release, which is written down as built."""


def paths(served):
    """Return the addresses of a lab that somebody can read, without the types of their parts."""
    for route in served.app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if isinstance(handler, HTTPRouteHandler) and "{lab_name" in route.path:
                plain = route.path.replace(":str", "").replace(":uuid", "")
                if "GET" in handler.http_methods or plain in READ:
                    yield plain


def test_every_address_of_a_lab_is_known_to_leave_or_not(served):
    for path in set(paths(served)):
        if path.startswith(API) and path not in LEAVES | READ:
            rest = path.removeprefix(API).strip("/")
            short = rest.split("{name}/", 1)[-1]
            assert rest in NONE or short in NONE, f"does {path} bring work of people out of a lab?"
    assert set(paths(served)) >= LEAVES | READ


def commands():
    """Return every verb with its parts, as they are typed."""
    for name, (target, _) in VERBS.items():
        module, _, attribute = target.partition(":")
        found = getattr(importlib.import_module(module), attribute)
        yield name
        if isinstance(found, App):
            yield from (f"{name} {part}" for part in found if not part.startswith("-"))


LOOKS = {
    "up", "gym", "gym grade", "gym list", "gym new", "gym check", "gym audit", "probe", "gaps",
    "skills", "skills propose", "skills list", "skills name", "skills rename", "skills merge",
    "skills split", "skills history", "source", "capture", "capture upload", "capture check",
    "capture show", "capture schema", "capture import", "tasks", "tasks import", "tasks propose",
    "tasks list", "campaigns", "campaigns list", "campaigns fill", "campaigns gold", "review",
    "release verify",
    "release list", "train", "compare", "report", "episodes", "episodes list", "episodes replay",
    "play", "labs", "labs list", "labs create", "labs migrate", "doctor", "accounts",
    "accounts list", "accounts invite", "accounts reset-link", "accounts revoke",
    "accounts reopen", "backup", "restore",
}  # fmt: skip
"""Verbs that show numbers, ask a person in a terminal, or keep in the lab what they make."""


def test_every_verb_is_known_to_leave_or_not():
    for command in commands():
        if not command.startswith("people"):  # The house's, which holds no episodes.
            assert command in LOOKS | VERBS_LEAVE | VERBS_BUILD, f"does {command!r} bring work out?"


@pytest.fixture(scope="module")
def worked(site, tmp_path_factory):
    """Return a lab with a campaign of which two answers were accepted, and a release of them."""
    lab = site.house.lab("leaving")
    site.enrol("leaving")
    rows = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    rows.write_text('{"text":"fine"}\n{"text":"awful"}\n')
    into = Campaign("moods", "labelling", "moods", review=1.0)
    import_tasks(lab, rows, read_plan("choice mood: good, bad"), campaign=into)
    owner, expert = (site.caller(k).pseudonyms["leaving"] for k in ("owner", "expert"))
    said = {"do": "label", "results": {"mood": {"choices": ["good"]}}}
    for lease in lab.queue.claim("moods", expert, "", 2):
        answer(lab, lease.id, msgspec.json.encode(said), submission=lease.id)
    for lease in lab.queue.claim("moods", owner, "", 2, ("review",)):
        look(lab, lease.id, "accept", submission=lease.id)
    checked = review(lab, episodes=list(lab.queue.accepted("moods")), name="moods")
    release(lab, "moods", episodes=checked.accepted)
    lab.expert = expert
    return lab


def newest(lab):
    """Return how the newest delivery with work of the expert is told."""
    found = lab.deliveries.of(lab.expert)[0]
    return found.kind, found.what, found.format, found.who, found.episodes


def test_a_release_that_is_built_exported_and_downloaded_is_told(site, worked, tmp_path):
    assert newest(worked) == ("built", "release moods", "", "the machine", 2)
    made = worked.artifact("release", "moods")
    release(worked, "moods", episodes=list(worked.queue.accepted("moods")))
    assert len(worked.deliveries.of(worked.expert)) == 1
    for format in ("parquet", "trl", "atif"):
        for _ in range(2):
            export(worked, made, tmp_path / format, format)
        assert newest(worked) == ("exported", "release moods", format, "the machine", 2)
    assert len(worked.deliveries.of(worked.expert)) == 4
    owner = site.caller("owner").pseudonyms["leaving"]
    with site.as_("owner") as client:
        at = "/api/labs/leaving/releases/moods"
        assert client.get(f"{at}/export?format=trl").status_code == 200
        assert newest(worked) == ("downloaded", "release moods", "trl", owner, 2)
        assert client.get(f"{at}/file?path=README.md").status_code == 200
        assert newest(worked) == ("downloaded", "release moods", "README.md", owner, 2)


def test_exports_of_a_campaign_are_told(site, worked, tmp_path, address, capsys):
    at = [f"--store={address}", "--lab=leaving"]
    tasks(["export", str(tmp_path / "out.jsonl"), "--campaign=moods", *at], result_action=_none)
    assert newest(worked) == ("exported", "campaign moods", "jsonl", "the machine", 2)
    capsys.readouterr()
    campaigns(["export", "--campaign=moods", "--json", *at], result_action=_none)
    got = msgspec.json.decode(capsys.readouterr().out)
    assert worked.deliveries.of(worked.expert)[0].sha256 == got["sha256"]
    given = {"campaign": "moods"}
    job = worked.jobs.add("campaigns export", given)
    worked.jobs.claim("a-test", alone=False, lease_s=60.0)
    worked.jobs.finish(job.id, "a-test", "done", exit=0, result={"sha256": got["sha256"]}, more="")
    with site.as_("owner") as client:
        file = client.get(f"/api/labs/leaving/campaigns/moods/exports/{got['sha256']}")
    assert file.status_code == 200
    owner = site.caller("owner").pseudonyms["leaving"]
    assert newest(worked) == ("downloaded", "campaign moods", "jsonl", owner, 2)


def test_what_a_program_reads_is_told_and_what_a_person_looks_at_is_not(site, worked, address):
    [one, two] = worked.queue.accepted("moods")
    before = len(worked.deliveries.of(worked.expert))
    owner = site.caller("owner")
    at = f"/api/labs/leaving/episodes/{one}"
    addresses = [at, f"{at}/steps", f"{at}/steps/0", f"{at}/steps/0/raw", f"{at}/find?q=x",
                 f"{at}/difference/{two}", "/api/labs/leaving/releases/moods/rows"]  # fmt: skip
    with site.as_("owner") as client:
        for address_ in addresses:
            assert client.get(address_).status_code == 200, address_
    assert len(worked.deliveries.of(worked.expert)) == before
    token = site.accounts.tokens.make(owner, "a program", ["see:*"], 1)
    for address_ in addresses:
        with site.as_("nobody", authorization=f"Bearer {token.code}") as program:
            assert program.get(address_).status_code == 200, address_
        assert newest(worked)[0] == "read"
    assert newest(worked) == ("read", "episodes", "", owner.pseudonyms["leaving"], 2)
    episodes(["show", one, "--json", f"--store={address}", "--lab=leaving"], result_action=_none)
    assert newest(worked) == ("read", "episodes", "", "the machine", 1)


def _none(result):
    """Keep what a command returns from ending the test."""
