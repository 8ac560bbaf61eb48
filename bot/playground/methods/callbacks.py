"""The method that answers a press of a button."""

from bot.playground.errors import bad_request
from bot.playground.registry import Call, method
from bot.playground.utf16 import utf16_length

MAX_ANSWER = 200


@method("answerCallbackQuery", "callback_query_id! text show_alert url cache_time")
def answer_callback_query(call: Call) -> bool:
    """Answer a press, with a short text or without one."""
    press = call.core.presses.find(call.text("callback_query_id"))
    if press is None:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    text = call.text("text")
    if utf16_length(text) > MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    if call.text("url"):
        raise bad_request("URL_INVALID")
    answer = {"text": text, "show_alert": call.flag("show_alert")}
    press.give(answer)
    call.core.signals.fire("alert", chat=press.chat_id, user=press.user_id, **answer)
    return True
