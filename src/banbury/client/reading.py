"""Reading: what a lab holds, through the API: episodes, tasks, skills, releases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from banbury.client.link import Link


class Reading:
    """What only reads of one lab, and replays; see `LabClient`."""

    def __init__(self, link: Link, name: str) -> None:
        self._link = link
        self.name = name

    def episodes(self, **where: str) -> Iterator[Any]:
        """Yield episodes, the newest first; `where` names `skill`, `gym`, `run`, `passed`, ..."""
        after: str | None = None
        while True:
            page = self._do("episodes", query={**where, "after": after})
            yield from page["rows"]
            if not (after := page["next"]):
                return

    def episode(self, id: str) -> Any:
        """Return an episode without its steps."""
        return self._do("episode", episode=id)

    def steps(self, id: str) -> Iterator[Any]:
        """Yield the steps of an episode, long texts cut; see `step`."""
        first, total = 0, 1
        while first < total:
            page = self._do("steps", query={"first": first}, episode=id)
            total = page["total"]
            yield from page["steps"]
            first += len(page["steps"]) or total

    def step(self, id: str, seq: int) -> Any:
        """Return one step, whole."""
        return self._do("step", episode=id, seq=str(seq))

    def step_payload(self, id: str, seq: int) -> bytes:
        """Return a step's payload as it is stored."""
        return bytes(self._do("step_payload", episode=id, seq=str(seq)))

    def find_steps(self, id: str, words: str) -> Any:
        """Return the steps of an episode that hold some words."""
        return self._do("find_steps", query={"q": words}, episode=id)

    def replay(self, id: str) -> Any:
        """Make an episode's actions again, and return whether they brought the same."""
        return self._do("replay", episode=id)

    def world(self, id: str, step: int = 0) -> Any:
        """Return the state of an episode's world after a step, by making its actions again."""
        return self._do("world", query={"step": step}, episode=id)

    def difference(self, id: str, other: str, start: int = 0) -> Any:
        """Return where two episodes differ, step by step."""
        return self._do("difference", query={"start": start}, episode=id, other=other)

    def loop(self) -> Any:
        """Return where the lab's loop stands."""
        return self._do("loop")

    def skills(self) -> Any:
        """Return the map of skills."""
        return self._do("skills")

    def skill(self, name: str) -> Any:
        """Return one skill: how it stands, failures, examples."""
        return self._do("skill", skill=name)

    def tasks(self, **where: str) -> Any:
        """Return a page of tasks; `where` names `gym`, `skill`, `split`, `origin`, `after`."""
        return self._do("tasks", query=where)

    def task(self, id: str) -> Any:
        """Return one task."""
        return self._do("task", task=id)

    def releases(self, after: str | None = None) -> Any:
        """Return a page of releases."""
        return self._do("releases", query={"after": after})

    def release_card(self, name: str, version: int | None = None) -> Any:
        """Return a release with its card and its files."""
        return self._do("release_card", query={"version": version}, release=name)

    def release_rows(self, name: str, version: int | None = None, after: str | None = None) -> Any:
        """Return a page of a release's rows."""
        query = {"version": version, "after": after}
        return self._do("release_rows", query=query, release=name)

    def release_lineage(self, name: str, version: int | None = None) -> Any:
        """Return from what a release was made."""
        return self._do("release_lineage", query={"version": version}, release=name)

    def release_file(self, name: str, path: str, version: int | None = None) -> Any:
        """Return one file of a release: decoded where it is JSON, else its bytes."""
        return self._do("release_file", query={"path": path, "version": version}, release=name)

    def release_export(self, name: str, format: str, version: int | None = None) -> Any:
        """Return a release in another format."""
        return self._do(
            "release_export", query={"format": format, "version": version}, release=name
        )

    def _do(
        self,
        operation: str,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        *,
        again: bool = False,
        **path: str,
    ) -> Any:
        return self._link.do(operation, body, query, again=again, lab_name=self.name, **path)
