"""The journal and the history, on SQLAlchemy."""
