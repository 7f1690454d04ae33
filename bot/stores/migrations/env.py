"""Alembic's entry: runs the steps on the connection that `migrate` hands over."""

from alembic import context

from bot.stores.tables import metadata

# Batch mode because SQLite cannot alter a column: the table is copied instead.
context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
