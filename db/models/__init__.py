"""All tables. Rows of the append-only ones are never changed or deleted; triggers hold it."""

from db.models import books, chats, groups, payments, people, pots, replicas, search, transport
from db.models.base import metadata

APPEND_ONLY = ("entry", "transfer", "ticket")

__all__ = [
    "APPEND_ONLY",
    "books",
    "chats",
    "groups",
    "metadata",
    "payments",
    "people",
    "pots",
    "replicas",
    "search",
    "transport",
]
