"""The kinds of business events that the books know."""

from enum import StrEnum


class EntryKind(StrEnum):
    """What an entry is about."""

    WELCOME = "welcome"
    """A new player's credits."""
    DAILY = "daily"
    """The day's credits."""
    GRANT = "grant"
    """Credits from an operator."""
    MESSAGE = "message"
    """A paid message that was answered."""
    WIN = "win"
    """A pot's prize."""
    GIFT = "gift"
    """A contribution to a pot."""
    REFUND_OWED = "refund_owed"
    """What a refunded round owes, taken out of its pot."""
    REFUND = "refund"
    """What a player had put into a refunded round, given back."""
    MERGE = "merge"
    """What was in the younger pot of a group that became a supergroup, moved to the older one."""
