"""Alembic runs this for each migration; the connection comes from platform/schema.py."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
