"""Eyes of the rig's people: what the bot says is seen, and whose questions are still open is known roughly."""

from collections import defaultdict
from collections.abc import Iterator

from bot.chaos import sights
from bot.chaos.sights import Kind
from bot.playground.models import Message, User
from bot.playground.telegram import Telegram
from handlers.keyboards import ACT

Place = tuple[int, int]
"""A chat and a message in it."""


class Eyes:
    """Watches the chats; the load is paced by how many questions seem open."""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram
        self._seen = telegram.signals.version
        self._open: defaultdict[int, dict[Place, None]] = defaultdict(dict)

    @property
    def waiting(self) -> int:
        """Return how many questions seem open."""
        return sum(map(len, self._open.values()))

    def waiting_of(self, user: User) -> int:
        """Return how many questions of one player seem open."""
        return len(self._open[user.id])

    def wait_for_answer(self, user: User, chat_id: int, message_id: int) -> None:
        """Remember a question."""
        self._open[user.id][chat_id, message_id] = None

    def new_messages(self) -> Iterator[Message]:
        """Give what the bot has said since the last look, and close what it answers."""
        events = self._telegram.signals.since(self._seen)
        self._seen = self._telegram.signals.version
        for event in events:
            if event["kind"] == "message":
                message = self._telegram.chats[event["chat"]].messages.get(event["message"])
                if message is not None and message.sender is self._telegram.bot and not message.service:
                    self._note(message)
                    yield message

    def _note(self, message: Message) -> None:
        user = self.reader_of(message)
        if user is None or message.markup is not None:
            return
        found = sights.read(sights.text_of(message.content))
        if found is None or found[0] is Kind.RECEIPT:
            self.close(user, message)

    def reader_of(self, message: Message) -> User | None:
        """Return whom a message of the bot is for: the owner of the private chat, or whose message it answers."""
        if message.chat.user is not None:
            return message.chat.user
        return message.reply_to.sender if message.reply_to is not None else None

    def close(self, user: User, message: Message) -> None:
        """Forget the question that a message answers; in private, the oldest one there."""
        questions = self._open[user.id]
        if message.reply_to is not None:
            questions.pop((message.chat.id, message.reply_to.id), None)
        elif (place := next((one for one in questions if one[0] == message.chat.id), None)) is not None:
            del questions[place]


def tokens_of(message: Message) -> tuple[str, str] | None:
    """Return the tokens of the two buttons that act, to agree and to refuse, if a message has them."""
    lines = (message.markup or {}).get("inline_keyboard", [])
    data = [str(button.get("callback_data", "")) for line in lines for button in line]
    tokens = [one.removeprefix(ACT) for one in data if one.startswith(ACT)]
    return (tokens[0], tokens[1]) if len(tokens) == 2 else None
