"""Statements, built once at import, grouped by the tables they serve."""
