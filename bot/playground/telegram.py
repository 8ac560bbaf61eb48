"""The fake Telegram itself: everything of the playground's server under one name, with helpers for tests."""

from collections.abc import Callable
from typing import Any, TypeVar

from bot.playground.errors import PlayError
from bot.playground.journal import CallRecord
from bot.playground.limits import RateLimits
from bot.playground.models import Chat, Json, Message, User
from bot.playground.subscribers import Subscribers
from bot.playground.views import message_json

T = TypeVar("T")
MOST_FORWARD_SECONDS = 400 * 86_400
LAST_SECOND = 2**31 - 1


class Telegram(Subscribers):
    """A stateful Bot API server in memory, for one bot and any number of people and groups."""

    @classmethod
    def with_cast(cls, **options: Any) -> "Telegram":
        """Return the playground's Telegram: Ana, Ben, Carla, their group, and Telegram's limits."""
        options.setdefault("limits", RateLimits())
        telegram = cls(**options)
        ana = telegram.add_user("Ana", user_id=5_001, username="ana", language_code="es")
        ben = telegram.add_user("Ben", user_id=5_002, username="ben", language_code="en")
        carla = telegram.add_user("Carla", user_id=5_003, username="carla", language_code="en")
        for user in (ana, ben, carla):
            telegram.private_chat(user)
        telegram.add_group("Potluck friends", [ana, ben], admins=[carla])
        return telegram

    def move_clock(self, seconds: float) -> None:
        """Move the time here forward; timeouts and rates keep to the machine's.

        Raises:
            PlayError: back, or too far.
        """
        if not 0 < seconds <= MOST_FORWARD_SECONDS:
            raise PlayError("time goes forward, and by 400 days at once at most")
        if self.time() + seconds > LAST_SECOND:
            raise PlayError("Telegram's dates end in January 2038")
        self.lead.forward(seconds)
        self.catch_up()
        self.signals.fire("clock")

    @property
    def calls(self) -> list[CallRecord]:
        """Return the remembered calls of the Bot API, oldest first."""
        return list(self.journal.calls)

    def calls_of(self, *names: str, ok: bool | None = None) -> list[CallRecord]:
        """Return the remembered calls of some methods."""
        return [
            record
            for record in self.journal.calls
            if (not names or record.method in names) and ok in (None, record.ok)
        ]

    def messages(self, chat: Chat | User | int) -> list[Json]:
        """Return the messages of a chat as the Bot API shows them, oldest first."""
        found = self.chat(chat)
        return [message_json(message) for message in found.messages.values()]

    def texts(self, chat: Chat | User | int) -> list[str]:
        """Return what the bot has said in a chat: texts and captions, oldest first."""
        return [_words(message) for message in self.from_bot(chat)]

    def from_bot(self, chat: Chat | User | int) -> list[Message]:
        """Return the bot's messages in a chat, oldest first."""
        found = self.chat(chat)
        return [one for one in found.messages.values() if one.sender is self.bot and not one.service]

    async def wait_for(self, predicate: Callable[[], T | None], timeout_seconds: float = 5.0) -> T:
        """Return the first truthy value of ``predicate``, asked again after every change.

        Raises:
            TimeoutError: it stayed falsy.
        """
        return await self.signals.until(predicate, timeout_seconds)

    async def drained(self, timeout_seconds: float = 5.0) -> None:
        """Wait until the bot has acknowledged every update.

        Raises:
            TimeoutError: it didn't.
        """
        await self.wait_for(lambda: not self.updates, timeout_seconds)

    async def wait_for_text(
        self, chat: Chat | User | int, fragment: str, *, after: int = 0, timeout_seconds: float = 5.0
    ) -> Json:
        """Return the bot's first message behind message ``after`` that contains ``fragment``.

        Raises:
            TimeoutError: none came.
        """

        def find() -> Json | None:
            for message in self.from_bot(chat):
                if message.id > after and fragment in _words(message):
                    return message_json(message)
            return None

        return await self.wait_for(find, timeout_seconds)


def _words(message: Message) -> str:
    return str(message.content.get("text") or message.content.get("caption") or "")
