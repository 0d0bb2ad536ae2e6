"""Runs the migrations on the connection that `banbury.store.migrate` hands over."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes.get("metadata"),
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
