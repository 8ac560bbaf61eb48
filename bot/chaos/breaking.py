"""What breaks the processes: kills at random moments, also of what only just starts; pauses, restarts, ends."""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import httpx

from bot.chaos.children import Child
from bot.chaos.cluster import Cluster
from bot.chaos.plan import LEASE_SECONDS, Plan
from bot.commands import WRONG_EXIT

LONGEST_LIFE_SECONDS = 4.0
SHORTEST_LIFE_SECONDS = 0.1
READY_SECONDS = 60.0
BORN_DEAD_CHANCE = 0.25
"""How many kills come between a process's first instruction and its readiness."""
PAUSE_CHANCE, END_CHANCE = 0.25, 0.15
RESTART_SECONDS = (5.0, 15.0)
"""Between two restarts of Postgres, at least and at most."""
PAUSE_OVER_LEASE_SECONDS = (0.5, 3.0)
WAIT_SECONDS = 0.2
MOST_AHEAD = 0.05
"""By how much of all the kills may be ahead of the load."""


@dataclass(slots=True)
class Counts:
    """How often what was done, and what nobody did."""

    kills: int = 0
    pauses: int = 0
    ends: int = 0
    restarts: int = 0
    accidents: list[str] = field(default_factory=list)


class Breaking:
    """Breaks the children of one run until it is over, each in a life of its own."""

    def __init__(
        self,
        plan: Plan,
        children: Sequence[Child],
        cluster: Cluster | None,
        client: httpx.AsyncClient,
        updates_sent: Callable[[], int],
    ) -> None:
        self.counts = Counts()
        self._plan = plan
        self._children = children
        self._cluster = cluster
        self._client = client
        self._updates_sent = updates_sent
        self._planned = 0
        self._dice = {child: random.Random(f"{plan.seed} {child.name}") for child in children}
        self._server_dice = random.Random(f"{plan.seed} postgres")
        self._over = asyncio.Event()

    async def run(self) -> None:
        """Start the children and break them until ``finish`` is called."""
        async with asyncio.TaskGroup() as group:
            for child in self._children:
                group.create_task(self._live(child))
            if self._cluster is not None and self._plan.restarts:
                group.create_task(self._restart(self._cluster))

    def finish(self) -> None:
        """Break nothing more."""
        self._over.set()

    async def heal(self) -> None:
        """See that every child is there and ready, so that what is left to do can be finished."""
        for child in self._children:
            child.resume()
        await asyncio.gather(*map(self._heal, self._children))

    async def _heal(self, child: Child) -> None:
        for _ in range(3):
            if not child.is_alive:
                await child.spawn()
            with suppress(TimeoutError):
                async with asyncio.timeout(READY_SECONDS):
                    if await child.ready(self._client):
                        return
        self.counts.accidents.append(f"{child.name} doesn't get ready: {child.log}\n{child.last_lines()}")

    # ---- one life after the other

    async def _live(self, child: Child) -> None:
        while not self._over.is_set():
            await child.spawn()
            await self._one_life(child)

    async def _one_life(self, child: Child) -> None:
        """Let a process live until it is killed or ended, or all is over."""
        dice = self._dice[child]
        if dice.random() < BORN_DEAD_CHANCE and self._plan_kill():
            if await self._lives(child, dice.random() * child.start_seconds):
                await self._kill(child)
            else:
                self._planned -= 1
            return
        if not await self._gets_ready(child):
            return
        while await self._lives(child, self._lifetime(dice)) and await self._load_follows(child):
            chance = dice.random()
            if self._plan.stops and chance < PAUSE_CHANCE:
                await self._pause(child)
            elif self._plan.stops and chance < PAUSE_CHANCE + END_CHANCE:
                await self._end(child)
                return
            elif self._plan_kill():
                await self._kill(child)
                return

    def _lifetime(self, dice: random.Random) -> float:
        longest = LONGEST_LIFE_SECONDS * len(self._children) ** 0.5  # so that many leave somebody to live
        return dice.uniform(SHORTEST_LIFE_SECONDS, longest)

    def _plan_kill(self) -> bool:
        if self._plan.kills is not None and self._planned >= self._plan.kills:
            return False
        self._planned += 1
        return True

    async def _load_follows(self, child: Child) -> bool:
        """Wait, if need be, until the load has come as far as the kills, so that they are spread over it."""
        while self._load_lags():
            if not await self._lives(child, WAIT_SECONDS):
                return False
        return True

    def _load_lags(self) -> bool:
        kills, updates = self._plan.kills, self._plan.updates
        return bool(kills and updates and self._updates_sent() / updates < self._planned / kills - MOST_AHEAD)

    async def _gets_ready(self, child: Child) -> bool:
        getting_ready = asyncio.create_task(child.ready(self._client))
        over = asyncio.create_task(self._over.wait())
        await asyncio.wait({getting_ready, over}, timeout=READY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        is_ready = getting_ready.done() and getting_ready.result()
        for task in (getting_ready, over):
            task.cancel()
        if not is_ready and not self._over.is_set():
            await self._note_accident(child, "did not get ready")
        return is_ready

    async def _lives(self, child: Child, seconds: float) -> bool:
        """Wait; return False if all is over, or the process has ended by itself."""
        gone = asyncio.create_task(child.gone())
        over = asyncio.create_task(self._over.wait())
        done, _ = await asyncio.wait({gone, over}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in (gone, over):
            task.cancel()
        if gone in done and not self._over.is_set():
            await self._note_accident(child, "ended by itself")
        return not done

    async def _note_accident(self, child: Child, what: str) -> None:
        """Remember what nobody wanted; a start while Postgres is away is refused, and rightly so."""
        if child.is_alive:
            await child.kill()
        elif child.code == WRONG_EXIT and self._plan.restarts:
            return
        text = f"{child.name} {what}, code {child.code}: {child.log}\n{child.last_lines()}"
        self.counts.accidents.append(text)

    # ---- what is done to it

    async def _kill(self, child: Child) -> None:
        await child.kill()
        self.counts.kills += 1

    async def _end(self, child: Child) -> None:
        code = await child.end()
        self.counts.ends += 1
        if code != 0:
            self.counts.accidents.append(f"{child.name} ended with code {code} on SIGTERM: {child.log}")

    async def _pause(self, child: Child) -> None:
        child.pause()
        await self._sleep(LEASE_SECONDS + self._dice[child].uniform(*PAUSE_OVER_LEASE_SECONDS))
        child.resume()
        self.counts.pauses += 1

    async def _restart(self, cluster: Cluster) -> None:
        while not await self._sleep(self._server_dice.uniform(*RESTART_SECONDS)):
            await asyncio.to_thread(cluster.restart)
            self.counts.restarts += 1

    async def _sleep(self, seconds: float) -> bool:
        """Sleep; return True if all is over."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), seconds)
        return self._over.is_set()
