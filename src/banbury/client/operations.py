"""Which operation of the API each method of the client calls, and which have no method."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LAB = "/api/labs/{lab_name}"
_CAMPAIGN = _LAB + "/campaigns/{name}"
_LEASE = _LAB + "/seat/leases/{lease}"
_EPISODE = _LAB + "/episodes/{episode}"
_RELEASE = _LAB + "/releases/{release}"

OPERATIONS: Mapping[str, tuple[str, str]] = {
    "health": ("GET", "/api/health"),
    "labs": ("GET", "/api/labs"),
    "make_lab": ("POST", "/api/labs"),
    "inbox": ("GET", "/api/inbox"),
    "leave_work": ("POST", "/api/work/leave"),
    "account": ("GET", "/api/account"),
    "people": ("GET", _LAB + "/people"),
    "invite": ("POST", _LAB + "/invitations"),
    "gyms": ("GET", _LAB + "/gyms"),
    "campaigns": ("GET", _LAB + "/campaigns"),
    "make_campaign": ("POST", _LAB + "/campaigns"),
    "campaign": ("GET", _CAMPAIGN),
    "change_campaign": ("PATCH", _CAMPAIGN),
    "draw_tasks": ("POST", _CAMPAIGN + "/tasks/drawn"),
    "add_known_tasks": ("POST", _CAMPAIGN + "/tasks/known"),
    "upload": ("PUT", _CAMPAIGN + "/files/{file}"),
    "send": ("PUT", _CAMPAIGN + "/uploads/{file}"),
    "look_into": ("POST", _CAMPAIGN + "/look"),
    "take_out": ("POST", _CAMPAIGN + "/uploads/{job}/out"),
    "fill": ("POST", _CAMPAIGN + "/fill"),
    "export": ("POST", _CAMPAIGN + "/exports"),
    "exported": ("GET", _CAMPAIGN + "/exports/{sha256}"),
    "release": ("POST", _CAMPAIGN + "/release"),
    "campaign_jobs": ("GET", _CAMPAIGN + "/jobs"),
    "waiting": ("GET", _CAMPAIGN + "/waiting/{waits}"),
    "agreement": ("GET", _CAMPAIGN + "/agreement"),
    "late": ("GET", _CAMPAIGN + "/late"),
    "workers": ("GET", _CAMPAIGN + "/workers"),
    "days": ("GET", _CAMPAIGN + "/days"),
    "openings": ("GET", _CAMPAIGN + "/openings"),
    "mark_gold": ("POST", _CAMPAIGN + "/gold"),
    "ask_people": ("POST", _CAMPAIGN + "/openings"),
    "room": ("GET", _LAB + "/seat/{campaign}"),
    "take": ("POST", _LAB + "/seat/{campaign}/take"),
    "recent": ("GET", _LAB + "/seat/{campaign}/recent"),
    "work": ("GET", _LEASE + "/work"),
    "answer": ("POST", _LEASE + "/answer"),
    "give_back": ("POST", _LEASE + "/give-back"),
    "report_broken": ("POST", _LEASE + "/broken"),
    "undo": ("POST", _LEASE + "/undo"),
    "renew": ("POST", _LEASE + "/renew"),
    "open_live": ("POST", _LEASE + "/open"),
    "act": ("POST", _LEASE + "/act"),
    "leave": ("POST", _LEASE + "/leave"),
    "media": ("GET", _LEASE + "/media/{sha256}"),
    "take_reviews": ("POST", _LAB + "/reviews/{campaign}/take"),
    "decide": ("POST", _LAB + "/reviews/leases/{lease}/decide"),
    "give_back_review": ("POST", _LAB + "/reviews/leases/{lease}/give-back"),
    "agree": ("POST", _LAB + "/mends/{lease}/agree"),
    "dispute": ("POST", _LAB + "/mends/{lease}/dispute"),
    "uploads": ("GET", _LAB + "/uploads"),
    "upload_state": ("GET", _LAB + "/uploads/{upload}"),
    "remove_upload": ("DELETE", _LAB + "/uploads/{upload}"),
    "episodes": ("GET", _LAB + "/episodes"),
    "episode": ("GET", _EPISODE),
    "steps": ("GET", _EPISODE + "/steps"),
    "step": ("GET", _EPISODE + "/steps/{seq}"),
    "step_payload": ("GET", _EPISODE + "/steps/{seq}/raw"),
    "find_steps": ("GET", _EPISODE + "/find"),
    "replay": ("POST", _EPISODE + "/replay"),
    "world": ("POST", _EPISODE + "/world"),
    "difference": ("GET", _EPISODE + "/difference/{other}"),
    "loop": ("GET", _LAB + "/loop"),
    "skills": ("GET", _LAB + "/skills"),
    "skill": ("GET", _LAB + "/skills/{skill}"),
    "tasks": ("GET", _LAB + "/tasks"),
    "task": ("GET", _LAB + "/tasks/{task}"),
    "releases": ("GET", _LAB + "/releases"),
    "release_card": ("GET", _RELEASE),
    "release_rows": ("GET", _RELEASE + "/rows"),
    "release_lineage": ("GET", _RELEASE + "/lineage"),
    "release_file": ("GET", _RELEASE + "/file"),
    "release_export": ("GET", _RELEASE + "/export"),
    "job_left": ("GET", _LAB + "/stages/{verb}/left/{id}"),
    "stages": ("GET", _LAB + "/stages"),
    "stage": ("GET", _LAB + "/stages/{verb}"),
    "start": ("POST", _LAB + "/stages/{verb}"),
    "disk": ("GET", _LAB + "/disk"),
    "jobs": ("GET", _LAB + "/jobs"),
    "job": ("GET", _LAB + "/jobs/{id}"),
    "cancel_job": ("POST", _LAB + "/jobs/{id}/cancel"),
    "retry_job": ("POST", _LAB + "/jobs/{id}/retry"),
}
"""By the names of methods of `Client` and `LabClient`."""

PARTS: Mapping[str, tuple[str, str]] = {
    "create_upload": ("POST", _LAB + "/uploads"),
    "ask_upload": ("HEAD", _LAB + "/uploads/{upload}"),
    "append_upload": ("PATCH", _LAB + "/uploads/{upload}"),
}
"""What `LabClient.send_file` calls, many times over."""

LACKS: Mapping[str, str] = {
    "/api/account": "belongs to a session in a browser, but to read it",
    "/api/first": "belongs to a browser",
    "/api/join": "belongs to a browser",
    "/api/login": "belongs to a browser; a program has a token",
    "/api/logout": "belongs to a browser",
    "/api/reset": "belongs to a browser",
    "/api/schema": "describes the API",
    "/api/labs/{lab_name}/seat/leases/{lease}/media/{sha256}/ticket": "belongs to a player",
    "/api/labs/{lab_name}/events": "a stream; ask for the job instead",
    "/api/labs/{lab_name}/invitations": "looked after on the page of people, but to make one",
    "/api/labs/{lab_name}/people": "looked after on the page of people, but to read them",
}
"""Beginnings of the paths of operations without a method, each with the reason."""


def lacking(schema: Mapping[str, Any]) -> list[str]:
    """Return operations of an OpenAPI schema that no method calls and `LACKS` does not explain."""
    known = {*OPERATIONS.values(), *PARTS.values()}
    return sorted(
        f"{method.upper()} {path}"
        for path, held in schema["paths"].items()
        for method in held
        if (method.upper(), path) not in known
        and not any(path == p or path.startswith(p + "/") for p in LACKS)
    )
