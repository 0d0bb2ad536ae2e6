"""Steps as a person reads them: who, what, with which result, and the raw JSON one click away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from banbury.charts.svg import shown
from banbury.episode import GYM, Episode, Span, Step

CUT = 1_500
"""Characters of one text that a list of steps shows; the rest is one click away."""

_DEPTH = 8
_LONG = 90
Look = Literal["text", "value", "data", "alarm"]
Who = Literal["person", "model", "script", "gym"]
MediaKind = Literal["image", "audio", "video", "file"]

PLAYED: Mapping[str, MediaKind] = {
    **dict.fromkeys(("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"), "image"),
    **dict.fromkeys(("audio/mpeg", "audio/wav", "audio/x-wav", "audio/ogg", "audio/flac"), "audio"),
    **dict.fromkeys(("audio/mp4", "audio/webm", "audio/aac"), "audio"),
    **dict.fromkeys(("video/mp4", "video/webm", "video/ogg"), "video"),
}
"""Media types that a browser shows inside a page; all others, SVG too, are handed out as files."""


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """One readable part of a step.

    Attributes:
        text: what it says; control characters are made visible.
        name: of the field, "" for what the step says as a whole.
        look: `text` as written, `value` short, `data` indented lines, `alarm` what went wrong.
        length: characters in all where the text is cut, else 0.
    """

    text: str
    name: str = ""
    look: Look = "text"
    length: int = 0


class Media(msgspec.Struct, frozen=True):
    """A file that belongs to a step or task.

    Attributes:
        sha256: its name.
        type: media type.
        kind: how a page shows it.
        size: bytes.
        track: of the stretch.
        seconds: its length, 0 for what has none.
    """

    sha256: str
    type: str
    kind: MediaKind
    size: int
    track: str
    seconds: float


class TokenNote(msgspec.Struct, frozen=True):
    """What is kept of a model's tokens at a step.

    Attributes:
        prompt: ids of the prompt, those kept from the call before included.
        completion: ids that the model wrote.
        logprob: mean log-probability of these, None where unknown.
        model: as the sampler names it.
    """

    prompt: int
    completion: int
    logprob: float | None
    model: str


class StepView(msgspec.Struct, frozen=True):
    """One step.

    Attributes:
        seq: its number.
        kind: action, observation, reward, note or control.
        who: person, model, script or gym.
        actor: name.
        seat: name of the seat, "" for the whole episode.
        track: name of the stream.
        title: the tool, or what is shown, in a few words.
        parts: what it says.
        start_s: seconds since the episode began.
        seconds: how long it took.
        reward: of a reward step.
        reply_to: seq of the step that it answers.
        corrects: seq of the step that it corrects.
        corrected_by: seqs of the steps that correct it.
        media: its files.
        tokens: what a model read and wrote, if it is kept.
        before: what the step says that this one corrects.
    """

    seq: int
    kind: str
    who: Who
    actor: str
    seat: str
    track: str
    title: str
    parts: tuple[Part, ...]
    start_s: float
    seconds: float
    reward: float | None
    reply_to: int | None
    corrects: int | None
    corrected_by: tuple[int, ...]
    media: tuple[Media, ...]
    tokens: TokenNote | None
    before: tuple[Part, ...] = ()


def view(
    episode: Episode, step: Step, corrected_by: Sequence[int] = (), limit: int = CUT
) -> StepView:
    """Return a step as a page and the API show it; texts are cut at `limit`, 0 for not at all."""
    value, readable = decoded(step.payload)
    title, parts = _read(step, value) if readable else ("", [Part(str(value), look="data")])
    actor = None if step.actor == GYM else episode.actors[step.actor]
    return StepView(
        step.seq,
        step.kind,
        actor.kind if actor else "gym",
        actor.name if actor else episode.gym,
        step.seat,
        step.track,
        title,
        tuple(cut(part, limit) for part in parts),
        step.start_ns / 1e9,
        max(step.end_ns - step.start_ns, 0) / 1e9,
        _number(value) if step.kind == "reward" else None,
        step.reply_to,
        step.corrects,
        tuple(corrected_by),
        media_of(step.spans),
        _tokens(episode, step),
    )


def decoded(payload: bytes) -> tuple[Any, bool]:
    """Return a payload's value, or its text and False where it is no JSON."""
    try:
        return msgspec.json.decode(payload), True
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return payload.decode("utf-8", "replace"), False


def media_of(spans: Iterable[Span]) -> tuple[Media, ...]:
    """Return the files of spans."""
    return tuple(
        Media(
            s.blob.sha256,
            s.blob.media,
            PLAYED.get(s.blob.media, "file"),
            s.blob.size,
            s.track,
            float(s.seconds),
        )
        for s in spans
    )


def cut(part: Part, limit: int) -> Part:
    """Return a part with what cannot be seen made visible, and no longer than `limit`."""
    length = len(part.text)
    if 0 < limit < length:
        return Part(shown(part.text[:limit]), part.name, part.look, length)
    return Part(shown(part.text), part.name, part.look)


def lines(value: Any, depth: int = 0) -> Iterator[str]:
    """Yield a JSON value as indented lines without brackets and quotes."""
    pad = "  " * depth
    if depth >= _DEPTH:
        yield pad + msgspec.json.encode(value).decode()
    elif isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _entry(f"{pad}{key}:", inner, depth)
    elif isinstance(value, list) and value:
        for inner in value:
            yield from _entry(f"{pad}-", inner, depth)
    else:
        yield pad + scalar(value)


def _entry(head: str, inner: Any, depth: int) -> Iterator[str]:
    if isinstance(inner, dict | list) and inner:
        yield head
        yield from lines(inner, depth + 1)
    elif isinstance(inner, str) and "\n" in inner:
        yield head
        yield from ("  " * (depth + 1) + line for line in inner.split("\n"))
    else:
        yield f"{head} {scalar(inner)}"


def scalar(value: Any) -> str:
    """Return a value that stands in one line."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def fields(value: Mapping[str, Any]) -> list[Part]:
    """Return the fields of an object, each readable."""
    return [_field(name, inner) for name, inner in value.items()]


def _field(name: str, value: Any) -> Part:
    if isinstance(value, str):
        if value[:1] in "{[" and value[-1:] in "}]":
            inner, readable = decoded(value.encode("utf-8", "replace"))
            if readable and isinstance(inner, dict | list):
                return _field(name, inner)
        return Part(value, name, "text" if len(value) > _LONG or "\n" in value else "value")
    if isinstance(value, dict | list) and value:
        flat = isinstance(value, list) and not any(isinstance(v, dict | list) for v in value)
        words = ", ".join(map(scalar, value)) if flat else ""
        if flat and len(words) <= _LONG:
            return Part(words, name, "value")
        return Part("\n".join(lines(value)), name, "data")
    return Part(scalar(value), name, "value")


def _read(step: Step, value: Any) -> tuple[str, list[Part]]:
    if step.kind == "reward":
        return "", [Part(scalar(value), look="value")]
    if not isinstance(value, dict):
        return "", [Part("\n".join(lines(value)), look="data")]
    if step.kind == "action":
        title = str(value.get("do", ""))
        rest = {k: v for k, v in value.items() if k != "do"}
        if list(rest) == ["text"]:
            return title, [Part(scalar(rest["text"]))]
        return title, fields(rest)
    if step.kind == "observation":
        return _observation(value)
    if step.kind == "note":
        return _note(step, value)
    return _control(value)


def _observation(value: Mapping[str, Any]) -> tuple[str, list[Part]]:
    role = {"system": "setting", "tool": "result"}.get(str(value.get("role", "")), "shown")
    said = value.get("text")
    parts = [Part(scalar(said))] if said not in (None, "") else []
    rest = {k: v for k, v in value.items() if k not in ("text", "role", "media") and v != ""}
    return role, parts + fields(rest)


def _note(step: Step, value: Mapping[str, Any]) -> tuple[str, list[Part]]:
    if value.keys() == {"fault", "raw"}:
        return "none of the gym's actions", [
            Part(scalar(value["fault"]), look="alarm"),
            Part(scalar(value["raw"])),
        ]
    titles = {"ask": "asked a model", "state": "final state", "cost": "cost"}
    return titles.get(step.track, "note"), fields(value)


def _control(value: Mapping[str, Any]) -> tuple[str, list[Part]]:
    why = value.get("truncated")
    if isinstance(why, str):
        return "stopped by the arena", [Part(why)]
    if value.get("terminated"):
        return "the task is over", []
    if why:
        return "stopped at the gym's limit", []
    return "a turn without words", []


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _tokens(episode: Episode, step: Step) -> TokenNote | None:
    kept = step.tokens
    if kept is None:
        return None
    logprobs = kept.completion_logprobs
    mean = float(logprobs.mean()) if len(logprobs) else None
    sampler = episode.samplers[kept.sampler] if kept.sampler < len(episode.samplers) else None
    return TokenNote(
        kept.kept + len(kept.prompt) // 4,
        len(kept.completion) // 4,
        mean,
        sampler.model if sampler else "",
    )
