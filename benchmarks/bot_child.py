"""The real bot with a model that answers at once: ``python -m benchmarks.bot_child``; settings by environment."""

import asyncio
import signal
from collections.abc import AsyncIterator

from bot.logs import configure_logging
from bot.process import Process
from bot.settings import load_settings
from bot.wiring import build
from services.ports import Question


class Echo:
    """Answers with the question; what a model takes its time for is not measured."""

    async def reply(self, question: Question) -> AsyncIterator[str]:
        """Yield the question's text."""
        yield f"echo {question.text}"


async def main() -> None:
    """Run until SIGTERM."""
    settings = load_settings()
    assert settings.bot_token is not None
    configure_logging(settings.log_format, settings.log_level, settings.secrets())
    parts = build(settings, token=settings.bot_token.get_secret_value(), model=Echo())
    process = Process(settings, parts)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await process.start()
    print("ready", flush=True)
    await ended.wait()
    await process.drain()


if __name__ == "__main__":
    asyncio.run(main())
