"""Stages of the loop: what each asks, what it left last, what it may be told, what comes next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from banbury.cycle.compare.compare import SkillChange
from banbury.cycle.diagnose import SkillMap
from banbury.cycle.skills import known
from banbury.gyms import registry
from banbury.store import Artifact, Lab
from banbury.store.artifacts import Header
from banbury.store.jobs import Job
from banbury.web.jobs.form import Form

PAGE = 20


class Stage(msgspec.Struct, frozen=True):
    """A stage of the loop.

    Attributes:
        slug: its part of an address.
        verb: as on the command line.
        title: its name.
        asks: the question that it answers.
        kind: of the artifact that it leaves, "" for none.
        needs: the kind of artifact without which it cannot begin, "" for none.
        main: arguments that a newcomer should see; the others lie behind "More settings".
    """

    slug: str
    title: str
    asks: str
    kind: str = ""
    needs: str = ""
    main: tuple[str, ...] = ()

    @property
    def verb(self) -> str:
        """Return the words of the command line."""
        return self.slug.replace("-", " ")


LOOP = (
    Stage(
        *("probe", "Probe", "Where does the model fail?", "probe", ""),
        main=("model", "skills", "name", "most"),
    ),
    Stage(
        *("gaps", "Diagnose", "Why does it fail there?", "map", "probe"),
        main=("model", "probe"),
    ),
    Stage(
        *("source", "Source", "What would repair it?", "source", "map"),
        main=("map", "count", "name", "train"),
    ),
    Stage(
        *("review", "Review", "Is what was made clean?", "review", "source"),
        main=("run",),
    ),
    Stage(
        *("release", "Release", "What exactly is the data?", "release", "review"),
        main=("name", "run"),
    ),
    Stage(
        *("train", "Train", "Can the model learn it?", "checkpoint", "release"),
        main=("release", "model", "others"),
    ),
    Stage(
        *("compare", "Compare", "Did the gap close, and did anything break?", "comparison"),
        needs="checkpoint",
        main=("before", "after", "source", "guard"),
    ),
)
BESIDE = (
    Stage(
        *("mine", "Mine repositories", "Which real bug fixes make tasks?"),
        main=("repositories", "since", "until", "limit", "release"),
    ),
    Stage(
        *("skills-propose", "Propose skills", "What do failures share that no skill names?"),
        kind="proposals",
        needs="probe",
        main=("probe", "any_form"),
    ),
    Stage(
        *("capture-check", "Footage", "Which filmed hours are in step, and good?", "footage"),
        main=("campaign", "task", "incomplete"),
    ),
    Stage(
        *("report", "Report", "What does the whole loop say?", "report", "plan"),
        main=("loop",),
    ),
)
ALL = (*LOOP, *BESIDE)

_SOURCES: dict[str, tuple[str, ...]] = {
    "probe": ("probe",),
    "map": ("map",),
    "run": ("source",),
    "source": ("source",),
    "release": ("release",),
    "loop": ("plan",),
}
"""Which artifacts' names an argument may take."""
_MODELS = ("model", "before", "after")
SKILL_FIELDS = ("skills", "others", "guard")


class StageLine(msgspec.Struct, frozen=True):
    """How a stage stands.

    Attributes:
        stage: which.
        made: what it left last, None for nothing yet.
        headline: the chief figure of that, in a few words.
        jobs: its jobs that wait or run.
        ready: whether what it needs is there.
        stale: whether what it needs is newer than what it left.
    """

    stage: Stage
    made: Header | None
    headline: str
    jobs: list[Job]
    ready: bool
    stale: bool


class Choice(msgspec.Struct, frozen=True):
    """What a field offers: values to choose from, and the one that is sensible now."""

    values: list[str]
    value: str | list[str] = ""


class Domain(msgspec.Struct, frozen=True):
    """Skills of one domain, to choose from: names with titles, and where others' come from."""

    name: str
    skills: list[tuple[str, str]]
    source: str = ""


def stage(slug: str) -> Stage | None:
    """Return a stage by its slug, None if there is none."""
    return next((s for s in ALL if s.slug == slug), None)


FIRST_SKILLS = ("office.email", "reasoning.add", "reasoning.date_format")
"""What a first probe is about if nobody says: a few minutes on a laptop."""


def lines(lab: Lab, stages: tuple[Stage, ...] = LOOP) -> list[StageLine]:
    """Return how the stages stand, in the loop's order."""
    newest, active = lab.newest_artifacts(), lab.jobs.active()
    # Accepted answers can be checked and released as what a source made.
    folk = frozenset({"review"}) if lab.queue.campaigns(limit=1) else frozenset()
    return [_line(s, newest, active, folk) for s in stages]


def _line(
    stage: Stage, newest: Mapping[str, Artifact], active: list[Job], able: frozenset[str]
) -> StageLine:
    made, needed = newest.get(stage.kind), newest.get(stage.needs)
    return StageLine(
        stage,
        header(made) if made else None,
        headline(made) if made else "",
        [j for j in active if j.verb == stage.verb],
        not stage.needs or needed is not None or stage.slug in able,
        bool(made and needed and needed.created_ns > made.created_ns),
    )


def header(a: Artifact) -> Header:
    """Return an artifact without its body."""
    return Header(a.id, a.kind, a.name, a.version, a.parents, a.created_ns)


def following(line: list[StageLine]) -> Stage | None:
    """Return the stage that comes next: the first that is ready and has left nothing, or is old."""
    made = {one.stage.kind for one in line if one.made}
    for one in line:
        fed = not one.stage.needs or one.stage.needs in made
        if fed and one.ready and not one.jobs and (one.made is None or one.stale):
            return one.stage
    return None


def waits_for(line: StageLine) -> str:
    """Return in a few words what a stage that cannot begin yet waits for."""
    needed = next((s for s in ALL if s.kind == line.stage.needs), None)
    return f"after {needed.title.lower()}" if needed else ""


def headline(artifact: Artifact) -> str:
    """Return the chief figure of an artifact in a few words, "" for a kind that has none."""
    say = _SAY.get(artifact.kind)
    return say(artifact.body) if say else ""


def _probe(body: Mapping[str, Any]) -> str:
    below = sum(r["decision"] == "below" for r in body["skills"])
    open_ = sum(r["decision"] == "undecided" for r in body["skills"])
    said = f"{below} of {_many(len(body['skills']), 'skill')} below {body['threshold']:.0%}"
    return f"{said}, {open_} undecided" if open_ else said


def _map(body: Mapping[str, Any]) -> str:
    gaps = msgspec.convert(body, SkillMap).gaps
    kinds = [(k, sum(g.kind == k for g in gaps)) for k in ("form", "skill", "knowledge")]
    parts = ", ".join(f"{n} of {k}" for k, n in kinds if n)
    return f"{_many(len(gaps), 'gap')}: {parts}" if gaps else "no gap"


def _source(body: Mapping[str, Any]) -> str:
    held = sum(len(s["reserved_seen"]) + len(s["reserved_unseen"]) for s in body["skills"])
    made = f"{_many(body['episodes'], 'episode')} for {_many(len(body['skills']), 'skill')}"
    return f"{made}, {held:,} items reserved"


def _review(body: Mapping[str, Any]) -> str:
    return f"{len(body['accepted']):,} accepted, {len(body['rejected']):,} rejected"


def _release(body: Mapping[str, Any]) -> str:
    parts = ", ".join(f"{n:,} {part}" for part, n in body["splits"].items())
    return f"{_many(body['rows'], 'row')} ({parts})"


def _checkpoint(body: Mapping[str, Any]) -> str:
    count = len(body["adapters"])
    return f"{count} {'adapter' if count == 1 else 'adapters'} on {body['base']['name']}"


def _comparison(body: Mapping[str, Any]) -> str:
    changes = msgspec.convert(body["skills"], list[SkillChange])
    closed = f"{sum(c.closed for c in changes)} of {_many(len(changes), 'gap')} closed"
    after = body.get("after", {}).get("name", "")
    return f"{closed} by {after}" if after else closed


def _proposals(body: Mapping[str, Any]) -> str:
    return _many(len(body["proposals"]), "proposal")


def _footage(body: Mapping[str, Any]) -> str:
    good, counted = body.get("good_s", 0.0), body.get("counted_s", 0.0)
    return f"{good / 3600:.2f} good pair-hours, {counted / 3600:.2f} confirmed"


_SAY: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "probe": _probe,
    "map": _map,
    "source": _source,
    "review": _review,
    "release": _release,
    "checkpoint": _checkpoint,
    "comparison": _comparison,
    "proposals": _proposals,
    "footage": _footage,
}


def _many(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def choices(lab: Lab, form: Form) -> dict[str, Choice]:
    """Return what the fields of a form offer, from what the lab holds, the newest first."""
    out: dict[str, Choice] = {}
    for field in form.fields:
        values = _names(lab, _SOURCES.get(field.name, ()))
        if field.name in _MODELS:
            out[field.name] = _models(lab, field.name)
        elif field.name == "campaign":
            values += [c.name for c in lab.queue.campaigns() if c.gym == "capture"]
        elif field.name == "run":
            values += [f"campaign:{c.name}" for c in lab.queue.campaigns()]
        if values:
            asked = field.required or field.default is not None or field.name in ("map", "probe")
            out[field.name] = Choice(values, values[0] if asked else "")
    return out


def _models(lab: Lab, field: str) -> Choice:
    checkpoints = [f"checkpoint:{name}" for name in _names(lab, ("checkpoint",))]
    if field == "after":
        return Choice(checkpoints, checkpoints[0] if checkpoints else "")
    jobs = lab.jobs.listed(verb="probe", limit=1)
    headers = lab.artifact_headers("probe", limit=1)
    last = "smollm2"
    if jobs:
        last = str(jobs[0].arguments.get("model", last))
    elif headers:
        last = str(lab.artifact("probe", headers[0].id).body["actor"]["name"])
    return Choice(list(dict.fromkeys([last, "smollm2", *checkpoints])), last)


def _names(lab: Lab, kinds: tuple[str, ...]) -> list[str]:
    found = [h for kind in kinds for h in lab.artifact_headers(kind)]
    return list(dict.fromkeys(h.name for h in found))


def skills(lab: Lab) -> list[Domain]:
    """Return all skills that can be named now, by domain."""
    taxonomy = lab.taxonomy
    titles = {name: s.title for name, (_, s) in registry.skills().items()}
    titles |= {r.name: r.title for r in taxonomy.rows}
    found: dict[str, list[tuple[str, str]]] = {}
    for name in known(taxonomy):
        found.setdefault(name.split(".", 1)[0], []).append((name, titles.get(name, name)))
    sources = {n: s.source for n, (_, s) in registry.skills().items() if s.source != "ours"}
    return [
        Domain(name, rows, sources[rows[0][0]] if all(n in sources for n, _ in rows) else "")
        for name, rows in found.items()
    ]


def first_skills(lab: Lab) -> list[str]:
    """Return what a probe is about if nobody says: what the last one was, or a few for a start."""
    jobs = lab.jobs.listed(verb="probe", limit=1)
    return list(jobs[0].arguments.get("skills", FIRST_SKILLS)) if jobs else list(FIRST_SKILLS)


class History(msgspec.Struct, frozen=True):
    """What a stage left, the newest first, with where each came from."""

    made: list[Header]
    parents: dict[str, Header]
    next: str = ""


def history(lab: Lab, kind: str, before: str | None = None) -> History:
    """Return a page of what a stage left."""
    found = lab.artifact_headers(kind, before=before, limit=PAGE + 1)
    shown = found[:PAGE]
    parents = lab.artifacts_named({p for h in shown for p in h.parents[:20]})
    return History(shown, parents, found[PAGE - 1].id if len(found) > PAGE else "")
