"""/grant: an operator gives credits, with a reason. To everybody else this command doesn't exist."""

from dataclasses import dataclass
from typing import Final, cast

from telegram import Message, Update
from telegram.ext import CommandHandler

from handlers.context import App, Context, Reader, Services, arguments, read
from handlers.players import NEW_FROM_PLAYER
from handlers.screens import answer
from handlers.text import harmless, is_blank
from handlers.unknown import on_unknown
from services.amounts import parse_amount, parse_whole

GRANT_MOST: Final = 1_000_000_000
"""The most credits of one grant: far below what a wallet can hold."""

REASON_MOST: Final = 200
_ID_MOST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Wish:
    """A grant as an operator asks for it."""

    telegram_id: int
    credits: int
    reason: str


def parse_grant(text: str) -> Wish | None:
    """Return what is asked for behind /grant, or None if a part is missing or the reason is too long.

    Raises:
        BadNumber: the player's id is none.
        BadAmount, AmountTooLarge: the amount is none.
    """
    parts = text.split(maxsplit=2)
    if len(parts) < 3 or is_blank(parts[2]):
        return None
    reason = " ".join(harmless(parts[2]).split())
    if len(reason) > REASON_MOST:
        return None
    telegram_id = parse_whole(parts[0], least=1, most=_ID_MOST)
    return Wish(telegram_id, parse_amount(parts[1], most=GRANT_MOST), reason)


async def on_grant(update: Update, context: Context) -> None:
    """Give credits in an operator's name, in his private chat."""
    message = cast("Message", update.effective_message)
    reader = await read(update, context)
    if reader.in_group or reader.user.id not in context.services.operator_ids:
        await on_unknown(update, context)
        return
    wish = parse_grant(arguments(message))
    if wish is None:
        await answer(message, reader.words("grant.how", most=REASON_MOST))
    else:
        await answer(message, await _grant(context.services, reader, wish, message.message_id))


async def _grant(services: Services, reader: Reader, wish: Wish, message_id: int) -> str:
    granted = await services.grant(
        telegram_id=wish.telegram_id,
        credits=wish.credits,
        reason=wish.reason,
        operator_id=reader.user.id,
        cause=f"{reader.chat_id}:{message_id}",
    )
    done = reader.words(
        "grant.done",
        name=granted.player_name,
        amount=granted.credits,
        balance=granted.balance,
        receipt=granted.receipt,
    )
    if not granted.repaid:
        return done
    return f"{done}\n{reader.words('grant.done_covered', repaid=granted.repaid, debt=granted.debt)}"


def register(application: App) -> None:
    """Listen to /grant."""
    application.add_handler(CommandHandler("grant", on_grant, filters=NEW_FROM_PLAYER))
