"""The schema's history: Alembic revisions, run at start when the database is behind."""
