"""The method that allows or refuses a payment."""

from bot.playground.errors import bad_request
from bot.playground.registry import Call, method


@method("answerPreCheckoutQuery", "pre_checkout_query_id! ok error_message")
def answer_pre_checkout_query(call: Call) -> bool:
    """Allow a payment, or refuse it with a reason."""
    is_ok, reason = call.flag("ok"), call.text("error_message")
    if not is_ok and not reason:
        raise bad_request('parameter "error_message" is required')
    checkout = call.core.checkouts.find(call.text("pre_checkout_query_id"))
    if checkout is None:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    checkout.give({"ok": is_ok, "error_message": "" if is_ok else reason})
    call.core.signals.fire("checkout", user=checkout.user_id)
    return True
