"""Methods that ask for payments in Stars, and the one that allows or refuses them."""

import re
from typing import Any

from bot.playground.bank import CURRENCY, PERIOD_SECONDS, Invoice
from bot.playground.errors import bad_request
from bot.playground.models import Json
from bot.playground.registry import SEND, Call, method
from bot.playground.sending import post, target_chat
from bot.playground.utf16 import utf16_length

MOST_STARS = 25_000
MOST_SUBSCRIPTION_STARS = 10_000
_TITLE, _DESCRIPTION, _PAYLOAD_BYTES = 32, 255, 128
_START = re.compile(r"[A-Za-z0-9_-]{0,64}")
_GOODS = (
    " title! description! payload! provider_token currency! prices! max_tip_amount suggested_tip_amounts"
    " provider_data photo_url photo_size photo_width photo_height need_name need_phone_number need_email"
    " need_shipping_address send_phone_number_to_provider send_email_to_provider is_flexible"
)
_IGNORED = (
    "need_name",
    "need_phone_number",
    "need_email",
    "need_shipping_address",
    "send_phone_number_to_provider",
    "send_email_to_provider",
    "is_flexible",
)


@method("sendInvoice", "chat_id! start_parameter" + _GOODS + SEND, sends=True)
def send_invoice(call: Call) -> Json:
    """Ask for a payment in a chat."""
    invoice = _invoice(call)
    call.params["reply_markup"] = _markup(call.get("reply_markup"), invoice)
    chat = target_chat(call)
    sent = post(call, chat, {"invoice": invoice.view()})
    chat.messages[sent["message_id"]].invoice = invoice
    return sent


@method("createInvoiceLink", "business_connection_id subscription_period" + _GOODS)
def create_invoice_link(call: Call) -> str:
    """Return a link to an invoice that anybody may pay; only here subscriptions begin."""
    return call.core.bank.new_link(_invoice(call))


def _invoice(call: Call) -> Invoice:
    if call.text("currency") != CURRENCY:
        raise bad_request("PAYMENT_PROVIDER_INVALID" if call.text("provider_token") else "CURRENCY_INVALID")
    if any(call.get(name) for name in ("provider_token", "max_tip_amount", "suggested_tip_amounts")):
        raise bad_request("STARS_INVOICE_INVALID")
    call.violations += [f'"{name}" is ignored for Stars' for name in _IGNORED if call.flag(name)]
    _check_texts(call)
    period_seconds = call.number("subscription_period") or None
    return Invoice(
        title=call.text("title"),
        description=call.text("description"),
        payload=call.text("payload"),
        stars=_stars(call.get("prices"), period_seconds),
        start_parameter=call.text("start_parameter"),
        period_seconds=period_seconds,
    )


def _check_texts(call: Call) -> None:
    if utf16_length(call.text("title")) > _TITLE:
        raise bad_request("TITLE_INVALID")
    if utf16_length(call.text("description")) > _DESCRIPTION:
        raise bad_request("DESCRIPTION_INVALID")
    if len(call.text("payload").encode("utf-8", "surrogatepass")) > _PAYLOAD_BYTES:
        raise bad_request("INVOICE_PAYLOAD_INVALID")
    if not _START.fullmatch(call.text("start_parameter")):
        raise bad_request("START_PARAM_INVALID")


def _stars(prices: Any, period_seconds: int | None) -> int:
    if not isinstance(prices, list) or not all(isinstance(one, dict) for one in prices):
        raise bad_request("can't parse prices JSON object: expected an Array of LabeledPrice")
    if len(prices) != 1:
        raise bad_request("STARS_INVOICE_INVALID")
    [price] = prices
    stars = price.get("amount")
    if not price.get("label") or type(stars) is not int:
        raise bad_request("can't parse labeled price")
    if not 1 <= stars <= MOST_STARS:
        raise bad_request("CURRENCY_TOTAL_AMOUNT_INVALID")
    if period_seconds not in (None, PERIOD_SECONDS):
        raise bad_request("SUBSCRIPTION_PERIOD_INVALID")
    if period_seconds is not None and stars > MOST_SUBSCRIPTION_STARS:
        raise bad_request("SUBSCRIPTION_AMOUNT_INVALID")
    return stars


def _markup(given: Any, invoice: Invoice) -> Any:
    """Return the keyboard under an invoice; its first button must be the one that pays."""
    if given in (None, "", {}):
        return {"inline_keyboard": [[invoice.button()]]}
    rows = given.get("inline_keyboard") if isinstance(given, dict) else None
    first = next((one for row in rows or [] for one in row), None)
    if not isinstance(first, dict) or not first.get("pay"):
        raise bad_request("REPLY_MARKUP_BUY_EMPTY")
    return given


@method("answerPreCheckoutQuery", "pre_checkout_query_id! ok error_message")
def answer_pre_checkout_query(call: Call) -> bool:
    """Allow a payment, so that it is made, or refuse it with a reason."""
    is_ok, reason = call.flag("ok"), call.text("error_message")
    if not is_ok and not reason:
        raise bad_request('parameter "error_message" is required')
    checkout = call.core.checkouts.find(call.text("pre_checkout_query_id"))
    if checkout is None:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    checkout.decide({"ok": is_ok, "error_message": "" if is_ok else reason})
    call.core.signals.fire("checkout", user=checkout.user_id)
    return True
