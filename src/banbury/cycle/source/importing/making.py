"""From a draft to a task: its files looked at or taken, its known results checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import msgspec
from msgspec.structs import replace

from banbury.cycle.source.importing.drafts import Draft, Guess
from banbury.cycle.source.importing.files import File, Unfit, looked_at
from banbury.cycle.source.importing.rows import Broken, Row
from banbury.cycle.source.importing.sources import Source
from banbury.episode import Blob, Origin, Problem, Span, canonical
from banbury.errors import InputError
from banbury.gyms.labelling.actions import Result
from banbury.gyms.labelling.controls import Control, Inputs, Media, check_controls, subject
from banbury.gyms.labelling.form import faults
from banbury.gyms.labelling.problems import problem
from banbury.store import Lab

T = TypeVar("T")
_Sorts = tuple[tuple[str, str], ...]
"""Fields of an item with the media type of each, "" for a text."""


class Made(NamedTuple):
    """A task with what models have said of it."""

    problem: Problem
    guesses: tuple[Guess, ...]
    after: object = None


class Maker:
    """Makes tasks from the rows of one source."""

    def __init__(self, lab: Lab, source: Source, known_as: str = "") -> None:
        """Make a maker.

        Raises:
            InputError: `known_as` is neither `gold` nor `proposals` nor "".
        """
        if known_as not in ("", "gold", "proposals"):
            raise InputError(f"results can be gold or proposals, not {known_as!r}")
        self._lab = lab
        self._known_as = known_as
        self.source = source
        self._places: dict[_Sorts, tuple[tuple[Control, ...], tuple[Control, ...]]] = {}
        self._origin = Origin("imported", f"{source.format}: {source.path.name}")

    def fault(self, row: Row) -> Broken | None:
        """Return why a row cannot be taken, None if it can; nothing is kept."""
        found = self._tried(row, self._looked_at)
        return found if isinstance(found, Broken) else None

    def taken(self, row: Row, *, checked: bool = False) -> Made | Broken:
        """Return the task of a row, its files kept in the lab.

        Args:
            row: of the source.
            checked: its known results were looked at before.
        """
        return self._tried(row, lambda draft: self._task(draft, checked))

    def _tried(self, row: Row, work: Callable[[Draft], T]) -> T | Broken:
        try:
            return work(self.source.draft(row))
        except Unfit as error:
            return Broken(row.place, str(error), row.after)
        except UnicodeEncodeError:
            why = "a text holds half of a surrogate pair, which is no Unicode"
            return Broken(row.place, why, row.after)
        except OSError as error:
            return Broken(row.place, f"a file cannot be read: {error.strerror}", row.after)

    def _looked_at(self, draft: Draft) -> None:
        inputs, _ = self._inputs(draft, keep=False)
        _right(draft, inputs)
        # Only what can be written is fit.
        canonical([inputs, draft.gold, draft.instruction])

    def _task(self, draft: Draft, checked: bool) -> Made:
        inputs, spans = self._inputs(draft, keep=True)
        if not checked:
            _right(draft, inputs)
        gold, guesses = self._known(draft)
        plan = self.source.plan
        made = problem(
            inputs,
            gold,
            draft.instruction or plan.instruction or plan.words(inputs.controls),
            media=spans,
            skill=draft.skill or plan.skill,
            licence=plan.licence,
            origin=self._origin,
        )
        return Made(made, guesses)

    def _inputs(self, draft: Draft, *, keep: bool) -> tuple[Inputs, tuple[Span, ...]]:
        controls = draft.controls or self.source.plan.controls
        if not controls:
            raise Unfit("nothing is asked of it; name controls")
        if draft.controls:
            _checked(draft.controls)
        item: dict[str, str | Media] = {}
        spans: list[Span] = []
        for name, value in draft.item.items():
            if isinstance(value, File):
                media = looked_at(value)
                spans.append(self._span(name, value, media, keep))
                item[name] = media
            else:
                item[name] = value
        return Inputs(item, self._placed(controls, item), draft.meta), tuple(spans)

    def _placed(
        self, controls: tuple[Control, ...], item: dict[str, str | Media]
    ) -> tuple[Control, ...]:
        """Return the controls, each with the field that it is about: one way to say one thing.

        Raises:
            Unfit: a control fits nothing that the item shows.
        """
        sorts = tuple((n, v.mime if isinstance(v, Media) else "") for n, v in item.items())
        held = self._places.get(sorts)
        if held is not None and held[0] is controls:
            return held[1]
        inputs = Inputs(item, controls)
        placed = []
        for control in controls:
            of = subject(control, inputs)
            if not of:
                shown = ", ".join(item)
                raise Unfit(f"{control.name!r} ({control.kind}) fits nothing of the item ({shown})")
            placed.append(_lean(replace(control, of=of)))
        self._places = {sorts: (controls, tuple(placed))}
        return tuple(placed)

    def _known(self, draft: Draft) -> tuple[dict[str, Result], tuple[Guess, ...]]:
        gold, guesses = draft.gold, draft.guesses
        if self._known_as == "proposals" and gold:
            return {}, (*guesses, Guess("imported", gold))
        if self._known_as == "gold" and not gold and guesses:
            return guesses[0].results, guesses[1:]
        return gold, guesses

    def _span(self, name: str, file: File, media: Media, keep: bool) -> Span:
        size = file.path.stat().st_size if file.path else len(file.data)
        blob = Blob(media.media, size, media.mime)
        if keep:
            with file.open() as opened:
                blob = self._lab.blobs.put(opened, media.mime)
        return Span(blob, name, 0, round(media.seconds * 1e9))


def _lean(control: Control) -> Control:
    """Return a control whose defaults are left out of its JSON, whoever has spelled them out."""
    fields = msgspec.structs.fields(control)
    held = {f.name: getattr(control, f.name) for f in fields}
    return Control(**{n: v for n, v in held.items() if v != _DEFAULTS.get(n, msgspec.UNSET)})


_DEFAULTS = {f.name: f.default for f in msgspec.structs.fields(Control)}


def _checked(controls: tuple[Control, ...]) -> None:
    try:
        check_controls(controls)
    except InputError as error:
        raise Unfit(error.what) from None


def _right(draft: Draft, inputs: Inputs) -> None:
    """Refuse known results that no answer could equal.

    Raises:
        Unfit: a label, a control or a place is wrong.
    """
    for results in (draft.gold, *(guess.results for guess in draft.guesses)):
        if results:
            for name, why in faults(results, inputs).items():
                if name in results:
                    raise Unfit(f"the known result of {name!r}: {why}")
