"""A stage for scripted runs: people who write and press, and a bot that dies at the points it is told to."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot.playground.models import Chat, User
from bot.playground.queries import Press
from tests.judge import judge_journal
from tests.reliability.crash_lives import Echo, Lives
from tests.reliability.crash_outcome import STOP, Outcome, read_books, said, standing


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A script that is tried at every point; ``before`` brings its people safely to where it begins."""

    play: Callable[["Stage"], Awaitable[None]]
    before: Callable[["Stage"], Awaitable[None]] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    failing: frozenset[str] = frozenset()
    """The questions that the model can't answer."""
    in_place: bool = False
    """Whether all that stands in the chats at the end must be the same, since it is put in the place of other texts."""
    from_birth: bool = False
    """Whether the start of the first life is tried, too."""

    @property
    def name(self) -> str:
        """Return the name of the script."""
        return self.play.__name__


class Stage:
    """Ana and Ben, and the bot among them."""

    def __init__(
        self, scenario: Scenario, url: str, *, ends: Sequence[int] = (), lost: Collection[str] = ()
    ) -> None:
        model = Echo(failing=scenario.failing, lost=lost)
        self._scenario = scenario
        self.lives = Lives(url, scenario.settings, model, ends=ends, from_birth=scenario.from_birth)
        self.telegram = model.telegram = self.lives.telegram
        self.ana = self.telegram.add_user("Ana", language_code="en")
        self.ben = self.telegram.add_user("Ben", language_code="en")
        self.group: Chat

    async def found_group(self) -> None:
        """Let Ana and Ben meet in a group of hers, and the bot with them."""
        self.lives.begin_step()
        self.group = self.telegram.add_group("Friends", [self.ben], kind="group", admins=[self.ana])
        await self.lives.until_quiet()

    async def set_bot(self, status: str) -> None:
        """Remove the bot from the group, or add it again."""
        self.lives.begin_step()
        self.telegram.set_member(self.group, self.telegram.bot, status, by=self.ana)
        await self.lives.until_quiet()

    async def wait(self, while_: timedelta) -> None:
        """Let time pass, and the bot do what is due then."""
        self.lives.let_pass(while_)
        self.lives.begin_step()
        await self.lives.until_quiet()

    async def move_group(self, *told: str) -> None:
        """Make a supergroup of the group; Telegram tells of it in the given order, at once."""
        self.lives.begin_step()
        old, new = self.group, self.telegram.migrate(self.group, tell=())
        notices = {
            "to": (old, {"migrate_to_chat_id": new.id}),
            "from": (new, {"migrate_from_chat_id": old.id}),
        }
        for word in told:
            chat, content = notices[word]
            self.telegram.announce(chat, self.ana, content)
        self.group = new
        await self.lives.until_quiet()

    async def run(self) -> Outcome:
        """Play the script to its end and return what is left behind."""
        try:
            await self.lives.until_quiet()
            if self._scenario.before is not None:
                await self._scenario.before(self)
            self.lives.begin_danger()
            await self._scenario.play(self)
        finally:
            await self.lives.drop()
            await self.telegram.aclose()
        books = read_books(self.lives.settings.database_url.sync_url)
        left = standing(self.telegram, (self.ana, self.ben)) if self._scenario.in_place else frozenset()
        return Outcome(books=books, said=said(self.telegram), left=left)

    def problems(self) -> list[str]:
        """Return what is wrong with any call of the bot."""
        return judge_journal(self.telegram)

    async def say(self, user: User, *texts: str, chat: Chat | None = None) -> int:
        """Write, several messages at once if there are more, and wait until all is quiet; return the last one's id."""
        self.lives.begin_step()
        said = [self.telegram.say(user, chat or user, text) for text in texts]
        await self.lives.until_quiet()
        return int(said[-1]["message_id"])

    async def edit(self, user: User, text: str) -> None:
        """Edit one's last message in private, and wait until all is quiet."""
        self.lives.begin_step()
        messages = self.telegram.chat(user.id).messages.values()
        last = max(message.id for message in messages if message.sender is user)
        self.telegram.edit(user, user.id, last, text)
        await self.lives.until_quiet()

    async def press(self, user: User, button: str, *, chat: Chat | None = None) -> None:
        """Press the newest button whose text begins so; once more, as people do, if nothing tells of the first."""
        self.lives.begin_step()
        data, message_id = self._buttons(button, chat or user)[-1]
        for _ in range(2):
            if (await self._press(user, chat or user, message_id, data)).answer is not None:
                return
        raise AssertionError("nobody has answered a press")

    async def _press(self, user: User, where: Chat | User, message_id: int, data: str) -> Press:
        press = self.telegram.press(user, where, message_id, data)
        await self.lives.until_quiet()
        return press

    def growing(self) -> list[tuple[str, int]]:
        """Return the buttons of the group that stop an answer."""
        return self._buttons(STOP, self.group)

    async def pay(self, user: User, text: str, *, chat: Chat | None = None) -> None:
        """Write a message, and agree to its price if that is asked."""
        message_id = await self.say(user, text, chat=chat)
        if self._buttons("Pay", chat or user, after=message_id):
            await self.press(user, "Pay", chat=chat)

    def _buttons(self, name: str, where: Chat | User, *, after: int = 0) -> list[tuple[str, int]]:
        return [
            (str(button["callback_data"]), message.id)
            for message in self.telegram.from_bot(where)
            if message.id > after
            for row in (message.markup or {}).get("inline_keyboard", [])
            for button in row
            if button["text"].startswith(name)
        ]
