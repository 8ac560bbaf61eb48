"""Methods about Stars that were paid: refunds, the list of transactions, the balance, subscriptions."""

from bot.playground.bank import Charge, State, Transaction
from bot.playground.errors import bad_request
from bot.playground.models import Json, User
from bot.playground.registry import Call, method
from bot.playground.views import user_json

MOST_TRANSACTIONS = 100


@method("refundStarPayment", "user_id! telegram_payment_charge_id!")
def refund_star_payment(call: Call) -> bool:
    """Give the Stars of a payment back; the chat is told by a service message."""
    charge = _charge(call)
    core = call.core
    if charge.is_returned:
        raise bad_request("CHARGE_ALREADY_REFUNDED")
    if core.bank.balance < charge.stars:
        raise bad_request("BALANCE_TOO_LOW")
    core.bank.give_back(charge, int(core.time()))
    user = core.users[charge.user_id]
    core.add_message(core.private_chat(user), user, charge.refunded_content(), service=True)
    core.signals.fire("stars", user=user.id)
    return True


@method("editUserStarSubscription", "user_id! telegram_payment_charge_id! is_canceled!")
def edit_user_star_subscription(call: Call) -> bool:
    """Cancel a user's subscription, or let him take that back."""
    charge = _charge(call)
    subscription = call.core.bank.subscriptions.get(charge.subscription_id or "")
    if subscription is None:
        raise bad_request("CHARGE_NOT_FOUND")
    subscription.is_barred = call.flag("is_canceled")
    if subscription.is_barred:
        subscription.state = State.CANCELED
    call.core.bank.keep()
    call.core.signals.fire("stars", user=charge.user_id)
    return True


def _charge(call: Call) -> Charge:
    if call.number("user_id") not in call.core.users:
        raise bad_request("USER_ID_INVALID")
    charge = call.core.bank.charges.get(call.text("telegram_payment_charge_id"))
    if charge is None or charge.user_id != call.number("user_id"):
        raise bad_request("CHARGE_NOT_FOUND")
    return charge


@method("getStarTransactions", "offset limit")
def get_star_transactions(call: Call) -> Json:
    """Return a part of the bot's list of transactions, oldest first."""
    offset, limit = max(call.number("offset"), 0), call.get("limit", MOST_TRANSACTIONS)
    if not 1 <= limit <= MOST_TRANSACTIONS:
        call.violations.append(f"limit is 1 to {MOST_TRANSACTIONS}, not {limit}")
        limit = min(max(limit, 1), MOST_TRANSACTIONS)
    found = call.core.bank.transactions[offset : offset + limit]
    return {"transactions": [_view(call, one) for one in found]}


def _view(call: Call, line: Transaction) -> Json:
    partner: Json = {
        "type": "user",
        "transaction_type": "invoice_payment",
        "user": user_json(call.core.users.get(line.user_id) or User(line.user_id, "Somebody")),
        "invoice_payload": line.payload,
    }
    if line.period_seconds is not None:
        partner["subscription_period"] = line.period_seconds
    side = "source" if line.stars > 0 else "receiver"
    return {"id": line.id, "amount": abs(line.stars), "date": line.at, side: partner}


@method("getMyStarBalance")
def get_my_star_balance(call: Call) -> Json:
    """Return how many Stars the bot has; charge-backs may leave it below zero."""
    return {"amount": call.core.bank.balance}
