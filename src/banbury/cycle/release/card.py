"""The card of a release: README.md, with the front matter that Hugging Face reads."""

from __future__ import annotations

from collections.abc import Mapping

from banbury.cycle.release.manifest import Manifest
from banbury.cycle.release.people import People
from banbury.episode import UNSTATED

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_KNOWN = {
    "Apache-2.0": "apache-2.0",
    "BSD-2-Clause": "bsd-2-clause",
    "BSD-3-Clause": "bsd-3-clause",
    "CC-BY-4.0": "cc-by-4.0",
    "CC0-1.0": "cc0-1.0",
    "ISC": "isc",
    "MIT": "mit",
    "PostgreSQL": "postgresql",
    "Unlicense": "unlicense",
}
"""SPDX ids by the names that Hugging Face gives them."""


def card(manifest: Manifest) -> str:
    """Return the card as Markdown; it says what the manifest says, and nothing that it does not."""
    total = sum(manifest.rows.values())
    return "\n".join(
        (
            *_front_matter(manifest, total),
            f"# {_cell(manifest.name)}",
            "",
            *_what(manifest, total),
            *_how(manifest, total),
            *(line for one in manifest.campaigns for line in _campaign(one)),
            *_review(manifest),
            *_lineage(manifest),
            *_limits(manifest),
        )
    )


def _front_matter(manifest: Manifest, total: int) -> list[str]:
    licences = sorted({_KNOWN.get(spdx, "other") for spdx in manifest.counts["licence"]})
    size = next((name for most, name in _SIZES if total < most), "n>1M")
    lines = ["---", f"pretty_name: {_yaml(manifest.name)}"]
    lines += ["license:", *(f"- {name}" for name in licences)]
    if "other" in licences:
        named = ", ".join(sorted(set(manifest.counts["licence"]) - set(_KNOWN)))
        lines.append(f"license_name: {_yaml(named)}")
    lines += ["task_categories:", "- text-generation", "size_categories:", f"- {size}"]
    lines += ["tags:", "- banbury", "- post-training", "configs:", "- config_name: default"]
    lines.append("  data_files:")
    for part in sorted(p for p, n in manifest.rows.items() if n):
        lines += [f"  - split: {part}", f"    path: data/{part}-*.parquet"]
    return [*lines, "---", ""]


def _what(manifest: Manifest, total: int) -> list[str]:
    parts = ", ".join(f"{n:,} {part}" for part, n in sorted(manifest.rows.items()))
    return [
        f"{total:,} rows ({parts}). Each is one action to train on: `prompt` and `completion` are "
        "lists of chat messages, as TRL takes them, and the other columns say where the row comes "
        "from.",
        "",
        "```python",
        "from datasets import load_dataset",
        "",
        'data = load_dataset("path/to/this/folder")',
        "```",
        "",
        *_table("Skill", manifest.counts["skill"]),
    ]


def _how(manifest: Manifest, total: int) -> list[str]:
    return [
        "## How it was made",
        "",
        f"{_made(manifest)}, the actors below did them, and {_judged(manifest.by_form, total)}",
        "",
        *_table("Actor", manifest.counts["actor"]),
        *_table("Gym and version", manifest.counts["gym"]),
        *_table("Judge and the hash of its code", manifest.counts["judge"]),
    ]


def _made(manifest: Manifest) -> str:
    """Say where the tasks come from."""
    kinds = {name.split(" ", 1)[0] for name in manifest.counts["origin"]}
    if kinds == {"imported"}:
        return "The tasks were imported"
    return "Gyms made some of the tasks, others were imported" if "imported" in kinds else _GYMS


_GYMS = "Gyms made the tasks"


def _judged(by_form: int, total: int) -> str:
    """Say what the judges' verdicts rest on."""
    if not by_form:
        return "each gym's own judge passed them."
    which = "for any row" if by_form == total else f"for {by_form:,} of the rows"
    return (
        f"no right answer was known {which}: there the gym's judge checked the form alone, and "
        "what an answer says rests on the people who gave and reviewed it."
    )


def _campaign(said: People) -> list[str]:
    """Say what people were asked, and what became of their answers."""
    parts = f"{said.accepted:,} accepted as they were, {said.mended:,} mended, "
    reviewed = f"Answers reviewed: {said.reviewed:,} ({parts}{said.returned:,} returned)."
    agreed = "No task was answered by several people, so that no agreement can be given."
    if said.alike is not None:
        agreed = (
            f"Tasks that several people answered: {said.compared:,}; their answers are alike by "
            f"{said.alike:.2f} on average, where 1 is the same."
        )
    title = f" ({_cell(said.title)})" if said.title and said.title != said.campaign else ""
    told = [f"> {_cell(line)}".rstrip() for line in said.instructions.strip().splitlines()]
    return [
        f"### Campaign {_cell(said.campaign)}{title}",
        "",
        *(["What people were told:", "", *told, ""] if told else []),
        f"{reviewed if said.reviewed else 'No answer was reviewed.'} {agreed}",
        "",
    ]


def _review(manifest: Manifest) -> list[str]:
    review = manifest.review
    rejected = _table("Reason", review.rejected, "Episodes")
    runs = ""
    if review.overlap:
        words, share = review.overlap
        runs = (
            f", and, for texts that people wrote, {words} words in a row or {share:.0%} of their "
            "eight-character pieces"
        )
    return [
        "## Review",
        "",
        f"{review.accepted:,} episodes were accepted. Rejected, by reason (an episode may have "
        "several):",
        "",
        *(rejected if review.rejected else ["None was rejected.", ""]),
        f"{manifest.duplicates:,} rows were left out since an equal one is there.",
        "",
        "### Decontamination",
        "",
        f"{manifest.reserved:,} tasks are reserved for measuring. No row comes from one of them; "
        "the database refuses it. Every episode was compared with them: the same item in other "
        f"words, the same text but for case and spacing{runs}.",
        "",
        "Checks and the hashes of their code and settings:",
        "",
        *(f"- {name} `{value}`" for name, value in sorted(review.checks.items())),
        "",
    ]


def _lineage(manifest: Manifest) -> list[str]:
    return [
        "## Licence and origin",
        "",
        *_table("Licence", _told(manifest.counts["licence"])),
        *_unstated(manifest.counts["licence"]),
        *_table("Origin", manifest.counts["origin"]),
        "Every row names its task (which can be made again from `gym`, `family`, "
        "`family_version` and `params`), its episode, its parents, the judge and the hash of its "
        "code, the actor and its revision, its licence and its origin.",
        "",
    ]


def _told(licences: Mapping[str, int]) -> dict[str, int]:
    return {"not stated" if name == UNSTATED else name: n for name, n in licences.items()}


def _unstated(licences: Mapping[str, int]) -> list[str]:
    count = licences.get(UNSTATED, 0)
    if not count:
        return []
    said = f"Nobody has stated the licence of the content of {count:,} rows; ask who owns it"
    return [f"{said} before you share or train on them.", ""]


def _limits(manifest: Manifest) -> list[str]:
    kinds = {name.split(" ", 1)[0] for name in manifest.counts["origin"]}
    actors = {name.split(" ", 1)[0] for name in manifest.counts["actor"]}
    lines = ["## Known limits", ""]
    if "generated" in kinds:
        lines.append(
            "- Generated tasks follow templates; a model may learn these and not the skill."
        )
    if actors == {"script"}:
        lines.append("- All completions are reference solutions of scripts, in one style each.")
    if kinds - {"generated"}:
        lines.append("- Texts that people wrote may name persons; see the notes of the review.")
    lines += [
        "- A judge checks what it can verify; it does not check style, tone or harm.",
        f"- The split keeps each {_KEPT[manifest.split_by]} on one side, by its hash; it is not "
        "balanced by skill.",
        "",
        f"Files, hashes and settings are in `manifest.json` (format `{manifest.format}`).",
        "",
    ]
    return lines


_KEPT = {"item": "item, in all its wordings,", "family": "family of tasks", "source": "origin"}


def _table(head: str, counted: Mapping[str, int], unit: str = "Rows") -> list[str]:
    rows = [f"| {_cell(name)} | {n:,} |" for name, n in counted.items()]
    return [f"| {head} | {unit} |", "|---|---:|", *rows, ""]


def _cell(text: str) -> str:
    return _plain(text).replace("|", "\\|").replace("<", "&lt;")


def _plain(text: str) -> str:
    return " ".join(text.split())


def _yaml(text: str) -> str:
    return '"' + _plain(text).replace("\\", "\\\\").replace('"', '\\"') + '"'
