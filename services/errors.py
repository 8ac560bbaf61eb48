"""The three kinds of errors; each area defines its own beside its code. They carry facts, no sentences."""

from typing import ClassVar


class PotluckError(Exception):
    """Base of all errors of ours; ``code`` names the words in the catalogs (``error.<code>``)."""

    code: ClassVar[str] = "internal"

    def facts(self) -> dict[str, object]:
        """Return what the words of this error may mention."""
        return dict(vars(self))

    def __str__(self) -> str:
        return f"{self.code} {self.facts()}"


class UserError(PotluckError):
    """Expected: the player is told why it can't be done. Nothing was changed. Logged at INFO."""


class TransientError(PotluckError):
    """Not the player's fault and likely to pass: nothing was charged. Logged at WARNING."""


class InvariantError(PotluckError):
    """A bug or bad books: rolled back, told with an error number, logged at CRITICAL."""
