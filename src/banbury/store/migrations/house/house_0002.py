"""Accounts, who is a member of which lab, and all that lets one in."""

from __future__ import annotations

from alembic import op

revision = "house_0002"
down_revision = "house_0001"
branch_labels = None
depends_on = None

_TABLES = (
    """
    CREATE TABLE account (
        id uuid PRIMARY KEY,
        email text NOT NULL UNIQUE,
        name text NOT NULL,
        password text NOT NULL,
        operator boolean NOT NULL,
        closed boolean NOT NULL,
        created_ns bigint NOT NULL
    )""",
    # `sort` and the words repeat what the account says, so that a lab's list and search stay flat.
    """
    CREATE TABLE member (
        lab text NOT NULL REFERENCES lab (name),
        account uuid NOT NULL REFERENCES account (id),
        role text NOT NULL CHECK (role IN ('owner', 'researcher', 'reviewer', 'expert')),
        sort text COLLATE "C" NOT NULL,
        joined_ns bigint NOT NULL,
        PRIMARY KEY (lab, account)
    )""",
    "CREATE INDEX member_account ON member (account)",
    "CREATE INDEX member_sort ON member (lab, sort, account)",
    "CREATE INDEX member_role ON member (lab, role, sort, account)",
    """
    CREATE TABLE member_word (
        lab text NOT NULL,
        word text COLLATE "C" NOT NULL,
        account uuid NOT NULL,
        PRIMARY KEY (lab, word, account),
        FOREIGN KEY (lab, account) REFERENCES member (lab, account) ON DELETE CASCADE
    )""",
    "CREATE INDEX member_word_account ON member_word (lab, account, word)",
    # A person who leaves and comes back keeps the name under which their work stands.
    """
    CREATE TABLE pseudonym (
        lab text NOT NULL REFERENCES lab (name),
        account uuid NOT NULL REFERENCES account (id),
        name text NOT NULL,
        PRIMARY KEY (lab, account),
        UNIQUE (lab, name)
    )""",
    """
    CREATE TABLE link (
        hash bytea PRIMARY KEY,
        id uuid NOT NULL UNIQUE,
        kind text NOT NULL CHECK (kind IN ('first', 'invite', 'reset')),
        lab text REFERENCES lab (name),
        role text NOT NULL,
        email text NOT NULL,
        account uuid REFERENCES account (id),
        made_by text NOT NULL,
        created_ns bigint NOT NULL,
        expires_ns bigint NOT NULL,
        ended_ns bigint,
        used_by uuid REFERENCES account (id)
    )""",
    "CREATE INDEX link_lab ON link (lab, id)",
    "CREATE INDEX link_email ON link (email) WHERE ended_ns IS NULL AND email <> ''",
    """
    CREATE TABLE session (
        hash bytea PRIMARY KEY,
        account uuid NOT NULL REFERENCES account (id),
        agent text NOT NULL,
        created_ns bigint NOT NULL,
        seen_ns bigint NOT NULL,
        expires_ns bigint NOT NULL
    )""",
    "CREATE INDEX session_account ON session (account, created_ns)",
    "CREATE INDEX session_expires ON session (expires_ns)",
    """
    CREATE TABLE token (
        hash bytea PRIMARY KEY,
        id uuid NOT NULL UNIQUE,
        account uuid NOT NULL REFERENCES account (id),
        name text NOT NULL,
        hint text NOT NULL,
        lab text NOT NULL,
        scopes text[] NOT NULL,
        created_ns bigint NOT NULL,
        expires_ns bigint NOT NULL,
        used_ns bigint
    )""",
    "CREATE INDEX token_account ON token (account, id)",
    """
    CREATE TABLE passkey (
        id bytea PRIMARY KEY,
        account uuid NOT NULL REFERENCES account (id),
        name text NOT NULL,
        public_key bytea NOT NULL,
        count bigint NOT NULL,
        created_ns bigint NOT NULL,
        used_ns bigint
    )""",
    "CREATE INDEX passkey_account ON passkey (account)",
    # What a browser was asked and has not answered yet: once, and for a few minutes.
    """
    CREATE TABLE challenge (
        hash bytea PRIMARY KEY,
        kind text NOT NULL,
        body bytea NOT NULL,
        expires_ns bigint NOT NULL
    )""",
    "CREATE INDEX challenge_expires ON challenge (expires_ns)",
    """
    CREATE TABLE identity (
        issuer text NOT NULL,
        subject text NOT NULL,
        account uuid NOT NULL REFERENCES account (id),
        PRIMARY KEY (issuer, subject)
    )""",
    "CREATE INDEX identity_account ON identity (account)",
)


def upgrade() -> None:
    """Make the tables."""
    for statement in _TABLES:
        op.execute(statement)


def downgrade() -> None:
    """Remove them."""
    op.execute(
        "DROP TABLE identity, challenge, passkey, token, session, link, pseudonym, member_word, "
        "member, account"
    )
