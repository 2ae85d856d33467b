"""Alembic's steps from each schema of the journal to the next. Loaded only when there is one to take."""
