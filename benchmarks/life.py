"""Start, idle memory, and what many messages leave in memory."""

import asyncio
from dataclasses import dataclass

from benchmarks.whole import Running, resident_mib

IDLE_SECONDS, LONGEST_SECONDS = 5.0, 3_600.0
CHATS = 64


@dataclass(frozen=True, slots=True)
class Life:
    """Seconds from the start to readiness; MiB in memory, idle and after each number of messages."""

    start_seconds: float
    idle_mib: float
    after: dict[int, float]


async def measure(running: Running, steps: tuple[int, ...]) -> Life:
    """Let the people of a running bot write until each number of messages is answered."""
    await asyncio.sleep(IDLE_SECONDS)
    idle, answered, after = resident_mib(running.bot.pid), 0, {}
    for step in steps:
        measured = await running.measure(CHATS, LONGEST_SECONDS, most=step - answered)
        answered += measured.messages
        after[step] = measured.resident_mib
    return Life(running.start_seconds, idle, after)
