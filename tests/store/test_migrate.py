import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from banbury import store
from banbury.episode import Actor, Failure
from banbury.errors import StoreError, StoreVersion
from banbury.store import ReleaseRow, house_tables, lab_tables, migrate
from banbury.store.database import Database
from banbury.store.tenancy import migrator, rows


def at_revision(house, name, revision):
    """Take a lab's database back to an older revision, as its owner."""
    row = house._row(name)
    database = Database(house._server, row.database)

    def work(connection):
        connection.execute(sa.text(f"SET LOCAL ROLE {migrator(house._install)}"))
        config = migrate.alembic_config()
        config.attributes["connection"] = connection
        config.attributes["role"] = rows(house._install)
        command.downgrade(config, revision)

    database.run(work)
    database.close()


def test_the_code_knows_the_newest_revisions():
    assert migrate.head("house") == house_tables.HEAD
    assert migrate.head("lab") == lab_tables.HEAD


@pytest.mark.parametrize("branch", ["house", "lab"])
def test_tables_and_migrations_agree(house, lab, branch):
    name = house._server.house if branch == "house" else lab._database.name
    database = Database(house._server, name)
    metadata = house_tables.metadata if branch == "house" else lab_tables.metadata

    def work(connection):
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [
            d
            for d in compare_metadata(context, metadata)
            if d[0] not in ("remove_index", "remove_constraint", "remove_fk", "remove_table")
        ]

    assert database.run(work) == []
    database.close()


def test_an_old_lab_is_migrated_when_it_is_opened(house, make):
    lab = house.lab("old")
    record = make.record(lab)
    lab.write([record])
    at_revision(house, "old", "lab_0001")
    with store.open(f"banbury://{house.where}") as later:
        opened = later.lab("old")
        assert opened._database.run(migrate.revision_of) == lab_tables.HEAD
        assert opened.read(record.episode.id).steps == record.steps
        failure = Failure("ActorError", "down")
        failed = [make.record(lab, sample=1, status="failed", failure=failure) for _ in range(2)]
        assert [w.new for w in opened.write(failed)] == [True, True]


def test_verdicts_and_short_bodies_survive_the_way_back_and_forth(house, make):
    lab = house.lab("columns")
    records = [make.record(lab, sample=n) for n in range(3)]
    lab.write(records, [make.judgement(r) for r in records[:2]])
    lab.judge([make.judgement(records[1], 0.0)])
    at_revision(house, "columns", "lab_0002")
    with store.open(f"banbury://{house.where}") as later:
        opened = later.lab("columns")
        passed = [[e.key.sample for e in opened.episodes(passed=p)] for p in (True, False)]
        assert passed == [[0], [1]]
        assert [r.steps for r, _ in opened.records()] == [r.steps for r in records]


def test_a_migration_that_breaks_leaves_nothing_behind(house, make):
    lab = house.lab("breaks")
    record = make.record(lab)
    lab.write([record])
    at_revision(house, "breaks", "lab_0001")
    with house._server.connect(lab._database.name) as admin:
        admin.execute("CREATE TABLE hook (key uuid REFERENCES episode (key))")
    with store.open(f"banbury://{house.where}") as later:
        with pytest.raises(StoreError, match="depend on it"):
            later.lab("breaks")
        assert lab._database.run(migrate.revision_of) == "lab_0001"
        held = sa.text("SELECT count(*) FROM segment JOIN episode ON true")
        assert lab._database.run(lambda c: c.execute(held).scalar_one()) == 1
        with house._server.connect(lab._database.name) as admin:
            admin.execute("DROP TABLE hook")
        assert later.lab("breaks")._database.run(migrate.revision_of) == lab_tables.HEAD


@pytest.mark.parametrize("which", ["lab", "house"])
def test_a_newer_database_is_refused_and_left_alone(tmp_path, which):
    home = f"banbury://{tmp_path}/home?durable=no"
    with store.open(home) as house:
        lab = house.lab("one")
        name = lab._database.name if which == "lab" else house._server.house
        with house._server.connect(name) as admin:
            admin.execute("UPDATE alembic_version SET version_num = 'later_0099'")
        with pytest.raises(StoreVersion, match=r"newer version of Banbury.*later_0099"):
            with store.open(home) as later:
                later.lab("one")
        with house._server.connect(name) as admin:
            assert admin.execute("SELECT version_num FROM alembic_version").fetchone() == (
                "later_0099",
            )


def test_what_was_trained_before_is_listed_among_the_copies(house, make):
    lab = house.lab("trained")
    ann = make.record(lab, actors=(Actor("person", "p-ann"),))
    lab.write([ann])
    rows = [ReleaseRow(ann.episode.id, ann.episode.key.task, "train", "ab" * 32)]
    released = lab.put_artifact("release", "one", {"sha256": "cd"}, rows=rows)
    lab.deliveries.note("built", "release one", [ann.episode.id], version=1)
    body = {"revision": "ef" * 32}
    kept = lab.put_artifact("checkpoint", "kind", body, parents=[released.id])
    lab.put_artifact("adapter", "kind/a.b", {}, parents=[released.id])
    left = lab.put_artifact("adapter", "stopped/a.b", {}, parents=[released.id])
    at_revision(house, "trained", "lab_0016")
    with store.open(f"banbury://{house.where}") as later:
        found = later.lab("trained").deliveries.of("p-ann")
    assert [(d.id, d.kind, d.what, d.version, d.place, d.sha256) for d in found if d.place] == [
        (left.id, "trained", "release one", 1, "adapter stopped/a.b", ""),
        (kept.id, "trained", "release one", 1, "checkpoint kind", "ef" * 32),
    ]
    assert {(d.episodes, d.people) for d in found} == {(1, 1)}
