"""Export: a campaign's tasks with the answers that were accepted, in other people's formats.

Everything is written beside the file that it becomes; an export that was stopped goes on, and
nobody sees half of one.
"""

from __future__ import annotations

import hashlib
import mimetypes
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from banbury.cycle.source.importing.coco_writer import CocoWriter
from banbury.cycle.source.importing.drafts import Native
from banbury.cycle.source.importing.files import embedded
from banbury.cycle.source.importing.studio import config_of, regions_of
from banbury.cycle.source.importing.writer import Line, Writer
from banbury.errors import InputError
from banbury.formats.labelstudio import Annotation, LabelTask, write_config
from banbury.gyms.labelling.actions import Result
from banbury.gyms.labelling.controls import Inputs, Media
from banbury.gyms.labelling.gym import answer, gold_of, inputs_of
from banbury.gyms.labelling.problems import GYM
from banbury.store import Lab
from banbury.store.answered import Answered
from banbury.store.deliveries import MACHINE

TO = ("jsonl", "labelstudio", "coco")
_SAVED = 20_000
_encode = msgspec.json.Encoder().encode


class Exported(msgspec.Struct):
    """What was written.

    Attributes:
        out: the file.
        tasks: how many are in it.
        answered: how many of these have an accepted answer.
        files: images and recordings written beside it.
        carried_on: from which task this start went on.
        delivery: under which id it is written down that it left, "" where no answer did.
    """

    out: str
    tasks: int = 0
    answered: int = 0
    files: int = 0
    carried_on: int = 0
    delivery: str = ""


def export_tasks(
    lab: Lab,
    out: Path,
    to: str,
    *,
    campaign: str = "",
    gold: bool = False,
    only: bool = False,
    who: str = MACHINE,
    progress: Callable[[int, int], None] | None = None,
) -> Exported:
    """Write tasks and answers to a file, and what they show to a folder beside it.

    Args:
        lab: where they are.
        out: the file; one that is there is replaced at the end.
        to: one of `TO`.
        campaign: whose tasks; all of the gym, without answers, if "".
        gold: write known results too, where nobody has answered or beside the answer. Whoever has
            the file then has the answer key.
        only: leave out tasks without an answer.
        who: takes it; written down with whose answers leave (`Lab.deliveries`).
        progress: called with (tasks done, tasks in all or 0).

    Raises:
        InputError: the format cannot hold these tasks, or the file cannot be written.
        UnknownName: there is no such campaign.
    """
    if to not in TO:
        raise InputError(f"{to!r} is no format of an export", do=f"name one of {', '.join(TO)}")
    total = lab.queue.campaign(campaign).tasks if campaign else 0
    writers: Mapping[str, type[Writer]] = {
        "jsonl": _Lines,
        "labelstudio": _Studio,
        "coco": CocoWriter,
    }
    said = Exported(str(out))
    try:
        with writers[to](out, f"{campaign}/{to}/{gold}/{only}") as writer:
            said.tasks, said.answered, said.files = writer.counts
            said.carried_on = said.tasks
            media = _MediaFolder(lab, out)
            rows = lab.answered(
                campaign=campaign, gym=GYM, only=only, secrets=gold, after=writer.after
            )
            for row in rows:
                writer.write(_line(row, media, gold))
                said.tasks += 1
                said.answered += row.record is not None
                said.files = media.written
                if not said.tasks % _SAVED:
                    writer.save(row.position, (said.tasks, said.answered, said.files))
                    if progress:
                        progress(said.tasks, total)
            if campaign and said.answered:
                said.delivery = _leaves(lab, campaign, to, who)
            writer.finish()
        if said.delivery:
            with out.open("rb") as file:
                whole = hashlib.file_digest(file, "sha256").hexdigest()
            lab.deliveries.hashed(said.delivery, whole)
    except OSError as error:
        raise InputError(f"the file cannot be written: {error.strerror}", where=str(out)) from None
    return said


def _leaves(lab: Lab, campaign: str, to: str, who: str) -> str:
    """Write down that a campaign's answers are about to leave; return under which id."""
    ids = lab.queue.accepted(campaign)
    return lab.deliveries.note("exported", f"campaign {campaign}", ids, format=to, who=who)


def _line(row: Answered, media: _MediaFolder, gold: bool) -> Line:
    task = row.problem.task
    inputs = inputs_of(task.public.inputs, task.id)
    label = answer(row.record) if row.record else None
    return Line(
        task=task,
        inputs=inputs,
        results=label.results if label else None,
        gold=gold_of(row.problem).results if gold else {},
        episode=row.record.episode.id if row.record else "",
        person=row.record.episode.actors[0].name if row.record else "",
        files={n: media.put(v) for n, v in inputs.item.items() if isinstance(v, Media)},
    )


class _MediaFolder:
    """The files of exported items, each once, in `OUT-media/`."""

    def __init__(self, lab: Lab, out: Path) -> None:
        self._lab = lab
        self._folder = out.with_name(f"{out.stem}-media")
        self.written = 0

    def put(self, media: Media) -> str:
        """Return the path of a file from the exported one, after it was written."""
        suffix = mimetypes.guess_extension(media.mime) or Path(media.name).suffix or ".bin"
        held = embedded(media.data).data if media.data else b""
        name = hashlib.sha256(held).hexdigest() if held else media.media
        place = self._folder / f"{name}{suffix}"
        if not place.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            aside = place.with_name(f".{place.name}.part")
            with aside.open("wb") as file:
                if held:
                    file.write(held)
                else:
                    self._copy(media, file)
            aside.replace(place)
            self.written += 1
        return f"{self._folder.name}/{place.name}"

    def _copy(self, media: Media, file: BinaryIO) -> None:
        with self._lab.blobs.open(media.media) as blob:
            shutil.copyfileobj(blob, file)


class _Lines(Writer):
    """Our own JSON lines, which an import reads back as they were."""

    def write(self, line: Line) -> None:
        """Write one task."""
        item: dict[str, str | dict[str, Any]] = {}
        for name, value in line.inputs.item.items():
            if isinstance(value, Media):
                item[name] = {"file": line.files[name], "name": value.name}
            else:
                item[name] = value
        said = Native(
            item,
            line.inputs.controls,
            line.task.public.instruction,
            line.task.skill,
            line.inputs.meta,
            dict(line.gold),
            dict(line.results or {}),
            (),
            line.task.id,
            line.episode,
            line.person,
        )
        self.part("rows").write(_encode(said) + b"\n")

    def finish(self) -> None:
        """Put the file into its place."""
        self.join([self.part("rows")])


class _Studio(Writer):
    """Label Studio's JSON, with its configuration beside it as `OUT.xml`."""

    def write(self, line: Line) -> None:
        """Write one task; an answer becomes an annotation, a known result its ground truth."""
        self._same(line.inputs, line.task.public.instruction)
        data = {
            name: line.files[name] if isinstance(value, Media) else value
            for name, value in line.inputs.item.items()
        }
        files = {n: v.name for n, v in line.inputs.item.items() if isinstance(v, Media) and v.name}
        made = LabelTask(
            data=data,
            annotations=tuple(_annotations(line)),
            meta={
                **line.inputs.meta,
                "banbury": {
                    "task": line.task.id,
                    **({"names": files} if files else {}),
                    **({"episode": line.episode, "person": line.person} if line.episode else {}),
                },
            },
        )
        rows = self.part("rows")
        rows.write((b",\n" if rows.tell() else b"") + _encode(made))

    def _same(self, inputs: Inputs, instruction: str) -> None:
        """Refuse tasks that ask another thing than the first; a project has one configuration."""
        text = write_config(config_of(inputs, instruction))
        said = self.said.setdefault("config", text)
        if said != text:
            raise InputError(
                "these tasks ask different things, and a project of Label Studio asks one",
                do="export one campaign of tasks with the same controls, or use --to jsonl",
            )

    def finish(self) -> None:
        """Put both files into their places."""
        self.join([b"[", self.part("rows"), b"]\n"])
        config = self.out.with_suffix(".xml")
        config.write_text(self.said.get("config", "<View />\n"), encoding="utf-8")


def _annotations(line: Line) -> Iterator[Annotation]:
    said: tuple[tuple[Mapping[str, Result] | None, bool], ...] = (
        (line.results, False),
        (line.gold, True),
    )
    for results, truth in said:
        if results:
            yield Annotation(tuple(regions_of(results, line.inputs)), ground_truth=truth)
