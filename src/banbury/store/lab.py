"""Lab: one model team's store; no query can cross two labs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Unpack

from banbury.episode import (
    Blob,
    Episode,
    Judgement,
    Problem,
    Record,
    Relation,
    RunKey,
    Split,
    Task,
)
from banbury.errors import Erased
from banbury.store import (
    answered,
    artifacts,
    boxes,
    fork,
    journal,
    judging,
    outcomes,
    rates,
    reading,
    reviews,
    sealing,
    tasks,
    taxonomy,
)
from banbury.store.answered import Answered
from banbury.store.artifacts import Artifact, Header, ReleaseRow
from banbury.store.blobs import Blobs
from banbury.store.database import Database, raw
from banbury.store.deliveries import Deliveries
from banbury.store.erasing import Erasing, Erasure, Stays
from banbury.store.footage import Footage
from banbury.store.jobs import Jobs
from banbury.store.journal import Journal
from banbury.store.keyring import Keyring, work_key
from banbury.store.mining import Mining
from banbury.store.outcomes import Outcome
from banbury.store.pages import Pages
from banbury.store.queue import Queue
from banbury.store.rates import Rate
from banbury.store.reading import Covered, Filter, Where
from banbury.store.reviews import Review
from banbury.store.sealing import Written
from banbury.store.swift import Swift
from banbury.store.taxonomy import Named, Taxonomy
from banbury.store.uploads import Uploads


class Lab:
    """One lab: its tasks, episodes, judgements, reviews, artifacts, releases and blobs.

    Got from `House.lab`. Several threads may use it; after a fork it opens its own connections.
    Every call is one transaction, or a page of one; it may raise `StoreUnavailable`, `StoreFull`.

    Attributes:
        name: the lab's name.
        blobs: its files, see `Blobs`.
        queue: its work for people, see `Queue`.
        pages: its lists a page at a time, for people, see `Pages`.
        jobs: runs of the stages that workers do, see `Jobs`.
        mining: repositories and the candidates found in them, see `Mining`.
        footage: how what people filmed stands, and their hours, see `Footage`.
        uploads: files that come piece by piece, see `Uploads`.
        deliveries: copies of people's work that left the lab, see `Deliveries`.
        keyring: the keys of people, the house's own, see `Keyring`.
    """

    def __init__(self, name: str, database: Database, blobs: Path) -> None:
        self.name = name
        self.keyring: Keyring = database.keyring
        self.blobs = Blobs(blobs, database)
        self.queue = Queue(database, name)
        self.pages = Pages(database, name, self._filter)
        self.jobs = Jobs(database)
        self.mining = Mining(database)
        self.footage = Footage(database)
        self.deliveries = Deliveries(database, name)
        self.uploads = Uploads(self.blobs, database, name)
        self._database = database
        self._erasing = Erasing(database, name, self.blobs, self.uploads)

    def __repr__(self) -> str:
        return f"<Lab {self.name!r} at {self._database.where}>"

    def put_tasks(self, problems: Iterable[Problem]) -> int:
        """Keep tasks with their secrets, each id once; return how many were new.

        Raises:
            InputError: a secret belongs to another task, or a task names no skill.
        """
        return tasks.put(self._database, problems)

    def task(self, id: str) -> Task:
        """Return a task without its secret.

        Raises:
            UnknownName: the lab has none of this id.
        """
        return tasks.task(self._database, id)

    def problem(self, id: str) -> Problem:
        """Return a task with its secret, for a gym or a judge.

        Raises:
            UnknownName: the lab has none of this id.
        """
        return tasks.problems(self._database, [id], self.blobs.read, self.blobs.source)[id]

    def problems(self, ids: Iterable[str]) -> dict[str, Problem]:
        """Return tasks with their secrets, by id, in the order given.

        Raises:
            UnknownName: the lab has none of one id.
        """
        return tasks.problems(self._database, ids, self.blobs.read, self.blobs.source)

    def tasks(
        self,
        gym: str | None = None,
        skill: str | None = None,
        split: Split | None = None,
        limit: int | None = None,
    ) -> Iterator[Task]:
        """Yield tasks in the order in which they were put; `office.*` means all skills below."""
        return tasks.listed(self._database, gym, self._covered(skill), split, limit)

    def answered(
        self,
        *,
        campaign: str = "",
        gym: str = "",
        only: bool = False,
        secrets: bool = True,
        after: int = -1,
    ) -> Iterator[Answered]:
        """Yield a campaign's tasks with their accepted answers, or all tasks of a gym.

        In constant memory, from behind the position `after`; `only` leaves out tasks without an
        answer, and without `secrets` these are empty.

        Raises:
            UnknownName: there is no such campaign.
        """
        return answered.answered(
            self._database,
            self.name,
            campaign=campaign,
            gym=gym,
            only=only,
            secrets=secrets,
            after=after,
        )

    def used(self, of: Sequence[Task], skill: str, split: Split) -> tuple[set[str], set[bytes]]:
        """Return ids and text hashes of these that the skill's tasks have in another split."""
        return tasks.elsewhere(self._database, of, self._covered(skill) or skill, split)

    def assign(self, ids: Iterable[str], split: Split) -> None:
        """Give open tasks their split, once, all or none.

        Raises:
            Reserved: a reserved task was to become something else, or a released one reserved.
            InputError: a task has another split already.
            UnknownName: the lab has none of one id.
        """
        tasks.assign(self._database, ids, split)

    def write(
        self, records: Iterable[Record], judgements: Iterable[Judgement] = ()
    ) -> list[Written]:
        """Write a batch of episodes that are over, with their judgements, in one transaction.

        The same key again leaves the stored episode and says so; its judgements here are dropped.
        A failed episode holds no key, so that the attempt can be made again.

        Raises:
            InputError: a record is open, of another lab, or its steps have holes.
        """
        return sealing.write(self._database, self.name, records, judgements)

    def known(self, run: str) -> dict[tuple[str, str, int], str]:
        """Return ids by (task, actor, sample) of a run's episodes; failed ones may be run again."""
        return reading.known(self._database, run)

    def at(self, key: RunKey) -> str | None:
        """Return the id of the episode under a key that did not fail, None if there is none."""
        return reading.at(self._database, key)

    def journal(self, episode: Episode) -> Journal:
        """Open an episode that is written step by step; one whose key is open goes on.

        Raises:
            Sealed: the key belongs to an episode that is closed.
            InputError: the episode is not open, or of another lab.
        """
        return journal.begin(self._database, self.name, episode)

    def swift(self) -> Swift:
        """Return a quicker way to journal one episode on the running event loop."""
        return Swift(self._database, self.name)

    def resume(self, id: str) -> Journal:
        """Return the journal of an open episode with its steps so far.

        Raises:
            Sealed: the episode is closed.
            UnknownName: the lab has none of this id.
        """
        return journal.resume(self._database, self.name, id)

    def fork(
        self, id: str, at_step: int, key: RunKey | None = None, relation: Relation = "forked"
    ) -> Episode:
        """Open a new episode that shares another's first `at_step` steps; go on with `resume`.

        Args:
            id: the parent.
            at_step: number of steps shared, from 0.
            key: key of the new episode; without one, the parent's in a run of its own.
            relation: why: `forked`, `corrected`, `reviewed`, `synthesised` or `replayed`.

        Raises:
            InputError: the parent has fewer steps, or the key is taken.
            UnknownName: the lab has no such parent.
        """
        return fork.fork(self._database, self.name, id, at_step, key, relation)

    def read(self, id: str) -> Record:
        """Return an episode with its body; of an open one, the steps so far.

        Raises:
            UnknownName: the lab has none of this id.
            CorruptBlob: its body does not have the hash that names it.
            Erased: it was erased with the person whose work it was.
        """
        return reading.read(self._database, self.name, id)

    def readable(self, ids: Iterable[str]) -> Iterator[Record]:
        """Yield these episodes with their bodies, in the order given, but those that are erased.

        Raises:
            UnknownName: the lab has none of one id.
            CorruptBlob: a body does not have the hash that names it.
        """
        for id in ids:
            with suppress(Erased):
                yield self.read(id)

    def episode(self, id: str) -> Episode:
        """Return an episode's header.

        Raises:
            UnknownName: the lab has none of this id.
        """
        return reading.episode(self._database, self.name, id)

    def episodes(
        self, *, limit: int | None = None, after: str | None = None, **where: Unpack[Where]
    ) -> Iterator[Episode]:
        """Yield headers in the order of their ids, the newest last, from behind `after`.

        `where` names `run`, `gym`, `skill`, `task`, `actor`, `status`, `passed`; what is not given,
        or None, does not matter. `skill` may be any name ever given, see `taxonomy`, for all that
        it covers or covered, or `office.*` for all skills below; `passed` asks the newest
        judgement.
        """
        return reading.headers(self._database, self.name, self._filter(where), limit, after)

    def records(
        self, *, limit: int | None = None, after: str | None = None, **where: Unpack[Where]
    ) -> Iterator[tuple[Record, tuple[Judgement, ...]]]:
        """Yield episodes with bodies and judgements, in constant memory; see `episodes`."""
        return reading.records(self._database, self.name, self._filter(where), limit, after)

    def judge(self, judgements: Iterable[Judgement]) -> None:
        """Add judgements, all or none; one that is there already stays.

        Raises:
            InputError: an episode is not in this lab, or a score is not in [0, 1].
        """
        rows = list(judgements)
        self._database.run(lambda c: judging.add(raw(c), rows, self.keyring))

    def judgements(self, episode_ids: Sequence[str]) -> dict[str, tuple[Judgement, ...]]:
        """Return judgements by episode, the newest last; episodes without any are left out."""
        return reading.judgements(self._database, episode_ids)

    def outcomes(self, **where: Unpack[Where]) -> list[Outcome]:
        """Return what statistics needs of all episodes that fit, by their newest judgement."""
        return outcomes.outcomes(self._database, self._filter(where))

    def count(self, **where: Unpack[Where]) -> int:
        """Return how many episodes fit; see `episodes`."""
        return rates.count(self._database, self._filter(where))

    def rates(self, by: Sequence[str] = ("skill", "actor"), **where: Unpack[Where]) -> list[Rate]:
        """Return how many episodes there are and how many passed, for each group of those that fit.

        Counted in the database, one row for each group. `by` is of `run`, `gym`, `skill`, `task`,
        `actor`, `status`, `route`; for the rest see `episodes`.

        Raises:
            UnknownName: `by` names something else.
        """
        return rates.rates(self._database, by, self._filter(where))

    def put_reviews(self, rows: Sequence[Review]) -> None:
        """Add what automatic checks say, all or none.

        Raises:
            InputError: an episode is not in this lab.
        """
        reviews.put(self._database, rows)

    def reviews(self, episode_ids: Sequence[str]) -> dict[str, tuple[Review, ...]]:
        """Return reviews by episode, the newest last; episodes without any are left out."""
        return reviews.reviews(self._database, episode_ids)

    def erase(self, person: str, stays: Stays) -> Erasure:
        """Erase what a person showed or said here, but what they allowed to stay.

        Their key is destroyed: what is under it is unreadable from then on, in every back-up too.
        Their episodes' rows stay and say that they are erased. What is done already is not done
        again, and what was cut off goes on, as it was begun.

        Args:
            person: the lab's pseudonym.
            stays: `nothing`; `answers` without reasons, recordings and how they were typed; `all`.

        Raises:
            InputError: nobody is named, or this may not stay.
        """
        return self._erasing.erase(person, stays)

    def erasures(self) -> list[Erasure]:
        """Return who was erased here, the oldest first: what to repeat after a restore."""
        return self._erasing.erasures()

    def of_people(self, ids: Sequence[str]) -> bool:
        """Return whether any of these episodes is under a person's key."""
        return reading.of_people(self._database, ids)

    def sealed(self, person: str, text: str) -> str:
        """Return a person's words as they may stand in an artifact's body: under their key.

        Whoever reads the artifact gets them as they were. Without a person, or of one who is
        erased, they stay as they are.
        """
        key = work_key(self.name, person)
        if not (person and text) or self.keyring.destroyed(key):
            return text
        return boxes.seal_words([text], key, self.keyring)[0]

    def put_artifact(
        self,
        kind: str,
        name: str,
        body: Mapping[str, Any],
        blobs: Mapping[str, Blob] = {},
        parents: Sequence[str] = (),
        *,
        same_but: Collection[str] | None = None,
        rows: Iterable[ReleaseRow] = (),
    ) -> Artifact:
        """Keep what a stage made, as the next version of its name.

        Args:
            kind: of the artifact.
            name: within the kind.
            body: a JSON object.
            blobs: files that belong to it, by name.
            parents: ids that it was made from.
            same_but: names in the body that say only how the making went, such as `seconds`. If
                the newest version differs in nothing else, that one is returned, not a second one.
            rows: of a release; they and the artifact appear together.

        Raises:
            InputError: the body is no JSON object, or a blob or an episode is not in this lab.
            Reserved: a row's task, or its episode's, is reserved.
        """
        return artifacts.put(
            self._database, kind, name, body, blobs, parents, same_but=same_but, rows=rows
        )

    def artifact(self, kind: str, name_or_id: str, version: int | None = None) -> Artifact:
        """Return an artifact by id or name, the newest version unless one is asked for.

        Raises:
            UnknownName: there is none; the nearest names are listed.
        """
        return artifacts.get(self._database, kind, name_or_id, version)

    def artifacts(self, kind: str) -> list[Artifact]:
        """Return all artifacts of a kind, the newest last."""
        return artifacts.listed(self._database, kind)

    def newest_artifacts(self) -> dict[str, Artifact]:
        """Return the newest artifact of each kind, by kind."""
        return artifacts.newest(self._database)

    def artifact_headers(
        self, kind: str | None = None, *, before: str | None = None, limit: int = 50
    ) -> list[Header]:
        """Return artifacts without bodies, the newest first, from behind the id `before`."""
        return artifacts.headers(self._database, kind, before, limit)

    def artifacts_named(self, ids: Collection[str]) -> dict[str, Header]:
        """Return the artifacts among these ids, without bodies; other ids are left out."""
        return artifacts.kinds(self._database, ids)

    def put_release_rows(
        self, release_id: str, rows: Iterable[ReleaseRow | tuple[str, str, str, str]]
    ) -> None:
        """Say which episodes a release holds: (episode, task, split, sha256) each, all or none.

        Raises:
            Reserved: a row's task, or its episode's, is reserved.
            InputError: the release or an episode is not in this lab.
        """
        made = (r if isinstance(r, ReleaseRow) else ReleaseRow(*r) for r in rows)
        artifacts.put_release_rows(self._database, release_id, made)

    def release_rows(self, release_id: str) -> list[ReleaseRow]:
        """Return what a release holds, in the order of the episodes' ids."""
        return artifacts.release_rows(self._database, release_id)

    @property
    def taxonomy(self) -> Taxonomy:
        """Return the lab's own names of skills as they stand now, above what gyms declare."""
        return taxonomy.load(self._database)

    def put_names(self, rows: Sequence[Named]) -> Taxonomy:
        """Append the names of one act to the taxonomy, all or none; return what stands then.

        Raises:
            InputError: a name was given before, or one that it replaces is out of use.
        """
        return taxonomy.put(self._database, rows)

    def _filter(self, where: Where) -> Filter:
        chosen: dict[str, Any] = {**where, "skill": self._covered(where.get("skill"))}
        return Filter(**chosen)

    def _covered(self, skill: str | None) -> str | Covered | None:
        return None if skill is None else taxonomy.covered(self._database, self.taxonomy, skill)

    def forget(self) -> None:
        """After a fork, leave the connections to the parent process."""
        self._database.forget()

    def close(self) -> None:
        """Close idle connections; a later call opens new ones."""
        self._database.close()
