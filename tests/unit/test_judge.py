"""The judge of outgoing calls sees what plain validation lets pass."""

from typing import Any

import pytest

from bot.playground.telegram import Telegram
from tests.judge import judge_call, judge_journal

BUTTON = {"text": "Pay", "callback_data": "b:1"}


def message(**more: Any) -> dict[str, Any]:
    return {"chat_id": 5, "text": "hello"} | more


def keyboard(**more: Any) -> dict[str, Any]:
    return {"inline_keyboard": [[BUTTON | more]]}


def test_a_valid_call_has_no_problems() -> None:
    assert judge_call("sendMessage", message(reply_markup=keyboard(), parse_mode="HTML")) == []


def test_an_unknown_method_is_seen() -> None:
    assert judge_call("sendMesage", message()) == ["sendMesage: no such method in the Bot API"]


def test_a_wrong_field_is_seen() -> None:
    assert judge_call("sendMessage", message(foo=1)) == ["sendMessage: unknown field foo"]


def test_a_missing_or_mistyped_field_is_seen() -> None:
    assert judge_call("sendMessage", {"chat_id": 5})[0].startswith("sendMessage: text:")
    assert judge_call("deleteMessage", {"chat_id": 5, "message_id": "x"})[0].startswith(
        "deleteMessage: message_id:"
    )


def test_a_nested_unknown_field_is_seen() -> None:
    problems = judge_call("sendMessage", message(reply_markup=keyboard(colour="red")))
    assert "sendMessage: unknown field reply_markup.inline_keyboard.0.0.colour" in problems
    entity = {"type": "bold", "offset": 0, "length": 2, "weight": 700}
    assert judge_call("sendMessage", message(entities=[entity])) == [
        "sendMessage: unknown field entities.0.weight"
    ]


@pytest.mark.parametrize(
    ("method", "params", "words"),
    [
        ("sendMessage", message(text="x" * 4_097), "4097 UTF-16 units"),
        ("sendMessage", message(text="😀" * 2_049), "4098 UTF-16 units"),
        ("sendMessage", message(text=" "), "text is empty"),
        ("sendMessage", message(text="<b>x", parse_mode="HTML"), "can't parse entities"),
        ("sendMessage", message(parse_mode="html5"), "unknown parse_mode"),
        ("sendMessage", message(reply_markup=keyboard(callback_data="ñ" * 33)), "66 bytes"),
        ("sendMessage", message(reply_markup=keyboard(callback_data="")), "0 bytes"),
        ("sendMessage", message(reply_markup=keyboard(url="https://x.org")), "exactly one thing"),
        ("sendMessage", message(reply_markup=keyboard(text=" ")), "without text"),
        ("sendMessage", message(reply_markup={"inline_keyboard": [[BUTTON] * 101]}), "101 buttons"),
        (
            "sendMessage",
            message(entities=[{"type": "bold", "offset": 3, "length": 3}]),
            "outside of the text",
        ),
        ("sendMessage", message(entities=[{"type": "bold", "offset": 0, "length": 1}] * 101), "at most 100"),
        ("sendDocument", {"chat_id": 5, "document": "id", "caption": "x" * 1_025}, "1025 UTF-16 units"),
        ("answerCallbackQuery", {"callback_query_id": "1", "text": "x" * 201}, "at most 200"),
        ("setMyCommands", {"commands": [{"command": "Pot", "description": "x"}]}, "'Pot'"),
        ("setMyCommands", {"commands": [{"command": "pot", "description": "x" * 257}]}, "1 to 256"),
        ("setMyShortDescription", {"short_description": "x" * 121}, "longer than 120"),
        ("sendMessageDraft", {"chat_id": 5, "draft_id": 0, "text": "x"}, "draft_id"),
        ("sendMessageDraft", {"chat_id": -5, "draft_id": 1, "text": "x"}, "private chats only"),
        ("getUpdates", {"timeout": 51}, "at most 50 s"),
        ("deleteWebhook", {"drop_pending_updates": True}, "throw payments away"),
        ("setWebhook", {"url": "https://x.org", "secret_token": "a b"}, "secret_token"),
        ("sendPoll", {"chat_id": 5, "question": "?", "options": [{"text": "x" * 101}]}, "1 to 100"),
        (
            "sendInvoice",
            {
                "chat_id": 5,
                "title": "x" * 33,
                "description": "d",
                "payload": "p",
                "currency": "XTR",
                "prices": [{"label": "a", "amount": 1}],
            },
            "1 to 32",
        ),
    ],
)
def test_limits_are_judged(method: str, params: dict[str, Any], words: str) -> None:
    problems = judge_call(method, params)
    assert len(problems) == 1, problems
    assert words in problems[0]


def test_html_is_measured_after_parsing() -> None:
    assert judge_call("sendMessage", message(text="<b>" + "x" * 4_096 + "</b>", parse_mode="HTML")) == []


async def test_the_journal_is_judged_with_the_violations_that_telegram_ignores() -> None:
    telegram = Telegram()
    user = telegram.add_user("Ana")
    telegram.say(user, None, "hello")
    await telegram.api("sendMessage", chat_id=user.id, text="fine")
    assert judge_journal(telegram) == []
    await telegram.api("sendMessage", chat_id=user.id, text="odd", silent=True)
    assert judge_journal(telegram) == [
        "call 2: sendMessage: unknown field silent",
        'call 2: sendMessage: unknown parameter "silent"',
    ]
