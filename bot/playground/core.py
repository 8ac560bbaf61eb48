"""The world of the fake Telegram: users, chats and messages, and what the bot is told about them."""

import asyncio
import random
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpx

from bot.playground.bank import Bank
from bot.playground.courier import Courier, Letter
from bot.playground.errors import PlayError
from bot.playground.faults import Faults
from bot.playground.files import Files
from bot.playground.journal import Journal
from bot.playground.limits import RateLimits
from bot.playground.models import (
    PRESENT,
    Chat,
    Json,
    Member,
    Message,
    User,
    telegrams_own,
)
from bot.playground.privacy import bot_sees
from bot.playground.profile import Profile
from bot.playground.queries import Checkout, Press, Queries
from bot.playground.samples import sample_files
from bot.playground.signals import Signals
from bot.playground.updates import FIRST_UPDATE_ID, MESSAGE_TTL_SECONDS, UpdateQueue
from bot.playground.views import chat_json, member_json, message_json, user_json
from bot.playground.webhook import Sleep, Webhook, telegram_backoff
from services.moved_clock import Lead

BOT_ID = 7_000_000_001
PRESS_SECONDS = 150.0
CHECKOUT_SECONDS = 10.0
_KEPT_MESSAGES = 20_000


class Core:
    """State and its basic moves; methods of the Bot API and people's actions build on it."""

    def __init__(
        self,
        *,
        now: Callable[[], float] = time.time,
        lead: Lead | None = None,
        bank: Bank | None = None,
        bot: User | None = None,
        tokens: Iterable[str] | None = None,
        limits: RateLimits | None = None,
        privacy: bool = True,
        journal_limit: int = 100_000,
        webhook_transport: httpx.AsyncBaseTransport | None = None,
        backoff: Callable[[int], float] = telegram_backoff,
        sleep: Sleep = asyncio.sleep,
        seed: int = 2024,
        first_message_id: int = 1,
        first_update_id: int = FIRST_UPDATE_ID,
    ) -> None:
        self.now = now
        self.lead = lead or Lead()
        self.bot = bot or User(BOT_ID, "Potluck", username="potluck_bot", is_bot=True)
        self.tokens = frozenset(tokens) if tokens is not None else None
        self.limits = limits
        self.privacy = privacy
        self.sleep = sleep
        self.random = random.Random(seed)
        self.signals = Signals()
        self.journal = Journal(journal_limit)
        self.faults = Faults()
        self.files = Files()
        for sample in sample_files():
            self.files.keep(sample)
        self.profile = Profile()
        self.presses: Queries[Press] = Queries(self.time, answer_seconds=PRESS_SECONDS)
        self.checkouts: Queries[Checkout] = Queries(self.time, answer_seconds=CHECKOUT_SECONDS)
        self.users: dict[int, User] = {}
        self.chats: dict[int, Chat] = {}
        self.bank = bank or Bank()
        self.updates = UpdateQueue(self.time, self.journal, self.signals.touch, first_update_id)
        self.courier = Courier(self.updates, self.faults)
        self.webhook = Webhook(
            updates=self.updates,
            reply=self.webhook_reply,
            transport=webhook_transport,
            backoff=backoff,
            sleep=sleep,
        )
        self._before_first_message_id = first_message_id - 1
        self._last_private_message_id = self._before_first_message_id
        self._last_user_id = 1000
        self._last_group_number = 1_500_000_000
        for user in (self.bot, *telegrams_own()):
            self.users[user.id] = user

    def time(self) -> float:
        """Return the present time here: the machine's (``now``, replaceable at any moment) and the lead."""
        return self.now() + self.lead.seconds

    async def webhook_reply(self, body: Json) -> Any:
        """Run the call that came in the answer of the webhook."""
        raise NotImplementedError

    # ---- people and chats

    def new_user_id(self) -> int:
        """Return an id that no user has."""
        self._last_user_id += 1
        return self._last_user_id

    def new_group_id(self, kind: str) -> int:
        """Return an id that no group has."""
        self._last_group_number += 1
        return -self._last_group_number if kind == "group" else -1_000_000_000_000 - self._last_group_number

    def user(self, user: User | int) -> User:
        """Return a user by id.

        Raises:
            PlayError: nobody has this id.
        """
        found = user if isinstance(user, User) else self.users.get(user)
        if found is None:
            raise PlayError(f"no user {user}", 404)
        return found

    def chat(self, chat: Chat | User | int) -> Chat:
        """Return a chat by id; a known user's private one is made on the way.

        Raises:
            PlayError: there is no such chat.
        """
        if isinstance(chat, Chat):
            return chat
        if isinstance(chat, User):
            return self.private_chat(chat)
        found = self.chats.get(chat)
        if found is None and (user := self.users.get(chat)) is not None and not user.is_bot:
            found = self.private_chat(user)
        if found is None:
            raise PlayError(f"no chat {chat}", 404)
        return found

    def private_chat(self, user: User) -> Chat:
        """Return the chat of a user with the bot."""
        chat = self.chats.get(user.id)
        if chat is None:
            chat = Chat(user.id, "private", user=user, instance=self.new_token())
            self.chats[user.id] = chat
        return chat

    def find_user(self, user_id: int) -> Json | None:
        """Return the ``User`` of an id, for mentions."""
        user = self.users.get(user_id)
        return user_json(user) if user else None

    def bot_in(self, chat: Chat) -> bool:
        """Tell whether the bot can read and write in a chat."""
        if chat.user is not None:
            return chat.started and not chat.user.blocked
        return chat.status_of(self.bot.id) in PRESENT | {"restricted"}

    def new_token(self) -> str:
        """Return a 64-bit number as text, as Telegram's query ids are."""
        return str(self.random.getrandbits(62))

    # ---- messages

    def add_message(
        self,
        chat: Chat,
        sender: User | None,
        content: Json,
        *,
        date: int | None = None,
        extra: Json | None = None,
        reply_to: Message | None = None,
        thread: int | None = None,
        markup: Json | None = None,
        service: bool = False,
        author: User | None = None,
    ) -> Message:
        """Put a message into a chat and tell the bot, if it is the bot's business."""
        number = self._next_message_id(chat)
        message = Message(
            chat,
            number,
            int(self.time()) if date is None else date,
            sender,
            content,
            extra=extra or {},
            reply_to=reply_to,
            thread=number if "forum_topic_created" in content else thread,
            markup=markup,
            service=service,
            author=author or sender,
        )
        chat.messages[message.id] = message
        if len(chat.messages) > _KEPT_MESSAGES:
            chat.messages.pop(next(iter(chat.messages)))
        if sender is not None and sender.is_bot and "sender_chat" not in message.extra:
            chat.last_bot_id = sender.id
        self.tell_message("message", message)
        self.signals.fire("message", chat=chat.id, message=message.id)
        return message

    def _next_message_id(self, chat: Chat) -> int:
        """Count per supergroup, and over all other chats together, as Telegram does."""
        if chat.type in ("supergroup", "channel"):
            chat.last_message_id = max(chat.last_message_id, self._before_first_message_id) + 1
        else:
            self._last_private_message_id += 1
            chat.last_message_id = self._last_private_message_id
        return chat.last_message_id

    def tell_message(self, kind: str, message: Message) -> None:
        """Queue an update about a message that the bot may see."""
        if not self.updates.wants(kind) or not bot_sees(self, message):
            return
        expires_at = (self.time() if message.service else message.date) + MESSAGE_TTL_SECONDS
        letter = Letter(kind, message_json(message), f"message:{message.chat.id}", expires_at)
        self.courier.carry(letter, about=next(iter(message.content), kind), chat_id=message.chat.id)

    def tell_member(self, chat: Chat, actor: User, old: Json, member: Member) -> None:
        """Queue the update about a changed membership: the bot's own, or another's where it is an admin."""
        own = member.user is self.bot or chat.private
        if not own and chat.status_of(self.bot.id) not in ("administrator", "creator"):
            return
        payload = {
            "chat": chat_json(chat),
            "from": user_json(actor),
            "date": int(self.time()),
            "old_chat_member": old,
            "new_chat_member": member_json(member),
        }
        expires_at = self.time() + MESSAGE_TTL_SECONDS
        kind = "my_chat_member" if own else "chat_member"
        self.updates.add(kind, payload, queue=f"member:{chat.id}", expires_at=expires_at)

    async def aclose(self) -> None:
        """End the webhook's workers and wake the poller."""
        self.updates.stop_poll("terminated by shutdown")
        await self.webhook.aclose()
