"""What happens to groups while all is broken: the bot is removed and comes back; a group becomes a supergroup.

Each happens in a lull of its group: nobody writes or presses there any more, and nothing of it is still to be done.
What the bot says in a group while it isn't there arrives nowhere, and an answer that comes behind a move doesn't name
the old group's message any more: both look like a loss. People go on at once, before the bot has been told.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from itertools import cycle

from bot.chaos.players import Players
from bot.playground.models import Chat
from bot.playground.telegram import Telegram

LEAST_CHANGES = 2
"""A move and an absence: as many belong to a run of so many kills and updates, if there is time for them."""
PAUSE_SECONDS, ABSENCE_SECONDS, LOOK_SECONDS = 2.0, 1.0, 0.2
NOTICES = (("to", "from"), ("from",), ("to",), ())
"""What Telegram tells of a move."""

IsDone = Callable[[int, int], Awaitable[bool]]
"""Tells whether nothing is still to be done of a chat, nor of any update below a number."""


class Changes:
    """Moves groups, and takes the bot out of others and back, until it is over."""

    def __init__(
        self,
        telegram: Telegram,
        players: Players,
        seed: int,
        is_done: IsDone,
        *,
        pause_seconds: float = PAUSE_SECONDS,
    ) -> None:
        self._pause_seconds = pause_seconds
        self._telegram = telegram
        self._players = players
        self._random = random.Random(f"{seed} changes")
        self._is_done = is_done
        self._over = asyncio.Event()

    async def run(self) -> None:
        """Change groups until ``finish`` is called; what has begun is ended."""
        await asyncio.gather(
            self._one_by_one(iter(self._players.basic_groups), self._move),
            self._one_by_one(cycle(self._players.groups), self._leave),
        )

    @property
    def done(self) -> int:
        """Return how many there were."""
        return len(self._players.diary.absences) + len(self._players.diary.moves)

    def finish(self) -> None:
        """Change nothing more."""
        self._over.set()

    async def _one_by_one(self, groups: Iterator[Chat], change: Callable[[Chat], Awaitable[Chat]]) -> None:
        for group in groups:
            if await self._pause(self._pause_seconds):
                return
            self._players.rest(group)
            if await self._quiet(group):
                self._players.go_on(await change(group))
        await self._over.wait()

    async def _pause(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await self._over.wait()
        except TimeoutError:
            return False

    async def _quiet(self, group: Chat) -> bool:
        """Wait until all that was done in a group has had its effect; return False if all is over by then."""
        while self._players.is_about_to_press(group):
            if await self._pause(LOOK_SECONDS):
                return False
        below = self._telegram.updates.next_id
        while self._waits_in_telegram(below) or not await self._is_done(group.id, below):
            if await self._pause(LOOK_SECONDS):
                return False
        return True

    def _waits_in_telegram(self, below: int) -> bool:
        return any(item.update_id is not None and item.update_id < below for item in self._telegram.updates)

    async def _leave(self, group: Chat) -> Chat:
        """Remove the bot, and add it again."""
        admin, bot = self._players.admin, self._telegram.bot
        self._telegram.set_member(group, bot, self._random.choice(("kicked", "left")), by=admin)
        await asyncio.sleep(self._random.random() * ABSENCE_SECONDS)
        self._telegram.set_member(group, bot, "member", by=admin)
        self._players.diary.absences.append(group.id)
        return group

    async def _move(self, group: Chat) -> Chat:
        """Make a supergroup of a group."""
        new = self._telegram.migrate(group, by=self._players.admin, tell=self._random.choice(NOTICES))
        self._players.diary.moves.append((group.id, new.id))
        self._players.speak(new)  # else nothing tells of a move without notices that comes last
        return new
