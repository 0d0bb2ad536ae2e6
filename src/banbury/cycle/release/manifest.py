"""The manifest of a release: what it holds, from where, and the hash of every file."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

import msgspec

from banbury.cycle.release.people import People
from banbury.cycle.release.rows import Row, SplitBy

FORMAT = "banbury-release/1"
NAME = "manifest.json"


class File(msgspec.Struct, frozen=True):
    """One file of a release."""

    path: str
    sha256: str
    size: int
    rows: int = 0


class ReviewSummary(msgspec.Struct, frozen=True):
    """What the review said of all episodes that were to be released.

    Attributes:
        accepted: episodes.
        rejected: episodes by reason; one may have several.
        checks: the hash of each check's code and settings.
        overlap: words in a row, and share of a text's pieces, that count as overlap with a
            reserved text; None where the review did not say.
    """

    accepted: int
    rejected: dict[str, int]
    checks: dict[str, str]
    overlap: tuple[int, float] | None = None


class Manifest(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything about a release but its rows.

    It holds no time and no version, so that the same inputs give the same bytes; the hash of
    these bytes names the release.

    Attributes:
        format: version of this format.
        name: name of the release.
        rows: rows in each part.
        duplicates: rows left out since an equal one is there.
        counts: rows by skill, licence, origin, gym, judge and actor.
        review: what was accepted and rejected, and by which checks.
        reserved: reserved tasks that nothing here overlaps.
        split_by: what stays on one side of the split.
        validation: share of groups meant for validation.
        writer: versions of Banbury and pyarrow; another pyarrow may write other bytes.
        files: all files but this one, by path.
        by_form: rows whose judge looked at the form alone.
        campaigns: what people were asked, where they answered, and what reviewers made of it.
    """

    format: str
    name: str
    rows: dict[str, int]
    duplicates: int
    counts: dict[str, dict[str, int]]
    review: ReviewSummary
    reserved: int
    split_by: SplitBy
    validation: float
    writer: dict[str, str]
    files: tuple[File, ...]
    by_form: int = 0
    campaigns: tuple[People, ...] = ()


def file(path: str, data: bytes, rows: int = 0) -> File:
    """Return the entry of a file that holds `data`."""
    return File(path, hashlib.sha256(data).hexdigest(), len(data), rows)


def encode(manifest: Manifest) -> bytes:
    """Return the manifest's bytes: JSON with sorted keys, indented by two."""
    return msgspec.json.format(msgspec.json.encode(manifest, order="sorted"), indent=2) + b"\n"


def counts(made: Sequence[Row]) -> dict[str, dict[str, int]]:
    """Return how many rows there are of each skill, licence, origin, gym, judge and actor."""
    line = [row.lineage for row in made]
    found = {
        "skill": Counter(r["skill"] for r in line),
        "licence": Counter(r["licence"] or "none named" for r in line),
        "origin": Counter(_joined(r["origin_kind"], r["origin_source"]) for r in line),
        "gym": Counter(_joined(r["gym"], r["gym_version"]) for r in line),
        "judge": Counter(_joined(r["judge"], r["judge_hash"][:12]) for r in line),
        "actor": Counter(
            _joined(r["actor_kind"], r["actor"], r["actor_revision"][:12]) for r in line
        ),
    }
    return {name: dict(sorted(counter.items())) for name, counter in found.items()}


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)
