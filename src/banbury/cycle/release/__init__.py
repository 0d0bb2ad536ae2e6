"""Release: an immutable, versioned data set with manifest, hashes, card and lineage."""

from banbury.cycle.release.export import Format, export, verify
from banbury.cycle.release.manifest import File, Manifest
from banbury.cycle.release.release import release
from banbury.cycle.release.rows import Row
from banbury.cycle.release.stream import zipped

__all__ = ["File", "Format", "Manifest", "Row", "export", "release", "verify", "zipped"]
