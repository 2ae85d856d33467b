"""Run by alembic: the steps, on the connection that the store hands over."""

from alembic import context

connection = context.config.attributes["connection"]
# In one transaction that the store began, on SQLite too: an upgrade that fails leaves what was there.
context.configure(connection=connection, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
