"""Runs the migrations on the connection that `tickets.database` hands over."""

from alembic import context

from tickets.models import Model

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Model.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
