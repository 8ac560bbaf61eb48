"""The program with a word that kills it: ``SIGKILL`` while the update is handled, as a crash of the interpreter."""

import os
import signal
from datetime import timedelta

from telegram import Update
from telegram.ext import MessageHandler, filters

import handlers
from bot import lanes
from bot.main import main
from handlers.context import App, Context

WORD = "die"
register_all = handlers.register_all


async def die(update: Update, context: Context) -> None:
    """End the process as nothing can prevent."""
    os.kill(os.getpid(), signal.SIGKILL)


def register_with_death(application: App) -> None:
    """Register all topics behind the deadly word."""
    register_all(application)
    application.add_handler(MessageHandler(filters.Regex(f"^{WORD}$"), die), group=-9)


if __name__ == "__main__":
    handlers.register_all = register_with_death
    lanes.PARK_AFTER = timedelta(0)
    main()
