"""Tasks of the gym from what they show: the one place where their identity is made."""

from __future__ import annotations

from collections.abc import Mapping

from banbury.episode import (
    Origin,
    Problem,
    Public,
    Secret,
    SkillWeight,
    Span,
    Task,
    canonical,
    digest,
    identity,
)
from banbury.episode.task import UNSTATED
from banbury.gyms.capture.brief import Brief
from banbury.gyms.capture.confirm import Truth
from banbury.gyms.capture.views import Pairs

GYM = "capture"
VERSION = "1"
FILM = "capture.film"
CONFIRM = "capture.confirm"
_ASKED = Origin("written")
_FOUND = Origin("generated", f"{GYM} {VERSION}")

FILM_SAID = "Film this scene together with the others who have it today."
CONFIRM_SAID = "Play the views in step. Nudge what is off, then confirm, or refuse and say why."


def film(brief: Brief, instruction: str = FILM_SAID, *, licence: str = UNSTATED) -> Problem:
    """Return the task of filming a scene; the same brief is the same task.

    Args:
        brief: what to film.
        instruction: one sentence; the page shows the brief itself.
        licence: SPDX id under which the footage may be used.
    """
    shown = canonical(brief)
    params = {"content": digest(shown, instruction.encode())}
    return made(FILM, shown.decode(), instruction, params, licence=licence, origin=_ASKED)


def confirm(
    shown: Pairs,
    *,
    media: tuple[Span, ...] = (),
    instruction: str = CONFIRM_SAID,
    truth: Truth | None = None,
) -> Problem:
    """Return the task of confirming a group of views.

    Args:
        shown: views, clocks, what each method answered.
        media: the playing copies and peaks that the views name.
        instruction: one sentence.
        truth: where it is known.
    """
    inputs = canonical(shown)
    params = {"content": digest(inputs, instruction.encode())}
    return made(
        CONFIRM, inputs.decode(), instruction, params, media=media, truth=truth, origin=_FOUND
    )


def made(
    skill: str,
    inputs: str,
    instruction: str,
    params: Mapping[str, object],
    *,
    media: tuple[Span, ...] = (),
    truth: Truth | None = None,
    solution: str = "",
    licence: str = UNSTATED,
    origin: Origin = _FOUND,
    phrasing: str = "",
) -> Problem:
    """Return a task with its secret.

    Args:
        skill: `FILM` or `CONFIRM`.
        inputs: JSON of what is shown.
        instruction: what to do.
        params: what makes its identity.
        media: the blobs that it names.
        truth: of a sample.
        solution: JSON of the reference's actions, "" where there is none.
        licence: SPDX id of the content.
        origin: where it comes from.
        phrasing: id of the wording.
    """
    task = Task(
        id=identity(GYM, skill, VERSION, params),
        gym=GYM,
        family=skill,
        version=VERSION,
        params=canonical(params).decode(),
        public=Public(instruction, inputs, media, phrasing),
        skills=(SkillWeight(skill),),
        origin=origin,
        licence=licence,
    )
    answer = canonical(truth).decode() if truth is not None else "{}"
    return Problem(task, Secret(task.id, answer, solution))
