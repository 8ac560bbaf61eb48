"""The command ``reconcile``: Telegram's list of Stars beside the books, as a table, without writing."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.redaction import redactor
from bot.settings import Settings
from bot.stars import TelegramStars
from db.schema import reading_engine
from services.ports import GatewayUnavailable, StarLine
from services.stars_compared import Compared, Sum, compare, read_payments, whole_list

AGREES, DIFFERS, UNREADABLE = 0, 1, 2
CHARGES_MOST = 20
TRIES = 5


def run_reconcile(settings: Settings) -> int:
    """Print the table and return the exit code: 0 if all agrees, 1 if not, 2 if something can't be read."""
    path = settings.database_url.path
    if settings.bot_token is None:
        return _refuse("BOT_TOKEN is not set: there is no Telegram to ask")
    if path is not None and not path.exists():
        return _refuse(f"there is no database at {path}; start the bot once, or set DATABASE_URL")
    began_at = datetime.now(UTC)
    try:
        lines, balance = asyncio.run(_ask(settings, settings.bot_token.get_secret_value()))
        compared = _beside_books(settings, lines, balance, began_at)
    except (GatewayUnavailable, TelegramError) as error:
        why = error.reason if isinstance(error, GatewayUnavailable) else error.message
        return _refuse(f"Telegram can't be asked: {redactor(settings.secrets())(why)}")
    except SQLAlchemyError as error:
        return _refuse(f"the database can't be read: {getattr(error, 'orig', error)}".splitlines()[0])
    _show(compared)
    return AGREES if compared.agrees else DIFFERS


def _refuse(line: str) -> int:
    print(line, file=sys.stderr)
    return UNREADABLE


async def _ask(settings: Settings, token: str) -> tuple[Sequence[StarLine], int]:
    bot: ExtBot[None] = ExtBot(token, base_url=f"{settings.bot_api_url}/bot")
    async with bot:
        gateway = TelegramStars(bot)
        before = await gateway.balance()
        for _ in range(TRIES):
            lines, after = await whole_list(gateway), await gateway.balance()
            if before == after:  # else somebody has paid meanwhile
                return lines, after
            before = after
    raise GatewayUnavailable(reason="Stars come and go too quickly to be counted")


def _beside_books(
    settings: Settings, lines: Sequence[StarLine], balance: int, began_at: datetime
) -> Compared:
    engine = reading_engine(settings.database_url.sync_url)
    try:
        with engine.connect() as connection:
            return compare(lines, read_payments(connection), balance, began_at)
    finally:
        engine.dispose()


def _show(compared: Compared) -> None:
    table = Table("", "Telegram", "Stars", "books", "Stars")
    for name, (listed, booked) in (("paid", compared.paid), ("given back", compared.back)):
        table.add_row(name, *_cells(listed), *_cells(booked))
    table.add_row("others", *_cells(compared.others), "", "")
    table.add_row("sum of the list", "", f"{compared.listed:,}", "", "")
    table.add_row("balance", "", f"{compared.balance:,}", "", "")
    console = Console()
    console.print(table)
    for name, charges in compared.differing.items():
        if charges:
            more = "" if len(charges) <= CHARGES_MOST else f" and {len(charges) - CHARGES_MOST:,} more"
            console.print(f"{name}: {', '.join(charges[:CHARGES_MOST])}{more}", markup=False, highlight=False)
    console.print("all agrees" if compared.agrees else "SOMETHING DIFFERS")


def _cells(one: Sum) -> tuple[str, str]:
    return f"{one.count:,}", f"{one.stars:,}"
