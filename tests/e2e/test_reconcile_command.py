"""The command ``reconcile`` as an operator runs it, beside the bot: a table, an exit code, and nothing written."""

import os
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.playground.models import User
from bot.playground.telegram import Telegram
from tests.app import Running, running
from tests.canary import CANARY_TOKEN
from tests.child import telegram_server
from tests.shop import rows

SCRIPT = Path(__file__).parents[2] / "bot.py"
BUTTON = "1,000 credits · ⭐ 100"


async def reconcile(app: Running, **env: str) -> tuple[int, str]:
    """Run the command and return its exit code and what it said."""
    asked = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": str(app.settings.database_url.sync_url),
        "BOT_TOKEN": CANARY_TOKEN,
        "BOT_API_URL": str(app.settings.bot_api_url),
        "COLUMNS": "200",
    }
    process = await create_subprocess_exec(
        sys.executable, str(SCRIPT), "reconcile", env=asked | env, stdout=PIPE, stderr=PIPE
    )
    out, errors = await process.communicate()
    return process.returncode or 0, (out + errors).decode()


@asynccontextmanager
async def shop(database_url: str) -> AsyncIterator[tuple[Running, User]]:
    """Run a bot that sells to Ben, by a Telegram that is served on loopback."""
    telegram = Telegram()
    ben = telegram.add_user("Ben", language_code="en")
    async with (
        telegram_server(telegram) as url,
        running(database_url, telegram=telegram, stars_enabled=True, bot_api_url=url) as app,
    ):
        await app.parts.upkeep.run_timers()  # the reconciliation of the start
        await app.settled()
        yield app, ben


async def buy(app: Running, user: User) -> str:
    """Buy a package and return the id of the charge."""
    await app.say(user, user, "/deposit")
    await app.press(user, user, app.last_id(user), BUTTON)
    checkout = app.telegram.pay(user, app.last_id(user))
    await checkout
    await app.settled()
    assert checkout.charge is not None
    return checkout.charge.id


async def test_books_that_agree_with_telegrams_list_end_with_zero(database_url: str) -> None:
    async with shop(database_url) as (app, ben):
        await buy(app, ben)
        code, said = await reconcile(app)
    assert (code, said.splitlines()[-1]) == (0, "all agrees")
    [paid] = [line for line in said.splitlines() if "paid" in line]
    assert [cell.strip() for cell in paid.split("│")][2:6] == ["1", "100", "1", "100"]


async def test_t68_what_telegram_knows_and_the_books_do_not_ends_with_one(database_url: str) -> None:
    async with shop(database_url) as (app, ben):
        app.telegram.faults.add("update_lost", method="successful_payment")
        charge = await buy(app, ben)
        code, said = await reconcile(app)
        assert (code, said.splitlines()[-1]) == (1, "SOMETHING DIFFERS")
        assert f"not in the books: {charge}" in "".join(said.split("\n"))
        assert await rows(app, "SELECT COUNT(*) FROM payment") == [(0,)]
        assert await rows(app, "SELECT COUNT(*) FROM star_transaction") == [(0,)]


async def test_t72_what_can_not_be_asked_is_one_line_without_the_token(sqlite_url: str) -> None:
    async with shop(sqlite_url) as (app, _):
        for env in ({"BOT_API_URL": "http://127.0.0.1:1"}, {"BOT_TOKEN": ""}, {"DATABASE_URL": "none.db"}):
            code, said = await reconcile(app, **env)
            assert (code, len(said.splitlines())) == (2, 1), said
            assert CANARY_TOKEN not in said
