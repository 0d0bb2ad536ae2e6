"""What the house keeps of people is under their keys, also where an older version kept it plain."""

import time
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command

from banbury import store
from banbury.accounts import Accounts
from banbury.accounts.passkeys import Passkey
from banbury.episode.ids import new_id
from banbury.people.offers import Offers, Standings
from banbury.store import migrate
from banbury.store.database import Database
from banbury.store.embedded import Embedded

ANN, BEN = new_id(), new_id()
WORDS = ("annplantedqx", "Annplantedqx Nameqx", "agentplantedqx", "tokenplantedqx",
         "keyplantedqx", "whyplantedqx", "reasonplantedqx", "benplantedqx", "subjectplantedqx",
         "argonplantedqx")  # fmt: skip


def old_house(home):
    """Make a house as the version before kept it, with people in it; return its server."""
    server = Embedded(home, durable=True)
    database = Database(server, server.house)

    def made(connection):
        config = migrate.alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "house_0005")
        for statement in (
            "INSERT INTO install VALUES ('0badcafe', 0)",
            "INSERT INTO lab VALUES ('one', 'bb_one', 'secret', 0)",
            f"INSERT INTO account VALUES ('{ANN}', 'annplantedqx@x.org', 'Annplantedqx Nameqx', "
            "'argonplantedqx', true, false, 7)",
            f"INSERT INTO account VALUES ('{BEN}', 'ben@x.org', 'Ben', '', false, false, 8)",
            f"INSERT INTO member VALUES ('one', '{ANN}', 'owner', 'annplantedqx nameqx', 9)",
            f"INSERT INTO member VALUES ('one', '{BEN}', 'expert', 'ben', 9)",
            f"INSERT INTO member_word VALUES ('one', 'annplantedqx', '{ANN}')",
            f"INSERT INTO pseudonym VALUES ('one', '{ANN}', 'p-one')",
            f"INSERT INTO pseudonym VALUES ('one', '{BEN}', 'p-two')",
            "INSERT INTO link (hash, id, kind, lab, role, email, account, made_by, created_ns, "
            f"expires_ns) VALUES ('\\x01', '{new_id()}', 'invite', 'one', 'expert', "
            f"'benplantedqx@x.org', '{ANN}', 'Annplantedqx Nameqx', 1, {2**62})",
            "INSERT INTO link (hash, id, kind, lab, role, email, account, made_by, created_ns, "
            f"expires_ns, ended_ns) VALUES ('\\x02', '{new_id()}', 'invite', 'one', 'expert', "
            f"'benplantedqx-old@x.org', '{ANN}', 'Annplantedqx Nameqx', 1, {2**62}, 5)",
            f"INSERT INTO session VALUES ('\\x03', '{ANN}', 'agentplantedqx', 1, 1, {2**62})",
            f"INSERT INTO token VALUES ('\\x04', '{new_id()}', '{ANN}', 'tokenplantedqx', "
            f"'bby_abcd', '', '{{see:*}}', 1, {2**62}, NULL)",
            f"INSERT INTO passkey VALUES ('\\x0506', '{ANN}', 'keyplantedqx', '\\x07', 0, 1, NULL)",
            f"INSERT INTO identity VALUES ('https://id.example', 'subjectplantedqx', '{ANN}')",
            f"INSERT INTO work_opening VALUES ('{BEN}', 'one', 'c', "
            f"'{{\"skills\":{{\"a\":1}}}}', {2**62}, '', 1, NULL)",
            f"INSERT INTO work_offer VALUES ('{ANN}', '{BEN}', '{ANN}', 'offered', "
            '\'{"explored":false,"quality":0.5,"value":1,"reasons":["whyplantedqx"],"told":[]}\', '
            f"{time.time_ns()}, NULL)",
            f"INSERT INTO standing_act VALUES ('{ANN}', 'a', 0, "
            '\'{"kind":"pause","when_ns":1,"gone":0,"finding":{"fallen":true,"alpha":0.01,'
            '"evidence":200,"n":5,"since":0,"score":0.2,"line":0.6,"low":0.1,"high":0.4}}\')',
            f"INSERT INTO standing_act VALUES ('{ANN}', 'a', 1, '"
            f'{{"kind":"appeal","when_ns":{time.time_ns()},"by":"{ANN}",'
            '"reason":"reasonplantedqx","gone":0}\')',
        ):
            connection.connection.driver_connection.execute(statement)

    database.run(made)
    database.close()
    return server


def found_in(folder, words):
    """Return which words stand readable in a folder's files."""
    seen = set()
    for file in Path(folder).rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            seen |= {w for w in words if w.encode() in data}
    return seen


@pytest.mark.slow
def test_plain_rows_are_taken_over_and_no_file_keeps_them(tmp_path):
    home = tmp_path / "home"
    server = old_house(home)
    with server.connect(server.house) as admin:
        admin.autocommit = True
        admin.execute("CHECKPOINT")
        admin.execute("DELETE FROM lab WHERE name = 'none'")
    assert found_in(home, WORDS) == set(WORDS)
    with store.open(str(home)) as house:
        server.close()
        accounts = Accounts(house)
        ann = accounts.people.by_email("annplantedqx@x.org")
        assert (ann.id, ann.name, ann.password) == (ANN, "Annplantedqx Nameqx", "argonplantedqx")
        assert ann.operator and not accounts.people.account(BEN).password
        assert [m.name for m in accounts.members.page("one", "annpl", whole=True).people] == [
            ann.name
        ]
        assert [m.name for m in accounts.members.page("one", whole=True).people] == [
            ann.name,
            "Ben",
        ]
        [link] = accounts.links.invitations("one")
        assert (link.email, link.made_by) == ("benplantedqx@x.org", ann.name)
        assert [t.name for t in accounts.tokens.of(ANN)] == ["tokenplantedqx"]
        assert accounts.passkeys.of(ANN) == [Passkey("BQY", "keyplantedqx", 1)]
        assert Offers(house).mine(ANN)[0].reasons == ("whyplantedqx",)
        assert Standings(house).get(ANN, "a").acts[1].reason == "reasonplantedqx"
        accounts.close()
        assert house.run(lambda c: c.execute(sa.text("SELECT * FROM residue")).all()) == []
        with house._server.connect(house._server.house) as admin:
            admin.autocommit = True
            admin.execute("CHECKPOINT")
        assert found_in(home, WORDS) == set()


def test_a_name_stands_nowhere_in_the_house(house, tmp_path):
    accounts = Accounts(house)
    id = accounts.people.add("zoeplantedqy@x.org", "Zoeplantedqy", "hashplantedqy", operator=True)
    accounts.sessions.start(id, "agentplantedqy")
    accounts.close()
    with house._server.connect(house._server.house) as admin:
        tables = admin.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind = 'r' AND n.nspname = 'public'"
        ).fetchall()
        for (table,) in tables:
            with admin.cursor().copy(f'COPY "{table}" TO STDOUT') as rows:
                assert b"plantedqy" not in b"".join(bytes(r) for r in rows), table


def test_a_refused_row_does_not_stand_in_the_log(house):
    word = "detailplantedqz"
    with house._server.connect(house._server.house) as admin:
        with pytest.raises(psycopg.errors.CheckViolation, match=word):
            admin.execute(f"INSERT INTO lab_conflict (lab, other) VALUES ('z{word}', 'a')")
    assert word not in (Path(house.where) / "server.log").read_text(errors="replace")
