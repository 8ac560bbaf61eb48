"""What people did in the fake Telegram during a run, to be held against the books at its end."""

from dataclasses import dataclass, field

from bot.playground.queries import Press


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A message that is a question for the bot."""

    update_id: int
    player: int
    chat: int
    message: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """A command; ``answer`` is a pattern that one of the bot's later messages must match.

    In groups the answer is a reply, and any text will do.
    """

    update_id: int
    player: int
    chat: int
    message: int
    text: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A button that acts was pressed, for the first time or once more."""

    update_id: int
    player: int
    token: str
    press: Press


@dataclass(slots=True)
class Diary:
    """Everything that was done, in order."""

    asked: list[Asked] = field(default_factory=list)
    ordered: list[Ordered] = field(default_factory=list)
    pressed: list[Pressed] = field(default_factory=list)
    absences: list[int] = field(default_factory=list)
    """Groups that the bot was removed from and added to again."""
    moves: list[tuple[int, int]] = field(default_factory=list)
    """Groups that became supergroups: the old and the new id of each."""
