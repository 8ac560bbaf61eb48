"""Runs revisions on the connection that ``db.schema`` hands over."""

from alembic import context

from db.models import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=False,
)
with context.begin_transaction():
    context.run_migrations()
