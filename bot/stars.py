"""Telegram Stars as a gateway: payments are given back and the list of transactions is read through the Bot API."""

from collections.abc import Coroutine, Sequence
from typing import Any, Final, TypeVar

from telegram import StarTransaction, TransactionPartner, TransactionPartnerUser
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError
from telegram.ext import ExtBot

from services.ports import GatewayRefused, GatewayUnavailable, StarLine

T = TypeVar("T")

PARTNER_MOST: Final = 24
CHARGE_MOST: Final = 255
PAYLOAD_MOST: Final = 128
_DONE_BEFORE: Final = "charge_already_refunded"
"""Telegram's answer to what was given back before, and at times to what it gives back just now."""


class TelegramStars:
    """Gives Stars back, and reads where all of them came from and went."""

    def __init__(self, bot: ExtBot[None]) -> None:
        self._bot = bot

    async def give_back(self, telegram_id: int, charge_id: str) -> None:
        """Refund a payment; that it was refunded before is as good.

        Raises:
            GatewayRefused: Telegram won't.
            GatewayUnavailable: it isn't known whether it did.
        """
        try:
            await _asked(self._bot.refund_star_payment(telegram_id, charge_id))
        except GatewayRefused as error:
            if _DONE_BEFORE not in error.reason.lower():
                raise

    async def lines(self, offset: int, limit: int) -> Sequence[StarLine]:
        """Return transactions, the oldest first.

        Raises:
            GatewayUnavailable: the list can't be read now.
        """
        try:
            found = await _asked(self._bot.get_star_transactions(offset, limit))
        except GatewayRefused as error:
            raise GatewayUnavailable(reason=error.reason) from None
        return [line_of(one) for one in found.transactions]

    async def balance(self) -> int:
        """Return how many whole Stars the bot has.

        Raises:
            GatewayUnavailable: it can't be known now.
        """
        try:
            return int((await _asked(self._bot.get_my_star_balance())).amount)
        except GatewayRefused as error:
            raise GatewayUnavailable(reason=error.reason) from None

    async def end_subscription(self, telegram_id: int, charge_id: str) -> None:
        """Cancel the renewal of a subscription.

        Raises:
            GatewayRefused: there is none, or it has ended.
            GatewayUnavailable: it isn't known whether it did.
        """
        await _asked(self._bot.edit_user_star_subscription(telegram_id, charge_id, True))


async def _asked(call: Coroutine[Any, Any, T]) -> T:
    """Make a call; Telegram's errors become ours.

    Raises:
        GatewayRefused: it understood and won't.
        GatewayUnavailable: it isn't known what it did.
    """
    try:
        return await call
    except (BadRequest, Forbidden) as error:
        raise GatewayRefused(reason=error.message) from None
    except RetryAfter:
        raise GatewayUnavailable(reason="too many calls") from None
    except TelegramError as error:
        raise GatewayUnavailable(reason=error.message) from None


def line_of(found: StarTransaction) -> StarLine:
    """Return a transaction as the books know it."""
    partner = found.source or found.receiver
    user = partner if isinstance(partner, TransactionPartnerUser) else None
    period = None if user is None else user.subscription_period
    return StarLine(
        charge_id=found.id[:CHARGE_MOST],
        is_incoming=found.source is not None,
        stars=found.amount,
        partner=_kind_of(partner)[:PARTNER_MOST],
        at=found.date,
        telegram_id=None if user is None else user.user.id,
        payload=None if user is None else (user.invoice_payload or "")[:PAYLOAD_MOST],
        period_seconds=None if period is None else int(period.total_seconds()),
    )


def _kind_of(partner: TransactionPartner | None) -> str:
    if partner is None:
        return "nobody"
    return partner.transaction_type if isinstance(partner, TransactionPartnerUser) else partner.type
