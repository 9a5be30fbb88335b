"""Runs the revisions on the connection, and in the transaction, of whoever upgrades."""

from alembic import context

from service.storage.metadata import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
