"""The gate before all commands: a player who sends too many within a minute is told once, the rest is dropped."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, cast

from telegram import Message, Update, User
from telegram.ext import ApplicationHandlerStop, MessageHandler, filters

from handlers.context import App, Context, read
from handlers.players import NEW_FROM_PLAYER
from handlers.screens import answer
from services import flood
from services.flood import Minute, Verdict

PLAYERS_MOST: Final = 10_000
GROUP: Final = -2
# Questions are counted where they are taken in, together with those that come without a command.
_COMMANDS: Final = NEW_FROM_PLAYER & filters.COMMAND & ~filters.Regex(r"^/(play|ask)\b")


@dataclass(slots=True)
class Gate:
    """Counts the commands of each player's minute, in memory: nothing of worth is lost with it."""

    limit: int
    _minutes: OrderedDict[int, Minute] = field(default_factory=OrderedDict)

    def admit(self, telegram_id: int, *, now: datetime) -> Verdict:
        """Count a command of a player and return what becomes of it."""
        minute, verdict = flood.admit(self._minutes.get(telegram_id), now=now, limit=self.limit)
        self._minutes[telegram_id] = minute
        self._minutes.move_to_end(telegram_id)
        if len(self._minutes) > PLAYERS_MOST:
            self._minutes.popitem(last=False)
        return verdict


def register(application: App) -> None:
    """Stand before the commands of all topics."""
    services = application.bot_data["services"]
    gate = Gate(services.rules.talk.per_minute)

    async def on_command(update: Update, context: Context) -> None:
        user = cast("User", update.effective_user)
        verdict = gate.admit(user.id, now=context.services.clock.now())
        if verdict is Verdict.OK:
            return
        if verdict is Verdict.DROPPED_AND_TELL:
            reader = await read(update, context)
            await answer(
                cast("Message", update.effective_message), reader.words("flood.told", most=gate.limit)
            )
        raise ApplicationHandlerStop

    application.add_handler(MessageHandler(_COMMANDS, on_command), group=GROUP)
