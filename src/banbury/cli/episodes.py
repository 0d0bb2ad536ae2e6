"""`banbury episodes list|show|replay`."""

from __future__ import annotations

import msgspec
from cyclopts import App

from banbury.arena import Replay
from banbury.arena import replay as replayed
from banbury.cli.terminal import Json, Place, counted, out, print_json, print_table
from banbury.episode import GYM, Record, Status, Step
from banbury.store.deliveries import MACHINE

app = App(name="episodes", help="List, read and replay episodes.", help_format="plaintext")


@app.command(name="list")
def list_(
    *,
    run: str | None = None,
    gym: str | None = None,
    skill: str | None = None,
    status: Status | None = None,
    passed: bool | None = None,
    limit: int = 50,
    after: str | None = None,
    place: Place = Place(),
    json: Json = False,
) -> None:
    """List episodes, the oldest first.

    Args:
        run: only of this run.
        gym: only of this gym.
        skill: only of this skill.
        status: open, done, void or failed.
        passed: only those that passed, or (--no-passed) did not.
        limit: at most so many.
        after: id of the episode after which to go on.
        place: where the work is kept.
        json: print JSON instead.
    """
    with place.open(create=False) as lab:
        found = list(
            lab.episodes(
                run=run,
                gym=gym,
                skill=skill,
                status=status,
                passed=passed,
                limit=limit,
                after=after,
            )
        )
        verdicts = lab.judgements([e.id for e in found])
    if json:
        print_json([{"episode": e, "judgements": verdicts.get(e.id, ())} for e in found])
        return
    print_table(
        counted(len(found), "episode"),
        ("episode", "run", "skill", "actor", "status", "score", "route"),
        [
            (
                e.id,
                e.key.run,
                e.skill,
                ", ".join(a.name for a in e.actors),
                e.status,
                f"{verdicts[e.id][-1].score:.2f}" if e.id in verdicts else "-",
                e.route,
            )
            for e in found
        ],
        right=("score",),
    )
    if len(found) == limit:
        out.print(f"\nMore: --after {found[-1].id}")


@app.command
def show(episode: str, /, *, place: Place = Place(), json: Json = False) -> None:
    """Read one episode, step by step, with its judgements.

    Args:
        episode: its id.
        place: where the work is kept.
        json: print JSON instead.
    """
    with place.open(create=False) as lab:
        record = lab.read(episode)
        lab.deliveries.read([record.episode.id], MACHINE)
        judgements = lab.judgements([episode]).get(episode, ())
    if json:
        plain = [
            {
                **msgspec.structs.asdict(s),
                "payload": msgspec.Raw(s.payload),
                "tokens": s.tokens is not None,
            }
            for s in record.steps
        ]
        print_json({"episode": record.episode, "steps": plain, "judgements": judgements})
        return
    e = record.episode
    out.print(f"{e.id}  {e.skill}  {e.status}  run {e.key.run}", highlight=False)
    if e.failure:
        out.print(f"failed at {e.failure.boundary}: {e.failure.what}", markup=False)
    for step in record.steps:
        text = _text(step)
        out.print(
            f"{_who(record, step):>24}  {step.kind:<11} {text}", markup=False, highlight=False
        )
    for judgement in judgements:
        out.print(
            f"{judgement.judge:>24}  judgement   {judgement.score:.2f} {judgement.evidence}",
            markup=False,
            highlight=False,
        )


@app.command
def replay(episode: str, /, *, place: Place = Place(), json: Json = False) -> None:
    """Make an episode's actions again; prove that all that is seen and judged is the same.

    The replay is kept as an episode of its own. Ends with 1 where anything differs.

    Args:
        episode: its id.
        place: where the work is kept.
        json: print JSON instead.
    """
    with place.open(create=False) as lab:
        found = replayed(lab, episode)
    if json:
        print_json(found)
    else:
        _show_replay(found)
    if not found.same:
        raise SystemExit(1)


def _show_replay(found: Replay) -> None:
    if (difference := found.difference) is None:
        judged = "" if found.score is None else f"; judged {found.score:.2f} again"
        said = f"The same: {counted(found.steps, 'step')}, byte for byte{judged}."
    else:
        at = "" if difference.seq is None else f" at step {difference.seq}"
        said = (
            f"Not the same: {difference.what}{at}\n"
            f"  before  {difference.before}\n  now     {difference.now}"
        )
    out.print(said, markup=False, highlight=False)
    if found.judge_changed:
        out.print("The judge's code has changed since the episode was judged.")
    out.print(f"Kept as episode {found.episode}.", highlight=False)


def _who(record: Record, step: Step) -> str:
    if step.actor == GYM:
        return f"gym {record.episode.gym}"
    return record.episode.actors[step.actor].name[:24]


def _text(step: Step, most: int = 400) -> str:
    value = msgspec.json.decode(step.payload)
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        text = value["text"]
    else:
        text = step.payload.decode()
    text = text.replace("\n", " / ")
    return text if len(text) <= most else f"{text[:most]}... ({len(text)} characters)"
