"""People who buy credits for Stars and give some of them back, however often the bot is gone meanwhile."""

import random
from collections.abc import Callable, Sequence
from typing import Any

from bot.playground.models import Message, User
from bot.playground.telegram import Telegram

PATIENCE_SECONDS = 60.0
CHECKOUT_SECONDS = 10.0
LATE_SECONDS = (1.0, 10.0, 3_600.0)
"""The last of them is longer than any run takes."""
FAULTS = ("update_lost", "update_doubled", "update_late")
BUYS, GIVES_BACK, YES = " credits · ⭐ ", "Give back no. ", "Yes, "


class Buyer:
    """Buys package after package; what goes wrong with the updates of his payments is fixed from the start."""

    def __init__(self, telegram: Telegram, name: str, fate: Sequence[str], seed: int) -> None:
        self._telegram = telegram
        self._fate = list(fate)
        self._random = random.Random(seed)
        self._user: User = telegram.add_user(name, language_code="en")
        telegram.private_chat(self._user)
        telegram.top_up(self._user, 900_000)

    @property
    def id(self) -> int:
        """Return his Telegram id."""
        return self._user.id

    async def play(self) -> None:
        """Buy until all has happened to him that is his fate."""
        while self._fate:
            await self._buy()
            if len(self._fate) % 20 == 5:
                await self._give_back()

    async def _ask(self, command: str, button: str) -> Message:
        said = self._telegram.say(self._user, text=command)
        return await self._sees(said["message_id"], lambda one: any(button in name for name in _buttons(one)))

    async def _sees(self, after: int, is_it: Callable[[Message], bool]) -> Message:
        """Wait until the bot has said something behind a message."""
        chat = self._telegram.private_chat(self._user)

        def find() -> Message | None:
            for one in reversed(chat.messages.values()):
                if one.id <= after:
                    return None
                if one.sender is self._telegram.bot and is_it(one):
                    return one
            return None

        try:
            return await self._telegram.wait_for(find, PATIENCE_SECONDS)
        except TimeoutError:
            said = self._telegram.texts(self._user)[-3:]
            raise AssertionError(
                f"{self._user.first_name} waits behind {after} and has heard {said}"
            ) from None

    async def _buy(self) -> None:
        screen = await self._ask("/deposit", BUYS)
        package = self._random.choice(_buttons(screen)[:4])
        self._telegram.press(self._user, self._user, screen.id, package)
        stars = int(package.rpartition(BUYS)[2].replace(",", ""))
        invoice = await self._sees(
            screen.id, lambda one: one.invoice is not None and one.invoice.stars == stars
        )
        about: dict[str, Any] = {"method": "successful_payment", "chat": self.id}
        late, kind = self._random.choice(LATE_SECONDS), self._fate[-1]
        fault = self._telegram.faults.add(kind, seconds=late, **about) if kind else None
        checkout = self._telegram.pay(self._user, invoice.id)
        await checkout.wait(CHECKOUT_SECONDS)
        if checkout.charge is not None:
            self._fate.pop()
        elif fault is not None:  # nobody answered in time, or it was an invoice that came twice and is paid
            self._telegram.faults.active.remove(fault)

    async def _give_back(self) -> None:
        """Ask for the newest purchase back that can go; nobody waits for it."""
        listed = await self._ask("/paysupport", GIVES_BACK)
        self._telegram.press(self._user, self._user, listed.id, _buttons(listed)[0])
        asked = await self._sees(listed.id - 1, lambda one: any(YES in name for name in _buttons(one)))
        self._telegram.press(self._user, self._user, asked.id, _buttons(asked)[0])


def _buttons(message: Message) -> list[str]:
    rows = (message.markup or {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]


def fates(purchases: int, buyers: int, seed: int) -> list[list[str]]:
    """Return for each buyer what happens to the updates of his purchases: of each fault, one in 20 has it."""
    all_of_them = [kind for kind in FAULTS for _ in range(purchases // 20)]
    all_of_them += [""] * (purchases - len(all_of_them))
    random.Random(seed).shuffle(all_of_them)
    return [all_of_them[number::buyers] for number in range(buyers)]
