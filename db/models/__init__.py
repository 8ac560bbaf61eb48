"""All tables. Rows of the append-only ones are never changed or deleted; triggers hold it."""

from db.models import (
    books,
    chats,
    duels,
    groups,
    payments,
    people,
    pots,
    questions,
    replicas,
    search,
    transport,
)
from db.models.base import metadata

APPEND_ONLY = ("entry", "transfer", "ticket")

__all__ = [
    "APPEND_ONLY",
    "books",
    "chats",
    "duels",
    "groups",
    "metadata",
    "payments",
    "people",
    "pots",
    "questions",
    "replicas",
    "search",
    "transport",
]
